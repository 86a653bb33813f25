"""Drives real OmegaConf and writes omegaconf.json.

Versions: omegaconf 2.3.1, PyYAML 6.0.3, Python 3.11.
Usage: python tests/golden/make_omegaconf.py [--seed N] [--count N] [--out FILE]

Every case is an operation with its inputs and what OmegaConf makes of it: a value, or the class and text of the error.
Values keep Python's types: {"i": "1"} int, {"f": "1.0"} float, {"d": [[k, v], ...]} dict, {"b": "hex"} bytes,
{"e": "Color.RED"} enum; lists, strings, booleans and null stand for themselves.
"""

import argparse
import copy
import json
import os
import random
import warnings
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Dict, List, Optional, Union

import yaml
from omegaconf import MISSING, DictConfig, ListConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

warnings.simplefilter("ignore")


class Color(Enum):
    RED = 1
    GREEN = 2


@dataclass
class DB:
    driver: str = MISSING
    port: int = 3306
    timeout: float = 1.0
    secure: bool = False
    color: Color = Color.RED
    note: Optional[str] = None


@dataclass
class PG(DB):
    namespace: str = "public"


@dataclass
class App:
    name: str = "app"
    db: DB = field(default_factory=DB)
    opt_db: Optional[DB] = None
    dbs: List[DB] = field(default_factory=list)
    by_name: Dict[str, DB] = field(default_factory=dict)
    ports: List[int] = field(default_factory=lambda: [1, 2])
    rates: Dict[str, float] = field(default_factory=dict)
    matrix: List[List[float]] = field(default_factory=list)
    union: Union[int, str] = 1
    opt_union: Optional[Union[int, bool]] = None
    anything: Any = None
    by_color: Dict[Color, int] = field(default_factory=dict)
    by_int: Dict[int, str] = field(default_factory=dict)
    by_bool: Dict[bool, str] = field(default_factory=dict)
    opt_ints: List[Optional[int]] = field(default_factory=list)
    link: int = 0
    data: bytes = b"x"


SCHEMAS = {"DB": DB, "PG": PG, "App": App}
ENV = {"FULGUR_A": "a", "FULGUR_EMPTY": "", "FULGUR_INTER": "${a}", "FULGUR_MISS": "???", "FULGUR_LIST": "[1,a]"}


def encode(value):
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, Enum):
        return {"e": f"{type(value).__name__}.{value.name}"}
    if isinstance(value, int):
        return {"i": str(value)}
    if isinstance(value, float):
        return {"f": repr(value)}
    if isinstance(value, bytes):
        return {"b": value.hex()}
    if isinstance(value, (DictConfig, ListConfig)):
        return encode(OmegaConf.to_container(value, resolve=False))
    if isinstance(value, dict):
        return {"d": [[encode(k), encode(v)] for k, v in value.items()]}
    if isinstance(value, (list, tuple)):
        return [encode(v) for v in value]
    raise TypeError(f"cannot encode {type(value)}")


def decode(value):
    if isinstance(value, list):
        return [decode(v) for v in value]
    if isinstance(value, dict):
        (kind, inner), = value.items()
        if kind == "i":
            return int(inner)
        if kind == "f":
            return float(inner)
        if kind == "b":
            return bytes.fromhex(inner)
        return {decode(k): decode(v) for k, v in inner}
    return value


def failure(error):
    if isinstance(error, yaml.YAMLError):
        mark = getattr(error, "problem_mark", None)
        where = {} if mark is None else {"line": mark.line + 1, "column": mark.column + 1}
        return {"error": "YamlError", **where}
    result = {"error": type(error).__name__}
    if isinstance(error, OmegaConfBaseException):
        result["msg"] = str(error if error.msg is None else error.msg).split("\n    full_key:")[0]
        result["full_key"] = "" if error.full_key is None else str(error.full_key)
    return result


def parse(text):
    """A value as a dot list reads it."""
    from omegaconf._utils import get_yaml_loader

    return yaml.load(text, Loader=get_yaml_loader())


def flagged(case):
    cfg = OmegaConf.create(case["yaml"]) if "yaml" in case else OmegaConf.create(decode(case["data"]))
    for key, flags in case.get("flags", {}).items():
        node = cfg if key == "" else OmegaConf.select(cfg, key)
        for name, value in flags.items():
            (OmegaConf.set_struct if name == "struct" else OmegaConf.set_readonly)(node, value)
    return cfg


def typed(case):
    cfg = OmegaConf.structured(SCHEMAS[case["schema"]])
    for text in case.get("merge", []):
        cfg = OmegaConf.merge(cfg, OmegaConf.create(text))
    for other in case.get("merge_schema", []):
        cfg = OmegaConf.merge(cfg, OmegaConf.structured(SCHEMAS[other]))
    for key, text in case.get("update", []):
        OmegaConf.update(cfg, key, parse(text))
    return OmegaConf.to_container(cfg, resolve=case.get("resolve", False))


def perform(case):
    op = case["op"]
    if op == "load":
        return OmegaConf.to_container(OmegaConf.create(case["yaml"]), resolve=False)
    if op == "scalar":
        return parse(case["yaml"])
    if op == "merge":
        first = flagged({"yaml": case["yamls"][0], "flags": case.get("flags", {})})
        return OmegaConf.to_container(OmegaConf.merge(first, *[OmegaConf.create(t) for t in case["yamls"][1:]]), resolve=case.get("resolve", False))
    if op == "container":
        return OmegaConf.to_container(flagged(case), resolve=case.get("resolve", False), throw_on_missing=case.get("throw", False))
    if op == "resolve":
        cfg = flagged(case)
        OmegaConf.resolve(cfg)
        return cfg
    if op == "select":
        cfg = flagged(case)
        if "from" in case:
            cfg = OmegaConf.select(cfg, case["from"])
        kw = {"default": decode(case["default"])} if "default" in case else {}
        if "throw_missing" in case:
            kw["throw_on_missing"] = case["throw_missing"]
        if "throw_resolution" in case:
            kw["throw_on_resolution_failure"] = case["throw_resolution"]
        return OmegaConf.select(cfg, case["key"], **kw)
    if op == "update":
        cfg = flagged(case)
        OmegaConf.update(cfg, case["key"], parse(case["value"]), merge=case.get("merge", True), force_add=case.get("force_add", False))
        return cfg
    if op == "dotlist":
        return OmegaConf.from_dotlist(case["words"])
    if op == "missing":
        return sorted(OmegaConf.missing_keys(flagged(case)))
    if op == "masked":
        return OmegaConf.masked_copy(flagged(case), case["keys"])
    if op == "yaml":
        return OmegaConf.to_yaml(flagged(case), resolve=case.get("resolve", False), sort_keys=case.get("sort", False))
    if op == "typed":
        return typed(case)
    if op == "typed_yaml":
        return OmegaConf.to_yaml(OmegaConf.structured(SCHEMAS[case["schema"]]))
    if op == "eval":
        return eval(case["text"], {"__builtins__": {f.__name__: f for f in (abs, bool, float, int, len, max, min, round, str, sum)}})
    if op == "access":
        cfg = flagged(case)
        node = OmegaConf.select(cfg, case["at"]) if case.get("at") else cfg
        what, key = case["what"], decode(case.get("key"))
        if what == "item":
            return node[key]
        if what == "attribute":
            return getattr(node, key)
        if what == "get":
            return node.get(key, decode(case["default"])) if "default" in case else node.get(key)
        if what == "in":
            return key in node
        if what == "set":
            node[key] = decode(case["value"])
            return cfg
        if what == "setattr":
            setattr(node, key, decode(case["value"]))
            return cfg
        if what == "open":
            with open_dict(node):
                node[key] = decode(case["value"])
            return cfg
        if what == "del":
            del node[key]
            return cfg
        if what == "pop":
            return node.pop(key, decode(case["default"])) if "default" in case else node.pop(key)
        if what == "append":
            node.append(decode(case["value"]))
            return cfg
        if what == "items":
            return list(node.items())
    raise ValueError(op)


CASES = []


def case(name, op, **inputs):
    made = {"name": name, "op": op, **inputs}
    try:
        made["result"] = encode(perform(copy.deepcopy(made)))
    except Exception as error:  # every class is a result here
        made.update(failure(error))
    CASES.append(made)


