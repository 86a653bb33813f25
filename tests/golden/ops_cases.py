"""What make_ops.py runs: the torch function of each op, and the cases that it is run on."""
import random

import torch
import torch.nn.functional as F

CASES = []
INF, NAN = float("inf"), float("nan")
SPECIAL = [NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.5, -2.5, 3.0, -3.0, 6.0, 30.0, -30.0, 100.0, -100.0]
RANDOM = random.Random(7)


def size_of(shape):
    n = 1
    for s in shape:
        n *= s
    return n


def x(*shape, low=-3.0, high=3.0, dtype="f32", views=(), fixed=False, values=None):
    """An input; floats take a gradient unless fixed."""
    n = size_of(shape)
    if values is None:
        if dtype in ("f32", "f16"):
            step = 1000 if dtype == "f32" else 64
            values = [round(RANDOM.uniform(low, high) * step) / step for _ in range(n)]
        elif dtype == "i32":
            values = [RANDOM.randint(-9, 9) for _ in range(n)]
        elif dtype == "u8":
            values = [RANDOM.randint(0, 250) for _ in range(n)]
        else:
            values = [RANDOM.randint(0, 1) for _ in range(n)]
    return {"shape": list(shape), "dtype": dtype, "values": values, "views": [list(v) for v in views], "fixed": fixed}


def of(values, dtype="f32", shape=None, fixed=False):
    return x(*(shape or [len(values)]), dtype=dtype, values=values, fixed=fixed)


def case(op, name, inputs, args=None, terms=1, gradients=True, optional=False):
    if args is None:
        args = [{"$": i} for i in range(len(inputs))]
    CASES.append({"op": op, "name": name, "inputs": inputs, "args": args, "terms": terms, "gradients": gradients,
                  "optional": optional})


IN0, IN1, IN2 = {"$": 0}, {"$": 1}, {"$": 2}

# --- elementwise, one operand -------------------------------------------------------------------------------------
# name: (torch, low, high) with the range that random operands are drawn from
UNARY = {
    "neg": (torch.neg, -3, 3), "abs": (torch.abs, -3, 3), "sign": (torch.sign, -3, 3),
    "square": (torch.square, -3, 3), "sqrt": (torch.sqrt, 0.1, 4), "rsqrt": (torch.rsqrt, 0.1, 4),
    "reciprocal": (torch.reciprocal, 0.2, 4), "exp": (torch.exp, -3, 3), "exp2": (torch.exp2, -3, 3),
    "expm1": (torch.expm1, -2, 2), "log": (torch.log, 0.1, 5), "log2": (torch.log2, 0.1, 5),
    "log10": (torch.log10, 0.1, 5), "log1p": (torch.log1p, -0.7, 4), "sin": (torch.sin, -6, 6),
    "cos": (torch.cos, -6, 6), "tan": (torch.tan, -1.2, 1.2), "asin": (torch.asin, -0.95, 0.95),
    "acos": (torch.acos, -0.95, 0.95), "atan": (torch.atan, -4, 4), "sinh": (torch.sinh, -3, 3),
    "cosh": (torch.cosh, -3, 3), "tanh": (torch.tanh, -3, 3), "asinh": (torch.asinh, -4, 4),
    "acosh": (torch.acosh, 1.1, 5), "atanh": (torch.atanh, -0.95, 0.95), "erf": (torch.erf, -2, 2),
    "erfinv": (torch.erfinv, -0.95, 0.95), "floor": (torch.floor, -3, 3), "ceil": (torch.ceil, -3, 3),
    "round": (torch.round, -3, 3), "trunc": (torch.trunc, -3, 3), "frac": (torch.frac, -3, 3),
    "isnan": (torch.isnan, -3, 3), "isinf": (torch.isinf, -3, 3), "isfinite": (torch.isfinite, -3, 3),
    "logicalNot": (torch.logical_not, -3, 3), "relu": (torch.relu, -3, 3), "relu6": (F.relu6, -8, 8),
    "sigmoid": (torch.sigmoid, -5, 5), "logSigmoid": (F.logsigmoid, -5, 5), "silu": (F.silu, -5, 5),
    "mish": (F.mish, -5, 5), "softsign": (F.softsign, -3, 3), "hardswish": (F.hardswish, -5, 5),
    "hardsigmoid": (F.hardsigmoid, -5, 5), "tanhshrink": (F.tanhshrink, -3, 3), "selu": (F.selu, -3, 3),
    "bitwiseNot": (torch.bitwise_not, -3, 3),
}
# Ops of torch.nn.functional whose whole-number form torch lacks or treats by chance.
FLOAT_ONLY = {"selu", "gelu", "softsign", "tanhshrink", "relu6", "mish", "frac"}
TABLE = {name: f for name, (f, _, _) in UNARY.items()}
NOT_FLOAT = {"bitwiseNot"}


# torch's vectorised gelu gives NaN at infinity, its scalar one infinity.
NO_INFINITY = {"gelu"}


def unary(op, low, high, extra=(), floats=True, whole=True):
    def args():
        return [IN0, *extra]
    tag = "" if not extra else " " + str(extra[0])
    if floats:
        case(op, "matrix" + tag, [x(3, 5, low=low, high=high)], args())
        case(op, "0-d" + tag, [x(low=low, high=high)], args())
        case(op, "special values" + tag, [of([v for v in SPECIAL if op not in NO_INFINITY or abs(v) != INF])], args())
    if extra == () or extra[0] in ({}, {"approximate": "tanh"}):
        if floats:
            case(op, "empty", [x(2, 0, 3)], args())
            case(op, "transposed", [x(3, 4, low=low, high=high, views=[["transpose", 0, 1]])], args())
            case(op, "sliced, expanded", [
                x(7, 1, low=low, high=high,
                  views=[["slice", {"dim": 0, "start": 1, "step": 2}], ["expand", [3, 2]]])], args())
            case(op, "f16", [x(9, low=low, high=high, dtype="f16")], args())
        if whole and op not in FLOAT_ONLY:
            for dtype in ("i32", "u8", "bool"):
                case(op, dtype, [x(6, dtype=dtype)], args(), optional=True)


for name, (_, low, high) in UNARY.items():
    if name in NOT_FLOAT:
        unary(name, low, high, floats=False)
    else:
        unary(name, low, high)

