"""Studies in a file: what the real library wrote, and how it goes on from there."""
import os
import sqlite3
import tempfile
import warnings

import optuna
from optuna.samplers import CmaEsSampler, NSGAIISampler, TPESampler
from optuna.trial import TrialState

from .studies import CONDITIONAL, FLOATS, MIXED, OBJECTIVES, conditional

SPACES = {"mixed": MIXED, "floats": FLOATS, "conditional": CONDITIONAL}


def cases():
    both = ["minimize", "maximize"]
    yield "tpe", TPESampler, {"seed": 1, "n_startup_trials": 5}, "mixed", "bowl", ["minimize"]
    yield "tpe, multivariate", TPESampler, {"seed": 2, "multivariate": True, "n_startup_trials": 5}, "mixed", "bowl", ["minimize"]
    yield "tpe, conditional space", TPESampler, {"seed": 3, "n_startup_trials": 5}, "conditional", "bowl", ["maximize"]
    yield "nsgaii", NSGAIISampler, {"seed": 4, "population_size": 5}, "mixed", "two", both
    yield "cmaes", CmaEsSampler, {"seed": 5}, "floats", "bowl", ["minimize"]


def run(study, space, objective, count):
    for _ in range(count):
        trial = study.ask()
        if space == "conditional":
            conditional(trial)
        else:
            for key, distribution in SPACES[space].items():
                trial._suggest(key, distribution)
        values = OBJECTIVES[objective](trial.params)
        trial.set_user_attr("text", "é")
        trial.set_user_attr("parts", [1, 2.0, None])
        if len(values) == 1 and trial.number == 3:
            trial.report(values[0], 2)
            study.tell(trial, state=TrialState.PRUNED)
        elif trial.number == 4:
            study.tell(trial, state=TrialState.FAIL)
        else:
            study.tell(trial, values)


def dump(path):
    """The file as statements, without the tables that this library makes itself."""
    connection = sqlite3.connect(path)
    lines = [line for line in connection.iterdump() if line.startswith("INSERT")]
    connection.close()
    return lines


def trials_of(study):
    return [{"number": t.number, "state": t.state.name, "values": t.values, "params": t.params} for t in study.trials]


def make_case(name, sampler, options, space, objective, directions):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "study.db")
        make = lambda: optuna.create_study(study_name="kept", storage=f"sqlite:///{path}", sampler=sampler(**options),
                                           directions=directions, load_if_exists=True)
        run(make(), space, objective, 14)
        statements = dump(path)
        # What is read back from the file is not in the order in which it was drawn.
        study = make()
        study.enqueue_trial({"x": 0.25} if space == "floats" else {"lr": 0.5})
        run(study, space, objective, 9)
        best = None
        if len(directions) == 1:
            best = {"number": study.best_trial.number, "params": list(study.best_trial.params)}
        return {"name": name, "sampler": sampler.__name__, "options": options, "directions": directions,
                "statements": statements, "enqueued": {"x": 0.25} if space == "floats" else {"lr": 0.5},
                "space": {key: optuna.distributions.distribution_to_json(d) for key, d in SPACES[space].items()},
                "trials": trials_of(study), "best": best}


def make():
    warnings.simplefilter("ignore")
    return [make_case(*case) for case in cases()]


def check(path):
    """Goes on with a study that another program wrote: python make_optuna.py --check FILE."""
    for summary in optuna.get_all_study_summaries(f"sqlite:///{path}"):
        name = summary.study_name
        several = len(summary.directions) > 1
        cma = "cma" in name
        sampler = NSGAIISampler(seed=1, population_size=5) if several else CmaEsSampler(seed=1) if cma else TPESampler(seed=1)
        study = optuna.load_study(study_name=name, storage=f"sqlite:///{path}", sampler=sampler)
        before = len(study.trials)
        space = "floats" if cma else "mixed"
        run(study, space, "two" if several else "bowl", 12)
        keys = sorted({key.split(":")[0] for t in study.trials[before:] for key in t.system_attrs})
        print(name, before, "->", len(study.trials), [t.state.name for t in study.trials[:6]], keys)
        assert all(t.params for t in study.trials)
