"""What torch makes of every dtype, op by op: a result's dtype and values, or a refusal.

Made with Python 3.11+, torch 2.13.0 (CPU). Run from the repository root: python tests/golden/make_dtypes.py
Writes tests/golden/dtypes.json: `inputs` holds the values of each role and dtype, `rows` one call each:
[op, arguments, result], where {"$": role, "dtype": d} is an input and a result is null where torch refuses the
dtypes. torch computes little in uint32: u32 stands for what it makes of int64, where it takes int32 too; such a result
is "whole", i32 or u32.
"""
import itertools
import json
import math
import warnings

import torch
import torch.nn.functional as F

from ops_cases import TABLE

warnings.filterwarnings("ignore")
DTYPES = {"f32": torch.float32, "f16": torch.float16, "i32": torch.int32, "u32": torch.int64, "u8": torch.uint8,
          "bool": torch.bool}
NAMES = {torch.float32: "f32", torch.float16: "f16", torch.int32: "i32", torch.int64: "i32", torch.uint8: "u8",
         torch.bool: "bool"}
NUMBERS = {"f32": [0.5, -1.25, 2.0, 3.0, 0.0, 1.0, -2.0, 6.5], "i32": [1, -2, 3, 4, 0, 1, -7, 5],
           "u32": [1, 2, 3, 4, 0, 1, 7, 5], "u8": [1, 2, 3, 200, 0, 1, 7, 5], "bool": [1, 0, 1, 1, 0, 1, 0, 0]}
# Divisors are no zeros: whole numbers have no quotient by them.
DIVISORS = {"f32": [2.0, -1.5, 0.5, 3.0, 1.0, -2.0, 4.0, 0.25], "i32": [2, -1, 3, -4, 1, 5, 2, -3],
            "u32": [2, 1, 3, 4, 1, 5, 2, 3], "u8": [2, 1, 3, 4, 1, 5, 2, 7], "bool": [1] * 8}
SHARES = {"f32": [0.5, 0.25, 1.0, 0.0, 0.75, 0.5, 0.25, 1.0], "i32": [1, 0, 1, 0, 0, 1, 1, 0],
          "bool": [1, 0, 1, 0, 0, 1, 1, 0]}
ROLES = {"x": (NUMBERS, [2, 4]), "y": (DIVISORS, [2, 4]), "image": (NUMBERS, [1, 1, 2, 4]),
         "kernel": (DIVISORS, [1, 1, 2, 4]), "flat": (DIVISORS, [4, 2]), "weight": (DIVISORS, [2, 4]),
         "p": (SHARES, [2, 4]), "labels": ({"i32": [1, 3], "f32": [1.0, 3.0], "bool": [1, 0]}, [2]),
         "index": ({"i32": [1, 3, 0, 2, 3, 3, 1, 0], "f32": [1.0, 3.0, 0.0, 2.0, 3.0, 3.0, 1.0, 0.0],
                    "bool": [1, 0, 1, 0, 1, 1, 0, 0]}, [2, 4]),
         "row": ({"i32": [1, 0], "f32": [1.0, 0.0], "bool": [1, 0]}, [2])}


def number(x):
    if isinstance(x, (bool, int)):
        return int(x)
    if math.isnan(x) or math.isinf(x):
        return "nan" if x != x else "inf" if x > 0 else "-inf"
    return int(x) if x == int(x) and abs(x) < 1e6 else float(f"{x:.8g}")


def values(role, dtype):
    table = ROLES[role][0]
    if dtype in table:
        return table[dtype]
    return table["f32" if dtype == "f16" else "i32"]


def given(role, dtype, u32):
    return torch.tensor(values(role, dtype), dtype=u32 if dtype == "u32" else DTYPES[dtype]).reshape(ROLES[role][1])


def arg(role, dtype):
    return {"$": role, "dtype": dtype}


def tensors(args, u32=torch.int64):
    if isinstance(args, dict):
        return given(args["$"], args["dtype"], u32) if "$" in args else {k: tensors(v, u32) for k, v in args.items()}
    return [tensors(a, u32) for a in args] if isinstance(args, list) else args


ROWS = []


