"""Merges of typed and untyped configs by real OmegaConf: writes typed_merge.json.

Versions: omegaconf 2.3.1, Python 3.11.
Usage: python make_typed_merge.py [--seed N] [--count N] [--out FILE]

A case is a list of configs that are merged in order. {"$schema": "Cfg"} stands for a structured config, at the top or
inside; everything else is plain data. The result is the merged config as YAML and its YAML with interpolations
resolved, or the class and text of the error.
"""

import argparse
import json
import os
import random
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Dict, List, Optional, Union

import omegaconf
from omegaconf import MISSING, OmegaConf

assert omegaconf.__version__ == "2.3.1", omegaconf.__version__


class Color(Enum):
    RED = 1
    GREEN = 2


@dataclass
class Sub:
    a: int = 1
    b: str = "x"
    c: Any = None


@dataclass
class Sub2(Sub):
    d: float = 0.5


@dataclass
class Other:
    z: int = 1


@dataclass
class Deep:
    s: Sub = field(default_factory=Sub2)
    os: Optional[Sub] = MISSING
    k: float = 1.0


@dataclass
class Cfg:
    sub: Sub = MISSING
    osub: Optional[Sub] = None
    dsub: Sub = field(default_factory=Sub)
    lst: List[int] = field(default_factory=lambda: [1])
    mlst: List[int] = MISSING
    olst: Optional[List[float]] = None
    lsub: List[Sub] = field(default_factory=list)
    m: Dict[str, Sub] = field(default_factory=dict)
    mi: Dict[str, int] = field(default_factory=dict)
    mf: Dict[str, float] = field(default_factory=lambda: {"p": 1.0})
    omi: Optional[Dict[str, int]] = None
    mmi: Dict[str, int] = MISSING
    mu: Dict[str, Union[int, str]] = field(default_factory=dict)
    n: int = MISSING
    u: Union[int, str] = 1
    anyv: Any = None
    e: Color = Color.RED
    t: Optional[str] = None
    deep: Deep = field(default_factory=Deep)


@dataclass
class Cfg2(Cfg):
    more: Dict[str, Optional[int]] = field(default_factory=dict)


SCHEMAS = {"Sub": Sub, "Sub2": Sub2, "Other": Other, "Cfg": Cfg, "Cfg2": Cfg2}
TYPED = {"$schema": "Cfg"}

CHOSEN = [
    # A plain config gets the types of the structured one that comes after it.
    [{"sub": {"b": 1.5}}, TYPED],
    [{"sub": {"a": "high"}}, TYPED],
    [{"sub": {"zz": 1}}, TYPED],
    [{"sub": {"b": 1.5}}, TYPED, {"sub": {"zz": 1}}],
    [{"sub": {"b": 1.5}}, TYPED, {"sub": {"a": "high"}}],
    [{"dsub": {"a": 5}}, TYPED],
    [{"osub": {"a": "high"}}, TYPED, {"osub": {"a": "low"}}],
    [{"mi": {"q": "RED"}}, TYPED],
    [{"mi": {"q": 1}}, TYPED],
    [{"mi": {"q": True}}, TYPED],
    [{"mi": {"q": None}}, TYPED],
    [{"mi": {"q": "???"}}, TYPED, {"mi": {"q": "x"}}],
    [{"mi": {"q": "${n}"}}, TYPED, {"mi": {"q": "x"}}],
    [{"mi": {"q": 1}}, TYPED, {"mi": {"r": "x"}}],
    [{"mi": {"q": {"a": 1}}}, TYPED],
    [{"mf": {"q": 1}}, TYPED],
    [{"mf": {"q": 1.5}}, TYPED],
    [{"mu": {"q": 1}}, TYPED],
    [{"mu": {"q": None}}, TYPED],
    [{"m": {"q": {"a": "high"}}}, TYPED],
    [{"m": {"q": {"a": "high"}}}, TYPED, {"m": {"q": {"a": 2}}}],
    [{"m": {"q": 5}}, TYPED],
    [{"n": "RED"}, TYPED],
    [{"n": "7"}, TYPED],
    [{"n": None}, TYPED],
    [{"u": "x"}, {"u": "${n}"}, TYPED],
    [{"mlst": [1]}, TYPED, {"mlst": ["x"]}],
    [{"mlst": [1]}, TYPED, {"mlst": 5}],
    [{"mlst": ["x"]}, TYPED],
    [{"lst": ["x"]}, TYPED],
    [{"mmi": {"q": 1}}, TYPED],
    [{"mmi": {"q": "x"}}, TYPED],
    [{"deep": {"s": {"d": 2}}}, TYPED],
    [{"deep": {"os": {"a": "4"}}}, TYPED, {"deep": {"os": {"a": "x"}}}],
    [{"sub": 5}, TYPED],
    [{"sub": None}, TYPED],
    [{"sub": "${dsub}"}, TYPED],
    [{"dsub": None}, TYPED],
    [{"lsub": [{"a": 1}]}, TYPED, {"lsub": [{"a": "x"}]}],
    # Interpolations and typed slots.
    [TYPED, {"n": 5, "dsub": "${n}"}],
    [TYPED, {"dsub": "${zz}"}],
    [TYPED, {"dsub": "${sub}"}],
    [TYPED, {"osub": "${n}"}],
    [TYPED, {"osub": "${zz}"}],
    [TYPED, {"sub": "${n}"}],
    [TYPED, {"n": 5, "mi": "${n}"}],
    [TYPED, {"lsub": ["${n}"]}],
    [TYPED, {"lsub": ["${dsub}"]}],
    [TYPED, {"lst": ["${n}"], "n": 3}],
    [TYPED, {"m": {"q": "${n}"}}],
    [TYPED, {"m": {"q": "${dsub}"}}],
    [TYPED, {"deep": {"s": "${dsub}"}}],
    # Typed onto typed.
    [TYPED, {"sub": {"$schema": "Sub2"}}],
    [TYPED, {"sub": {"$schema": "Other"}}],
    [TYPED, {"dsub": {"$schema": "Sub2"}}, {"dsub": {"d": 2}}],
    [TYPED, {"dsub": {"$schema": "Other"}}],
    [TYPED, {"dsub": 5}],
    [TYPED, {"mmi": [1]}],
    [TYPED, {"mmi": {"$schema": "Sub"}}],
    [TYPED, TYPED, {"$schema": "Cfg2"}],
    [{"$schema": "Cfg2"}, TYPED, {"more": {"q": None}}],
]

