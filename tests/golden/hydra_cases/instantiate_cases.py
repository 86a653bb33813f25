"""Configs with targets, and what Hydra builds from them."""
import functools
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from hydra.utils import instantiate
from omegaconf import DictConfig, ListConfig, OmegaConf

import targets

# label, YAML, key of the node to build, keyword arguments, positional arguments
CASES = [
    ("class", "_target_: targets.Point\nx: 1\ny: a\n", "", {}, []),
    ("class without options", "_target_: targets.Point\n", "", {}, []),
    ("function", "_target_: targets.collect\nx: 1\n", "", {}, []),
    ("static method", "_target_: targets.Point.make\nx: 1\n", "", {}, []),
    ("nested", "_target_: targets.Point\na:\n  _target_: targets.Point\n  x: 1\nb:\n  c:\n    _target_: targets.collect\n    y: 2\n", "", {}, []),
    ("nested in list", "_target_: targets.Point\nitems:\n- _target_: targets.Point\n  x: 1\n- 2\n- [3, {_target_: targets.Point}]\n", "", {}, []),
    ("deep key", "p:\n  q:\n    _target_: targets.Point\n    x: ${p.z}\n  z: 3\n", "p.q", {}, []),
    ("args", "_target_: targets.Point\n_args_: [1, 2]\nx: 3\n", "", {}, []),
    ("args nested", "_target_: targets.Point\n_args_:\n- _target_: targets.Point\n  x: 1\n", "", {}, []),
    ("args replaced", "_target_: targets.Point\n_args_: [1, 2]\n", "", {}, [7]),
    ("args passed", "_target_: targets.Point\nx: 1\n", "", {}, [7, 8]),
    ("args empty", "_target_: targets.Point\n_args_: []\nx: 1\n", "", {}, []),
    ("args no list", "_target_: targets.Point\n_args_: 5\n", "", {}, []),
    ("args map", "_target_: targets.Point\n_args_: {a: 1}\n", "", {}, []),
    ("kwargs", "_target_: targets.Point\nx: 1\n", "", {"x": 5, "y": 6}, []),
    ("kwargs nested", "_target_: targets.Point\nn: {_target_: targets.Point, x: 1, y: 2}\n", "", {"n": {"x": 5}}, []),
    ("kwargs target", "x: 1\n", "", {"_target_": "targets.Point"}, []),
    ("kwargs new target", "_target_: targets.Point\nx: 1\n", "", {"z": {"_target_": "targets.Point", "q": 1}}, []),
    ("kwargs list", "_target_: targets.Point\nx: [1, 2]\n", "", {"x": [3]}, []),
    ("partial", "_target_: targets.Point\n_partial_: true\nx: 1\n", "", {}, []),
    ("partial function", "_target_: targets.collect\n_partial_: true\nx: 1\n", "", {}, []),
    ("partial args", "_target_: targets.Point\n_partial_: true\n_args_: [1]\nx: 2\n", "", {}, []),
    ("partial overridden later", "_target_: targets.Point\n_partial_: true\nz: 1\n", "", {}, []),
    ("partial nested", "_target_: targets.Point\ninner:\n  _target_: targets.Point\n  _partial_: true\n  x: 1\n", "", {}, []),
    ("partial not inherited", "_target_: targets.Point\n_partial_: true\ninner: {_target_: targets.Point, x: 1}\n", "", {}, []),
    ("partial missing", "_target_: targets.Point\n_partial_: true\nx: ???\ny: 1\n", "", {}, []),
    ("partial false", "_target_: targets.Point\n_partial_: false\n", "", {}, []),
    ("partial int", "_target_: targets.Point\n_partial_: 1\n", "", {}, []),
    ("partial kwarg", "_target_: targets.Point\nx: 1\n", "", {"_partial_": True}, []),
    ("missing", "_target_: targets.Point\nx: ???\n", "", {}, []),
    ("missing deep", "a:\n  _target_: targets.Point\n  x: ???\n", "", {}, []),
    ("recursive false", "_target_: targets.Point\n_recursive_: false\nn: {_target_: targets.Point, x: 1}\n", "", {}, []),
    ("recursive inherited", "_target_: targets.Point\n_recursive_: false\nn: [{_target_: targets.Point}]\n", "", {}, []),
    ("recursive back on", "_target_: targets.Point\nn: {_target_: targets.Point, _recursive_: false, m: {_target_: targets.Point}}\n", "", {}, []),
    ("recursive text", "_target_: targets.Point\n_recursive_: 'no'\n", "", {}, []),
    ("recursive kwarg", "_target_: targets.Point\nn: {_target_: targets.Point}\n", "", {"_recursive_": False}, []),
    ("interpolation", "v: 3\nn:\n  _target_: targets.Point\n  x: ${v}\n  y: ${.x}\n", "n", {}, []),
    ("interpolation to target", "n: {_target_: targets.Point, x: 1}\nm:\n  _target_: targets.Point\n  a: ${n}\n  b: ${n}\n", "m", {}, []),
    ("interpolation broken", "_target_: targets.Point\nx: ${zz}\n", "", {}, []),
    ("interpolation broken unused", "_target_: targets.Point\n_recursive_: false\nn: {x: '${zz}'}\n", "", {}, []),
    ("no target", "a: 1\nb: {c: [1, 2]}\n", "", {}, []),
    ("no target with nested", "a: {_target_: targets.Point, x: 1}\nb: 2\n", "", {}, []),
    ("list", "- {_target_: targets.Point, x: 1}\n- 2\n", "", {}, []),
    ("list partial", "- {_target_: targets.Point, x: 1}\n", "", {"_partial_": True}, []),
    ("null in dict", "_target_: targets.Point\nx: null\ny: {z: null}\n", "", {}, []),
    ("null node", "n: null\n", "n", {}, []),
    ("scalars", "_target_: targets.Point\na: 1\nb: 1.5\nc: text\nd: true\ne: null\nf: 1e3\n", "", {}, []),
    ("empty containers", "_target_: targets.Point\na: {}\nb: []\n", "", {}, []),
    ("convert all", "_target_: targets.Point\n_convert_: all\na: {x: [1]}\n", "", {}, []),
    ("convert none", "_target_: targets.Point\n_convert_: none\na: {x: [1]}\nb: [1]\nc: 1\n", "", {}, []),
    ("convert partial", "_target_: targets.Point\n_convert_: partial\na: {x: [1]}\nb: [1]\n", "", {}, []),
    ("convert object", "_target_: targets.Point\n_convert_: object\na: {x: [1]}\nb: [1]\n", "", {}, []),
    ("convert inherited", "_target_: targets.Point\n_convert_: none\nn: {_target_: targets.Point, a: [1]}\nm: {_target_: targets.Point, _convert_: all, a: [1]}\n", "", {}, []),
    ("other underscores", "_target_: targets.Point\n_x_: 1\n__y: 2\n", "", {}, []),
    ("unknown target", "_target_: targets.Nope\n", "", {}, []),
    ("unknown module", "_target_: nomod.Nope\n", "", {}, []),
    ("unknown nested", "p: {q: {r: {_target_: targets.Nope}}}\n", "", {}, []),
    ("empty target", "_target_: ''\n", "", {}, []),
    ("relative target", "_target_: .a.b\n", "", {}, []),
    ("double dot target", "_target_: targets..Point\n", "", {}, []),
    ("not callable", "_target_: targets.VALUE\n", "", {}, []),
    ("int target", "_target_: 5\n", "", {}, []),
    ("null target", "_target_: null\n", "", {}, []),
    ("failing", "_target_: targets.fail\nx: 1\n", "", {}, []),
    ("failing nested", "p:\n  q:\n    r:\n      _target_: targets.fail\n", "", {}, []),
    ("failing in target", "_target_: targets.Point\na: {_target_: targets.fail}\n", "", {}, []),
    ("wrong option", "_target_: targets.Strict\na: 1\nc: 2\n", "", {}, []),
    ("missing option", "_target_: targets.Strict\nb: 1\n", "", {}, []),
]