def row(op, f, args):
    wide = '"u32"' in json.dumps(args)
    try:
        if wide:
            f(*tensors(args, torch.int32))
        result = f(*tensors(args))
    except (RuntimeError, NotImplementedError, TypeError, IndexError, ValueError) as error:
        text = str(error)
        # float16 that torch lacks on this device is no rule about dtypes.
        if "not implemented for 'Half'" in text:
            return
        ROWS.append([op, args, None])
        return
    name = "whole" if wide and result.dtype == torch.int64 else NAMES[result.dtype]
    flat = result.detach().reshape(-1)
    flat = flat.float() if flat.dtype == torch.float16 else flat
    ROWS.append([op, args, {"dtype": name, "values": [number(v) for v in flat.tolist()]}])


def one(op, f, *extra, role="x"):
    for d in DTYPES:
        row(op, f, [arg(role, d), *extra])


def two(op, f, first="x", second="y", extra=(), dtypes=None):
    for a, b in itertools.product(DTYPES, dtypes or DTYPES):
        row(op, f, [arg(first, a), arg(second, b), *extra])


UNARY = ["neg", "abs", "sign", "square", "sqrt", "rsqrt", "reciprocal", "exp", "exp2", "expm1", "log", "log2", "log10",
         "log1p", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf",
         "erfinv", "floor", "ceil", "round", "trunc", "frac", "isnan", "isinf", "isfinite", "logicalNot", "relu",
         "relu6", "sigmoid", "logSigmoid", "silu", "mish", "softsign", "hardswish", "hardsigmoid", "tanhshrink", "selu",
         "bitwiseNot", "gelu", "leakyRelu", "elu", "softplus", "hardtanh", "nanToNum"]
for name in UNARY:
    one(name, TABLE[name])
one("gelu", TABLE["gelu"], {"approximate": "tanh"})
one("clamp", TABLE["clamp"], {"min": 1, "max": 3})
one("clamp", TABLE["clamp"], {"min": 0.5})
BINARY = ["add", "sub", "mul", "div", "floorDivide", "remainder", "fmod", "maximum", "minimum", "fmax", "fmin", "atan2",
          "hypot", "logaddexp", "eq", "ne", "lt", "le", "gt", "ge", "logicalAnd", "logicalOr", "logicalXor",
          "bitwiseAnd", "bitwiseOr", "bitwiseXor", "pow"]
# torch takes no number beside the tensor in these.
TENSORS_ONLY = {"maximum", "minimum", "fmax", "fmin", "atan2", "hypot", "logaddexp", "logicalAnd", "logicalOr",
                "logicalXor"}
for name in BINARY:
    # Whole numbers have no negative powers.
    two(name, TABLE[name], *(("y", "p") if name == "pow" else ("x", "y")))
    if name not in TENSORS_ONLY:
        one(name, TABLE[name], 2)
        one(name, TABLE[name], 1.5)
for a, b in itertools.product(DTYPES, DTYPES):
    row("where", torch.where, [arg("p", "bool"), arg("x", a), arg("y", b)])
for d in DTYPES:
    row("where", torch.where, [arg("p", d), arg("x", "f32"), arg("y", "f32")])
    row("maskedFill", TABLE["maskedFill"], [arg("x", "f32"), arg("p", d), 2])
one("maskedFill", TABLE["maskedFill"], arg("p", "bool"), 2)
two("lerp", TABLE["lerp"], extra=(0.25,))
for name in ("addcmul", "addcdiv"):
    for d in DTYPES:
        row(name, TABLE[name], [arg("x", d), arg("x", d), arg("y", d)])
        row(name, TABLE[name], [arg("x", "f32"), arg("x", d), arg("y", d)])
for a, b in itertools.product(DTYPES, DTYPES):
    if b != "u32":
        row("cast", lambda t, d: t.to(DTYPES[d]), [arg("p", a), b])

for name in ("sum", "mean", "prod", "max", "min", "any", "all", "logsumexp", "variance", "std", "argmax", "argmin",
             "softmax", "logSoftmax"):
    one(name, TABLE[name], {"dim": 1})
one("any", TABLE["any"], {})
one("sum", TABLE["sum"], {"dim": []})
# A share so small that nothing is dropped: torch draws other numbers.
one("dropout", lambda a, o: F.dropout(a, o["p"]), {"p": 1e-9})
one("standardise", lambda a, axes, eps: F.layer_norm(a, a.shape[1:], eps=eps), [1], 1e-5)

one("flip", TABLE["flip"], [1])
one("pad", TABLE["pad"], {"pad": [1, 0], "value": 2})
for a, b in itertools.product(DTYPES, DTYPES):
    row("cat", lambda t, o: torch.cat(t, o["dim"]), [[arg("x", a), arg("y", b)], {"dim": 0}])
