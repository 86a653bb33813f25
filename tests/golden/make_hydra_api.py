"""Cases of hydra-core 1.3.5 with omegaconf 2.3.1 beyond composing: writes hydra_api.json beside this file.

Usage: python make_hydra_api.py

The compose API, targets that instantiate refuses, names that are looked up, modes of instantiate, runs where
Hydra's own config is wrong, words that do not parse, and the texts of --help and --hydra-help.
"""
import json
import os
import sys
import warnings

warnings.filterwarnings("ignore")
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import hydra
import omegaconf

from hydra_cases import api_cases, blocklist_cases, build_cases, help_cases, lookup_cases, run_cases, syntax_cases

assert hydra.__version__ == "1.3.5", hydra.__version__
assert omegaconf.__version__ == "2.3.1", omegaconf.__version__


def main() -> None:
    result = {
        "versions": {"hydra-core": hydra.__version__, "omegaconf": omegaconf.__version__},
        "blocklist": blocklist_cases.make(),
        "apiFiles": api_cases.FILES,
        "api": api_cases.make(),
        "helpFiles": help_cases.FILES,
        "help": help_cases.make(),
        "usage": help_cases.make(help_cases.WRONG),
        "lookup": lookup_cases.make(),
        "instantiate": build_cases.make(),
        "runFiles": run_cases.FILES,
        "run": run_cases.make(),
        "syntax": syntax_cases.make(),
    }
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "hydra_api.json"), "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1, ensure_ascii=True)
        file.write("\n")
    print({name: len(cases) for name, cases in result.items() if isinstance(cases, list)})


if __name__ == "__main__":
    main()