SCALARS = """
1 0 -1 +1 1_000 1__0 1_ _1 00 017 08 09 0o17 0x1F 0xFG 0X1f 0b11 0b12 -0b1 +0x_1 -017 0b_ 0x_ 0_ 1:30 190:20:30 1:60 01:30 -1:30
1:2:3.5 1:30. 1.0 1. .5 -.5 +.5 .5e3 .5e+3 .5e-3 ._5 1e3 1E3 1e-3 1e+3 12e03 1.5e3 1.e5 1_0.5 1_.5 1__0.5 1e1_0 1.5e1_0 -1e3 +1e3
1e400 -1e400 123456789012345678901234567890 9007199254740993 -9007199254740993 0.1 1e22 1e21 1e16 1e15 123456.789e3 5e-324
.inf -.inf +.inf .Inf .INF .iNF .nan .NaN .NAN .Nan -.nan inf nan Infinity -inf
true True TRUE tRue false False FALSE yes Yes YES yEs no No NO on On ON off Off OFF oFF y Y n N
null Null NULL nULL ~ None none nil ''  "" 2020-01-01 2020-01-01T00:00:00 2020-1-1 12:30 12:30:45 12:30:45.5 1.2.3 1-2 --- - . .. ... : a:b a: http://x:80/a?b
??? ${a} $a \\${a} a#b a,b it's '1' "1" '' 'true' "null" 'a''b' "a\\tb" "\\u00e9" "\\x41" é 日本 = << <<x a=b @x `x %x !x &x *x |x >x #x
!!str 1 !!int '3' !!float 1 !!bool yes !!null x !!str !!binary aGVsbG8= !!int abc !!timestamp 2020-01-01 !!set {a} !x 1 !!float .inf !!python/tuple [1]
"""


def scalar_cases():
    texts = []
    for line in SCALARS.strip("\n").split("\n"):
        if line.startswith("!!str"):
            texts += ["!!str 1", "!!int '3'", "!!float 1", "!!float '1_0'", "!!bool yes", "!!bool 'No'", "!!null x", "!!str", "!!binary aGVsbG8=",
                      "!!int abc", "!!float abc", "!!timestamp 2020-01-01", "!x 1", "! 1", "!!float .inf", "!!python/tuple [1]", "!!seq [1]", "!!map {a: 1}", "!!str [1]"]
        else:
            texts += line.split()
    texts += ["a b", "a  b", "1 2", "- 1", "'a\n  b'", "a\n  b", "|\n  a\n  b", ">\n  a\n  b", "|-\n  a", ">-\n  a\n\n  b", "|+\n  a\n\n", "\"a\\\n  b\"", "? a", "a: ",
              "\"\\e\\0\\_\\N\\L\\P\"", "'a\n\n  b'", "|2\n   a\n  b", ">\n  a\n   b\n  c\n"]
    for text in dict.fromkeys(texts):
        case(f"scalar {text!r}", "scalar", yaml=text)
        if "\n" not in text:
            case(f"scalar in a mapping {text!r}", "load", yaml=f"k: {text}")
    for key in ["1", "1.0", "1.5", "true", "yes", "y", "null", "~", "''", "'1'", "a b", "a.b", "<<x", "=", "? a\n", "[1]", "{a: 1}", "0x10", "1e3", "__proto__", "constructor", "!!binary aGk=", "2020-01-01", "é", "\"a\\tb\"", ".inf"]:
        case(f"key {key!r}", "load", yaml=f"{key}: 1")


DOCUMENTS = {
    "empty": "", "comment only": "# hi\n", "a lone string": "abc", "a lone int": "5", "a lone null": "null", "a lone quoted string": "'x: 1'",
    "a list": "- 1\n- a\n", "nested lists": "- - 1\n  - 2\n- []\n- {}\n", "list at key indent": "a:\n- 1\n- b: 2\n  c: 3\n", "flow": "{a: [1, {b: c}], 'd': \"e\"}",
    "flow trailing comma": "{a: 1, b: [1, 2,],}", "flow single pair": "[a: 1, b]", "flow without values": "{a, b: 1}", "explicit keys": "? a\n: 1\n? b\n",
    "anchors": "a: &x {b: 1}\nc: *x\nd: [*x, *x]\n", "scalar anchor": "a: &x 5\nb: *x\n", "unknown alias": "a: *x\n", "anchor reused": "a: &x 1\nb: &x 2\nc: *x\n", "alias as key": "a: &x k\n*x : 2\n",
    "merge": "b: &b {x: 1, y: 2}\na:\n  <<: *b\n  y: 3\n", "merge after own": "a:\n  y: 3\n  <<: {x: 1, y: 2}\n", "merge list": "a:\n  <<: [{x: 1, z: 0}, {x: 2, y: 2}]\n  y: 3\n",
    "merge twice": "a:\n  <<: {x: 1}\n  <<: {y: 1}\n", "merge scalar": "<<: 1\n", "merge list of scalars": "<<: [1]\n", "merge nested": "a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b, z: 3}\n",
    "merge quoted": "'<<': {x: 1}\n", "merge in a duplicate": "a: {<<: {x: 1, x: 2}}", "merge order": "a: {k1: 1, <<: {k2: 2, k1: 9}, k3: 3}",
    "duplicate": "a: 1\nb: 2\na: 3\n", "duplicate nested": "x:\n  a: 1\n  a: 2\n", "duplicate int": "1: a\n1: b\n", "duplicate by value": "1: a\n1.0: b\ntrue: c\n", "duplicate quoted": "a: 1\n'a': 2\n",
    "two documents": "a: 1\n---\nb: 2\n", "document marker": "---\na: 1\n", "document end": "a: 1\n...\n", "directive": "%YAML 1.1\n---\na: 1\n", "tag directive": "%TAG !e! tag:yaml.org,2002:\n---\na: !e!int '3'\n", "bad directive": "%YAML 2.0\n---\na: 1",
    "tab indent": "a:\n\tb: 1\n", "tab after colon": "a:\t1\n", "tab before comment": "a: 1\t# c\n", "bad indent": "a: 1\n  b: 2\n", "bad dedent": "a:\n    b: 1\n  c: 2\n", "nested on a line": "a: b: c\n", "list on a key line": "a: - 1\n",
    "unclosed flow": "a: [1, 2\n", "unclosed brace": "a: {b: 1\n", "unclosed quote": "a: 'b\n", "stray bracket": "a: ]\n", "stray brace": "}\n", "missing colon": "a: 1\nb\n", "missing comma": "[1 2 3]", "colon flow": "{a:1}", "colon flow quoted": "{'a':1}", "url": "{a: http://x:1/y}",
    "flow interpolation": "a: [${b}]\n", "flow interpolation quoted": "a: ['${b}']\nb: 1\n", "brace interpolation": "{a: ${b}}", "question in flow": "{a: ???}", "question in list": "[???]", "question key": "[a?b, ?c]",
    "comments": "a: 1 # one\n# two\nb: '#3' # four\nc: a#b\n", "multi line plain": "a: b\n  c\n\n  d\ne: 1\n", "multi line quoted": "a: \"b\n  c\\n\n  d\"\n", "block in list": "- |\n  a\n- >-\n  b\n  c\n", "block keep": "a: |+\n  x\n\nb: 1\n",
    "null values": "a:\nb: ~\nc: null\nd: ''\n", "empty list item": "-\n- \n- a\n", "nested null": "a:\n  b:\n  c: 1\n", "deep": "a:\n  b:\n    c:\n      d: [{e: {f: 1}}]\n", "crlf": "a: 1\r\nb:\r\n  - 2\r\n", "bom": "\ufeffa: 1\n", "no final newline": "a: 1", "trailing blanks": "a: 1   \nb: x  \n",
    "unicode": "ключ: значение\n日本: 語\n", "emoji": "a: 😀\n😀: b\n", "control character": "a: \x01\n", "nel": "a: b\x85c\n", "long key": "k" * 130 + ": 1\n", "very long key": "k" * 1100 + ": 1\n", "quoted colon": "a: 'b: c'\n'd: e': f\n", "leading colon": ":a: 1\n", "dash word": "-a: 1\n- b\n", "dash value": "a: -b\n", "percent": "a: %b\n", "at": "a: @b\n", "backtick": "a: `b`\n",
    "grammar error": "a: ${b\n", "grammar ok": "a: ${b.c}\n", "escaped interpolation": "a: \\${b}\n", "dotted key": "a.b: 1\n", "set": "!!set {a, b}", "omap": "!!omap [a: 1]", "binary": "a: !!binary |\n  aGVs\n  bG8=\n", "anchor on null": "a: &x\nb: *x\n", "list then map": "- a: 1\n  b:\n  - c\n  - d\n-\n  e: 1\n", "sequence of flow": "- [a, b]\n- {c: d}\n", "spaces in flow": "{ a : 1 , b : [ 1 , 2 ] }\n", "multi line flow": "a: [1,\n  2,\n  # c\n  3]\nb: {x: 1,\n y: 2}\n", "flow less indented": "a:\n  b: [1,\n2]\n", "plain in flow lines": "[a\n b, c]", "key without space": "a:1\nb: 2\n",
}