def encode(value):
    if isinstance(value, targets.Point) or isinstance(value, targets.Strict):
        return {"class": type(value).__name__, "args": [encode(v) for v in value.args], "kwargs": encode(value.kwargs)}
    if isinstance(value, functools.partial):
        return {"partial": encode(value(z=9))}
    if isinstance(value, (DictConfig, ListConfig)):
        inner = [[str(k), encode("???" if OmegaConf.is_missing(value, k) else value[k])] for k in value] if isinstance(value, DictConfig) else [encode(v) for v in value]
        return {"node": inner}
    if isinstance(value, dict):
        return {"dict": [[str(k), encode(v)] for k, v in value.items()]}
    if isinstance(value, (list, tuple)):
        return [encode(v) for v in value]
    return value


def case(label, text, key, kwargs, args):
    result = {"label": label, "yaml": text, "key": key, "kwargs": kwargs, "args": args}
    try:
        root = OmegaConf.create(text)
        node = OmegaConf.select(root, key) if key else root
        # Plain data is the default in TypeScript; Hydra's default is the mode "none".
        extra = {} if "_convert_" in text or "_convert_" in kwargs else {"_convert_": "all"}
        result["value"] = encode(instantiate(node, *args, **kwargs, **extra))
    except Exception as error:
        result["error"] = type(error).__name__
        result["message"] = str(error)
    return result


def make(seed, count, fixed):
    return [case(*row) for row in CASES] if fixed else []