OPTIONED = {
    "gelu": (lambda a, o={}: F.gelu(a, approximate=o.get("approximate", "none")), [{}, {"approximate": "tanh"}]),
    "leakyRelu": (lambda a, o={}: F.leaky_relu(a, o.get("negativeSlope", 0.01)), [{}, {"negativeSlope": 0.2}]),
    "elu": (lambda a, o={}: F.elu(a, o.get("alpha", 1.0)), [{}, {"alpha": 0.5}]),
    "softplus": (lambda a, o={}: F.softplus(a, o.get("beta", 1.0), o.get("threshold", 20.0)),
                 [{}, {"beta": 2.0, "threshold": 3.0}]),
    "hardtanh": (lambda a, o={}: F.hardtanh(a, o.get("minVal", -1.0), o.get("maxVal", 1.0)),
                 [{}, {"minVal": -0.5, "maxVal": 2.5}]),
    "nanToNum": (lambda a, o={}: torch.nan_to_num(a, o.get("nan", 0.0), o.get("posinf"), o.get("neginf")),
                 [{}, {"nan": 5.0, "posinf": 8.0, "neginf": -8.0}]),
}
for name, (f, options) in OPTIONED.items():
    TABLE[name] = f
    for o in options:
        unary(name, -3, 3, (o,), whole=name in ("nanToNum",))
case("gelu", "far out", [of([-9.0, -5.0, -3.5, 3.5, 5.0, 9.0])], [IN0])
case("log1p", "near 0", [of([1e-7, -1e-7, 1e-4, -1.0])])
case("expm1", "near 0", [of([1e-7, -1e-7, 1e-4, -40.0])])
case("sinh", "near 0", [of([1e-7, -1e-7, 1e-3, 50.0])])
case("tanh", "near 0 and far out", [of([1e-7, -1e-7, 9.0, -9.0, 50.0])])
case("round", "halves", [of([0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 1e6, 3.4999])])
case("erfinv", "ends", [of([1.0, -1.0, 1.5, 0.0, 0.9999])])
case("sqrt", "ends", [of([0.0, -0.0, 1e-30, 1e30])])
case("exp", "overflow", [of([88.0, 89.0, -87.0, -110.0])], gradients=False)
case("sigmoid", "far out", [of([80.0, -80.0, 20.0, -20.0, 0.0])])
case("logSigmoid", "far out", [of([80.0, -80.0, 20.0, -20.0, 0.0])])
case("sin", "large", [of([100.0, -1000.0, 12345.0, 1e5])])
case("cos", "large", [of([100.0, -1000.0, 12345.0, 1e5])])

# --- elementwise, two operands ------------------------------------------------------------------------------------


def either(f):
    """torch functions that take no number first get it as a 0-d tensor of no dtype of its own."""
    def call(a, b):
        if not torch.is_tensor(a):
            a = torch.tensor(a)
        if not torch.is_tensor(b):
            b = torch.tensor(b)
        return f(a, b)
    return call


ARITHMETIC = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "div": lambda a, b: a / b,
    "floorDivide": lambda a, b: a // b, "remainder": lambda a, b: a % b, "fmod": either(torch.fmod),
    "maximum": either(torch.maximum), "minimum": either(torch.minimum), "fmax": either(torch.fmax),
    "fmin": either(torch.fmin), "atan2": either(torch.atan2), "hypot": either(torch.hypot),
    "logaddexp": either(torch.logaddexp),
}
COMPARISON = {
    "eq": lambda a, b: a == b, "ne": lambda a, b: a != b, "lt": lambda a, b: a < b, "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b, "ge": lambda a, b: a >= b, "logicalAnd": either(torch.logical_and),
    "logicalOr": either(torch.logical_or), "logicalXor": either(torch.logical_xor),
}
BITWISE = {
    "bitwiseAnd": lambda a, b: a & b, "bitwiseOr": lambda a, b: a | b, "bitwiseXor": lambda a, b: a ^ b,
}
TABLE.update(ARITHMETIC)
TABLE.update(COMPARISON)
TABLE.update(BITWISE)
GRID = [NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0, 0.5, 2.5, -3.0]
# Float division by zero and infinity inside these is torch's own accident away from finite operands.
FINITE_GRID = {"remainder", "fmod", "floorDivide"}
NO_WHOLE = {"atan2", "hypot", "logaddexp"}


def grid(values):
    return [a for a in values for _ in values], [b for _ in values for b in values]


def binary(op):
    low = -3
    case(op, "equal shapes", [x(3, 4, low=low), x(3, 4, low=0.3)])
    case(op, "a row", [x(3, 4, low=low), x(4, low=0.3)])
    case(op, "a row first", [x(4, low=low), x(3, 4, low=0.3)])
    case(op, "column and row", [x(3, 1, low=low), x(1, 4, low=0.3)])
    case(op, "three axes", [x(2, 1, 3, low=low), x(2, 1, low=0.3)])
    case(op, "0-d and vector", [x(low=low), x(3, low=0.3)])
    case(op, "0-d and 0-d", [x(low=low), x(low=0.3)])
    case(op, "empty", [x(0, 3), x(1, 3)])
    case(op, "number second", [x(5, low=low)], [IN0, 2])
    case(op, "fraction second", [x(5, low=low)], [IN0, 0.75])
    case(op, "number first", [x(5, low=0.3)], [1.5, IN0])
    case(op, "transposed", [x(4, 3, low=low, views=[["transpose", 0, 1]]), x(3, 4, low=0.3)])
    case(op, "sliced and expanded",
         [x(3, 8, low=low, views=[["slice", {"dim": 1, "start": 1, "step": 2}]]), x(1, 4, low=0.3, views=[["expand", [3, 4]]])])
    case(op, "f16", [x(6, low=low, dtype="f16"), x(6, low=0.3, dtype="f16")])
    case(op, "f16 with f32", [x(6, low=low, dtype="f16"), x(6, low=0.3)], gradients=op not in ("atan2", "hypot"))
    a, b = grid([v for v in GRID if op not in FINITE_GRID or (v == v and abs(v) != INF and v != 0)])
    case(op, "special values", [of(a), of(b)])
    if op in NO_WHOLE:
        return
    case(op, "i32", [of([7, -7, 7, -7, 0, 5]	, "i32"), of([2, 2, -2, -2, 3, 5], "i32")], optional=True)
    case(op, "i32 with number", [x(6, dtype="i32")], [IN0, 4], optional=True)
    case(op, "i32 with fraction", [x(6, dtype="i32")], [IN0, 2.5], optional=True)
    case(op, "i32 with f32", [x(6, dtype="i32"), x(6, low=0.3)], optional=True)
    case(op, "i32 with f16", [x(6, dtype="i32"), x(6, low=0.3, dtype="f16")], optional=True)
    case(op, "u8", [of([7, 200, 13, 5, 0], "u8"), of([2, 5, 13, 9, 3], "u8")], optional=True)
    case(op, "u8 with i32", [of([7, 200, 13, 5, 0], "u8"), of([2, -5, 13, 9, 3], "i32")], optional=True)
    case(op, "bool", [of([0, 0, 1, 1], "bool"), of([1, 1, 1, 1], "bool")], optional=True)
    case(op, "bool with f32", [of([0, 1, 1], "bool"), of([1.0, 2.0, -1.0])], optional=True)
    case(op, "bool with number", [of([0, 1, 1], "bool")], [IN0, 3], optional=True)


