"""Case makers of make_hydra.py, one module per section."""
