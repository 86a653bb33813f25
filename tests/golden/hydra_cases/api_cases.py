"""Scripts of calls of Hydra's compose API, and what each call gives or says.

A case is a tree of configs and a list of steps `[call, arguments]`; `exit` leaves the newest `with` block.
"""
import os
import shutil
import sys
import tempfile

import hydra
from hydra import compose, initialize, initialize_config_dir, initialize_config_module
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.singleton import Singleton
from omegaconf import DictConfig, OmegaConf, open_dict

from .compose_cases import BASE

FILES = {f"conf/{name}.yaml": text for name, text in BASE.items()}
FILES["other/config.yaml"] = "y: ${hydra:job.name}\nz: ${hydra:runtime.cwd}\nw: ${hydra:runtime.output_dir}\n"
FILES["pack/__init__.py"] = ""
FILES["pack/conf/__init__.py"] = ""
FILES["pack/conf/train.yaml"] = "a: 1\n"

INIT = ["initialize", {"config_path": "conf"}]
CASES = {
    "compose before initialize": [["compose", {"config_name": "config"}]],
    "compose in a with block": [
        INIT, ["is_initialized", {}], ["compose", {"config_name": "config"}], ["exit", {}], ["is_initialized", {}],
        ["compose", {"config_name": "config"}],
    ],
    "overrides": [INIT, ["compose", {"config_name": "config", "overrides": ["db=pg", "x=5", "+new.key=a"]}]],
    "several configs": [
        INIT, ["compose", {"config_name": "config"}], ["compose", {"config_name": "db/pg"}], ["compose", {"config_name": "config.yaml"}],
    ],
    "no config name": [INIT, ["compose", {}], ["compose", {"overrides": ["+a=1"]}], ["compose", {"return_hydra_config": True}]],
    "hydra in the result": [
        INIT, ["compose", {"config_name": "config", "overrides": ["x=2", "hydra.job.name=j"], "return_hydra_config": True}],
    ],
    "struct mode": [INIT, ["compose", {"config_name": "config"}], ["read", {"key": "zz"}], ["write", {"key": "zz"}], ["write", {"key": "x"}]],
    "sweep values": [
        INIT, ["compose", {"config_name": "config", "overrides": ["x=1,2"]}],
        ["compose", {"config_name": "config", "overrides": ["x=choice(1,2)"]}],
        ["compose", {"config_name": "config", "overrides": ["db=glob(*)"]}],
        ["compose", {"config_name": "config", "overrides": ["hydra.run.dir=1,2"]}],
        ["compose", {"config_name": "config", "overrides": ["hydra.mode=MULTIRUN"]}],
    ],
    "mistakes": [
        INIT, ["compose", {"config_name": "nope"}], ["compose", {"config_name": "config", "overrides": ["db=nope"]}],
        ["compose", {"config_name": "config", "overrides": ["zz=1"]}], ["compose", {"config_name": "config", "overrides": ["x"]}],
        ["is_initialized", {}],
    ],
    "initialize twice": [INIT, ["initialize", {"config_path": "other"}], ["compose", {"config_name": "config"}]],
    "clear and initialize again": [
        INIT, ["clear", {}], ["is_initialized", {}], ["compose", {"config_name": "config"}],
        ["initialize", {"config_path": "other"}], ["compose", {"config_name": "config"}],
    ],
    "clear without anything": [["clear", {}], ["is_initialized", {}]],
    "clear inside a with block": [
        INIT, ["clear", {}], ["initialize", {"config_path": "other"}], ["exit", {}], ["is_initialized", {}], ["exit", {}],
        ["is_initialized", {}],
    ],
    "absolute config_path": [["initialize", {"config_path": "<folder>/conf"}], ["is_initialized", {}]],
    "no config_path": [["initialize", {}], ["compose", {"overrides": ["+a=1"]}], ["compose", {"config_name": "config"}]],
    "config_path above": [["initialize", {"config_path": "../<name>/conf"}], ["compose", {"config_name": "db/pg"}]],
    "config_path that is not there": [["initialize", {"config_path": "nope"}], ["is_initialized", {}], ["compose", {"config_name": "config"}]],
    "job_name": [
        ["initialize", {"config_path": "conf", "job_name": "mine"}],
        ["compose", {"config_name": "db/pg", "return_hydra_config": True, "overrides": ["hydra/hydra_logging=none", "hydra/job_logging=none"]}],
    ],
    "config_dir": [
        ["initialize_config_dir", {"config_dir": "<folder>/conf"}], ["compose", {"config_name": "config"}],
        ["compose", {"config_name": "db/pg", "return_hydra_config": True, "overrides": ["hydra/hydra_logging=none", "hydra/job_logging=none"]}],
        ["exit", {}], ["is_initialized", {}],
    ],
    "config_dir with a job_name": [
        ["initialize_config_dir", {"config_dir": "<folder>/conf", "job_name": "mine"}],
        ["compose", {"config_name": "db/pg", "return_hydra_config": True, "overrides": ["hydra/hydra_logging=none", "hydra/job_logging=none"]}],
    ],
    "relative config_dir": [["initialize_config_dir", {"config_dir": "conf"}], ["is_initialized", {}]],
    "config_dir that is not there": [["initialize_config_dir", {"config_dir": "<folder>/nope"}], ["compose", {"config_name": "config"}]],
    "config_module": [["initialize_config_module", {"config_module": "pack.conf"}], ["compose", {"config_name": "train", "overrides": ["a=2"]}]],
    "config_module that is not there": [
        ["initialize_config_module", {"config_module": "pack.nope"}], ["compose", {"config_name": "train"}],
    ],
    "version_base": [
        ["initialize", {"config_path": "conf", "version_base": "1.2"}],
        ["compose", {"config_name": "db/pg", "return_hydra_config": True, "overrides": ["hydra/hydra_logging=none", "hydra/job_logging=none"]}],
    ],
    "version_base None": [
        ["initialize", {"config_path": "conf", "version_base": None}],
        ["compose", {"config_name": "db/pg", "return_hydra_config": True, "overrides": ["hydra/hydra_logging=none", "hydra/job_logging=none"]}],
    ],
    "version_base of long ago": [["initialize", {"config_path": "conf", "version_base": "1.0"}], ["is_initialized", {}]],
    "version_base that is none": [["initialize", {"config_path": "conf", "version_base": "new"}], ["is_initialized", {}]],
    "HydraConfig before it is set": [["hydra_config", {"key": "job.name"}], ["hydra_config_set", {}]],
    "HydraConfig of a composed config": [
        ["initialize", {"config_path": "other"}],
        ["compose", {"config_name": "config", "return_hydra_config": True}], ["set_hydra_config", {}], ["hydra_config_set", {}],
        ["hydra_config", {"key": "job.name"}], ["read", {"key": "y"}], ["read", {"key": "z"}], ["read", {"key": "w"}],
    ],
    "HydraConfig is read-only": [
        INIT, ["compose", {"config_name": "config", "return_hydra_config": True}], ["set_hydra_config", {}], ["write_hydra", {"key": "verbose"}],
    ],
}


