"""Whole optimisations: what each sampler draws, trial by trial, given what it is told."""
import math

import optuna
from optuna.distributions import (
    CategoricalDistribution,
    DiscreteUniformDistribution,
    IntLogUniformDistribution,
    IntUniformDistribution,
    LogUniformDistribution,
    UniformDistribution,
    distribution_to_json,
)
from optuna.samplers import CmaEsSampler, MOTPESampler, NSGAIISampler, RandomSampler, TPESampler
from optuna.trial import TrialState

MIXED = {
    "lr": LogUniformDistribution(1e-5, 1.0),
    "momentum": UniformDistribution(0.0, 1.0),
    "optimizer": CategoricalDistribution(["adam", "sgd", "rmsprop"]),
    "layers": IntUniformDistribution(1, 6),
    "width": IntLogUniformDistribution(4, 512),
    "dropout": DiscreteUniformDistribution(0.0, 0.5, 0.1),
}
FLOATS = {"x": UniformDistribution(-3.0, 2.0), "y": UniformDistribution(-1.0, 1.0)}
NUMBERS = {
    "lr": LogUniformDistribution(1e-5, 1.0),
    "x": UniformDistribution(-5.0, 10.0),
    "batch": IntUniformDistribution(16, 256, 16),
    "width": IntLogUniformDistribution(4, 512),
    "keep": DiscreteUniformDistribution(0.1, 0.9, 0.05),
}
WORDS = {
    "a": CategoricalDistribution(["x", "y"]),
    "b": CategoricalDistribution([1, 2.5, True, None, "z"]),
    "c": CategoricalDistribution([0.1, 0.2, 0.3, 0.4]),
}
INTS = {"n": IntUniformDistribution(0, 5), "m": IntUniformDistribution(-4, 8, 3)}
SINGLE = {
    "one": IntUniformDistribution(3, 3),
    "x": UniformDistribution(0.0, 1.0),
    "word": CategoricalDistribution(["only"]),
    "y": UniformDistribution(0.0, 1.0),
}

# So wide that CMA-ES takes its first step for a divergence, and begins anew.
WIDE = {"x": UniformDistribution(-1e6, 1e6), "y": UniformDistribution(-2e6, 1e6)}


def bowl(params):
    """Smooth, with its best point inside the space."""
    total = 0.0
    for index, value in enumerate(params.values()):
        if isinstance(value, bool) or value is None:
            total += 0.3 if value else 0.1
        elif isinstance(value, str):
            total += 0.1 * (len(value) % 3)
        elif 0 < value < 1e-1:
            total += 0.05 * (math.log10(value) + 2.5) ** 2
        else:
            total += (abs(value) ** 0.5 - 0.7 - 0.1 * index) ** 2
    return [total]


def steps(params):
    """Many equal values, as an accuracy on few samples has them."""
    return [round(2 * bowl(params)[0]) / 2]


def two(params):
    values = [float(len(v)) if isinstance(v, str) else float(v or 0) for v in params.values()]
    return [bowl(params)[0], sum((v - 1.0) ** 2 for v in values) ** 0.5]


def three(params):
    return [*two(params), bowl(params)[0] * 0.5 - abs(two(params)[1] - 2.0)]


def coarse(params):
    return [round(value) * 1.0 for value in two(params)]


OBJECTIVES = {f.__name__: f for f in (bowl, steps, two, three, coarse)}


def conditional(trial):
    """A space that depends on what was drawn: names of the parameters in the order they are asked for."""
    kind = trial._suggest("optimizer", MIXED["optimizer"])
    trial._suggest("lr", MIXED["lr"])
    if kind == "sgd":
        trial._suggest("momentum", MIXED["momentum"])
    else:
        for i in range(trial._suggest("layers", IntUniformDistribution(1, 3))):
            trial._suggest(f"width{i}", IntUniformDistribution(8, 64, 8))


CONDITIONAL = {
    **{key: MIXED[key] for key in ("optimizer", "lr", "momentum")},
    "layers": IntUniformDistribution(1, 3),
    **{f"width{i}": IntUniformDistribution(8, 64, 8) for i in range(3)},
}


def constraints(trial):
    """Feasible where the first number of the space is small enough."""
    number = next(v for v in trial.params.values() if not isinstance(v, str))
    return (number - 0.5, -1.0)


def source_study(seed, space, objective):
    """Thirty random trials, and their values."""
    study = optuna.create_study(sampler=RandomSampler(seed=seed))
    values = []
    for _ in range(30):
        trial = study.ask()
        for key, distribution in space.items():
            trial._suggest(key, distribution)
        values.append(OBJECTIVES[objective](trial.params))
        study.tell(trial, values[-1])
    return study, values


