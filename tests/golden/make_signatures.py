"""Writes signatures.json: parameters of the Python classes and functions that the library has ports of.

Sources: torch 2.13.0, torchvision 0.29.2, torchmetrics 1.9.0, lightning 2.6.6. Nothing is imported: the wheels'
Python text is read by `ast`.

    pip download --no-deps -d wheels torch==2.13.0 torchvision==0.29.2 torchmetrics==1.9.0 lightning==2.6.6
    for wheel in wheels/*.whl; do unzip -q -o "$wheel" '*.py' -d sources; done
    python3 make_signatures.py sources

For each name: its parameters in order, without `self`. `default` is there where the default is a literal,
`expression` where it is not, `keyword` where the parameter cannot be given by position, `rest` for `*args` and
`**kwargs`. Names come from ../api.json; names that Python does not have, or has only in C, are left out.
"""

import ast
import json
import math
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).parent

# Python's module, where its text is, and the library's namespaces that port it.
CLASSES = [
    ("torch.nn", ["torch/nn/modules"], ["nn", "losses"]),
    ("torch.optim", ["torch/optim"], ["optim"]),
    ("torch.optim.lr_scheduler", ["torch/optim/lr_scheduler.py"], ["optim"]),
    ("torch.utils.data", ["torch/utils/data"], ["data"]),
    ("torchmetrics", ["torchmetrics"], ["metrics"]),
    ("torchvision.transforms", ["torchvision/transforms/transforms.py"], ["transforms"]),
    ("lightning.pytorch.callbacks", ["lightning/pytorch/callbacks"], ["callbacks"]),
    ("lightning.pytorch.loggers", ["lightning/pytorch/loggers"], ["loggers"]),
    ("lightning.pytorch.profilers", ["lightning/pytorch/profilers"], ["profilers"]),
    ("lightning.pytorch", ["lightning/pytorch/trainer"], ["train"]),
]
FUNCTIONS = [("torch.nn.functional", "torch/nn/functional.py", ["ops", "losses"])]


def classes_in(root, places):
    """Class definitions by name; the first of a name counts."""
    found = {}
    for place in places:
        path = root / place
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            for node in ast.parse(file.read_text()).body:
                if isinstance(node, ast.ClassDef):
                    found.setdefault(node.name, node)
    return found


def constructor(name, classes):
    """The arguments of a class's constructor: its own, or that of its nearest base that has one."""
    node = classes.get(name)
    if node is None:
        return None
    methods = {item.name: item for item in node.body if isinstance(item, ast.FunctionDef)}
    for method in ("__new__", "__init__"):
        if method in methods and not (method == "__new__" and "__init__" in methods):
            return methods[method].args
    for base in node.bases:
        last = base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
        args = constructor(last, classes) if last != name else None
        if args is not None:
            return args
    return None


def literal(node):
    """{"default": value} for a literal or plain arithmetic, else {"expression": text}."""
    text = ast.unparse(node)
    try:
        value = ast.literal_eval(node)
    except ValueError:
        if not re.fullmatch(r"[\d.e+\-*/ ()]+", text):
            return {"expression": text}
        value = eval(compile(ast.Expression(node), "<default>", "eval"))
    if isinstance(value, float) and not math.isfinite(value):
        return {"expression": text}
    return {"default": list(value) if isinstance(value, tuple) else value}


def parameters(args, skip):
    rows = []
    positional = [*args.posonlyargs, *args.args]
    defaults = [None] * (len(positional) - len(args.defaults)) + list(args.defaults)
    for arg, default in list(zip(positional, defaults))[skip:]:
        rows.append({"name": arg.arg, **({} if default is None else literal(default))})
    if args.vararg:
        rows.append({"name": args.vararg.arg, "rest": True})
    for arg, default in zip(args.kwonlyargs, args.kw_defaults):
        rows.append({"name": arg.arg, "keyword": True, **({} if default is None else literal(default))})
    if args.kwarg:
        rows.append({"name": args.kwarg.arg, "rest": True})
    return rows


def python_name(name):
    return name if name[0].isupper() else re.sub(r"[A-Z]", lambda m: "_" + m[0].lower(), name)


def main(root):
    api = json.loads((HERE.parent / "api.json").read_text())
    out = {}
    for module, places, namespaces in CLASSES:
        classes = classes_in(root, places)
        for name in sorted({name for space in namespaces for name in api[space] if name[0].isupper()}):
            args = constructor(name, classes)
            if args is not None:
                out[f"{module}.{name}"] = parameters(args, 1)
    for module, place, namespaces in FUNCTIONS:
        body = ast.parse((root / place).read_text()).body
        functions = {node.name: node for node in body if isinstance(node, ast.FunctionDef)}
        for name in sorted({python_name(name) for space in namespaces for name in api[space]}):
            if name in functions:
                out[f"{module}.{name}"] = parameters(functions[name].args, 0)
    lines = [f"  {json.dumps(name)}: {json.dumps(rows)}" for name, rows in out.items()]
    (HERE / "signatures.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