for name in [*ARITHMETIC, *COMPARISON]:
    binary(name)
for name in BITWISE:
    case(name, "i32", [of([7, -7, 12, 0], "i32"), of([2, 5, -1, 3], "i32")])
    case(name, "u8", [of([7, 200, 12, 0], "u8"), of([2, 5, 255, 3], "u8")])
    case(name, "bool", [of([0, 0, 1, 1], "bool"), of([0, 1, 0, 1], "bool")])
    case(name, "a row and a number", [x(2, 3, dtype="i32")], [IN0, 6])
case("maximum", "ties share the gradient", [of([1.0, 2.0, 0.0]), of([1.0, 1.0, 0.0])])
case("minimum", "ties share the gradient", [of([1.0, 2.0, 0.0]), of([1.0, 1.0, 0.0])])

TABLE["pow"] = lambda a, b: a ** b
case("pow", "positive bases", [x(3, 4, low=0.1), x(3, 4)])
case("pow", "broadcast", [x(3, 1, low=0.1), x(4)])
case("pow", "number first", [x(5)], [2.0, IN0])
case("pow", "negative number first", [of([1.0, 2.0, 3.0, 0.5])], [-2.0, IN0])
for exponent in (0, 1, 2, 3, -1, -2, 0.5, -0.5, 1.5, 4, 7, 16, 17, 2.5):
    case("pow", f"exponent {exponent}", [of([0.5, 1.0, 2.0, 3.0, 1.5])], [IN0, exponent])
for exponent in (0, 1, 2, 3, -1):
    case("pow", f"negative base, exponent {exponent}", [of([-0.5, -1.0, -2.0, 0.0])], [IN0, exponent])
for exponent in (0, 1, 2, 3, -1, 0.5, 1.5):
    case("pow", f"special base, exponent {exponent}", [of([NAN, INF, -INF, 0.0, -1.0])], [IN0, exponent])
a, b = grid(GRID)
case("pow", "special values", [of(a), of(b)])
case("pow", "empty", [x(0), x(0)])
case("pow", "0-d", [x(low=0.1), x()])
case("pow", "i32 squared", [x(6, dtype="i32")], [IN0, 2])
case("pow", "i32", [of([2, -3, 0, 5], "i32"), of([3, 3, 0, 2], "i32")])
case("pow", "i32 to a fraction", [of([2, 3, 0, 5], "i32")], [IN0, 1.5])
case("pow", "f16", [x(5, low=0.2, dtype="f16"), x(5, dtype="f16")])
case("pow", "u8 squared", [of([2, 3, 0, 15, 16], "u8")], [IN0, 2])

TABLE["where"] = torch.where
case("where", "equal shapes", [x(2, 3, dtype="bool"), x(2, 3), x(2, 3)])
case("where", "broadcast", [x(3, dtype="bool"), x(2, 1), x(1, 3)])
case("where", "number second", [x(4, dtype="bool"), x(4)], [IN0, IN1, 0.5])
case("where", "number first", [x(4, dtype="bool"), x(4)], [IN0, 2.0, IN1])
case("where", "two numbers", [x(4, dtype="bool")], [IN0, 1.5, -2.0])
case("where", "the side not taken is no number", [of([0, 1, 0, 1], "bool"), of([NAN, 1.0, INF, 2.0]), of([3.0, NAN, 4.0, INF])])
case("where", "empty", [x(0, 2, dtype="bool"), x(0, 2), x(2)])
case("where", "i32", [x(4, dtype="bool"), x(4, dtype="i32"), x(4, dtype="i32")])
case("where", "f16 and f32", [x(4, dtype="bool"), x(4, dtype="f16"), x(4)])
case("where", "bool", [x(4, dtype="bool"), x(4, dtype="bool"), x(4, dtype="bool")])

TABLE["maskedFill"] = lambda a, m, v: a.masked_fill(m, v)
case("maskedFill", "broadcast", [x(2, 3), x(3, dtype="bool")], [IN0, IN1, -INF])
case("maskedFill", "i32", [x(5, dtype="i32"), x(5, dtype="bool")], [IN0, IN1, 7])

TABLE["clamp"] = lambda a, o: torch.clamp(a, o.get("min"), o.get("max"))
for o in ({"min": -1.0, "max": 1.0}, {"min": 0.5}, {"max": -0.5}, {"min": 2.0, "max": -2.0}):
    unary("clamp", -3, 3, (o,))
    case("clamp", f"at the ends {o}", [of([-1.0, 1.0, 0.5, -0.5, 2.0, -2.0])], [IN0, o])
case("clamp", "i32", [x(8, dtype="i32")], [IN0, {"min": -2, "max": 3}])
case("clamp", "u8", [x(8, dtype="u8")], [IN0, {"min": 10, "max": 99}])
case("clamp", "f16", [x(8, dtype="f16")], [IN0, {"min": -1, "max": 1}])
case("clamp", "empty", [x(0)], [IN0, {"min": 0}])