class Script:
    """Runs the steps of one case in a folder of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.blocks = []
        self.config = None

    def fill(self, value):
        if not isinstance(value, str):
            return value
        return value.replace("<folder>", self.folder).replace("<name>", os.path.basename(self.folder))

    def call(self, step, given):
        args = {key: self.fill(value) for key, value in given.items()}
        if step in ("initialize", "initialize_config_dir", "initialize_config_module"):
            args.setdefault("version_base", "1.3")
            # The caller of initialize() is a file in the case's folder.
            scope = {"call": getattr(hydra, step), "args": args}
            exec(compile("block = call(**args)", os.path.join(self.folder, "caller.py"), "exec"), scope)
            scope["block"].__enter__()
            self.blocks.append(scope["block"])
            return None
        if step == "exit":
            self.blocks.pop().__exit__(None, None, None)
            return None
        if step == "clear":
            GlobalHydra.instance().clear()
            return None
        if step == "is_initialized":
            return GlobalHydra.instance().is_initialized()
        if step == "compose":
            self.config = compose(**args)
            return OmegaConf.to_yaml(self.config)
        if step == "read":
            value = self.config[args["key"]]
            return value
        if step == "write":
            self.config[args["key"]] = 1
            return None
        if step == "set_hydra_config":
            HydraConfig.instance().set_config(self.config)
            return None
        if step == "hydra_config_set":
            return HydraConfig.initialized()
        if step == "hydra_config":
            return OmegaConf.select(HydraConfig.get(), args["key"])
        if step == "write_hydra":
            HydraConfig.get()[args["key"]] = 1
            return None
        raise KeyError(step)


def run(label, steps):
    folder = os.path.realpath(tempfile.mkdtemp())
    before = os.getcwd()
    sys.path.insert(0, folder)
    os.chdir(folder)
    script = Script(folder)

    def shown(text):
        return text.replace(folder, "<folder>") if isinstance(text, str) else text

    outcomes = []
    try:
        for path, text in FILES.items():
            os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
            with open(os.path.join(folder, path), "w", encoding="utf-8") as file:
                file.write(text)
        for step, args in steps:
            try:
                outcomes.append({"gives": shown(script.call(step, args))})
            except Exception as error:
                outcomes.append({"error": type(error).__name__, "message": shown(str(error))})
    finally:
        os.chdir(before)
        sys.path.remove(folder)
        for name in [name for name in sys.modules if name == "pack" or name.startswith("pack.")]:
            del sys.modules[name]
        Singleton._instances.pop(GlobalHydra, None)
        Singleton._instances.pop(HydraConfig, None)
        shutil.rmtree(folder)
    return {"label": label, "steps": steps, "outcomes": outcomes}


def make():
    return [run(label, steps) for label, steps in CASES.items()]