for d in DTYPES:
    row("gather", lambda t, o: torch.gather(t, o["dim"], o["index"].long() if d in ("i32", "u32") else o["index"]),
        [arg("x", "f32"), {"dim": 1, "index": arg("index", d)}])
    row("gather", lambda t, o: torch.gather(t, o["dim"], o["index"].long()),
        [arg("x", d), {"dim": 1, "index": arg("index", "i32")}])
    row("indexSelect", lambda t, o: torch.index_select(t, o["dim"], o["index"]),
        [arg("x", d), {"dim": 0, "index": arg("row", "i32")}])

two("matmul", torch.matmul, "x", "flat")
two("linear", F.linear, "x", "weight")
two("conv2d", F.conv2d, "image", "kernel")
one("maxPool2d", lambda t, o: F.max_pool2d(t, o["kernelSize"]), {"kernelSize": 2}, role="image")
one("avgPool2d", lambda t, o: F.avg_pool2d(t, o["kernelSize"]), {"kernelSize": 2}, role="image")

for name, f in (("mseLoss", F.mse_loss), ("l1Loss", F.l1_loss), ("smoothL1Loss", F.smooth_l1_loss),
                ("huberLoss", F.huber_loss), ("klDiv", F.kl_div), ("binaryCrossEntropy", F.binary_cross_entropy),
                ("binaryCrossEntropyWithLogits", F.binary_cross_entropy_with_logits)):
    two(f"losses.{name}", f, "p", "p")
for a, b in itertools.product(DTYPES, DTYPES):
    # Labels are int64 in torch; ours are i32.
    labels = (lambda t: t.long()) if b in ("i32", "u32") else (lambda t: t)
    row("losses.crossEntropy", lambda x, t: F.cross_entropy(x, labels(t)), [arg("x", a), arg("labels", b)])
    row("losses.nllLoss", lambda x, t: F.nll_loss(x, labels(t)), [arg("x", a), arg("labels", b)])
    if b in ("f32", "f16"):
        row("losses.crossEntropy", F.cross_entropy, [arg("x", a), arg("p", b)])

LAYERS = {
    "Linear": ({"inFeatures": 4, "outFeatures": 2}, "x", lambda x: F.linear(x, torch.ones(2, 4), torch.ones(2))),
    "Conv2d": ({"inChannels": 1, "outChannels": 1, "kernelSize": 2}, "image",
               lambda x: F.conv2d(x, torch.ones(1, 1, 2, 2), torch.ones(1))),
    "BatchNorm1d": ({"numFeatures": 4}, "x", lambda x: torch.nn.BatchNorm1d(4)(x)),
    "BatchNorm2d": ({"numFeatures": 1}, "image", lambda x: torch.nn.BatchNorm2d(1)(x)),
    "LayerNorm": ({"normalizedShape": 4}, "x", lambda x: torch.nn.LayerNorm(4)(x)),
    "MaxPool2d": ({"kernelSize": 2}, "image", torch.nn.MaxPool2d(2)),
    "AvgPool2d": ({"kernelSize": 2}, "image", torch.nn.AvgPool2d(2)),
    "AdaptiveAvgPool2d": ({"outputSize": 1}, "image", torch.nn.AdaptiveAvgPool2d(1)),
    "Embedding": ({"numEmbeddings": 4, "embeddingDim": 2}, "index", lambda x: F.embedding(x, torch.ones(4, 2))),
    "Softmax": ({"dim": 1}, "x", torch.nn.Softmax(1)),
    "Softplus": ({}, "x", torch.nn.Softplus()),
    "GELU": ({}, "x", torch.nn.GELU()),
    "Dropout": ({"p": 0.0}, "x", torch.nn.Dropout(0.0)),
}
for name, (options, role, f) in LAYERS.items():
    for d in DTYPES:
        row(f"nn.{name}", lambda o, x: f(x), [options, arg(role, d)])


def main():
    inputs = {role: {"shape": shape, "values": {d: values(role, d) for d in DTYPES}}
              for role, (_, shape) in ROLES.items()}
    rows = ",\n".join(json.dumps(r, separators=(",", ":")) for r in ROWS)
    with open("tests/golden/dtypes.json", "w") as file:
        file.write('{"inputs":' + json.dumps(inputs, separators=(",", ":")) + ',\n"rows":[\n' + rows + "\n]}\n")
    print(len(ROWS), "rows;", sum(r[2] is None for r in ROWS), "refused by torch;", len({r[0] for r in ROWS}), "ops")


main()
