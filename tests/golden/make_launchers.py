"""Launcher configs and sbatch scripts of hydra-core 1.3.5 with hydra-joblib-launcher 1.2.0, hydra-submitit-launcher
1.2.0 and submitit 1.5.4: writes launchers.json beside this file.

Usage: python make_launchers.py [--out FILE]
"""
import argparse
import json
import os
import re
import shutil
import stat
import sys
import tempfile
from importlib.metadata import version
from unittest import mock

os.environ.pop("SUBMITIT_PREEMPT_SIGNAL", None)

from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.utils import create_config_search_path
from hydra.core.plugins import Plugins
from hydra.core.utils import JobRuntime, setup_globals
from hydra.types import HydraContext, RunMode
from hydra._internal.callbacks import Callbacks
from hydra import version as hydra_version
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

VERSIONS = {
    "hydra-core": "1.3.5",
    "hydra-joblib-launcher": "1.2.0",
    "hydra-submitit-launcher": "1.2.0",
    "submitit": "1.5.4",
}
for package, wanted in VERSIONS.items():
    assert version(package) == wanted, (package, version(package))

hydra_version.setbase("1.3")
Plugins.instance()

CONFIG = {"config": "x: 1\nhydra:\n  sweep:\n    dir: s\n"}

COMPOSE = """
hydra/launcher=joblib
hydra/launcher=joblib hydra.launcher.n_jobs=2 hydra.launcher.verbose=10 hydra.launcher.timeout=30
hydra/launcher=joblib hydra.launcher.n_jobs=null
hydra/launcher=joblib hydra.launcher.n_jobs=1.5
hydra/launcher=joblib hydra.launcher.pre_dispatch=4 hydra.launcher.max_nbytes=1
hydra/launcher=joblib hydra.launcher.jobs=2
hydra/launcher=joblib +hydra.launcher.jobs=2
hydra/launcher=submitit_local
hydra/launcher=submitit_local hydra.launcher.timeout_min=5 hydra.launcher.name=mine hydra.launcher.stderr_to_stdout=true
hydra/launcher=submitit_local hydra.launcher.partition=gpu
hydra/launcher=submitit_local hydra.launcher.timeout_min=1.5
hydra/launcher=submitit_slurm
hydra/launcher=submitit_slurm hydra.launcher.partition=gpu hydra.launcher.setup=['a b',c]
hydra/launcher=submitit_slurm hydra.launcher.additional_parameters={mail-user:a,exclusive:true}
hydra/launcher=submitit_slurm hydra.launcher.mem_gb=1.5
hydra/launcher=submitit_slurm hydra.launcher.signal_delay_s=null
hydra/launcher=submitit_slurm +hydra.launcher.srun_args=[-v]
""".strip().split("\n")

# Options of the node, and how many jobs.
SBATCH = [
    ({}, 1),
    ({}, 2),
    ({}, 300),
    ({"partition": "gpu", "qos": "high", "account": "lab", "comment": "it's a test", "constraint": "v100|a100"}, 3),
    ({"exclude": "n[01-03],n07", "gres": "gpu:2", "cpus_per_task": 4, "gpus_per_node": 2, "tasks_per_node": 2, "nodes": 3, "mem_gb": 16}, 2),
    ({"gpus_per_task": 1, "cpus_per_gpu": 8, "mem_per_gpu": "20G"}, 2),
    ({"mem_per_cpu": "500M", "timeout_min": 1440, "name": "two words", "stderr_to_stdout": True}, 2),
    ({"signal_delay_s": 30, "max_num_timeout": 4, "array_parallelism": 1}, 3),
    ({"setup": ["module load x", "export A='b c'"], "stderr_to_stdout": True}, 1),
    ({"additional_parameters": {"mail-user": "a@b.c", "mail-type": "BEGIN", "exclusive": True, "nice": 10, "requeue": False, "ratio": 1.5}}, 2),
    ({"additional_parameters": {"time": 7, "job_name": "other", "output": "/dev/null", "none": None}}, 2),
    ({"submitit_folder": "<main>/with space/%j"}, 2),
    ({"submitit_folder": "<main>/plain"}, 2),
    ({"submitit_folder": "<main>/q/%A"}, 2),
    ({"submitit_folder": "<main>/%A/%a"}, 2),
    ({"name": "é", "comment": "", "partition": "a,b"}, 2),
    ({"srun_args": ["-vv", "--cpu-bind", "none", "a b"]}, 2),
]


