"""Cases of optuna 2.10.1 and hydra-optuna-sweeper 1.3.0: writes optuna.json beside this file.

With `--check FILE` it goes on with the studies of a file that `fulgur` wrote, and writes nothing else.

Made with hydra-core 1.3.5, omegaconf 2.3.1, numpy 2.4.6, scipy 1.17.1, cmaes 0.13.1, and SQLAlchemy 1.4.54: under
SQLAlchemy 2 that Optuna cannot stamp a new database.

numpy sorts equal numbers, and OpenBLAS adds products, in an order that depends on the processor; where two choices
are equally good, that order decides. So that these cases are the same on every machine, both are held to their
plainest x86-64 code, which is also what numpy did everywhere before version 1.25.
"""
import json
import os
import sys
import warnings

os.environ["NPY_DISABLE_CPU_FEATURES"] = "X86_V3 X86_V4 AVX512_ICL"
os.environ["OPENBLAS_CORETYPE"] = "Prescott"
os.environ["OPENBLAS_NUM_THREADS"] = "1"
warnings.filterwarnings("ignore")
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import numpy
import optuna

from optuna_cases import numbers, storage, studies, sweeps

assert optuna.__version__ == "2.10.1", optuna.__version__
optuna.logging.set_verbosity(optuna.logging.ERROR)


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    result = {
        "numbers": numbers.make(),
        "studies": studies.make(),
        "configs": sweeps.configs(),
        "sweeps": sweeps.make(),
        "storage": storage.make(),
    }
    with open(os.path.join(here, "optuna.json"), "w", encoding="utf-8") as file:
        file.write("{\n")
        for i, (name, cases) in enumerate(result.items()):
            lines = ",\n".join(json.dumps(case) for case in cases)
            file.write(f'"{name}": [\n{lines}\n]' + (",\n" if i < len(result) - 1 else "\n"))
        file.write("}\n")
    print({name: len(cases) for name, cases in result.items()})


if __name__ == "__main__":
    if sys.argv[1:2] == ["--check"]:
        storage.check(sys.argv[2])
    else:
        main()