TABLE["lerp"] = torch.lerp
case("lerp", "number", [x(2, 3), x(2, 3)], [IN0, IN1, 0.25])
case("lerp", "number above one half", [x(2, 3), x(2, 3)], [IN0, IN1, 0.75])
case("lerp", "tensor", [x(2, 3), x(2, 3), x(2, 3, low=0, high=1)])
case("lerp", "broadcast", [x(2, 3), x(1, 3), x(2, 1, low=0, high=1)])
TABLE["addcmul"] = lambda a, b, c, o={}: torch.addcmul(a, b, c, value=o.get("value", 1))
TABLE["addcdiv"] = lambda a, b, c, o={}: torch.addcdiv(a, b, c, value=o.get("value", 1))
for name in ("addcmul", "addcdiv"):
    case(name, "default", [x(2, 3), x(2, 3), x(2, 3, low=0.3)])
    case(name, "value, broadcast", [x(2, 3), x(3), x(2, 1, low=0.3)], [IN0, IN1, IN2, {"value": -0.5}])

TORCH = {"f32": torch.float32, "f16": torch.float16, "i32": torch.int32, "u8": torch.uint8, "bool": torch.bool}
TABLE["cast"] = lambda a, d: a.to(TORCH[d])
for source in ("f32", "f16", "i32", "u8", "bool"):
    for target in ("f32", "f16", "i32", "u8", "bool"):
        low = 0 if target == "u8" else -9
        data = x(6, low=low, high=9, dtype=source)
        if source == "i32" and target == "u8":
            data = of([0, 255, 7, 256, 300, 1], "i32")
        case("cast", f"{source} to {target}", [data], [IN0, target])
case("cast", "f32 beyond f16", [of([65504.0, 65520.0, -1e6, 1e-8, 6e-8, NAN, INF])], [IN0, "f16"], gradients=False)
case("cast", "special to bool", [of([NAN, INF, 0.0, -0.0, 1e-30])], [IN0, "bool"])
case("cast", "truncates", [of([1.9, -1.9, 0.5, -0.5])], [IN0, "i32"])

# --- reductions ---------------------------------------------------------------------------------------------------


def dims(o):
    d = o.get("dim")
    return tuple(d) if isinstance(d, list) else d


def reduction(f):
    def call(a, o={}):
        d = dims(o)
        if d is None:
            d = tuple(range(a.dim()))
        return f(a, d, o.get("keepdim", False))
    return call


def prod(a, d, keepdim):
    axes = sorted([i % max(a.dim(), 1) for i in (d if isinstance(d, tuple) else (d,))], reverse=True)
    for axis in axes:
        a = torch.prod(a, axis, keepdim=True)
    return a if keepdim else a.squeeze(tuple(axes)) if axes else a


TABLE["sum"] = reduction(lambda a, d, k: torch.sum(a, d, keepdim=k))
TABLE["mean"] = reduction(lambda a, d, k: torch.mean(a, d, keepdim=k))
TABLE["prod"] = reduction(prod)
TABLE["max"] = reduction(lambda a, d, k: torch.amax(a, d, keepdim=k))
TABLE["min"] = reduction(lambda a, d, k: torch.amin(a, d, keepdim=k))
TABLE["any"] = reduction(lambda a, d, k: torch.any(a, d, keepdim=k))
TABLE["all"] = reduction(lambda a, d, k: torch.all(a, d, keepdim=k))
TABLE["logsumexp"] = reduction(lambda a, d, k: torch.logsumexp(a, d, keepdim=k))
TABLE["variance"] = lambda a, o={}: torch.var(a, dims(o), correction=o.get("correction", 1), keepdim=o.get("keepdim", False))
TABLE["std"] = lambda a, o={}: torch.std(a, dims(o), correction=o.get("correction", 1), keepdim=o.get("keepdim", False))
DIMS = [{}, {"dim": 0}, {"dim": -1}, {"dim": [0, 2]}, {"dim": [-1, -2], "keepdim": True}, {"keepdim": True},
        {"dim": 1, "keepdim": True}]
for name in ("sum", "mean", "prod", "max", "min", "any", "all", "logsumexp", "variance", "std"):
    for o in DIMS:
        case(name, str(o), [x(2, 3, 4, low=0.5 if name == "prod" else -3)], [IN0, o], terms=24)
    if name not in ("variance", "std"):
        case(name, "0-d", [x()], [IN0])
        case(name, "0-d, dim -1", [x()], [IN0, {"dim": -1}])
        case(name, "axis of size 1", [x(3, 1)], [IN0, {"dim": 1}])
        case(name, "NaN and infinities", [of([NAN, 1, INF, 1, -INF, INF, -INF, -INF, 2, 3, -0.0, 0.0], shape=[6, 2])],
             [IN0, {"dim": 1}], gradients=name != "prod")
    case(name, "transposed", [x(4, 3, views=[["transpose", 0, 1]])], [IN0, {"dim": 1}], terms=4)
    case(name, "sliced, flipped",
         [x(9, 4, views=[["slice", {"dim": 0, "start": 1, "step": 3}], ["flip", [1]]])], [IN0, {"dim": 0}], terms=4)
    case(name, "expanded", [x(3, 1, views=[["expand", [3, 4]]])], [IN0, {"dim": 1}], terms=4)
    case(name, "long", [x(2, 700, low=0.98 if name == "prod" else -3, high=1.02 if name == "prod" else 3)],
         [IN0, {"dim": 1}], terms=700)
    case(name, "f16", [x(3, 8, dtype="f16", low=0.5)], [IN0, {"dim": 1}], terms=8)
    if name in ("sum", "prod", "max", "min", "any", "all"):
        for dtype in ("i32", "u8", "bool"):
            # torch's any and all of uint8 give uint8, a leftover of the time before bool.
            if dtype != "u8" or name not in ("any", "all"):
                case(name, dtype, [x(3, 3, dtype=dtype)], [IN0, {"dim": 1}], optional=True)
for name in ("sum", "mean", "prod", "any", "all", "logsumexp"):
    case(name, "empty", [x(0)], [IN0])
    case(name, "empty axis", [x(2, 0)], [IN0, {"dim": 1}])
    case(name, "beside an empty axis", [x(0, 3)], [IN0, {"dim": 1}])
