"""Whole sweeps of an app by the real plugin: what it shows, launches and writes."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))

DEFAULTS = "defaults:\n  - override hydra/sweeper: optuna\n  - _self_\n"
PLAIN = DEFAULTS + "x: 1\ny: 2\nz: a\nn:\n  lr: 0.1\n  z: a\n"
PARAMS = PLAIN + """hydra:
  mode: MULTIRUN
  sweeper:
    sampler:
      seed: 1234
    n_jobs: 1
    n_trials: 3
    params:
      n.lr: tag(log,interval(1e-5,1))
      x: interval(0,1)
      n.z: choice(a,b,c)
      y: int(interval(1,10))
"""
# As in the Lightning-Hydra template.
TEMPLATE = {
    "conf/config": "defaults:\n  - _self_\n  - model: mnist\n  - data: mnist\n  - hparams_search: null\n"
    "optimized_metric: null\n",
    "conf/model/mnist": "optimizer:\n  _partial_: true\n  lr: 0.001\nnet:\n  lin1_size: 64\n  lin2_size: 128\n"
    "  lin3_size: 64\n",
    "conf/data/mnist": "batch_size: 128\n",
    "conf/hparams_search/mnist_optuna": """# @package _global_

defaults:
  - override /hydra/sweeper: optuna

optimized_metric: "val/acc_best"

hydra:
  mode: "MULTIRUN"
  sweeper:
    _target_: hydra_plugins.hydra_optuna_sweeper.optuna_sweeper.OptunaSweeper
    storage: null
    study_name: null
    n_jobs: 1
    direction: maximize
    n_trials: 20
    sampler:
      _target_: optuna.samplers.TPESampler
      seed: 1234
      n_startup_trials: 10
    params:
      model.optimizer.lr: interval(0.0001, 0.1)
      data.batch_size: choice(32, 64, 128, 256)
      model.net.lin1_size: choice(64, 128, 256)
      model.net.lin2_size: choice(64, 128, 256)
      model.net.lin3_size: choice(32, 64, 128, 256)
""",
}
SEARCH_SPACE = PLAIN + """hydra:
  sweeper:
    sampler: {seed: 4}
    n_trials: 8
    search_space:
      x: {type: float, low: 0, high: 2}
      y: {type: int, low: 1.9, high: 9, step: 3}
      z: {type: categorical, choices: [a, 1, 1.0, 2.5, true]}
      n.lr: {type: float, low: 0.001, high: 1, log: true}
      n.z: {type: int, low: 1, high: 64, log: true}
      +s: {type: float, low: 0, high: 1, step: 0.3}