def load_cases():
    for name, text in DOCUMENTS.items():
        case(f"load {name}", "load", yaml=text)


MERGES = [
    ["{a: 1}", "{a: 2}"], ["{a: 1}", "{b: 2}"], ["{a: {b: 1}}", "{a: {c: 2}}"], ["{a: {b: 1}}", "{a: null}"], ["{a: null}", "{a: {b: 1}}"], ["{a: 1}", "{a: '???'}"], ["{a: '???'}", "{a: 1}"], ["{a: '???'}", "{a: '???'}"], ["{}", "{a: '???'}"],
    ["{a: [1, 2]}", "{a: [3]}"], ["{a: [1]}", "{a: []}"], ["{a: [{b: 1}]}", "{a: [{c: 1}]}"], ["{a: {b: 1}}", "{a: {}}"], ["{a: {b: 1}}", "{a: 5}"], ["{a: 5}", "{a: {b: 1}}"], ["{a: {b: 1}}", "{a: [1]}"], ["{a: [1]}", "{a: {b: 1}}"], ["{a: 5}", "{a: [1]}"], ["{a: [1]}", "{a: 5}"],
    ["{a: [1]}", "{a: null}"], ["{a: null}", "{a: [1]}"], ["{a: [1]}", "{a: '???'}"], ["{a: '???'}", "{a: [1]}"], ["{a: '???'}", "{a: {b: 1}}"], ["{a: {b: 1}}", "{a: '???'}"],
    ["{a: 1, b: 2}", "{b: 3, a: 4}"], ["{a: 1, b: 2}", "{c: 3, a: 4}"], ["[1, 2]", "[3]"], ["[1]", "{a: 1}"], ["{a: 1}", "[1]"],
    ["{a: 1}", "{a: '${b}'}"], ["{x: {p: 1}, a: '${x}'}", "{a: {d: 1}}"], ["{x: 5, a: '${x}'}", "{a: {d: 1}}"], ["{a: '${x}'}", "{a: {d: 1}}"], ["{x: {p: 1}, a: '${x}'}", "{a: 3}"], ["{x: {p: 1}, a: '${x}'}", "{a: '???'}"], ["{x: [1], a: '${x}'}", "{a: [2]}"], ["{x: {p: 1}, a: '${x}'}", "{a: '${x.p}'}"], ["{x: {p: 1}, a: {q: 1}}", "{a: '${x}'}"], ["{x: {p: 1}, a: '${x}'}", "{a: null}"], ["{x: {p: 1}, a: '${x}'}", "{a: [1]}"],
    ["{x: null, a: null}", "{a: '${x}'}"], ["{a: {b: {c: {d: 1}}}}", "{a: {b: {c: {e: 2}}}}", "{a: {b: {c: {d: 3}}}}"], ["{1: a}", "{1.0: b}"], ["{1: a}", "{true: b}"], ["{1: a}", "{'1': b}"], ["{a: 1}", "{a: true}"], ["{a: 1}", "{a: text}", "{a: 2.5}"], ["", "{a: 1}"], ["{a: 1}", ""], ["abc", "{abc: 1}"], ["{a: {b: null}}", "{a: {b: {c: 1}}}"], ["{a: {b: {c: 1}}}", "{a: {b: null}}", "{a: {b: {d: 1}}}"], ["{a: [[1], [2]]}", "{a: [[3]]}"],
    ["{__proto__: {a: 1}}", "{__proto__: {b: 2}, constructor: {prototype: {x: 1}}}"],
]


def merge_cases():
    for texts in MERGES:
        case(f"merge {' + '.join(texts)}", "merge", yamls=texts)
    base = "{a: 1, b: {c: 2, l: [1, 2], e: {}}, n: null, l: [1]}"
    for flags in ({"": {"readonly": True}}, {"b": {"readonly": True}}, {"b.l": {"readonly": True}}, {"": {"struct": True}}, {"b": {"struct": True}}, {"": {"struct": True}, "b": {"struct": False}}, {"": {"struct": True}, "b.e": {"struct": False}}):
        for other in ("{a: 2}", "{z: 1}", "{b: {c: 3}}", "{b: {z: 3}}", "{b: {l: [3]}}", "{b: {l: []}}", "{b: {e: {q: 1}}}", "{b: 5}", "{b: null}", "{n: {x: 1}}", "{l: [{x: 1}]}", "{a: {x: 1}}", "{b: {c: {d: 1}}}", "{}"):
            case(f"merge {other} onto {json.dumps(flags)}", "merge", yamls=[base, other], flags=flags)