case("max", "beside an empty axis", [x(0, 3)], [IN0, {"dim": 1}])
case("min", "beside an empty axis", [x(0, 3)], [IN0, {"dim": 1}])
case("max", "ties share the gradient", [of([1, 3, 3, 2, 2, 2], shape=[2, 3], dtype="f32")], [IN0, {"dim": 1}])
case("min", "ties share the gradient", [of([3, 1, 1, 2, 2, 2], shape=[2, 3], dtype="f32")], [IN0, {"dim": 1}])
case("prod", "one zero", [of([2.0, 0.0, 3.0, 1.0, 2.0, 4.0], shape=[2, 3])], [IN0, {"dim": 1}])
case("prod", "two zeros", [of([2.0, 0.0, 0.0])], [IN0, {"dim": 0}])
for name in ("variance", "std"):
    for o in ({"correction": 0}, {"correction": 2, "dim": 1}, {"correction": 0, "dim": [0, 1], "keepdim": True}):
        case(name, str(o), [x(3, 4)], [IN0, o], terms=12)
    case(name, "far from 0", [x(2, 50, low=999, high=1001)], [IN0, {"dim": 1}], terms=3000)
    case(name, "one element", [x(1)], [IN0], gradients=False)
    case(name, "one element, correction 0", [x(1)], [IN0, {"correction": 0}], gradients=name == "variance")
case("logsumexp", "rows of -inf, inf and large numbers",
     [of([-INF, -INF, INF, 1.0, 1000.0, 1000.0, -1000.0, -1001.0, -INF, 0.0], shape=[5, 2])], [IN0, {"dim": 1}], terms=2000)

for name in ("argmax", "argmin"):
    f = getattr(torch, name)
    TABLE[name] = lambda a, o={}, f=f: f(a, o.get("dim"), keepdim=o.get("keepdim", False))
    for o in ({}, {"dim": 0}, {"dim": -1, "keepdim": True}, {"keepdim": True}):
        case(name, str(o), [x(3, 4)], [IN0, o])
    case(name, "ties take the first", [of([1, 3, 3, 0, 0, 2], shape=[2, 3], dtype="f32")], [IN0, {"dim": 1}])
    case(name, "NaN wins, the first of them", [of([1, NAN, NAN, INF, NAN, -INF], shape=[2, 3])], [IN0, {"dim": 1}])
    case(name, "infinities", [of([-INF, -INF, INF, INF], shape=[2, 2])], [IN0, {"dim": 1}])
    case(name, "0-d", [x()], [IN0])
    case(name, "long", [x(3, 600)], [IN0, {"dim": 1}])
    case(name, "transposed", [x(4, 5, views=[["transpose", 0, 1]])], [IN0, {"dim": 1}])
    case(name, "flipped", [x(4, 5, views=[["flip", [1]]])], [IN0, {"dim": 1}])
    case(name, "i32", [x(2, 6, dtype="i32")], [IN0, {"dim": 1}])
    case(name, "u8", [x(2, 6, dtype="u8")], [IN0, {"dim": 1}])
    case(name, "f16", [x(2, 6, dtype="f16")], [IN0, {"dim": 1}])

TABLE["softmax"] = lambda a, o: torch.softmax(a, o["dim"])
TABLE["logSoftmax"] = lambda a, o: torch.log_softmax(a, o["dim"])
for name in ("softmax", "logSoftmax"):
    for dim in (0, 1, -1):
        case(name, f"dim {dim}", [x(2, 3, 4)], [IN0, {"dim": dim}], terms=4)
    case(name, "0-d", [x()], [IN0, {"dim": 0}])
    case(name, "empty", [x(0, 3)], [IN0, {"dim": 1}])
    case(name, "empty axis", [x(3, 0)], [IN0, {"dim": 1}])
    case(name, "one class", [x(3, 1)], [IN0, {"dim": 1}])
    case(name, "large numbers", [of([1000.0, 999.0, -1000.0, 80.0, -80.0, 0.0], shape=[2, 3])], [IN0, {"dim": 1}])
    case(name, "rows with -inf, inf, NaN", [of([-INF, 0.0, 1.0, -INF, -INF, -INF, INF, 0.0, 1.0, NAN, 0.0, 1.0], shape=[4, 3])],
         [IN0, {"dim": 1}])
    case(name, "transposed", [x(5, 3, views=[["transpose", 0, 1]])], [IN0, {"dim": 1}], terms=4)
    case(name, "wide", [x(2, 300)], [IN0, {"dim": 1}], terms=300)
    case(name, "f16", [x(2, 5, dtype="f16")], [IN0, {"dim": 1}], terms=4)

TABLE["standardise"] = lambda a, axes, eps: (a - a.mean(axes, keepdim=True)) / torch.sqrt(
    a.var(axes, correction=0, keepdim=True) + eps)
case("standardise", "rows", [x(3, 8)], [IN0, [1], 1e-5], terms=16)
case("standardise", "channels", [x(4, 3, 5)], [IN0, [0, 2], 1e-5], terms=20)
case("standardise", "far from 0", [x(3, 16, low=99, high=101)], [IN0, [1], 1e-5], terms=400)

