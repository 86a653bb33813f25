"""Modes of instantiate in every combination: what is built, and whether it arrives as a config or as plain data."""
import random

import yaml

from hydra_cases.instantiate_cases import case

POINT = "targets.Point"
NESTED = "a: {_target_: targets.Point, n: {_target_: targets.Point}}\nb: {c: {_target_: targets.Point, n: {_target_: targets.Point}}}\nl:\n- {_target_: targets.Point, n: {_target_: targets.Point}}\n- [{_target_: targets.Point}]\n"
OFF = {"_recursive_": False}

# label, YAML, key of the node to build, keyword arguments, positional arguments
CHOSEN = [
    ("recursive off without a target, as kwarg", NESTED, "", OFF, []),
    ("recursive off without a target", "_recursive_: false\n" + NESTED, "", {}, []),
    ("recursive off without a target, as configs", "_recursive_: false\n_convert_: none\n" + NESTED, "", {}, []),
    ("recursive off under a key", "x:\n  _recursive_: false\n  a: {_target_: targets.Point, n: {_target_: targets.Point}}\n", "", {}, []),
    ("recursive off of a node under a key", "x:\n  _recursive_: false\n  a: {_target_: targets.Point, n: {_target_: targets.Point}}\n", "x", {}, []),
    ("recursive off for a list", "- {_target_: targets.Point, n: {_target_: targets.Point}}\n- 1\n- [{_target_: targets.Point, n: [{_target_: targets.Point}]}]\n", "", OFF, []),
    ("recursive off for a list as configs", "- {_target_: targets.Point, n: {_target_: targets.Point}}\n", "", {**OFF, "_convert_": "none"}, []),
    ("recursive off and on again", "_recursive_: false\na: {_target_: targets.Point, _recursive_: true, n: {_target_: targets.Point}}\n", "", {}, []),
    ("recursive off with _args_", "_target_: targets.Point\n_recursive_: false\n_args_: [{_target_: targets.Point}, 1]\n", "", {}, []),
    ("recursive off below a target", "_target_: targets.Point\nd: {_recursive_: false, a: {_target_: targets.Point, n: {_target_: targets.Point}}}\n", "", {}, []),
    ("plain data of a config below a target", "_target_: targets.Point\n_convert_: all\nd: {_convert_: none, a: [1]}\n", "", {}, []),
    ("configs below a target that takes plain data", "_target_: targets.Point\n_convert_: none\nd: {_convert_: all, a: [1]}\n", "", {}, []),
    ("partial below recursive off", "_recursive_: false\na: {_target_: targets.Point, _partial_: true, n: {_target_: targets.Point}}\n", "", {}, []),
    ("positional arguments for a dictionary without a target", "a: {_target_: targets.Point}\n", "", {}, [7]),
]


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def chance(self, share):
        return self.random.random() < share

    def scalar(self):
        return self.random.choice([1, 1.5, "text", True, None, "${v}", "${d}", ""])

    def flags(self, is_target):
        flags = {}
        if self.chance(0.3):
            flags["_recursive_"] = self.chance(0.4)
        if self.chance(0.3):
            flags["_convert_"] = self.random.choice(["all", "none", "partial", "object"])
        if is_target and self.chance(0.15):
            flags["_partial_"] = self.chance(0.8)
        return flags

    def value(self, depth):
        if depth == 0 or self.chance(0.3):
            return self.scalar()
        if self.chance(0.3):
            return [self.value(depth - 1) for _ in range(self.random.randint(0, 2))]
        return self.node(depth)

    def node(self, depth):
        is_target = self.chance(0.65)
        node = {}
        if is_target:
            node["_target_"] = self.random.choice([POINT, POINT, "targets.collect", "targets.Point.make"])
            if self.chance(0.3):
                node["_args_"] = [self.value(depth - 1) for _ in range(self.random.randint(0, 2))]
                node["k"] = 1  # so that a dictionary at the end of the positions is not taken for options
        node.update(self.flags(is_target))
        for key in self.random.sample("abc", self.random.randint(0, 2)):
            node[key] = self.value(depth - 1)
        if is_target and self.chance(0.08):
            node["m"] = "???"
        return node

    def row(self, index):
        is_list = self.chance(0.15)
        root = {"v": 3, "d": {"x": [1], "y": {"z": None}}, "n": [self.node(2) for _ in range(2)] if is_list else self.node(3)}
        mode = self.random.choice(["all", "none", "partial"])
        kwargs = {"_convert_": mode}
        if self.chance(0.25):
            kwargs["_recursive_"] = self.chance(0.4)
        if not is_list and self.chance(0.3):
            kwargs["a"] = self.random.choice([5, {"q": 1}, [2], {"_target_": POINT, "k": 1}])
        args = [8] if not is_list and self.chance(0.15) else []
        return f"random {index}", yaml.safe_dump(root, sort_keys=False), "n", kwargs, args


def make(seed=5, count=250):
    maker = Maker(seed)
    # The mode is always said, as the two defaults differ.
    return [case(*row) for row in CHOSEN] + [case(*maker.row(index)) for index in range(count)]
