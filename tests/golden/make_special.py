"""What torch makes of NaN, infinities, zeros of both signs and the largest and smallest numbers, op by op.

Made with Python 3.11+, torch 2.13.0 (CPU). Run from the repository root: python tests/golden/make_special.py
Writes tests/golden/special.json: the points of the ops of one tensor, the pairs of those of two, and for each op the
options and what torch gives; rows that reductions and row ops take, and their results.
"""
import json
import math

import numpy as np
import torch
import torch.nn.functional as F

INF, NAN = math.inf, math.nan
MAX = 3.4028234663852886e38
POINTS = [NAN, INF, -INF, 0.0, -0.0, MAX, -MAX, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 1e-40, -1e-40, 1.17549435e-38, 1e-30,
          1e30, -1e30, 88.5, 89.5, -88.0, -104.0, 127.5, 128.5, 3.0, -3.0, 6.5, 20.5, 1e4, 1e6, -1e9, 1e10, 1e20,
          16777217.0, 2147483648.0]
SIDE = [NAN, INF, -INF, 0.0, -0.0, MAX, -MAX, 1.0, -1.0, 0.5, -2.0, 3.0, 1e-30, -1e30, 1e-40]
PAIRS = [(a, b) for a in SIDE for b in SIDE] + [
    (1e10, 3.0), (1e8, 7.0), (12345678.0, 0.1), (16777217.0, 3.0), (1.0, 0.1), (0.3, 0.1), (-0.3, 0.1), (5.999, 2.0),
    (-1e-10, 0.1), (7.5, -0.3), (-7.5, 0.3), (1e20, -7.0), (-1e20, 7.0), (5.0, 1e20), (-5.0, 1e20), (1e-30, 1e30),
]



def one_by_one(f):
    """Of single elements: for whole vectors torch computes some values inexactly or as NaN."""
    return lambda *columns: torch.cat([f(*(t[i:i + 1] for t in columns)) for i in range(len(columns[0]))])


UNARY = {
    **{name: getattr(torch, name) for name in (
        "neg", "abs", "sign", "square", "sqrt", "rsqrt", "reciprocal", "exp", "exp2", "expm1", "log", "log2", "log10",
        "log1p", "sin", "cos", "tan", "asin", "acos", "atan", "tanh", "erf", "erfinv", "floor", "ceil", "round",
        "trunc", "frac", "isnan", "isinf", "isfinite", "asinh", "atanh", "sigmoid", "relu")},
    "logicalNot": torch.logical_not,
    **{name: getattr(F, torch_name) for name, torch_name in {
        "relu6": "relu6", "logSigmoid": "logsigmoid", "silu": "silu", "mish": "mish", "softsign": "softsign",
        "hardsigmoid": "hardsigmoid", "tanhshrink": "tanhshrink", "leakyRelu": "leaky_relu",
        "softplus": "softplus", "hardtanh": "hardtanh"}.items()},
    **{name: one_by_one(getattr(F, name)) for name in ("gelu", "hardswish", "selu", "elu")},
}
OPTIONS = [
    ("gelu", {"approximate": "tanh"}, lambda x: F.gelu(x, approximate="tanh")),
    ("clamp", {"min": 0, "max": 1}, lambda x: x.clamp(0, 1)),
    ("clamp", {"min": -2}, lambda x: x.clamp(min=-2)),
    ("clamp", {"max": 0.5}, lambda x: x.clamp(max=0.5)),
    ("nanToNum", {}, torch.nan_to_num),
]
BINARY = {
    **{name: getattr(torch, name) for name in (
        "add", "sub", "mul", "div", "pow", "atan2", "maximum", "minimum", "eq", "ne", "lt", "le",
        "gt", "ge", "fmax", "fmin", "hypot", "logaddexp")},
    "remainder": one_by_one(torch.remainder), "fmod": one_by_one(torch.fmod),
    "floorDivide": one_by_one(torch.floor_divide), "logicalAnd": torch.logical_and, "logicalOr": torch.logical_or,
    "logicalXor": torch.logical_xor,
}
ROWS = [
    [1.0, 2.0, 3.0], [NAN, 1.0, 2.0], [INF, 0.0, 1.0], [-INF, 0.0, 1.0], [INF, -INF, 1.0], [-INF, -INF, -INF],
    [INF, INF, 1.0], [0.0, -0.0, 0.0], [NAN, NAN, INF], [1.0, NAN, INF], [-1.0, -2.0, NAN], [MAX, MAX, 1.0],
]
# torch squares in double precision and so has standard deviations beyond the root of the largest f32.
ROWS_OF = {"std": len(ROWS) - 1}
REDUCE = {
    "sum": lambda x: x.sum(1), "mean": lambda x: x.mean(1), "prod": lambda x: x.prod(1),
    "max": lambda x: x.amax(1), "min": lambda x: x.amin(1), "argmax": lambda x: x.argmax(1),
    "argmin": lambda x: x.argmin(1), "any": lambda x: x.any(1), "all": lambda x: x.all(1),
    "variance": lambda x: x.var(1), "std": lambda x: x.std(1), "logsumexp": lambda x: x.logsumexp(1),
    "softmax": lambda x: x.softmax(1), "logSoftmax": lambda x: x.log_softmax(1),
}


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