# --- views --------------------------------------------------------------------------------------------------------
TABLE["reshape"] = lambda a, s: a.reshape(s)
case("reshape", "wild", [x(2, 6)], [IN0, [3, -1]])
case("reshape", "of transposed", [x(3, 4, views=[["transpose", 0, 1]])], [IN0, [2, 6]])
case("reshape", "of sliced", [x(4, 6, views=[["slice", {"dim": 1, "start": 1, "stop": 5}]])], [IN0, [8, 2]])
case("reshape", "to 0-d", [x(1, 1)], [IN0, []])
case("reshape", "empty", [x(0, 3)], [IN0, [3, 0, 2]])
case("reshape", "i32", [x(6, dtype="i32")], [IN0, [2, 3]])
TABLE["flatten"] = lambda a, o={}: torch.flatten(a, o.get("startDim", 0), o.get("endDim", -1))
case("flatten", "all", [x(2, 3, 2)], [IN0])
case("flatten", "from 1", [x(2, 3, 2)], [IN0, {"startDim": 1}])
case("flatten", "negative", [x(2, 3, 2, 2)], [IN0, {"startDim": -3, "endDim": -2}])
case("flatten", "0-d", [x()], [IN0])
TABLE["permute"] = lambda a, d: a.permute(d)
case("permute", "three axes", [x(2, 3, 4)], [IN0, [2, 0, 1]])
case("permute", "negative", [x(2, 3, 4)], [IN0, [-1, 0, 1]])
case("permute", "u8", [x(2, 3, dtype="u8")], [IN0, [1, 0]])
case("permute", "0-d", [x()], [IN0, []])
TABLE["transpose"] = lambda a, d, e: a.transpose(d, e)
case("transpose", "two axes", [x(2, 3)], [IN0, 0, 1])
case("transpose", "negative", [x(2, 3, 4)], [IN0, -1, 0])
case("transpose", "empty", [x(0, 3)], [IN0, 0, 1])
TABLE["squeeze"] = lambda a, d=None: a.squeeze() if d is None else a.squeeze(tuple(d) if isinstance(d, list) else d)
case("squeeze", "all", [x(1, 3, 1, 2)], [IN0])
case("squeeze", "one", [x(1, 3, 1)], [IN0, -1])
case("squeeze", "several, also larger ones", [x(1, 3, 1)], [IN0, [0, 1]])
TABLE["unsqueeze"] = lambda a, d: a.unsqueeze(d)
case("unsqueeze", "front", [x(2, 3)], [IN0, 0])
case("unsqueeze", "back", [x(2, 3)], [IN0, -1])
case("unsqueeze", "0-d", [x()], [IN0, 0])
TABLE["expand"] = lambda a, s: a.expand(s)
TABLE["expandTo"] = TABLE["expand"]
for name in ("expand", "expandTo"):
    case(name, "new axes", [x(3)], [IN0, [2, 2, 3]])
    case(name, "size 1", [x(3, 1)], [IN0, [3, 4]])
    case(name, "0-d", [x()], [IN0, [2, 3]])
    case(name, "to empty", [x(1, 3)], [IN0, [0, 3]])
case("expand", "-1 keeps", [x(3, 1)], [IN0, [2, -1, 4]])
TABLE["slice"] = lambda a, o: a[(slice(None),) * (o.get("dim", 0) % a.dim()) + (slice(o.get("start", 0), o.get("stop"), o.get("step", 1)),)]
for o in ({"start": 2}, {"stop": -2}, {"start": -3, "stop": -1}, {"step": 2}, {"start": 1, "step": 3},
          {"dim": 1, "start": 1, "stop": 3}, {"dim": -1, "start": 3, "stop": 99}, {"start": 5, "stop": 2}, {"stop": 0}):
    case("slice", str(o), [x(7, 4)], [IN0, o])
case("slice", "twice", [x(10, 2, views=[["slice", {"dim": 0, "start": 1, "step": 2}]])], [IN0, {"start": 1, "step": 2}])
TABLE["select"] = lambda a, o: a.select(o.get("dim", 0), o["index"])
case("select", "first axis", [x(3, 4)], [IN0, {"index": 1}])
case("select", "negative", [x(3, 4)], [IN0, {"dim": -1, "index": -2}])
TABLE["narrow"] = lambda a, o: a.narrow(o["dim"], o["start"], o["length"])
case("narrow", "middle", [x(3, 5)], [IN0, {"dim": 1, "start": 1, "length": 3}])
case("narrow", "nothing", [x(3, 5)], [IN0, {"dim": 1, "start": 1, "length": 0}])
TABLE["flip"] = lambda a, d: a.flip(d)
case("flip", "one axis", [x(3, 4)], [IN0, [1]])
case("flip", "two axes", [x(3, 4)], [IN0, [0, -1]])
case("flip", "of a slice", [x(6, 2, views=[["slice", {"dim": 0, "start": 1, "step": 2}]])], [IN0, [0]])
case("flip", "bool", [x(5, dtype="bool")], [IN0, [0]])
TABLE["sumTo"] = lambda a, s: a.sum_to_size(s)
case("sumTo", "a row", [x(3, 4)], [IN0, [4]], terms=4)
case("sumTo", "a column", [x(2, 3, 4)], [IN0, [3, 1]], terms=8)
case("sumTo", "0-d", [x(2, 3)], [IN0, []], terms=8)

# --- joining ------------------------------------------------------------------------------------------------------
TABLE["cat"] = lambda ts, o={}: torch.cat(ts, o.get("dim", 0))
TABLE["stack"] = lambda ts, o={}: torch.stack(ts, o.get("dim", 0))
case("cat", "first axis", [x(2, 3), x(1, 3)], [[IN0, IN1]])
case("cat", "last axis, three", [x(2, 3), x(2, 1), x(2, 2)], [[IN0, IN1, IN2], {"dim": -1}])
case("cat", "an empty one", [x(2, 3), x(0, 3), x(1, 3)], [[IN0, IN1, IN2]])
case("cat", "one", [x(2, 3)], [[IN0]])
case("cat", "fifteen", [x(2) for _ in range(15)], [[{"$": i} for i in range(15)]])
case("cat", "the same twice", [x(3)], [[IN0, IN0]])
case("cat", "dtypes", [x(2, dtype="i32"), x(2), x(2, dtype="f16")], [[IN0, IN1, IN2]])
case("cat", "bool", [x(2, dtype="bool"), x(3, dtype="bool")], [[IN0, IN1]])
case("cat", "no multiplication by zero", [of([NAN, INF]), of([-INF, 1.0])], [[IN0, IN1]])
case("cat", "transposed", [x(3, 2, views=[["transpose", 0, 1]]), x(1, 3)], [[IN0, IN1]])
case("stack", "front", [x(2, 3), x(2, 3)], [[IN0, IN1]])
case("stack", "back", [x(2, 3), x(2, 3), x(2, 3)], [[IN0, IN1, IN2], {"dim": -1}])
case("stack", "0-d", [x(), x()], [[IN0, IN1]])
case("stack", "u8", [x(2, dtype="u8"), x(2, dtype="u8")], [[IN0, IN1], {"dim": 1}])
TABLE["pad"] = lambda a, o: F.pad(a, o["pad"], value=o.get("value", 0))
case("pad", "last axis", [x(2, 3)], [IN0, {"pad": [1, 2]}])
case("pad", "two axes, value", [x(2, 3)], [IN0, {"pad": [1, 0, 2, 1], "value": 1.5}])
case("pad", "minus infinity", [x(2, 2)], [IN0, {"pad": [1, 1], "value": -INF}])
case("pad", "nothing", [x(2, 3)], [IN0, {"pad": [0, 0]}])
case("pad", "i32", [x(3, dtype="i32")], [IN0, {"pad": [1, 1], "value": 7}])
case("pad", "NaN inside", [of([NAN, INF])], [IN0, {"pad": [1, 1]}])
case("pad", "negative", [x(2, 5)], [IN0, {"pad": [-1, 1]}])

