"""The app that sweeps.py runs: measures something simple, and writes down what it gave back."""
import json
import os

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import OmegaConf

LOG = os.path.join(os.getcwd(), "returns.jsonl")


def leaves(value):
    if isinstance(value, dict):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def measure(config):
    total = 0.0
    for i, value in enumerate(leaves(config)):
        if isinstance(value, (int, float)):
            total += (min(abs(float(value)), 1e6) ** 0.5 - 0.5 - 0.1 * i) ** 2
        else:
            total += 0.05 * len(str(value))
    return total


def configure(config, trial):
    """A custom search space: draws more, depending on what was drawn."""
    w = trial.suggest_float("+w", config.low, 2.0)
    if w > 1:
        trial.suggest_int("+deep", 1, 9, log=True)
    trial.suggest_categorical("+kind", ["a", 1, 2.5, True])
    trial.suggest_float("+step", 0, 1, step=0.25)


@hydra.main(version_base="1.3", config_path="conf", config_name="config")
def main(cfg):
    config = OmegaConf.to_container(cfg, resolve=True)
    number = HydraConfig.get().job.num
    mode = config.pop("mode", "one")
    bad = config.pop("bad", [])
    value = measure(config)
    if number in bad:
        result = {"none": None, "text": "many", "throw": "throw", "one": None}[mode]
    elif mode == "two":
        result = [value, -value * 0.5 + number % 3]
    elif mode == "string":
        result = str(value)
    elif mode == "bool":
        result = value > 1
    elif mode == "whole":
        result = int(value)
    else:
        result = value
    with open(LOG, "a", encoding="utf-8") as file:
        file.write(json.dumps(result) + "\n")
    if result == "throw":
        raise RuntimeError("boom")
    return result


if __name__ == "__main__":
    main()