"""
BOTH = SEARCH_SPACE + "    params:\n      x: interval(3,4)\n"

SEED = "hydra.sweeper.sampler.seed=1"
SHORT = "hydra.sweeper.n_trials=4"


def simple(name, args, files=None, **more):
    return {"name": name, "args": args, "files": files or {"conf/config": PLAIN}, **more}


def cases():
    yield simple("params in the config", [], {"conf/config": PARAMS})
    yield simple("params that refer to other keys", [], {"conf/config": PARAMS.replace("interval(0,1)", "${y}").replace(
        "y: 2\n", "y: range(1,9)\n")})
    yield simple("the template's preset", ["hparams_search=mnist_optuna"], TEMPLATE)
    yield simple("command line over params", ["-m", "x=interval(5,6)", "n.z=b", "y=7"], {"conf/config": PARAMS})
    yield simple("a fixed param stays fixed", ["-m", "x=1,2"], {"conf/config": PARAMS.replace("interval(0,1)", "'0.5'")})
    yield simple("choices of every type", ["-m", SEED, SHORT, "hydra.sweeper.n_trials=8",
        "z=choice('a b',c,[1,2],{a:1},true,1.0,1e-7)", "n.z='q u',\"x\",plain", "x=1,2.0,null,True"])
    yield simple("refused: a choice that is no override by itself", ["-m", SEED, "z=choice(c\\,d,e\\,f)"])
    yield simple("fixed values of every kind", ["-m", SEED, SHORT, "z='a b'", "n={lr: 1.0}", "+l=[1,a]", "x=null", "y=1,2", "+m=d/e:f"])
    yield simple("ranges", ["-m", SEED, "hydra.sweeper.n_trials=10", "x=range(1,4)", "y=range(0,10,3)", "+s=range(0,1,0.3)", "+t=range(3)"])
    yield simple("integer intervals", ["-m", SEED, "hydra.sweeper.n_trials=10", "x=int(interval(1,8))", "y=tag(log,int(interval(1,100)))"])
    yield simple("a log interval", ["-m", SEED, "hydra.sweeper.n_trials=10", "n.lr=tag(log, interval(0.0001, 0.1))"])
    yield simple("added and deleted keys", ["-m", SEED, SHORT, "+q=interval(0,1)", "++r=1,2", "~z"])
    yield simple("three jobs at a time", ["-m", SEED, "hydra.sweeper.n_trials=7", "hydra.sweeper.n_jobs=3", "x=interval(0,1)"])
    yield simple("a long search", ["-m", SEED, "hydra.sweeper.n_trials=24", "x=interval(0,1)", "z=a,bb,ccc", "y=range(1,9)"])
    yield simple("random", ["-m", "hydra/sweeper/sampler=random", SEED, "hydra.sweeper.n_trials=12", "x=interval(0,1)", "z=a,b"])
    yield simple("nsgaii", ["-m", "hydra/sweeper/sampler=nsgaii", SEED, "hydra.sweeper.sampler.population_size=4", "hydra.sweeper.n_trials=12",
        "mode=two", "hydra.sweeper.direction=[minimize,maximize]", "x=interval(0,1)", "z=a,b"], {"conf/config": PLAIN + "mode: one\n"})
    yield simple("cmaes", ["-m", "hydra/sweeper/sampler=cmaes", SEED, "hydra.sweeper.n_trials=14", "x=interval(0,1)", "y=range(1,9)"])
    yield simple("cmaes beside another sampler", ["-m", "hydra/sweeper/sampler=cmaes", SEED, "hydra.sweeper.n_trials=14",
        "hydra.sweeper.sampler.independent_sampler={_target_:optuna.samplers.TPESampler,seed:3,n_startup_trials:4}",
        "hydra.sweeper.sampler.x0={x:0.25,y:3}", "hydra.sweeper.sampler.sigma0=0.5",
        "hydra.sweeper.sampler.warn_independent_sampling=false", "x=interval(0,1)", "y=range(1,9)", "z=a,bb,ccc"])
    yield simple("motpe", ["-m", "hydra/sweeper/sampler=motpe", SEED, "hydra.sweeper.n_trials=14", "mode=two",
        "hydra.sweeper.direction=[minimize,maximize]", "x=interval(0,1)", "z=a,b"], {"conf/config": PLAIN + "mode: one\n"})
    yield simple("grid", ["-m", "hydra/sweeper/sampler=grid", "hydra.sweeper.n_trials=50", "x=range(1,3)", "z=b,a,c",
        "y=range(0,1,0.25)"], unordered=True)
    yield simple("grid, capped", ["-m", "hydra/sweeper/sampler=grid", "hydra.sweeper.n_trials=3", "x=1,2", "z=b,a"], unordered=True, capped=True)
    yield simple("search_space", ["-m"], {"conf/config": SEARCH_SPACE})
    yield simple("search_space beside params", ["-m"], {"conf/config": BOTH})
    yield simple("search_space and the command line", ["-m", "x=5", "y=1,2"], {"conf/config": SEARCH_SPACE})
    yield simple("maximize, whole numbers", ["-m", SEED, SHORT, "hydra.sweeper.direction=maximize", "mode=whole", "x=interval(0,100)"],
        {"conf/config": PLAIN + "mode: one\n"})
    yield simple("numbers as text", ["-m", SEED, SHORT, "mode=string", "x=interval(0,1)"], {"conf/config": PLAIN + "mode: one\n"})
    yield simple("booleans", ["-m", SEED, SHORT, "mode=bool", "x=interval(0,9)"], {"conf/config": PLAIN + "mode: one\n"})
    bad = {"conf/config": PLAIN + "mode: one\nbad: []\n"}
    yield simple("some jobs throw, and may", ["-m", SEED, "hydra.sweeper.n_trials=6", "hydra.sweeper.max_failure_rate=0.5", "mode=throw",
        "bad=[1,2]", "x=interval(0,1)"], bad)
    yield simple("a job throws, and may not", ["-m", SEED, "hydra.sweeper.n_trials=6", "mode=throw", "bad=[3]", "x=interval(0,1)"], bad)
    yield simple("a job returns nothing", ["-m", SEED, SHORT, "mode=none", "bad=[1]", "x=interval(0,1)"], bad)
    yield simple("a job returns text", ["-m", SEED, SHORT, "mode=text", "bad=[0,2]", "x=interval(0,1)"], bad)
    yield simple("no job returns anything", ["-m", SEED, SHORT, "mode=none", "bad=[0,1,2,3]", "x=interval(0,1)"], bad)
    yield simple("no trials", ["-m", SEED, "hydra.sweeper.n_trials=0", "x=interval(0,1)"])
    yield simple("one value where two are wanted", ["-m", SEED, SHORT, "hydra.sweeper.direction=[minimize,maximize]", "hydra.sweeper.max_failure_rate=1.0",
        "x=interval(0,1)"])
    yield simple("a custom search space", ["-m", SEED, "hydra.sweeper.n_trials=8", "hydra.sweeper.custom_search_space=optuna_cases.sweep_app.configure",
        "x=interval(0,1)", "y=3"], {"conf/config": PLAIN + "low: 0.0\n"})
    stored = ["-m", SEED, "hydra.sweeper.n_trials=8", "hydra.sweeper.storage=sqlite:///study.db", "hydra.sweeper.study_name=kept",
        "z=b,a", "x=interval(0,1)", "y=range(1,9)"]
    yield simple("a stored study", stored, again=1)
    yield simple("no sweep at all", ["-m", SEED, "hydra.sweeper.n_trials=2"])
    for wrong in ("x=glob(*)", "x=interval(2,1)", "x=range(5,0,-1)", "x=tag(log,interval(0,1))"):
        yield simple(f"refused: {wrong}", ["-m", SEED, wrong])
    yield simple("refused: an interval in a grid", ["-m", "hydra/sweeper/sampler=grid", "x=interval(0,1)"])
    yield simple("refused: a mixed grid", ["-m", "hydra/sweeper/sampler=grid", "x=1,a"])
    yield simple("refused: a seed for a grid", ["-m", "hydra/sweeper/sampler=grid", "hydra.sweeper.sampler.seed=1", "x=1,2"])
    yield simple("refused: cmaes for two objectives", ["-m", "hydra/sweeper/sampler=cmaes", "hydra.sweeper.direction=[minimize,minimize]",
        "x=interval(0,1)"])
    yield simple("refused: an unknown option", ["-m", "+hydra.sweeper.sampler.group=true", "x=interval(0,1)"])


def clean(stdout):
    """The plugin's and the launcher's lines, without times and random names."""
    lines = []
    for line in stdout.splitlines():
        match = re.match(r"\[\d{4}-\d\d-\d\d [\d:,]+\]\[HYDRA\] (.*)", line)
        if match is None or match[1].startswith("setup plugin alembic"):
            continue
        lines.append(re.sub(r"no-name-[0-9a-f-]{36}", "no-name-*", match[1]))
    return lines


def run(case, folder):
    env = {**os.environ, "PYTHONPATH": os.path.dirname(HERE)}
    path = os.path.join(folder, "returns.jsonl")
    if os.path.exists(path):
        os.remove(path)
    done = subprocess.run([sys.executable, "app.py", *case["args"], "hydra.sweep.dir=s"], cwd=folder, env=env,
                          capture_output=True, text=True, check=False)
    result = {"code": done.returncode, "log": clean(done.stdout), "returns": [], "overrides": [], "results": None}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            result["returns"] = [json.loads(line) for line in file]
    for i in range(len(result["returns"])):
        with open(os.path.join(folder, "s", str(i), ".hydra", "overrides.yaml"), encoding="utf-8") as file:
            result["overrides"].append(file.read())
    results = os.path.join(folder, "s", "optimization_results.yaml")
    if os.path.exists(results):
        with open(results, encoding="utf-8") as file:
            result["results"] = file.read()
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        result["error"] = lines[-1] if not lines[-1].startswith("Set the env") else lines[-2]
    return result


def make_case(case):
    folder = tempfile.mkdtemp()
    try:
        shutil.copy(os.path.join(HERE, "sweep_app.py"), os.path.join(folder, "app.py"))
        for name, text in case["files"].items():
            path = os.path.join(folder, f"{name}.yaml")
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        again = case.pop("again", 0)
        runs = []
        for _ in range(1 + again):
            runs.append(run(case, folder))
            shutil.rmtree(os.path.join(folder, "s"), ignore_errors=True)
        return {**case, "runs": runs}
    finally:
        shutil.rmtree(folder)


def configs():
    """The plugin's nodes, as --cfg shows them."""
    choices = [[], *[[f"hydra/sweeper/sampler={name}"] for name in ("tpe", "random", "cmaes", "nsgaii", "motpe", "grid")]]
    choices.append(["hydra.sweeper.direction=[minimize,maximize]", "hydra.sweeper.max_failure_rate=1",
                    "hydra.sweeper.sampler.prior_weight=2", "hydra.sweeper.params={x: 1, y: interval(0,1)}"])
    folder = tempfile.mkdtemp()
    try:
        shutil.copy(os.path.join(HERE, "sweep_app.py"), os.path.join(folder, "app.py"))
        os.makedirs(os.path.join(folder, "conf"))
        with open(os.path.join(folder, "conf", "config.yaml"), "w", encoding="utf-8") as file:
            file.write(PLAIN)
        shown = []
        for args in choices:
            done = subprocess.run([sys.executable, "app.py", "--cfg", "hydra", "-p", "hydra.sweeper", *args], cwd=folder,
                                  capture_output=True, text=True, check=False)
            shown.append({"args": args, "text": done.stdout})
        return shown
    finally:
        shutil.rmtree(folder)


def make():
    return [make_case(case) for case in cases()]
