"""Golden values and gradients at the edges: ties, limits of the range, zeros among factors, powers of whole numbers.

Made with Python 3.11+, torch 2.13.0 (CPU). Run from the repository root: python tests/golden/make_edges.py
Writes tests/golden/edges.json, in the form of ops.json (see make_ops.py).
"""
import json

import ops_cases
from make_ops import run
from ops_cases import IN0, INF, NAN, case, grid, of, x

ops_cases.CASES.clear()

# Powers of whole numbers.
BASES, EXPONENTS = grid([7, -7, 3, 2, 1, -1, 0, 9])
case("pow", "i32", [of(BASES, "i32"), of(EXPONENTS, "i32")])
case("pow", "i32, large", [of([7, 3, -3, 2, 2, 5, -2], "i32"), of([9, 20, 19, 31, 32, 100, 30], "i32")])
case("pow", "u8", [of([3, 2, 200, 15, 0], "u8"), of([5, 7, 2, 3, 0], "u8")])
for n in (3, 9, 20, 33):
    case("pow", f"i32 to {n}", [of([7, -7, 3, 0, -1, 11], "i32")], [IN0, n])
case("pow", "a number to i32", [of([0, 1, 5, 31], "i32")], [2, IN0])

# Ties and NaN.
PAIRS = grid([1.0, 2.0, -1.0, 0.0, -0.0, INF, -INF, NAN])
for name in ("maximum", "minimum", "fmax", "fmin"):
    case(name, "ties", [of(PAIRS[0]), of(PAIRS[1])])
for name in ("max", "min"):
    for o in ({"dim": 1}, {}, {"dim": []}):
        case(name, f"ties {o}", [of([1, 3, 3, 3, 2, 2, 1, 1, -1, -1, 5, 5], shape=[3, 4], dtype="f32")], [IN0, o])
    case(name, "ties of infinities", [of([INF, INF, -INF, -INF, 0.0, -0.0], shape=[3, 2])], [IN0, {"dim": 1}])
    case(name, "NaN", [of([NAN, 1.0, NAN, NAN, 2.0, 2.0], shape=[3, 2])], [IN0, {"dim": 1}])
for o in ({"min": -1.0, "max": 1.0}, {"min": 1.0}, {"max": 1.0}, {"min": 1.0, "max": 1.0}, {"min": 2.0, "max": -2.0}):
    case("clamp", f"ends {o}", [of([-2.0, -1.0, 0.0, 1.0, 2.0, 3.0, INF, -INF, NAN])], [IN0, o])

# An empty list of axes.
for name in ("sum", "mean", "max", "min", "any", "all", "logsumexp", "variance", "std"):
    for o in ({"dim": []}, {"dim": [], "keepdim": True}):
        # torch divides the gradients of these by a count of no axes.
        case(name, f"no axes {o}", [x(2, 3)], [IN0, o], terms=6, gradients=name not in ("variance", "std"))

# Limits of the range.
FAR = [88.0, 88.72, 88.73, 88.8, 89.0, 89.3, 89.41, 89.42, 90.0, 1e4, 1e30, INF, NAN]
BOTH = [*FAR, *[-v for v in FAR if v == v]]
TINY = [0.0, -0.0, 1e-38, -1e-38, 1e-20, 1e-7, -1e-7, 1e-4, 0.3, 0.5, -0.5, 19.9, 20.1]
for name in ("sinh", "cosh", "tanh", "asinh", "acosh", "expm1", "exp", "sigmoid", "softplus", "logSigmoid", "silu",
             "log1p", "elu", "selu", "softsign", "tanhshrink"):
    case(name, "far out", [of(BOTH)], [IN0])
    case(name, "near 0", [of(TINY)], [IN0])
case("exp2", "far out", [of([127.0, 127.9, 128.0, -126.0, -149.0, -151.0, INF, -INF, NAN])])
case("acosh", "ends", [of([1.0, 0.5, 0.0, -1.0, -1e4, -1e30, -INF, 1.0001, 2.0, 1e9, 3e38])])
case("atanh", "ends", [of([1.0, -1.0, 1.5, -1.5, INF, NAN, 0.999999, -0.999999, 1e-20])])
case("asin", "ends", [of([1.0, -1.0, 1.5, -INF, NAN])])
case("acos", "ends", [of([1.0, -1.0, 1.5, -INF, NAN])])
# torch's gradient overflows before the result does.
case("hypot", "far out", [of([3e38, 1e-38, 0.0, INF, 1e30, -3.0]), of([1e38, 1e-38, 0.0, NAN, -1e30, 4.0])],
     gradients=False)
case("logaddexp", "far out", [of([1e4, -1e4, INF, -INF, INF, NAN, 100.0]), of([1e4, 0.0, INF, -INF, -INF, 1.0, -100.0])])

# Zeros, NaN and infinities among factors.
ROWS = {
    "no zero": [2.0, 3.0, 4.0], "one zero": [2.0, 0.0, 4.0], "two zeros": [0.0, 0.0, 4.0], "NaN": [2.0, NAN, 4.0],
    "NaN and zero": [NAN, 0.0, 4.0], "NaN and two zeros": [NAN, 0.0, 0.0], "infinity": [2.0, INF, 4.0],
    "infinity and zero": [INF, 0.0, 4.0], "negative infinity and two": [-INF, INF, 2.0],
    "infinity and two zeros": [INF, 0.0, 0.0],
}
for name, values in ROWS.items():
    case("prod", f"{name}, a row", [of(values, shape=[1, 3])], [IN0, {"dim": 1}])
    case("prod", f"{name}, all", [of(values)], [IN0])

# Negative floats as bytes.
case("cast", "f32 to u8", [of([-1.0, -1.5, -128.0, -255.0, 255.9, 0.5])], [IN0, "u8"])
case("floorDivide", "i32", [of([7, -7, 7, -7, 1, -1], "i32"), of([2, 2, -2, -2, -1, 1], "i32")])


def main():
    done = []
    for c in ops_cases.CASES:
        try:
            done.append(run(c))
        except (RuntimeError, TypeError) as error:
            print("refused:", c["op"], c["name"], error)
    with open("tests/golden/edges.json", "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in done) + "\n]\n")
    print(len(done), "cases")


if __name__ == "__main__":
    main()
