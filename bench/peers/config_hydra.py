"""What config_bench.ts measures, with hydra-core 1.3.5: python config_hydra.py."""
import os
import tempfile
import time
import warnings

from hydra import version
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.utils import create_config_search_path
from hydra.core.utils import setup_globals
from hydra.types import RunMode

warnings.filterwarnings("ignore")
version.setbase("1.3")
setup_globals()
# The colorlog options come from a plugin that is not installed here.
PLAIN = ["hydra/job_logging=default", "hydra/hydra_logging=default"]
CONFIGS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "configs")


def measure(name, folder, config, overrides, times):
    best = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        ConfigLoaderImpl(create_config_search_path(folder)).load_configuration(config, list(overrides), RunMode.RUN)
        best = min(best, time.perf_counter() - start)
    print(f"{name}: {best * 1000:.1f} ms")


def large(folder):
    primary = ["defaults:"]
    content = "".join(f"k{i}: {{a: {i}, b: text {i}, c: '${{x}}'}}\n" for i in range(10))
    for group in range(100):
        os.makedirs(f"{folder}/g{group}/sub")
        primary.append(f"- g{group}: o0")
        for option in range(10):
            with open(f"{folder}/g{group}/o{option}.yaml", "w") as file:
                file.write("defaults:\n- sub: o1\n- sub@other: o2\n- _self_\n" + content)
            with open(f"{folder}/g{group}/sub/o{option}.yaml", "w") as file:
                file.write(content)
    with open(f"{folder}/config.yaml", "w") as file:
        file.write("\n".join(primary) + "\n- _self_\nx: 1\n")


measure("compose train experiment=example", os.path.abspath(CONFIGS), "train.yaml", ["experiment=example"] + PLAIN, 10)
with tempfile.TemporaryDirectory() as folder:
    large(folder)
    measure("compose 300 defaults out of 2,000 files", folder, "config", ["g5=o3", "g7.k1.a=2"], 2)