def write(folder):
    for name, text in CONFIG.items():
        with open(os.path.join(folder, f"{name}.yaml"), "w", encoding="utf-8") as file:
            file.write(text)


def loader(folder):
    setup_globals()
    JobRuntime.instance().set("name", "app")
    return ConfigLoaderImpl(create_config_search_path(folder))


def composed(line):
    folder = tempfile.mkdtemp()
    result = {"overrides": line.split(" ") if "'a b'" not in line else words(line)}
    try:
        write(folder)
        cfg = loader(folder).load_configuration("config", result["overrides"], RunMode.MULTIRUN, from_shell=False)
        result["yaml"] = OmegaConf.to_yaml(cfg.hydra.launcher)
        result["resolved"] = OmegaConf.to_yaml(cfg.hydra.launcher, resolve=True)
        result["order"] = [key for key in cfg.hydra]
    except Exception as error:
        message = str(error)
        if isinstance(error.__cause__, OmegaConfBaseException):
            message += "\n" + str(error.__cause__)
        result["error"] = type(error).__name__
        result["message"] = message
    finally:
        shutil.rmtree(folder)
    return result


def words(line):
    return re.findall(r"(?:[^ ']|'[^']*')+", line)


class Submitted(Exception):
    """Thrown once the script has been handed in: nothing will ever run it."""


def sbatch(options, jobs):
    folder = os.path.realpath(tempfile.mkdtemp())
    bin_folder = os.path.join(folder, "bin")
    os.makedirs(bin_folder)
    fake = f'#!/bin/sh\ncp "$1" {folder}/script\necho "Submitted batch job 12"\n'
    for name, text in {"sbatch": fake, "srun": "#!/bin/sh\n"}.items():
        path = os.path.join(bin_folder, name)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
    before = os.getcwd()
    try:
        os.chdir(folder)
        write(folder)
        config_loader = loader(folder)
        cfg = config_loader.load_configuration(
            "config", ["hydra/launcher=submitit_slurm", f"hydra.sweep.dir={folder}/s"], RunMode.MULTIRUN, from_shell=False
        )
        OmegaConf.set_struct(cfg, False)
        launcher_config = OmegaConf.to_container(cfg.hydra.launcher)
        launcher_config.update(json.loads(json.dumps(options).replace("<main>", folder)))
        cfg.hydra.launcher = launcher_config
        launcher = Plugins.instance().instantiate_launcher(
            hydra_context=HydraContext(config_loader=config_loader, callbacks=Callbacks()),
            task_function=print,
            config=cfg,
        )
        path = f"{bin_folder}:{os.environ['PATH']}"
        with mock.patch.dict(os.environ, PATH=path), mock.patch("submitit.core.core.Job.results", side_effect=Submitted):
            try:
                launcher.launch([[f"x={n}"] for n in range(jobs)], 0)
            except Submitted:
                pass
            except ValueError as error:
                return {"options": options, "jobs": jobs, "error": str(error)}
        with open(f"{folder}/script", encoding="utf-8") as file:
            script = file.read()
        made = []
        for where, _, names in os.walk(folder):
            made += [os.path.relpath(os.path.join(where, name), folder) for name in names]
        return {
            "options": options,
            "jobs": jobs,
            "script": script.replace(f"{sys.executable} -u -m submitit.core._submit", "<command>").replace(folder, "<main>"),
            "scripts": sorted(name for name in made if name.endswith("_submission.sh")),
            "tickets": sorted(name for name in made if name.endswith("_submitted.pkl"))[:3],
        }
    finally:
        os.chdir(before)
        shutil.rmtree(folder)


def main():
    parser = argparse.ArgumentParser()
    here = os.path.dirname(os.path.abspath(__file__))
    parser.add_argument("--out", default=os.path.join(here, "launchers.json"))
    args = parser.parse_args()
    result = {
        "versions": VERSIONS,
        "compose": [composed(line) for line in COMPOSE],
        "sbatch": [sbatch(options, jobs) for options, jobs in SBATCH],
    }
    with open(args.out, "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1, ensure_ascii=True)
        file.write("\n")
    print({name: len(cases) for name, cases in result.items() if isinstance(cases, list)})


if __name__ == "__main__":
    main()
