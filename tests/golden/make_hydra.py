"""Cases of hydra-core 1.3.5 with omegaconf 2.3.1: writes hydra.json beside this file.

Usage: python make_hydra.py [--seed N] [--random N] [--out FILE]

Without arguments the output is the checked-in file. The fuzz task passes other seeds and a temporary file.
"""
import argparse
import json
import os
import sys
import warnings

warnings.filterwarnings("ignore")
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import hydra
import omegaconf

from hydra_cases import compose_cases, grammar_cases, instantiate_cases, sweep_cases

assert hydra.__version__ == "1.3.5", hydra.__version__
assert omegaconf.__version__ == "2.3.1", omegaconf.__version__


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=20260101)
    parser.add_argument("--random", type=int, default=150, help="random cases per section")
    parser.add_argument("--only-random", action="store_true")
    here = os.path.dirname(os.path.abspath(__file__))
    parser.add_argument("--out", default=os.path.join(here, "hydra.json"))
    args = parser.parse_args()
    result = {
        "versions": {"hydra-core": hydra.__version__, "omegaconf": omegaconf.__version__},
        "seed": args.seed,
    }
    for name, module in [
        ("grammar", grammar_cases),
        ("compose", compose_cases),
        ("sweep", sweep_cases),
        ("instantiate", instantiate_cases),
    ]:
        result[name] = module.make(args.seed, args.random, not args.only_random)
    with open(args.out, "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1, ensure_ascii=True)
        file.write("\n")
    print({name: len(cases) for name, cases in result.items() if isinstance(cases, list)})


if __name__ == "__main__":
    main()