BASE = """
a: 1
f: 1.0
s: text
t: true
n: null
m: ???
e: ''
big: 1.0e-05
dotted.key: 1
l: [1, two, {m: 3}, [4, 5]]
b:
  c: 2
  l: [10, {m: 20}]
  k: c
  up: ${..a}
  self: ${.c}
  deep:
    up3: ${...a}
    up2: ${..c}
    x: ${.y}
    y: ${b.c}
k: b
key: c
name: oc.env
q: {q: 1, r: [a, null, true, 1.5], s: "it's"}
ref: ${b}
refl: ${l}
chain: ${ref.deep.x}
list_up: [1, '${..a}', {z: '${..[0]}'}, '${.[0]}']
loop: ${loop2}
loop2: ${loop}
me: ${me}
1: int key
true_: ${t}
bad: ${zz}
bad2: ${b.zz}
tomissing: ${m}
toparent: {x: '${toparent}'}
"""
INTERPOLATIONS = """
${a} ${f} ${s} ${t} ${n} ${m} ${e} ${big} ${b} ${l} ${b.c} ${b.l} ${b.l[1].m} ${b.l.1.m} ${[b].l.0} ${[b][l][0]} ${b[c]} ${b[l][1][m]} ${l[2]} ${l[3][1]} ${l.3.1}
${l[9]} ${l.-1} ${l[-1]} ${l[x]} ${l.x} ${l[1.5]} ${a.b} ${s.x} ${n.x} ${m.x} ${zz} ${b.zz} ${zz.y} ${.a} ${..a} ${...a} ${.} ${} ${ } ${a.} ${.b.c} ${a..b} ${b.[c]} ${b..c}
x${a} ${a}x ${a}${f} v_${s} ${t}/${n} x${n} x${t} x${f} x${big} x${q} x${l} x${b.deep.y} ${a}${zz} x${m} ${b.${key}} ${${k}.c} ${${k}} ${b.${k}} ${b.${a}} ${${a}} ${b[${key}]} ${b.${key}x} ${b.x${key}}
\\${a} \\\\${a} \\\\\\${a} \\\\\\\\${a} a\\b a\\\\b \\$ $ $$ $a a$b ${a}\\ \\ ${a}\\\\ ${a}\\${a} $${a} $\\{a} \\\\ \\x${a} a\\\\\\b${a}
${ref.c} ${ref.deep.x} ${refl[0]} ${chain} ${list_up[1]} ${loop} ${me} ${tomissing} ${bad} ${toparent.x} ${dotted.key} ${1} ${true_} ${b.up} ${b.deep.up3} ${b.deep.up2}
${a ${a}} ${a}} {${a}} ${a b} ${a\tb} ${a:b ${oc.env FULGUR_A} ${é} ${a-b} ${a_b} ${$a} ${a$} ${@x} ${1a} ${a,b} ${a+b} ${a=b} ${a"b} ${a'b} ${a(b} ${a;b} ${a!} ${a/b} ${#a}
"""
CALLS = [
    "oc.env:FULGUR_A", "oc.env:FULGUR_NOPE", "oc.env:FULGUR_NOPE,1", "oc.env:FULGUR_NOPE,null", "oc.env:FULGUR_NOPE,true", "oc.env:FULGUR_NOPE,1.0", "oc.env:FULGUR_NOPE,[1,a]", "oc.env:FULGUR_NOPE,{a: 1}", "oc.env:FULGUR_NOPE,''", "oc.env:FULGUR_NOPE,", "oc.env:FULGUR_EMPTY", "oc.env:FULGUR_EMPTY,x", "oc.env:FULGUR_INTER", "oc.env:FULGUR_MISS", "oc.env:FULGUR_NOPE,${a}", "oc.env:FULGUR_NOPE,${b}", "oc.env:'FULGUR_A'", "oc.env:FULGUR_${s}", "oc.env:", "oc.env:A,B,C",
    "oc.decode:'12'", "oc.decode:'1.0'", "oc.decode:'[1,a]'", "oc.decode:'{a: 1}'", "oc.decode:'true'", "oc.decode:'null'", "oc.decode:null", "oc.decode:abc", "oc.decode:12", "oc.decode:'${a}'", "oc.decode:'\\${a}'", "oc.decode:'[1'", "oc.decode:''", "oc.decode:${oc.env:FULGUR_LIST}", "oc.decode:'a b'", "oc.decode:\"'q'\"",
    "oc.decode:' a'", "oc.decode:'a '", "oc.decode:' 1'", "oc.decode:'1 '", "oc.decode:'[1] '", "oc.decode:' [1]'", "oc.decode:'  '", "oc.decode:'${a} '", "oc.decode:'a: '", "oc.decode:' :'", "oc.decode:'a , b'", "oc.create:null", "oc.create:''", "oc.create:a", "oc.create:true",
    "oc.create:{a: 1}", "oc.create:[1,2]", "oc.create:'a: 5'", "oc.create:5", "oc.create:{a: ${a}}", "oc.create:${b}", "oc.create:{}", "oc.create:[]",
    "oc.select:a", "oc.select:zz", "oc.select:zz,5", "oc.select:n,5", "oc.select:m,5", "oc.select:m", "oc.select:b.c", "oc.select:b", "oc.select:.a", "oc.select:..a", "oc.select:a.b,7", "oc.select:bad,7", "oc.select:zz,${a}", "oc.select:'b.l[1].m'", "oc.select:b.l[1].m", "oc.select:1", "oc.select:zz,[1,{a: b}]", "oc.select:zz,''",
    "oc.dict.keys:b.deep", "oc.dict.keys:a", "oc.dict.keys:zz", "oc.dict.keys:q", "oc.dict.values:q", "oc.dict.values:.q", "oc.dict.values:l", "oc.dict.keys:m", "oc.dict.keys:n",
    "oc.deprecated:a", "oc.deprecated:zz", "oc.deprecated:b.c,'use $NEW_KEY'", "oc.deprecated:1", "oc.deprecated:b",
    "nope:1", "nope:", "echo:1", "echo:'1'", "echo:1.0", "echo:1e3", "echo:true", "echo:null", "echo:NULL", "echo:a b", "echo: a b ", "echo:a,b", "echo:'a,b'", "echo:\"a,b\"", "echo:a\\,b", "echo:a\\ ", "echo:a\\:b", "echo:a\\b", "echo:a\\\\b", "echo:a:b", "echo:http://x/y", "echo::", "echo:a : b", "echo:a: ", "echo:[1,a,[2]]", "echo:[]", "echo:{}", "echo:{a:1,b: {c: d}}", "echo:{1:a,1.5:b,null:c,true:d}", "echo:{a b:1}", "echo:{a:b:c}", "echo:{'a':1}", "echo:{a:'b'}", "echo:[a,]", "echo:[,a]", "echo:[,]", "echo:a,", "echo:,a", "echo:,", "echo:,,", "echo:{a:1,}", "echo:{a}", "echo:{a:}",
    "echo:'it\\'s'", "echo:'a\\\\'", "echo:'a\\\\\\'b'", "echo:'a\\nb'", "echo:\"it's\"", "echo:'say \"hi\"'", "echo:'${a}'", "echo:'x${a}'", "echo:'\\${a}'", "echo:'\\\\${a}'", "echo:'${s} ${t}'", "echo:''", "echo:' '", "echo:'a' 'b'", "echo:'a'b", "echo:a'b'", "echo:${a}", "echo:${b}", "echo:${s}x", "echo:x${s}", "echo:${s} ${t}", "echo:[${a},${s}]", "echo:{a:${b}}", "echo:${echo:${echo:1}}", "echo:a=b", "echo:a(b)", "echo:(a)", "echo:a;b", "echo:é", "echo:'é'", "echo:a#b", "echo:a@b", "echo:a?b", "echo:a|b", "echo:a*b%c", "echo:a-b_c", "echo:-1", "echo:+1", "echo:1-2", "echo:01", "echo:1_000", "echo:1__0", "echo:.5", "echo:5.", "echo:-.5e-3", "echo:inf", "echo:-INF", "echo:nan", "echo:infx", "echo:0x10", "echo:1.2.3", "echo:2020-01-01", "echo:12:30", "echo:???", "echo:a\tb", "echo:\\t", "echo:$", "echo:$a", "echo:$$", "echo:a]b", "echo:a}b", "echo:[a", "echo:{a", "echo:'a", "echo:a'",
    "many:1,2", "many:a, b ,c", "many:[1,2],{a:1}", "many:", "many:'',''", "many: 'a' , \"b\" ", "many:${a},${b.c}", "many:null,NULL,Null", "${name}:FULGUR_A", "oc.${k}:FULGUR_A", "ns.f:1", "a.b.c:1", "_x1:1", "a-b:1", "1a:1", "f:1", "raise:", "count:1", "dict:", "list:", "inter:", "missing:",
]


def register():
    OmegaConf.clear_resolvers()
    OmegaConf.register_new_resolver("echo", lambda x="default": x)
    OmegaConf.register_new_resolver("many", lambda *args: list(args))
    OmegaConf.register_new_resolver("ns.f", lambda x: [x])
    OmegaConf.register_new_resolver("dict", lambda: {"a": 1, "b": [1.0]})
    OmegaConf.register_new_resolver("list", lambda: [1, {"a": None}])
    OmegaConf.register_new_resolver("inter", lambda: "${a}")
    OmegaConf.register_new_resolver("missing", lambda: "???")
    OmegaConf.register_new_resolver("parent", lambda key, _parent_: _parent_[key])
    OmegaConf.register_new_resolver("root", lambda key, _root_: _root_[key])
    OmegaConf.register_new_resolver("node", lambda _node_: _node_._get_full_key(None))


def interpolation_cases():
    texts = INTERPOLATIONS.replace("\\t", "\t").replace("\\\\", "\\").split("\n")
    for text in [t for line in texts for t in ([line] if "\t" in line else line.split(" "))] + ["${ a }", "${ a.b }", "${a b}", "${ b.c}", "${b.c }", "${b .c}", "${\ta}"]:
        if text.strip():
            interpolation(text)
    for text in CALLS:
        interpolation("${" + text + "}")
    case("load a call without a name", "load", yaml="a: ${:b}\nb: '${ : x , y }'\n")
    for text in ["${:b}", "${ : b }", "${:[a]}", "x${echo:1}y", "${echo:1}${echo:null}", "${ echo : 1 }", "${echo :1}", "${echo:\n1}", "x${dict:}", "x${list:}", "${b.${echo:c}}", "${l[${echo:0}]}", "${l.${echo:'0'}}", "${parent:a}", "${root:s}", "${node:}", "${list:}[0]"]:
        interpolation(text)


def interpolation(text):
    data = encode({**parse(BASE), "x": text})
    case(f"interpolation {text!r}", "select", data=data, key="x")


def container_cases():
    case("container base resolves broken", "container", yaml=BASE, resolve=True)
    for key in ["b", "q", "ref", "list_up", "l", "chain", "loop", "tomissing", "toparent", "me"]:
        case(f"select {key} resolves", "select", yaml=BASE, key=key)
    good = "\n".join(line for line in BASE.strip().split("\n") if not line.startswith(("loop", "me:", "bad", "tomissing", "toparent", "m:")))
    case("container resolved", "container", yaml=good, resolve=True)
    case("container unresolved", "container", yaml=BASE)
    case("resolve in place", "resolve", yaml=good)
    case("resolve to missing", "resolve", yaml="a: ???\nb: ${a}\nc: {d: '${b}'}\n")
    case("resolve broken", "resolve", yaml="a: ${zz}\n")
    case("resolve nodes", "resolve", yaml="a: {b: '${c}'}\nc: 1\nd: ${a}\ne: ['${a.b}', '${d}']\n")
    case("container throws on missing", "container", yaml="a: {b: [1, '???']}\n", throw=True)
    case("container throws on missing by reference", "container", yaml="a: ???\nb: ${a}\n", resolve=True, throw=True)
    case("container missing by reference", "container", yaml="a: ???\nb: ${a}\n", resolve=True)
    for text in ["a: ???", "a: {b: '???', c: 1}\nd: [1, '???', {e: '???'}]", "a: 1", "a: '${b}'\nb: ???", "a: '${b}'\nb: {c: '???'}", "[]", "['???']", "a: null"]:
        case(f"missing keys of {text!r}", "missing", yaml=text)
    for keys in [["a"], "a", ["b", "a"], ["zz"], []]:
        case(f"masked copy {keys}", "masked", yaml="a: 1\nb: {c: 2}\nd: 3\n", keys=keys)
    case("masked copy of a list", "masked", yaml="[1]", keys=["a"])