SCALARS = [1, 2, "x", "5", "1.5", 1.5, True, None, "???", "${n}", "${sub}", "${zz}", "${dsub.a}", "RED", "GREEN", 0, "true", -3, "", "${t}", "${mi}", "${lst}", "${osub}"]


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def scalar(self):
        return self.random.choice(SCALARS)

    def sub(self):
        chance = self.random.random()
        if chance < 0.15:
            return self.scalar()
        if chance < 0.2:
            return [1]
        if chance < 0.4:
            return {"$schema": self.random.choice(["Sub", "Sub2", "Sub", "Other"])}
        keys = self.random.sample(["a", "b", "c", "d", "zz", "sub"], self.random.randint(0, 3))
        return {key: self.scalar() if self.random.random() < 0.85 else {"q": self.scalar()} for key in keys}

    def dictionary(self, keys, value):
        return {self.random.choice(keys): value() for _ in range(self.random.randint(0, 2))}

    def value(self, key):
        if self.random.random() < 0.12:
            return self.scalar()
        if key in ("sub", "osub", "dsub"):
            return self.sub()
        if key in ("lst", "mlst", "olst"):
            return [self.scalar() for _ in range(self.random.randint(0, 3))]
        if key == "lsub":
            return [self.sub() for _ in range(self.random.randint(0, 2))]
        if key == "m":
            return self.dictionary("pqr", self.sub)
        if key in ("mi", "mf", "omi", "mmi", "mu", "more"):
            return self.dictionary("pqr", self.scalar)
        if key == "anyv":
            return self.random.choice([self.scalar(), self.sub(), [1, {"a": 2}]])
        if key == "deep":
            return self.dictionary(["s", "os", "k", "x"], lambda: self.random.choice([self.sub(), self.scalar()]))
        return self.scalar()

    def config(self):
        if self.random.random() < 0.35:
            return {"$schema": self.random.choice(["Cfg", "Cfg", "Cfg", "Cfg2"])}
        keys = [*Cfg.__dataclass_fields__, "more", "extra"]
        return {key: self.value(key) for key in self.random.sample(keys, self.random.randint(1, 3))}

    def case(self):
        return [self.config() for _ in range(self.random.randint(2, 4))]


def build(data):
    if isinstance(data, dict):
        if "$schema" in data:
            return OmegaConf.structured(SCHEMAS[data["$schema"]])
        return {key: build(value) for key, value in data.items()}
    return [build(item) for item in data] if isinstance(data, list) else data


def result(configs):
    try:
        nodes = [build(config) if "$schema" in config else OmegaConf.create(build(config)) for config in configs]
        merged = OmegaConf.merge(*nodes)
        made = {"yaml": OmegaConf.to_yaml(merged)}
    except Exception as error:  # every class is a result here
        text = str(error).split("\n    full_key:")[0].replace("__main__.", "")
        return {"error": type(error).__name__, "msg": text}
    try:
        resolved = OmegaConf.to_yaml(merged, resolve=True)
        return made if resolved == made["yaml"] else {**made, "resolved": resolved}
    except Exception as error:
        return {**made, "resolveError": type(error).__name__}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--out", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "typed_merge.json"))
    options = parser.parse_args()
    maker = Maker(options.seed)
    inputs = CHOSEN + [maker.case() for _ in range(options.count)]
    cases = [{"configs": configs, **result(configs)} for configs in inputs]
    with open(options.out, "w", encoding="utf-8") as file:
        json.dump({"versions": {"omegaconf": omegaconf.__version__}, "cases": cases}, file, indent=1)
        file.write("\n")
    print(len(cases), "cases")


if __name__ == "__main__":
    main()
