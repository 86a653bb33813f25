"""Golden values and gradients of every op.

Made with Python 3.11+, torch 2.13.0 (CPU). Run from the repository root: python tests/golden/make_ops.py
Writes tests/golden/ops.json. A case says which op, its inputs (with the views that they are seen through), its
arguments ({"$": i} is input i), the result, and the inputs' gradients for the result gradient
g[i] = ((7 i mod 11) - 5.5) / 4. Cases whose inputs torch refuses are left out; the rest is what torch gives.
"""
import json
import math
import warnings

import numpy as np
import torch
import torch.nn.functional as F

from ops_cases import CASES, TABLE

warnings.filterwarnings("ignore")
DTYPES = {"f32": torch.float32, "f16": torch.float16, "i32": torch.int32, "u8": torch.uint8, "bool": torch.bool}
NAMES = {torch.float32: "f32", torch.float16: "f16", torch.int32: "i32", torch.int64: "i32", torch.uint8: "u8",
         torch.bool: "bool"}


def number(x):
    if isinstance(x, (bool, int)):
        return int(x)
    if math.isnan(x):
        return "nan"
    if math.isinf(x):
        return "inf" if x > 0 else "-inf"
    if x == 0:
        return "-0" if math.copysign(1, x) < 0 else 0
    return int(x) if x == int(x) and abs(x) < 1e6 else float(np.format_float_scientific(np.float32(x)))


def write(t):
    flat = t.detach().reshape(-1)
    values = [number(v) for v in (flat.float() if flat.dtype == torch.float16 else flat).tolist()]
    return {"shape": list(t.shape), "dtype": NAMES[t.dtype], "values": values}


def seen(t, views):
    for name, *args in views:
        if name == "transpose":
            t = t.transpose(*args)
        elif name == "permute":
            t = t.permute(*args)
        elif name == "expand":
            t = t.expand(*args)
        elif name == "slice":
            o = args[0]
            index = [slice(None)] * t.dim()
            index[o["dim"]] = slice(o.get("start", 0), o.get("stop"), o.get("step", 1))
            t = t[tuple(index)]
        elif name == "flip":
            t = t.flip(*args)
    return t


def fill(args, inputs):
    if isinstance(args, dict):
        if "$" in args:
            return inputs[args["$"]]
        return {k: fill(v, inputs) for k, v in args.items()}
    if isinstance(args, list):
        return [fill(v, inputs) for v in args]
    return args


def clean(args):
    if isinstance(args, dict):
        return {k: clean(v) for k, v in args.items()}
    if isinstance(args, list):
        return [clean(v) for v in args]
    return number(args) if isinstance(args, float) else args


def run(case):
    leaves, inputs = [], []
    for spec in case["inputs"]:
        dtype = DTYPES[spec["dtype"]]
        leaf = torch.tensor(spec["values"], dtype=dtype).reshape(spec["shape"])
        if dtype.is_floating_point and not spec.get("fixed"):
            leaf.requires_grad_()
        leaves.append(leaf)
        inputs.append(seen(leaf, spec.get("views", [])))
    args = fill(case["args"], inputs)
    result = TABLE[case["op"]](*args)
    out = {
        "op": case["op"],
        "name": case["name"],
        "inputs": [
            {**write(leaf), **({"views": spec["views"]} if spec.get("views") else {}),
             **({"fixed": True} if spec.get("fixed") else {})}
            for leaf, spec in zip(leaves, case["inputs"])
        ],
        "args": clean(case["args"]),
        "result": write(result),
        "terms": case["terms"],
    }
    if result.requires_grad and case["gradients"]:
        n = result.numel()
        g = ((7 * torch.arange(n) % 11) - 5.5) / 4
        try:
            result.backward(g.to(result.dtype).reshape(result.shape))
        except RuntimeError as error:
            if "is not implemented" in str(error):
                return out
            raise
        out["grads"] = [None if leaf.grad is None else write(leaf.grad) for leaf in leaves]
    return out


def main():
    done, refused = [], []
    for case in CASES:
        try:
            done.append(run(case))
        except (RuntimeError, NotImplementedError, TypeError) as error:
            if not case["optional"]:
                raise RuntimeError(f"{case['op']} {case['name']}") from error
            refused.append(f"{case['op']} {case['name']}")
    with open("tests/golden/ops.json", "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in done) + "\n]\n")
    print(len(done), "cases;", len(refused), "refused by torch", len({c["op"] for c in done}), "ops")


if __name__ == "__main__":
    main()