# --- products -----------------------------------------------------------------------------------------------------
TABLE["matmul"] = torch.matmul
MATMULS = {
    "matrices": ((3, 4), (4, 5)), "vectors": ((4,), (4,)), "matrix, vector": ((3, 4), (4,)),
    "vector, matrix": ((4,), (4, 5)), "batch": ((2, 3, 4), (2, 4, 5)), "batch, one matrix": ((2, 3, 4), (4, 5)),
    "one matrix, batch": ((3, 4), (2, 4, 5)), "broadcast batch": ((2, 1, 3, 4), (3, 4, 2)),
    "batch, vector": ((2, 3, 4), (4,)), "vector, batch": ((4,), (2, 4, 3)), "one row": ((1, 7), (7, 1)),
    "odd sizes": ((17, 19), (19, 13)), "empty rows": ((0, 4), (4, 2)), "empty batch": ((0, 2, 3), (3, 2)),
    "nothing to add": ((2, 0), (0, 3)),
}
for name, (p, q) in MATMULS.items():
    case("matmul", name, [x(*p), x(*q)], terms=p[-1])
case("matmul", "first transposed", [x(4, 3, views=[["transpose", 0, 1]]), x(4, 5)], terms=4)
case("matmul", "second transposed", [x(3, 4), x(5, 4, views=[["transpose", 0, 1]])], terms=4)
case("matmul", "both transposed", [x(9, 17, views=[["transpose", 0, 1]]), x(6, 9, views=[["transpose", 0, 1]])], terms=9)
case("matmul", "sliced", [x(6, 8, views=[["slice", {"dim": 1, "step": 2}]]), x(4, 9, views=[["slice", {"dim": 1, "start": 2}]])], terms=4)
case("matmul", "expanded", [x(1, 4, views=[["expand", [3, 4]]]), x(4, 1, views=[["expand", [4, 5]]])], terms=4)
case("matmul", "flipped", [x(3, 4, views=[["flip", [1]]]), x(4, 5)], terms=4)
case("matmul", "heads swapped", [x(2, 3, 2, 4, views=[["transpose", 1, 2]]), x(2, 3, 2, 4, views=[["permute", [0, 2, 3, 1]]])], terms=4)
case("matmul", "non-finite", [of([NAN, 1.0, INF, 2.0], shape=[2, 2]), of([1.0, 0.0, 0.0, 1.0], shape=[2, 2])])
case("matmul", "f16", [x(3, 8, dtype="f16"), x(8, 4, dtype="f16")], terms=8)
case("matmul", "deep", [x(5, 300), x(300, 6)], terms=300)
TABLE["linear"] = F.linear
case("linear", "bias", [x(3, 4), x(5, 4), x(5)], terms=4)
case("linear", "no bias", [x(2, 3, 4), x(5, 4)], terms=6)
case("linear", "one vector", [x(4), x(5, 4), x(5)], terms=4)
case("linear", "empty batch", [x(0, 4), x(5, 4), x(5)], terms=4)
case("linear", "f16", [x(3, 4, dtype="f16"), x(5, 4, dtype="f16"), x(5, dtype="f16")], terms=4)


def conv2d(a, w, o={}):
    return F.conv2d(a, w, o.get("bias"), o.get("stride", 1), o.get("padding", 0), o.get("dilation", 1), o.get("groups", 1))


TABLE["conv2d"] = conv2d
CONVS = {
    "plain": ((2, 3, 6, 5), (4, 3, 3, 3), {}),
    "stride": ((2, 2, 7, 8), (3, 2, 3, 3), {"stride": 2}),
    "stride leaves a rest": ((1, 2, 8, 9), (3, 2, 3, 2), {"stride": [3, 2]}),
    "padding": ((1, 2, 5, 5), (2, 2, 3, 3), {"padding": 1}),
    "uneven padding": ((1, 2, 5, 4), (2, 2, 3, 3), {"padding": [2, 0]}),
    "same": ((1, 2, 5, 6), (2, 2, 3, 4), {"padding": "same"}),
    "same, dilated": ((1, 1, 6, 6), (2, 1, 3, 2), {"padding": "same", "dilation": 2}),
    "valid": ((1, 1, 5, 5), (1, 1, 2, 2), {"padding": "valid"}),
    "dilation": ((1, 2, 8, 8), (2, 2, 3, 3), {"dilation": 2}),
    "stride and dilation": ((1, 2, 9, 9), (2, 2, 3, 3), {"stride": 2, "dilation": 2, "padding": 1}),
    "groups": ((2, 4, 5, 5), (6, 2, 3, 3), {"groups": 2}),
    "depthwise": ((1, 3, 5, 5), (6, 1, 3, 3), {"groups": 3, "padding": 1}),
    "1x1": ((2, 3, 4, 4), (5, 3, 1, 1), {}),
    "kernel as large as the input": ((2, 2, 4, 3), (3, 2, 4, 3), {}),
    "no batch axis": ((2, 5, 5), (3, 2, 3, 3), {}),
    "empty batch": ((0, 2, 5, 5), (3, 2, 3, 3), {}),
    "many channels": ((2, 16, 6, 6), (8, 16, 3, 3), {"padding": 1}),
}
for name, (p, q, o) in CONVS.items():
    case("conv2d", name, [x(*p), x(*q)], [IN0, IN1, o], terms=4 * q[1] * q[2] * q[3])