def select_cases():
    for key in ["a", "b.c", "b.l[1].m", "b.l.1.m", "[b].l", "[b][c]", "", ".a", ".b", "..a", "zz", "b.zz", "zz.y", "a.b", "a.b.c", "l[9]", "l.9", "l[-1]", "l.x", "l[x]", "m", "m.x", "n", "n.x", "ref.c", "ref.deep.x", "bad", "bad.x", "tomissing", "dotted.key", "1", "refl.2.m", "s.x", "e", "b.deep.up3", "loop"]:
        case(f"select {key!r}", "select", yaml=BASE, key=key)
        case(f"select {key!r} or a default", "select", yaml=BASE, key=key, default={"i": "99"})
    for key in ["m", "zz", "b.zz", "tomissing", "m.x"]:
        case(f"select {key!r} throwing on missing", "select", yaml=BASE, key=key, throw_missing=True)
    for key in ["bad", "bad.x", "loop", "tomissing", "b.c"]:
        case(f"select {key!r} with failures allowed", "select", yaml=BASE, key=key, throw_resolution=False)
    for key in ["c", "..a", ".c", "deep.y", "..b.c", "...a", "", "up"]:
        case(f"select {key!r} from b", "select", yaml=BASE, key=key, **{"from": "b"})


def update_cases():
    base = "a: 1\nb: {c: 2, l: [1, 2]}\nn: null\ni: ${b}\nm: ???\n"
    for key, value in [("a", "2"), ("a", "{x: 1}"), ("a", "[1]"), ("b.c", "3"), ("b", "{d: 4}"), ("b", "5"), ("b", "[1]"), ("b", "null"), ("b.l", "[9]"), ("b.l", "{x: 1}"), ("b.l.0", "9"), ("b.l[1]", "9"), ("b.l.7", "9"), ("b.l.x", "9"), ("b.l.-1", "9"), ("x.y.z", "1"), ("a.b", "1"), ("n.b", "1"), ("n", "{x: 1}"), ("i.c", "7"), ("i", "{q: 1}"), ("m", "1"), ("m.x", "1"), ("a", "'${b.c}'"), ("a", "???"), ("a", "${b"), ("b.l.0.x", "1"), ("", "1"), ("b.l", "[]"), ("b", "{}"), ("[b].c", "8"), ("x[0]", "1")]:
        for merge in (True, False):
            case(f"update {key}={value} merge={merge}", "update", yaml=base, key=key, value=value, merge=merge)
        case(f"update {key}={value} struct", "update", yaml=base, key=key, value=value, flags={"": {"struct": True}})
        case(f"update {key}={value} force add", "update", yaml=base, key=key, value=value, flags={"": {"struct": True}}, force_add=True)
    case("update readonly", "update", yaml=base, key="b.c", value="1", flags={"b": {"readonly": True}})
    case("update readonly root", "update", yaml=base, key="b", value="{c: 1}", flags={"": {"readonly": True}})
    for words in [["a.b=1", "c=[1,2]", "e", "f="], ["a=b=c"], ["a={x: 1}", "a.y=2"], ["a=1", "a.b=2"], ["a=${b}", "b=1"], ["a='1'"], ["a=1e3", "b=yes", "c=017"], ["=1"], ["a=[1"], ["a.0=1"], ["a=[1,2]", "a.0=9"], ["a=???"], ["a: 1"], ["a=b: c"], ["__proto__.x=1"], []]:
        case(f"dotlist {words}", "dotlist", words=words)


def access_cases():
    base = "a: 1\nn: null\nm: ???\nbad: ${zz}\nref: ${a}\nrefd: ${d}\nd: {x: 1, e: {}}\nl: [1, '???', {y: 2}, '${a}']\n"
    i = lambda v: {"i": str(v)}
    for flags in ({}, {"": {"struct": True}}, {"": {"readonly": True}}, {"": {"struct": True}, "d": {"struct": False}}):
        label = json.dumps(flags) if flags else "no flags"
        for what in ("item", "attribute", "get", "in", "del", "pop"):
            for key in ("a", "n", "m", "bad", "ref", "refd", "d", "zz"):
                case(f"{what} {key} with {label}", "access", yaml=base, what=what, key=key, flags=flags)
        for what in ("get", "pop"):
            for key in ("a", "n", "m", "zz", "bad"):
                case(f"{what} {key} or default with {label}", "access", yaml=base, what=what, key=key, default="dflt", flags=flags)
        for what in ("set", "setattr", "open"):
            for key, value in (("a", i(2)), ("zz", i(2)), ("d", {"d": [["q", i(1)]]}), ("a", {"d": [["q", i(1)]]}), ("a", [i(1)]), ("d", None), ("a", "???"), ("a", "${d.x}"), ("a", "${"), ("ref", i(5)), ("refd", {"d": [["z", i(1)]]})):
                case(f"{what} {key} to {value} with {label}", "access", yaml=base, what=what, key=key, value=value, flags=flags)
        for key in (0, 1, 2, 3, 4, -1, -9, "x", "0", 1.5, True):
            case(f"list item {key!r} with {label}", "access", yaml=base, at="l", what="item", key=encode(key), flags=flags)
        for key in (0, 9, -1, "x"):
            case(f"list set {key!r} with {label}", "access", yaml=base, at="l", what="set", key=encode(key), value=i(7), flags=flags)
            case(f"list del {key!r} with {label}", "access", yaml=base, at="l", what="del", key=encode(key), flags=flags)
        case(f"list append with {label}", "access", yaml=base, at="l", what="append", value={"d": [["q", i(1)]]}, flags=flags)
        case(f"set in d with {label}", "access", yaml=base, at="d", what="set", key="new", value=i(1), flags=flags)
        case(f"set in d.e with {label}", "access", yaml=base, at="d.e", what="setattr", key="new", value=i(1), flags=flags)
        case(f"del in d with {label}", "access", yaml=base, at="d", what="del", key="x", flags=flags)
    for key in (1, 1.0, True, "1", None, 2.5):
        case(f"typed key {key!r}", "access", yaml="1: one\n2.5: half\n", what="item", key=encode(key))
        case(f"typed key in {key!r}", "access", yaml="1: one\n2.5: half\n", what="in", key=encode(key))
    case("items", "access", yaml="a: 1\nb: ${a}\nc: {d: 1}\n", what="items")
    case("items with missing", "access", yaml="a: 1\nb: ???\n", what="items")
    case("items with broken", "access", yaml="a: ${zz}\n", what="items")
    case("in with null key", "access", yaml="a: 1", what="in", key=None)
    case("deep full key", "access", yaml="a: [{b: {c: [1]}}]", at="a[0].b.c", what="item", key=i(5))
    case("deep full key of a dict", "access", yaml="a: [{b: {c: 1}}]", at="a[0].b", what="item", key="d", flags={"": {"struct": True}})
    case("int key full key", "access", yaml="1: {x: 1}", what="item", key=i(2), flags={"": {"struct": True}})


