"""What make_optuna.py asks of the real library, a subject per module."""