def study_case(name, sampler, options, space, objective, trials=40, directions=("minimize",), jobs=1, fails=(),
               prunes=(), ask=None):
    """Runs one optimisation.

    `fails` are the numbers of the trials that fail, `prunes` of those that are pruned: an even one after two
    reports, an odd one at once, and one divisible by five after a report that is no number.
    """
    kwargs = dict(options)
    if kwargs.pop("constrained", False):
        kwargs["constraints_func"] = constraints
    if "source" in kwargs:
        source, values = source_study(kwargs.pop("source"), space, objective)
        kwargs["source_trials"] = source.trials
        options = {**options, "source": {"seed": options["source"], "values": values}}
    if "independent_sampler" in kwargs:
        kwargs["independent_sampler"] = TPESampler(**kwargs["independent_sampler"])
    study = optuna.create_study(sampler=sampler(**kwargs), directions=list(directions))
    done = []
    while len(done) < trials:
        asked = [study.ask() for _ in range(min(jobs, trials - len(done)))]
        for trial in asked:
            if ask is None:
                for key, distribution in space.items():
                    trial._suggest(key, distribution)
            else:
                ask(trial)
        for trial in asked:
            number = trial.number
            record = {"params": trial.params}
            values = OBJECTIVES[objective](trial.params)
            if number in fails:
                record["state"] = "FAIL"
                study.tell(trial, state=TrialState.FAIL)
            elif number in prunes:
                record["state"] = "PRUNED"
                reports = []
                if number % 5 == 0:
                    reports = [(0, float("nan"))]
                elif number % 2 == 0:
                    reports = [(1, values[0] * 2), (3, values[0])]
                for step, value in reports:
                    trial.report(value, step)
                record["reports"] = [[s, None if math.isnan(v) else v] for s, v in reports]
                study.tell(trial, state=TrialState.PRUNED)
            else:
                study.tell(trial, values)
                record["values"] = values
            done.append(record)
    result = {
        "name": name,
        "sampler": sampler.__name__,
        "options": options,
        "directions": list(directions),
        "jobs": jobs,
        "space": {key: distribution_to_json(d) for key, d in space.items()},
        "trials": done,
        "best": [t.number for t in study.best_trials] if len(directions) > 1 else study.best_trial.number,
    }
    return result