STRINGS = """y Y yes Yes YES yEs n N no on off true True false null Null NULL ~ None 1 1.0 1_000 1e3 1e-3 0x10 0b1 017 08 1:30 12:30 12:30:45 .5 -.5 +.5 .inf inf -inf nan NaN .nan Infinity infinity 2020-01-01 2020-01-01T00:00:00Z 2020-1-1 = << - -- --- ... -a -1 ? ?a ??? : :a a: a:b #a a#b ,a [a ]a {a }a &a *a !a |a >a 'a' "a" %a @a `a a'b a"b ${a} ${a}/x x/y epoch_{epoch:03d} é 日本 😀 a\\b \\ $ a=b <a> val/acc [a] {a} a,b a?b a|b ١٢ １２ 1_ _1 1__0 0o17 +1 -0 00 1. 1.e5 0.1e1_0 """.split()
STRINGS += ["", " ", "  ", " a", "a ", "a b", "a  b", "a: b", "a :b", "a #b", "a# b", "- a", "? a", ": a", "-", "a\nb", "a\n", "\na", "a\n\nb", "a\n b", "a \nb", "\n", "a\tb", "\t", "a\rb", "a\r\nb", "\x00", "\x07", "\x1b[0m", "\x7f", "\x80", "\x85", "a\x85b", "\xa0", "a\u2028b", "\u2029", "\ufeff", "a\ufeffb", "\ufffe", "\U0010ffff", "\ud7ff", " 1", "1 ", " 1 ", "\t1", "1\n", "---a", "--- a", "...a", "a\\nb", "it's: x", "'", "''", '"', "a'b: c", "x" * 100, "key: " + "word " * 30, "a\nb\n" + "word " * 30, "\x01" + "word " * 30, "\x01" + "w" * 120, "é" * 90 + " " + "ü" * 20 + " a", "word  word " * 12, " " + "word " * 20, "word " * 16 + "x", "word " * 15 + "wo  rd " * 5, "tab\there " + "word " * 30, "it's " * 30, "a" * 79 + " b", "a" * 80 + " b c", "a" * 81 + " b c"]


def yaml_cases():
    for text in dict.fromkeys(STRINGS):
        data = encode({"k": text, "l": [text, [text]], "d": {"e": {"f": text}}, text: 1})
        case(f"to_yaml of {text!r}", "yaml", data=data)
    for value in [0, -1, 10**30, 0.0, -0.0, 1.0, 1.5, -2.5, 1e-5, 1e-4, 1e15, 1e16, 1e17, 1.5e16, 123456789.123, 1e100, 5e-324, 1.7976931348623157e308, float("inf"), float("-inf"), float("nan"), 0.1, 1 / 3, 1e22, 1e21, True, False, None, b"", b"abc", bytes(range(256))]:
        case(f"to_yaml of {value!r}", "yaml", data=encode({"k": value, "l": [value, [value]]}))
        if value is not None and not isinstance(value, bytes):
            case(f"to_yaml of the key {value!r}", "yaml", data=encode({value: 1}))
    for data in [{}, [], [[]], [{}], {"a": {}}, {"a": []}, [[1, [2, [3]]], {"a": [1]}], {"a": [{"b": 1, "c": [1, {"d": 2}]}]}, [{"a": 1, "b": 2}, [], {}, None], {"a": {"b": {"c": {"d": 1}}}}, {"": 5}, {"": {"": []}}, {"k" * 122: 1, "k" * 123: [1], "x" * 130: {"a": 1}}, {"a\nb": [1], "c": 1}, {"a: b": 1, "#": 2, "- a": 3}, [["a: b", ["- c"]]], {1: "a", 2.5: "b", True: "c", "1": "d"}, {10**20: 1}]:
        case(f"to_yaml of {json.dumps(encode(data))[:60]}", "yaml", data=encode(data))
    case("to_yaml sorted", "yaml", yaml="b: 1\na: {d: 1, c: 2}\n", sort=True)
    case("to_yaml resolved", "yaml", yaml="b: ${a.d}\na: {d: 1.0, c: '${..e}'}\ne: [x]\nf: ${a}\n", resolve=True)
    case("to_yaml unresolved", "yaml", yaml="b: ${a.d}\nm: ???\na: {d: 1.0}\n")
    case("to_yaml of merge keys", "yaml", yaml="b: &x {c: 1}\na: {<<: *x, d: 2}\n")
    case("to_yaml typed", "typed_yaml", schema="App")


def typed_cases():
    case("typed DB", "typed", schema="DB")
    case("typed App", "typed", schema="App")
    values = ["1", "-1", "0", "1.0", "1.5", "'1'", "'1_000'", "' 7 '", "'0x1'", "'1.5'", "'1e3'", "'inf'", "abc", "''", "true", "false", "yes", "'on'", "'y'", "'NO'", "'maybe'", "2", "null", "???", "'${name}'", "[1]", "{a: 1}", "RED", "Color.GREEN", "BLUE", "'1'", "1e400", "12345678901234567890", "[]", "{}", "!!binary aGk="]
    slots = ["driver", "port", "timeout", "secure", "color", "note"]
    for slot in slots:
        for value in dict.fromkeys(values):
            case(f"typed {slot} merges {value}", "typed", schema="DB", merge=[f"{slot}: {value}"])
    for slot in ("port", "driver", "color", "note"):
        for value in ("1", "abc", "null", "[1]", "{a: 1}", "GREEN", "???"):
            case(f"typed db.{slot} updated to {value}", "typed", schema="App", update=[[f"db.{slot}", value]])
    for text in ["db: {port: 1}", "db: {prt: 1}", "db: null", "db: 5", "db: [1]", "db: ???", "db: '${opt_db}'", "opt_db: {port: 5}", "opt_db: null", "opt_db: {bad: 5}", "dbs: [{port: 1}, {driver: x}]", "dbs: [{prt: 1}]", "dbs: [1]", "dbs: [null]", "dbs: null", "dbs: {a: 1}", "by_name: {a: {port: 1}}", "by_name: {a: {port: x}}", "by_name: {a: 1}", "by_name: {1: {port: 1}}", "by_name: {a: null}", "ports: [1, '2']", "ports: [x]", "ports: 5", "ports: [1.5]", "ports: []", "rates: {a: 1}", "rates: {a: x}", "rates: {1: 1}", "matrix: [[1, 2.5], ['3']]", "matrix: [1]", "matrix: [[x]]", "union: a", "union: 5", "union: 1.5", "union: true", "union: null", "union: [1]", "opt_union: null", "opt_union: true", "opt_union: 3", "opt_union: x", "anything: {a: [1]}", "anything: 5", "by_color: {RED: 1, GREEN: '2'}", "by_color: {BLUE: 1}", "by_color: {1: 5}", "by_int: {1: a}", "by_int: {a: b}", "by_bool: {true: a}", "by_bool: {1: a}", "by_bool: {2: a}", "opt_ints: [1, null]", "opt_ints: [x]", "zz: 1", "name: 5", "name: 1.0", "name: true", "data: abc", "data: !!binary aGk=", "link: '${db.port}'"]:
        case(f"typed App merges {text}", "typed", schema="App", merge=[text])
    for texts in (["db: {port: 1}", "db: {driver: x}"], ["opt_db: {port: 1}", "opt_db: null", "opt_db: {driver: y}"], ["anything: 1", "anything: {a: 1}", "anything: [2]"], ["by_name: {a: {port: 1}}", "by_name: {a: {driver: q}, b: {}}"], ["dbs: [{port: 1}]", "dbs: [{driver: z}]"]):
        case(f"typed App merges {' + '.join(texts)}", "typed", schema="App", merge=texts)
    for key, value in [("db", "{port: 9}"), ("db", "{prt: 9}"), ("db.prt", "1"), ("zz", "1"), ("ports.0", "x"), ("ports.0", "7"), ("rates.a", "1"), ("rates.a", "x"), ("by_name.a", "{port: 1}"), ("by_name.a.port", "1"), ("dbs", "[{port: 3}]"), ("opt_db", "{port: 1}"), ("opt_db.port", "1"), ("union", "x"), ("union", "1.5"), ("matrix", "[[1]]"), ("by_color.RED", "1"), ("by_int.1", "a"), ("link", "'${db.port}'"), ("link", "'${name}'"), ("anything.x", "1")]:
        case(f"typed App updates {key}={value}", "typed", schema="App", update=[[key, value]])
    for text in ["link: ${db.port}", "link: ${name}", "name: ${db.port}", "name: ${ports}", "db: {port: '${ports[1]}'}", "link: ${db.timeout}", "db: {secure: '${link}'}", "db: {driver: '${name}x${link}'}", "rates: {a: '${db.port}'}", "ports: ['${link}', 2]"]:
        case(f"typed App resolves {text}", "typed", schema="App", merge=["db: {driver: d}\n" if "driver" not in text else "", text], resolve=True)
    case("typed DB + PG", "typed", schema="DB", merge_schema=["PG"])
    case("typed PG + DB", "typed", schema="PG", merge_schema=["DB"])
    case("typed DB + App", "typed", schema="DB", merge_schema=["App"])