def numbers(t):
    return [number(v) for v in t.detach().reshape(-1).tolist()]


def with_slopes(f, *inputs):
    """The result, and the gradients of its elements where torch has them."""
    leaves = [t.clone().requires_grad_() for t in inputs]
    y = f(*leaves)
    case = {"values": numbers(y)}
    if y.dtype == torch.float32 and y.requires_grad:
        y.backward(torch.ones_like(y))
        case["grads"] = [None if t.grad is None else numbers(t.grad) for t in leaves]
    return case


def main():
    x = torch.tensor(POINTS)
    a, b = (torch.tensor(side) for side in zip(*PAIRS))
    rows = torch.tensor(ROWS)
    unary = [{"op": op, "args": [], **with_slopes(f, x)} for op, f in UNARY.items()]
    unary += [{"op": op, "args": [options], **with_slopes(f, x)} for op, options, f in OPTIONS]
    binary = [{"op": op, **(with_slopes(f, a, b) if op != "floorDivide" else {"values": numbers(f(a, b))})}
              for op, f in BINARY.items()]
    reduce = [{"op": op, "rows": ROWS_OF.get(op, len(ROWS)), **with_slopes(f, rows[:ROWS_OF.get(op, len(ROWS))])}
              for op, f in REDUCE.items()]
    # Of products torch takes one of two formulas for all rows, by whether there is a zero in any of them.
    next(c for c in reduce if c["op"] == "prod").pop("grads")
    weights = torch.tensor([[1.0, 0.0], [0.0, -1.0], [2.0, 0.5]])
    # Without the last row: whether 2 · MAX - MAX overflows depends on fused multiply-add.
    images, taps = rows[:-1].reshape(-1, 1, 1, 3), torch.tensor([1.0, 0.0, -1.0, 2.0]).reshape(2, 1, 1, 2)
    products = {"weights": numbers(weights), "matmul": numbers(rows @ weights),
                "taps": numbers(taps), "conv2d": numbers(F.conv2d(images, taps))}
    casts = {"f16": numbers(x.half().float()), "bool": numbers(x.bool())}
    one = torch.tensor([3.0], requires_grad=True)
    one.var().backward()
    golden = {"points": [number(v) for v in POINTS], "pairs": [[number(v) for v in p] for p in PAIRS],
              "rows": [[number(v) for v in r] for r in ROWS], "unary": unary, "binary": binary, "reduce": reduce,
              "products": products, "casts": casts, "varianceOfOne": numbers(one.grad)}
    with open("tests/golden/special.json", "w") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")


main()