case("conv2d", "bias", [x(2, 2, 5, 5), x(3, 2, 3, 3), x(3)], [IN0, IN1, {"bias": IN2, "stride": 2}], terms=18)
case("conv2d", "transposed input", [x(1, 2, 6, 4, views=[["transpose", 2, 3]]), x(3, 2, 2, 3)], terms=12)
case("conv2d", "flipped weight", [x(1, 2, 4, 6), x(3, 2, 2, 3, views=[["flip", [2, 3]]])], terms=12)
case("conv2d", "f16", [x(1, 2, 5, 5, dtype="f16"), x(2, 2, 3, 3, dtype="f16")], terms=18)
TABLE["maxPool2d"] = lambda a, o: F.max_pool2d(a, o["kernelSize"], o.get("stride"), o.get("padding", 0))
TABLE["avgPool2d"] = lambda a, o: F.avg_pool2d(a, o["kernelSize"], o.get("stride"), o.get("padding", 0))
for name in ("maxPool2d", "avgPool2d"):
    for o in ({"kernelSize": 2}, {"kernelSize": 2, "stride": 1}, {"kernelSize": 3, "stride": 2}, {"kernelSize": [2, 3]},
              {"kernelSize": 3, "stride": 2, "padding": 1}, {"kernelSize": 2, "stride": 3}, {"kernelSize": [3, 2], "stride": [1, 2], "padding": [1, 0]},
              {"kernelSize": 2, "padding": 1}):
        case(name, str(o), [x(2, 2, 7, 6)], [IN0, o], terms=9)
    case(name, "no batch axis", [x(2, 4, 4)], [IN0, {"kernelSize": 2}], terms=4)
    case(name, "empty batch", [x(0, 2, 4, 4)], [IN0, {"kernelSize": 2}], terms=4)
    case(name, "transposed", [x(1, 1, 4, 6, views=[["transpose", 2, 3]])], [IN0, {"kernelSize": 2}], terms=4)
    case(name, "f16", [x(1, 1, 4, 4, dtype="f16")], [IN0, {"kernelSize": 2}], terms=4)
    case(name, "ties", [of([1, 1, 1, 1, 0, 0, 0, 0, 2, 2, 1, 1, 2, 2, 1, 1], shape=[1, 1, 4, 4])], [IN0, {"kernelSize": 2}])
    case(name, "ties, overlapping", [of([1, 1, 1, 1, 0, 0, 0, 0, 2, 2, 1, 1, 2, 2, 1, 1], shape=[1, 1, 4, 4])],
         [IN0, {"kernelSize": 3, "stride": 1, "padding": 1}], terms=9)
    case(name, "NaN, infinities", [of([NAN, 1, INF, 2, -INF, 2, 0, 1, -INF, -INF, 3, 4, -INF, -INF, 5, 6], shape=[1, 1, 4, 4])],
         [IN0, {"kernelSize": 2}])

# --- positions ----------------------------------------------------------------------------------------------------
TABLE["gather"] = lambda a, o: torch.gather(a, o["dim"], o["index"].long())
TABLE["indexSelect"] = lambda a, o: torch.index_select(a, o["dim"], o["index"].long())
TABLE["oneHot"] = lambda a, n: F.one_hot(a.long(), n).float()


def index(values, *shape, dtype="i32"):
    return x(*(shape or [len(values)]), dtype=dtype, values=values)


case("gather", "rows", [x(3, 4), index([0, 2, 1, 1, 0, 0], 3, 2)], [IN0, {"dim": 1, "index": IN1}], terms=3)
case("gather", "columns", [x(3, 4), index([0, 2, 1, 1, 0, 0, 2, 2], 2, 4)], [IN0, {"dim": 0, "index": IN1}], terms=3)
case("gather", "repeats", [x(2, 3), index([1, 1, 1, 1, 0, 0, 0, 2], 2, 4)], [IN0, {"dim": -1, "index": IN1}], terms=4)
case("gather", "smaller index", [x(4, 3), index([1, 0], 2, 1)], [IN0, {"dim": 1, "index": IN1}])
case("gather", "one column", [x(4, 5), index([1, 0, 4, 4], 4, 1)], [IN0, {"dim": 1, "index": IN1}])
case("gather", "u8 index", [x(4, 5), index([1, 0, 4, 4], 4, 1, dtype="u8")], [IN0, {"dim": 1, "index": IN1}])
case("gather", "empty index", [x(4, 5), index([], 4, 0)], [IN0, {"dim": 1, "index": IN1}])
case("gather", "transposed", [x(5, 4, views=[["transpose", 0, 1]]), index([1, 0, 4, 4], 4, 1)], [IN0, {"dim": 1, "index": IN1}])
case("gather", "i32 values", [x(2, 3, dtype="i32"), index([2, 0], 2, 1)], [IN0, {"dim": 1, "index": IN1}])
case("gather", "three axes", [x(2, 3, 2), index([2, 1, 0, 0, 1, 1, 2, 0], 2, 2, 2)], [IN0, {"dim": 1, "index": IN1}], terms=3)
case("gather", "non-finite", [of([NAN, INF, 1.0], shape=[1, 3]), index([2, 1, 1], 1, 3)], [IN0, {"dim": 1, "index": IN1}], terms=3)
case("gather", "f16", [x(2, 3, dtype="f16"), index([2, 0], 2, 1)], [IN0, {"dim": 1, "index": IN1}])
case("indexSelect", "rows", [x(4, 3), index([3, 0, 3, 3])], [IN0, {"dim": 0, "index": IN1}], terms=3)
case("indexSelect", "columns", [x(4, 3), index([2, 2])], [IN0, {"dim": -1, "index": IN1}], terms=3)
case("indexSelect", "nothing", [x(4, 3), index([])], [IN0, {"dim": 0, "index": IN1}])
case("indexSelect", "vector", [x(6), index([5, 1, 1])], [IN0, {"dim": 0, "index": IN1}], terms=3)
case("indexSelect", "u8", [x(4, 3, dtype="u8"), index([2, 2])], [IN0, {"dim": 0, "index": IN1}])
case("oneHot", "vector", [index([0, 2, 1])], [IN0, 3])
case("oneHot", "matrix", [index([0, 2, 1, 4], 2, 2)], [IN0, 5])
case("oneHot", "u8", [index([0, 2, 1], dtype="u8")], [IN0, 4])
case("oneHot", "0-d", [x(dtype="i32", values=[2])], [IN0, 4])
TABLE["dropout"] = lambda a, o: F.dropout(a, o["p"], True)
case("dropout", "p 0", [x(2, 3)], [IN0, {"p": 0}])
case("dropout", "p 1", [x(2, 3)], [IN0, {"p": 1}], gradients=False)