EXPRESSIONS = """
1 + 2 * 3 | (1 + 2) * 3 | 7 / 2 | 8 / 2 | 7 // 2 | -7 // 2 | 7 // -2 | 7 % 3 | -7 % 3 | 7 % -3 | 7.5 % 2 | -7.5 % 2 | 7.5 // 2 | -7.5 // 2 | 2 ** 10 | 2 ** -1 | -2 ** 2 | 2 ** 3 ** 2 | 2.0 ** 0.5 | 0 ** 0 | 10 ** 20 | 1e3 | 1_000 | 0x1f | 0b11 | 0o17 | 017 | 1. | .5 | 1.e2 | 1__0 | 1_ | 00 | 0_0
+5 | -5 | --5 | ~5 | not 5 | not not 0 | -True | True + True | True & False | True | False | 5 & 3 | 5 ^ 3 | 1 << 4 | 256 >> 4 | 1 << -1 | 1.5 & 1 | 0.1 + 0.2 | 1 / 3 | 1 / 0 | 1 // 0 | 1 % 0 | 1.0 / 0 | 1.0 // 0 | 0 ** -1 | 10.0 ** 400 | 3 * 1.0 | 9007199254740993 + 1 | 2 ** 64 - 1 | 1e308 * 10
1 < 2 | 1 < 2 < 3 | 1 < 3 < 2 | 1 == 1.0 | True == 1 | '1' == 1 | 'a' < 'b' | 'a' < 1 | None < 1 | None is None | None is not None | None == None | 1 != 2 | 1 <> 2 | [1, 2] == [1, 2] | [1, 2] < [1, 3] | (1, 2) == (1, 2) | 1 in [1, 2] | 3 not in [1, 2] | 'a' in 'abc' | '' in 'abc' | 1 in 'abc' | 'a' in {'a': 1} | 1 in {True: 1} | 1 in 5 | not 1 in [1] | 1 in [1.0] | 1 is 1 | 1 = 1 | 1 === 1
1 and 2 | 0 and 2 | 1 or 2 | 0 or '' | 'a' or 'b' | not 'a' | 1 if True else 2 | 1 if '' else 2 | 1 if 0 else 2 if 0 else 3 | (1 if 1 else 2) + 1 | 1 if 1 | if 1 else 2 | 'max' if 'acc' else 'min' | 'max' if '' else 'min' | 0 and 1 / 0 | 1 or 1 / 0 | 5 if 1 else 1 / 0 | 1 or 2 and 0 | not 1 == 2
'a' + 'b' | 'a' 'b' | 'a' * 3 | 3 * 'ab' | 'a' * -1 | 'a' + 1 | 'a' - 'b' | "it's" | 'it\\'s' | 'a\\n' | r'a\\n' | '\\x41\\u00e9' | '\\101' | '\\q' | u'a' | 'a | "a" | '' | ' ' | f'a' | b'a' | 'é' | '%s' % 'a' | '%d' % 1
'Hello'.lower() | 'Hello'.upper() | 'hello world'.title() | 'hELLO'.capitalize() | ' a '.strip() | 'xax'.strip('x') | ' a '.lstrip() | ' a '.rstrip() | 'a,b,c'.split(',') | 'a b  c'.split() | 'a b  c'.split(None, 1) | 'a,b,c'.split(',', 1) | 'a,b,c'.rsplit(',', 1) | 'a b  c'.rsplit(None, 1) | 'a'.split('') | '-'.join(['a', 'b']) | '-'.join('abc') | '-'.join([1]) | 'aXbX'.replace('X', 'y') | 'aXbX'.replace('X', 'y', 1) | 'abc'.replace('', '-') | 'abc'.startswith('a') | 'abc'.startswith(('x', 'a')) | 'abc'.endswith('bc') | 'abc'.find('c') | 'abc'.find('x') | 'abab'.count('ab') | 'abc'.count('') | '5'.zfill(3) | '-5'.zfill(3) | 'abc'.zfill(2) | '12'.isdigit() | ''.isdigit() | 'ab'.isalpha() | 'a1'.isalnum() | 'ab'.isupper() | 'AB'.isupper() | 'ab'.islower() | 'val/acc'.removeprefix('val/') | 'val/acc'.removesuffix('/acc') | 'val/acc'.split('/')[0] | 'val/acc'.split('/')[-1] | 'a'.nope() | 'a'.lower | (1).lower() | 'a'.lower().upper() | ' a b '.split(' ')
[1, 2, 3][0] | [1, 2, 3][-1] | [1, 2, 3][3] | [1, 2, 3][1:] | [1, 2, 3][:2] | [1, 2, 3][:] | [1, 2, 3][-2:] | [1, 2, 3]['a'] | [1, 2][True] | 'abc'[0] | 'abc'[-1] | 'abc'[5] | 'abc'[1:] | 'abc'['a'] | {'a': 1}['a'] | {'a': 1}['b'] | {1: 'x'}[1.0] | {'a': 1, 'b': [1, {'c': None}]} | {} | [] | () | [1, 'a', True, None, 1.5] | [1, 2,] | [,] | [1 2] | {'a'} | {'a': 1,} | [1] + [2] | [1] * 2 | 5[0] | None[0] | (1) | (1,) | 1, 2 | {1: 2, True: 3}
int('5') | int(' 5 ') | int('5.5') | int(5.9) | int(-5.9) | int(True) | int('x') | int(None) | int() | float('1') | float('1e3') | float('x') | float('inf') | float(1) | str(1) | str(1.0) | str(True) | str(None) | str([1, 'a']) | str({'a': 1}) | str() | bool('') | bool('a') | bool() | len('abc') | len([1, 2]) | len({'a': 1}) | len(5) | max(1, 2) | max([1, 3, 2]) | min(1, 2.0) | max([]) | max('a', 'b') | min('a', 1) | abs(-5) | abs(-5.5) | abs('a') | round(2.5) | round(3.5) | round(-2.5) | round(2.675, 2) | round(0.125, 2) | round(0.375, 2) | round(1.15, 1) | round(5) | round(1234.5678, 2) | round(2.5, 0) | sum([1, 2]) | sum([1.5, 2]) | sum([]) | sum([1], 5) | int(10 / 3) | max(1, int(0.1 * 64)) | round(1e20)
x | foo(1) | print('a') | __import__('os') | open('f') | lambda: 1 | [x for x in [1]] | 1; 2 | import os | a.b | 'a'.__class__ | (1).__class__ | eval('1') | globals() | | 1 + | (1 | 1) | ) | @ | $ | ? | ! | # | a b | 'a'.format(1) | None.a | exec('1')
"""


def eval_cases():
    from omegaconf.errors import OmegaConfBaseException  # noqa: F401

    for text in (t.strip() for line in EXPRESSIONS.strip().split("\n") for t in (line + " ").split(" | ")):
        if not any(name in text for name in (" for ", "print", "open", "format", "__class__", "lambda", "f'", "b'", "%s", "%d", "'a'.lower |")) and text not in ("'a'.lower", "{'a'}", "1, 2", "1 is 1", "# "):
            case(f"eval {text!r}", "eval", text=text.replace("\\\\", "\\"))


def random_expression(rng, depth):
    if depth == 0 or rng.random() < 0.25:
        return rng.choice(["0", "1", "2", "3", "-4", "7", "10", "0.5", "1.0", "2.5", "-1.5", "1e3", "True", "False", "None", "''", "'a'", "'acc'", "'a b'", "[1, 2]", "[]", "'1'"])
    sub = lambda: random_expression(rng, depth - 1)
    form = rng.randint(0, 6)
    if form == 0:
        return f"({sub()} if {sub()} else {sub()})"
    if form == 1:
        return f"{sub()} {rng.choice(['and', 'or'])} {sub()}"
    if form == 2:
        return f"({sub()} {rng.choice(['==', '!=', '<', '<=', '>', '>=', 'in', 'not in'])} {sub()})"
    if form == 3:
        return f"{rng.choice(['not ', '-', '+', 'bool', 'str', 'len', 'int', 'float', 'abs'])}({sub()})"
    if form == 4:
        return f"({sub()}){rng.choice(['.upper()', '.split()', '[0]', '[1:]', '[-1]', '.strip()'])}"
    return f"({sub()} {rng.choice(['+', '-', '*', '/', '//', '+', '*'])} {sub()})"