def cases():
    both = ("minimize", "maximize")
    broken = {"fails": (3, 12, 13, 21), "prunes": (4, 5, 7, 14, 20, 25, 27)}
    yield "random, every kind of distribution", RandomSampler, {"seed": 7}, MIXED, "bowl", {"trials": 30}
    yield "random, single values", RandomSampler, {"seed": 0}, SINGLE, "bowl", {"trials": 10}
    yield "tpe, every kind of distribution", TPESampler, {"seed": 1234}, MIXED, "bowl", {"trials": 60}
    yield "tpe, two jobs at a time, maximize", TPESampler, {"seed": 3}, MIXED, "bowl", {"jobs": 2, "directions": ("maximize",)}
    yield "tpe, equal values", TPESampler, {"seed": 5}, INTS, "steps", {"trials": 90}
    yield "tpe, choices only", TPESampler, {"seed": 6}, WORDS, "steps", {"trials": 60}
    yield "tpe, failed and pruned trials", TPESampler, {"seed": 8}, NUMBERS, "bowl", broken
    yield "tpe, single values", TPESampler, {"seed": 9, "n_startup_trials": 4}, SINGLE, "bowl", {"trials": 20}
    yield "tpe, without prior", TPESampler, {"seed": 10, "consider_prior": False}, MIXED, "bowl", {}
    yield "tpe, heavy prior, few candidates", TPESampler, {
        "seed": 11, "prior_weight": 3.5, "n_ei_candidates": 5, "n_startup_trials": 3}, MIXED, "bowl", {}
    yield "tpe, endpoints, no magic clip", TPESampler, {
        "seed": 12, "consider_endpoints": True, "consider_magic_clip": False}, MIXED, "bowl", {}
    yield "tpe, constant liar, four jobs", TPESampler, {"seed": 13, "constant_liar": True}, NUMBERS, "bowl", {"jobs": 4}
    yield "tpe, conditional space", TPESampler, {"seed": 14}, CONDITIONAL, "bowl", {"ask": conditional}
    yield "tpe, no startup", TPESampler, {"seed": 15, "n_startup_trials": 0}, FLOATS, "bowl", {"trials": 15}
    yield "tpe, multivariate", TPESampler, {"seed": 16, "multivariate": True}, MIXED, "bowl", {"trials": 50}
    yield "tpe, multivariate, failed and pruned trials", TPESampler, {"seed": 17, "multivariate": True}, NUMBERS, "bowl", broken
    yield "tpe, multivariate, conditional space", TPESampler, {
        "seed": 18, "multivariate": True, "warn_independent_sampling": False}, CONDITIONAL, "bowl", {"ask": conditional}
    yield "tpe, multivariate, options", TPESampler, {
        "seed": 19, "multivariate": True, "consider_prior": False, "consider_magic_clip": False,
        "consider_endpoints": True, "prior_weight": 0.5, "n_ei_candidates": 48, "n_startup_trials": 6}, MIXED, "steps", {}
    yield "tpe, two objectives", TPESampler, {"seed": 20}, MIXED, "two", {"directions": both, "trials": 60}
    yield "tpe, three objectives", TPESampler, {"seed": 21}, NUMBERS, "three", {"directions": ("minimize",) * 3}
    yield "tpe, two objectives, multivariate, equal values", TPESampler, {
        "seed": 22, "multivariate": True}, INTS, "coarse", {"directions": both, "fails": (2, 17)}
    yield "motpe, two objectives", MOTPESampler, {"seed": 30}, MIXED, "two", {"directions": both, "trials": 50}
    yield "motpe, options", MOTPESampler, {
        "seed": 31, "consider_prior": False, "consider_magic_clip": False, "consider_endpoints": False,
        "prior_weight": 2.0, "n_startup_trials": 12, "n_ehvi_candidates": 10}, NUMBERS, "three", {
        "directions": ("minimize", "maximize", "minimize"), "trials": 45}
    yield "motpe, one objective", MOTPESampler, {"seed": 32}, FLOATS, "bowl", {"trials": 30}
    yield "nsgaii, two objectives", NSGAIISampler, {"seed": 40, "population_size": 10}, MIXED, "two", {
        "directions": both, "trials": 60}
    yield "nsgaii, one objective, two jobs", NSGAIISampler, {"seed": 41, "population_size": 8}, NUMBERS, "bowl", {"jobs": 2}
    yield "nsgaii, failed trials, three jobs, equal values", NSGAIISampler, {"seed": 42, "population_size": 6}, INTS, "coarse", {
        "directions": both, "jobs": 3, "fails": (3, 9, 22), "trials": 50}
    yield "nsgaii, probabilities", NSGAIISampler, {
        "seed": 43, "population_size": 7, "mutation_prob": 0.25, "crossover_prob": 0.5, "swapping_prob": 0.1}, MIXED, "three", {
        "directions": ("minimize",) * 3}
    yield "nsgaii, constraints", NSGAIISampler, {"seed": 44, "population_size": 8, "constrained": True}, FLOATS, "two", {
        "directions": both, "trials": 50}
    yield "nsgaii, conditional space", NSGAIISampler, {"seed": 45, "population_size": 8}, CONDITIONAL, "two", {
        "directions": both, "ask": conditional}
    yield "cmaes, numbers", CmaEsSampler, {"seed": 50}, NUMBERS, "bowl", {"trials": 80}
    yield "cmaes, floats, maximize, two jobs", CmaEsSampler, {"seed": 51}, FLOATS, "bowl", {
        "directions": ("maximize",), "jobs": 2, "trials": 60}
    yield "cmaes, choices beside numbers", CmaEsSampler, {
        "seed": 52, "warn_independent_sampling": False}, MIXED, "bowl", {"trials": 60}
    yield "cmaes, start and width", CmaEsSampler, {
        "seed": 53, "x0": {"x": 1.0, "y": -0.5}, "sigma0": 0.1}, FLOATS, "bowl", {"trials": 50}
    yield "cmaes, restarts", CmaEsSampler, {
        "seed": 54, "restart_strategy": "ipop", "inc_popsize": 3}, WIDE, "bowl", {"trials": 100}
    yield "cmaes, from the trials of another study", CmaEsSampler, {"seed": 60, "source": 3}, FLOATS, "bowl", {"trials": 40}
    yield "cmaes, separable", CmaEsSampler, {"seed": 55, "use_separable_cma": True}, NUMBERS, "bowl", {"trials": 50}
    yield "cmaes, pruned trials", CmaEsSampler, {"seed": 56, "consider_pruned_trials": True}, FLOATS, "bowl", {
        "trials": 50, "fails": (6, 19), "prunes": (4, 8, 14, 22, 28, 34)}
    yield "cmaes, another sampler beside it", CmaEsSampler, {
        "seed": 57, "n_startup_trials": 5, "independent_sampler": {"seed": 1, "n_startup_trials": 5}}, MIXED, "bowl", {"trials": 50}
    yield "cmaes, one dimension", CmaEsSampler, {"seed": 58}, {"x": UniformDistribution(0.0, 1.0)}, "bowl", {"trials": 10}
    yield "cmaes, nine dimensions", CmaEsSampler, {"seed": 59}, {
        f"x{i}": UniformDistribution(-1.0 - i, 2.0) for i in range(9)}, "bowl", {"trials": 120}


def make():
    return [study_case(name, sampler, options, space, objective, **more)
            for name, sampler, options, space, objective, more in cases()]