def random_cases(seed, count):
    rng = random.Random(seed)
    keys = ["a", "b", "c", "d", "x y", "k.k", "1", "n"]
    scalars = [0, 1, -7, 10**18, 1.0, 0.5, 1e-7, 3e20, True, False, None, "", "a", "text", "1", "yes", "???", "a: b", "long " * 20, "multi\nline", "é", "${a}", "${b.a}", "x${a}y", "${.b}", "${..a}", "${oc.select:a.b,3}", "${echo:[1,${a}]}", "${zz}", "${oc.env:FULGUR_A}"]

    def tree(depth):
        kind = rng.random()
        if depth == 0 or kind < 0.45:
            return rng.choice(scalars)
        if kind < 0.6:
            return [tree(depth - 1) for _ in range(rng.randint(0, 3))]
        return mapping(depth)

    def mapping(depth):
        return {rng.choice(keys): tree(depth - 1) for _ in range(rng.randint(0, 4))}

    def text(data):
        return yaml.dump(data, sort_keys=False, allow_unicode=True, default_flow_style=rng.choice([None, False]), width=rng.choice([40, 80]))

    pieces = ["\n", "\n  ", " ", ": ", ":", "- ", "-", "? ", "[", "]", "{", "}", ", ", ",", "#", " #", "'", '"', "|", ">", "|-\n ", "&a ", "*a", "!!str ", "! ", "<<: ", "---\n", "...", "%", "\t", "\\", "\\n", "${a}", "???", "1", "0", "_", ".5", "e3", "yes", "null", "key", "\r\n", "\u2028", "é", "@", "~", "="]
    sources = [t for t in DOCUMENTS.values() if len(t) < 200]

    def mutated():
        """A document with a few pieces put in, taken out or doubled."""
        chars = rng.choice(sources) if rng.random() < 0.7 else "".join(rng.choice(pieces) for _ in range(rng.randint(1, 12)))
        for _ in range(rng.randint(1, 4)):
            at = rng.randint(0, len(chars))
            end = min(len(chars), at + rng.randint(0, 3))
            chars = chars[:at] + (rng.choice(pieces) if rng.random() < 0.7 else "") + chars[end if rng.random() < 0.5 else at:]
        return chars

    small = {"a": 1, "b": {"c": 2.5, "d": [None, {"e": "text"}], "up": "${..a}"}, "k": "c", "t": True, "n": None, "m": "???", "s": "a b"}
    tokens = ["${", "}", ":", ",", ".", "[", "]", "{", "'", '"', "\\", "\\\\", " ", "\t", "$", "é", "=", "a", "b", "c", "k", "1", "1.5", "-", "null", "true", "inf", "1e3", "echo", "many", "(", "@", "?", "\n"]

    def argument(depth):
        kind = rng.random()
        if kind < 0.35 or depth == 0:
            return rng.choice(["1", "1.5", "-2", "1e3", "true", "null", "a", "a b", "a:b", "'a'", '"b"', "'it\\'s'", "'a,b'", "x/y", "a\\,b", "", " ", "1_0", ".5", "inf", "$", "a-b", "'${a}'", "'\\${a}'", "\\\\", "a\\ "])
        if kind < 0.6:
            return interpolated(depth - 1)
        if kind < 0.75:
            return "[" + rng.choice([",", ", "]).join(argument(depth - 1) for _ in range(rng.randint(0, 3))) + "]"
        if kind < 0.9:
            return "{" + ", ".join(f"{rng.choice(['a', '1', 'a b', 'true', '1.5'])}:{argument(depth - 1)}" for _ in range(rng.randint(0, 2))) + "}"
        return argument(depth - 1) + rng.choice(["", " ", "x", ":"]) + argument(depth - 1)

    def interpolated(depth):
        kind = rng.random()
        if kind < 0.1:
            return "".join(rng.choice(tokens) for _ in range(rng.randint(1, 8)))
        if kind < 0.35 or depth == 0:
            return "${" + rng.choice(["a", "b.c", "b.d[1].e", "b.up", "k", "t", "n", "s", ".a", "b.d", "b", " a ", "b.d.0", "m", "zz", "..a", "b[c]", "[b].c"]) + "}"
        if kind < 0.65:
            return "${" + rng.choice(["echo", "many", "many", "ns.f", "oc.select", "oc.decode", "oc.create"]) + rng.choice([":", ": ", " :"]) + rng.choice([",", ", ", " , "]).join(argument(depth - 1) for _ in range(rng.randint(0, 2))) + "}"
        if kind < 0.75:
            return "${b.${" + rng.choice(["k", "a", "s", "echo:d"]) + "}}"
        return rng.choice(["", "x", "\\", "\\\\", " ", "$", "}", "'"]) + interpolated(depth - 1) + rng.choice(["", "y", "\\", "$"]) + interpolated(depth - 1)

    typed_values = [1, 0, "1", 1.5, "x", True, None, "???", [1], {"a": 1}, [], {}, "RED", "yes", "${name}", "${db.port}"]
    db = lambda: {k: v for k, v in {"port": rng.choice([1, "2", "x", 1.5]), "driver": rng.choice(["d", 5, None, True]), "color": rng.choice(["GREEN", 2, "BLUE"]), "secure": rng.choice(["on", 0, 2.5]), "note": rng.choice([None, "n", 1.0]), "timeout": rng.choice([1, "1e3", True])}.items() if rng.random() < 0.3}
    typed_fields = {
        "name": ["n", 1, 1.0, True], "db": [db() for _ in range(20)], "opt_db": [db() for _ in range(20)] + [None], "dbs": [[db()] for _ in range(10)], "by_name": [{"a": db()} for _ in range(10)],
        "ports": [[1], ["2"], [1.5], ["x"], [True]], "rates": [{"a": 1}, {"a": "2.5"}, {"a": "x"}, {"a": None}], "union": [1, "a", 1.5, True, None], "opt_union": [None, True, 1, "a"],
        "anything": [1, [1], {"a": {"b": 1}}, None], "by_color": [{"RED": 1}, {"GREEN": "x"}, {"q": 1}], "by_int": [{1: 5}, {"a": 1}], "by_bool": [{True: "t"}, {0: 1}], "opt_ints": [[None, 1], ["x"]], "link": [5, "6", "x"],
    }

    for index in range(count):
        for _ in range(5):
            chars = mutated()
            case(f"random {seed}.{index} document {chars!r}", "load", yaml=chars)
            expression = random_expression(rng, 3)
            case(f"random {seed}.{index} eval {expression}", "eval", text=expression)
        for _ in range(3):
            case(f"random {seed}.{index} interpolation", "select", data=encode({**small, "x": interpolated(3)}), key="x")
        fields = {name: rng.choice(typed_values) for name in rng.sample(list(typed_fields), rng.randint(1, 3))}
        for name in [n for n in fields if rng.random() < 0.6]:
            fields[name] = rng.choice(typed_fields[name])
        for name in {"db", "opt_db"} & set(fields):
            # OmegaConf refuses an interpolation for a structured field, whatever it stands for.
            fields[name] = "???" if isinstance(fields[name], str) and "${" in fields[name] else fields[name]
        case(f"random {seed}.{index} typed", "typed", schema="App", merge=[text(fields)], resolve=rng.random() < 0.3)
        texts = [text(mapping(3)) for _ in range(rng.randint(1, 3))]
        tag = f"random {seed}.{index}"
        case(f"{tag} merge", "merge", yamls=texts)
        case(f"{tag} merge resolved", "merge", yamls=texts, resolve=True)
        data = mapping(4)
        case(f"{tag} yaml", "yaml", data=encode(data))
        case(f"{tag} missing", "missing", data=encode(data))
        path = ".".join(rng.choice(keys + ["0"]) for _ in range(rng.randint(1, 3)))
        case(f"{tag} select", "select", data=encode(data), key=path, **({"default": "dflt"} if rng.random() < 0.5 else {}))
        flags = rng.choice([{}, {"": {"struct": True}}])
        case(f"{tag} update", "update", data=encode(data), key=path, value=text(tree(2)), flags=flags, merge=rng.random() < 0.7)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=None, help="write random cases of this seed only")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--out", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "omegaconf.json"))
    args = parser.parse_args()
    os.environ.update(ENV)
    register()
    if args.seed is None:
        for make in (scalar_cases, load_cases, merge_cases, interpolation_cases, container_cases, select_cases, update_cases, access_cases, yaml_cases, typed_cases, eval_cases):
            make()
        random_cases(20261123, 100)
    else:
        random_cases(args.seed, args.count)
    names = [c["name"] for c in CASES]
    assert args.seed is not None or len(set(names)) > 0.9 * len(names)
    with open(args.out, "w", encoding="utf-8") as file:
        lines = ",\n".join(json.dumps(c, ensure_ascii=True) for c in CASES)
        file.write('{"omegaconf": "2.3.1", "env": ' + json.dumps(ENV) + ', "cases": [\n' + lines + "\n]}\n")
    print(f"{len(CASES)} cases to {args.out}")


if __name__ == "__main__":
    main()
