"""How torch prints tensors, modules and optimizers.

Made with Python 3.11+, torch 2.15.0 (CPU). Run from the repository root: python tests/golden/make_print.py
Writes tests/golden/print.json. dtypes are written by Fulgur's names; an optimizer's entry keeps the lines of the
settings that are named beside it.
"""
import json
import math

import torch
from torch import nn, optim

NAMES = {torch.float32: "f32", torch.float16: "f16", torch.int32: "i32", torch.uint8: "u8", torch.bool: "bool"}


def number(x):
    if isinstance(x, (bool, int)):
        return int(x)
    if math.isnan(x):
        return "nan"
    if math.isinf(x):
        return "inf" if x > 0 else "-inf"
    return "-0" if x == 0 and math.copysign(1, x) < 0 else x


def printed(tensor):
    text = repr(tensor)
    for dtype, name in NAMES.items():
        text = text.replace(f"dtype={dtype}", f"dtype={name}")
    return {
        "dtype": NAMES[tensor.dtype],
        "shape": list(tensor.shape),
        "data": [number(x) for x in tensor.flatten().tolist()],
        "text": text,
    }


def ramp(*shape, scale=1.0, shift=0.0):
    size = math.prod(shape)
    return (torch.arange(size, dtype=torch.float32) * scale + shift).reshape(shape)


nan, inf = math.nan, math.inf
TENSORS = [
    torch.tensor([[1.0, 2.0], [3.0, 4.0]]),
    torch.tensor(3.5),
    torch.tensor(3.0),
    torch.tensor(7, dtype=torch.int32),
    torch.tensor(True),
    torch.tensor([True, False]),
    torch.tensor([[True, True]]),
    torch.tensor([1, -20, 300], dtype=torch.int32),
    torch.tensor([0, 255], dtype=torch.uint8),
    torch.tensor([0.5, 1.25], dtype=torch.float16),
    torch.tensor([0.03125, 0.09375, -0.03125]),
    torch.tensor([0.1, 100.0]),
    torch.tensor([0.1, 1000.0]),
    torch.tensor([0.00001, 1.0]),
    torch.tensor([1e-4]),
    torch.tensor([100005.0, 1.0]),
    torch.tensor([100015.0, 1.0]),
    torch.tensor([1e8, 1e8]),
    torch.tensor([2e8]),
    torch.tensor([1e38, -1e-38]),
    torch.tensor([nan, 1.0, inf, -inf]),
    torch.tensor([nan, 1.5, inf, -inf, 0.0, -0.0]),
    torch.tensor([nan, inf, -inf]),
    torch.tensor([-0.0, 0.0]),
    torch.tensor([-0.0, 1.5]),
    torch.zeros(3),
    torch.zeros(40),
    torch.zeros(2, 1001),
    torch.zeros(0),
    torch.zeros(0, 3),
    torch.zeros(2, 0, 3),
    torch.zeros(0, dtype=torch.int32),
    torch.zeros(0, 3, dtype=torch.int32),
    torch.zeros(0, dtype=torch.bool),
    ramp(30),
    ramp(30, scale=0.25),
    ramp(30, scale=-0.37, shift=2),
    ramp(3, 12, scale=123.456),
    ramp(2, 3, 4),
    ramp(2, 1, 2, 3),
    ramp(1, 1, 1, 1, 2),
    ramp(1000),
    ramp(1001),
    ramp(40, 50, scale=0.013),
    ramp(7, 7, 7, 7, scale=0.001),
    ramp(2, 600, scale=0.5),
    ramp(600, 2, scale=0.5),
    ramp(1, 1001),
    torch.arange(1500, dtype=torch.int32).reshape(30, 50),
    torch.arange(1500).reshape(30, 50) % 3 == 0,
    torch.arange(26, dtype=torch.int32),
    torch.arange(13, dtype=torch.int32) * 100000,
]

WITH_GRAD = [torch.tensor([1.0, 2.0], requires_grad=True), ramp(14, scale=0.1).requires_grad_(), ramp(13, scale=0.1).requires_grad_()]

# The class, the options that Fulgur's takes, and the module.
MODULES = [
    ("Linear", {"in_features": 2, "out_features": 8}, nn.Linear(2, 8)),
    ("Linear", {"in_features": 2, "out_features": 8, "bias": False}, nn.Linear(2, 8, bias=False)),
    ("Conv2d", {"in_channels": 1, "out_channels": 8, "kernel_size": 3, "padding": 1}, nn.Conv2d(1, 8, 3, padding=1)),
    ("Conv2d", {"in_channels": 1, "out_channels": 1, "kernel_size": 3, "padding": "same"},
     nn.Conv2d(1, 1, 3, padding="same")),
    ("Conv2d", {"in_channels": 4, "out_channels": 8, "kernel_size": [3, 5], "stride": 2, "groups": 2, "bias": False,
                "dilation": 2}, nn.Conv2d(4, 8, (3, 5), stride=2, groups=2, bias=False, dilation=2)),
    ("BatchNorm2d", {"num_features": 4}, nn.BatchNorm2d(4)),
    ("BatchNorm1d", {"num_features": 4, "momentum": None, "affine": False, "track_running_stats": False},
     nn.BatchNorm1d(4, momentum=None, affine=False, track_running_stats=False)),
    ("LayerNorm", {"normalized_shape": [4, 2]}, nn.LayerNorm([4, 2])),
    ("LayerNorm", {"normalized_shape": 4, "eps": 0.001, "elementwise_affine": False},
     nn.LayerNorm(4, eps=1e-3, elementwise_affine=False)),
    ("MaxPool2d", {"kernel_size": 2}, nn.MaxPool2d(2)),
    ("MaxPool2d", {"kernel_size": [2, 3], "stride": 1, "padding": 1}, nn.MaxPool2d((2, 3), stride=1, padding=1)),
    ("AvgPool2d", {"kernel_size": 2}, nn.AvgPool2d(2)),
    ("AdaptiveAvgPool2d", {"output_size": 1}, nn.AdaptiveAvgPool2d(1)),
    ("AdaptiveAvgPool2d", {"output_size": [2, 3]}, nn.AdaptiveAvgPool2d((2, 3))),
    ("Dropout", {"p": 0.2}, nn.Dropout(0.2)),
    ("Dropout", {"inplace": True}, nn.Dropout(inplace=True)),
    ("Embedding", {"num_embeddings": 5, "embedding_dim": 2}, nn.Embedding(5, 2)),
    ("Flatten", {}, nn.Flatten()),
    ("Identity", {}, nn.Identity()),
    ("ReLU", {}, nn.ReLU()),
    ("ReLU", {"inplace": True}, nn.ReLU(inplace=True)),
    ("LeakyReLU", {}, nn.LeakyReLU()),
    ("ELU", {}, nn.ELU()),
    ("GELU", {}, nn.GELU()),
    ("GELU", {"approximate": "tanh"}, nn.GELU("tanh")),
    ("SiLU", {}, nn.SiLU()),
    ("Sigmoid", {}, nn.Sigmoid()),
    ("Tanh", {}, nn.Tanh()),
    ("ReLU6", {}, nn.ReLU6()),
    ("SELU", {}, nn.SELU()),
    ("Mish", {}, nn.Mish()),
    ("Hardswish", {}, nn.Hardswish()),
    ("Hardsigmoid", {}, nn.Hardsigmoid()),
    ("Softsign", {}, nn.Softsign()),
    ("LogSigmoid", {}, nn.LogSigmoid()),
    ("Softplus", {}, nn.Softplus()),
    ("Softmax", {"dim": 1}, nn.Softmax(dim=1)),
    ("LogSoftmax", {"dim": -1}, nn.LogSoftmax(dim=-1)),
]

relu = nn.ReLU()
NESTS = {
    "sequential": nn.Sequential(nn.Linear(2, 8), relu, nn.Linear(8, 2), relu),
    "nested": nn.Sequential(nn.Sequential(nn.Linear(2, 2)), nn.Sequential()),
    "list": nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 2)]),
    "dict": nn.ModuleDict({"left": nn.ReLU(), "right": nn.Sequential(nn.Tanh())}),
    "empty": nn.ModuleList(),
}

WEIGHT, BIAS = torch.zeros(2, requires_grad=True), torch.zeros(1, requires_grad=True)
OPTIMIZERS = [
    ("Adam", ["amsgrad", "betas", "eps", "lr", "maximize", "weight_decay"], optim.Adam([WEIGHT, BIAS], lr=0.01)),
    ("SGD", ["dampening", "lr", "maximize", "momentum", "nesterov", "weight_decay"],
     optim.SGD([{"params": [WEIGHT], "lr": 0.5}, {"params": [BIAS]}], lr=1e-5, momentum=0.9)),
]


def kept(text, settings):
    lines = text.split("\n")
    return "\n".join(line for line in lines if not line.startswith("    ") or line.split(":")[0].strip() in settings)


golden = {
    "tensors": [printed(t) for t in TENSORS],
    "withGrad": [printed(t.detach()) | {"text": repr(t)} for t in WITH_GRAD],
    "modules": [{"name": name, "options": options, "text": repr(module)} for name, options, module in MODULES],
    "nests": {name: repr(module) for name, module in NESTS.items()},
    "optimizers": [{"name": name, "text": kept(repr(o), settings)} for name, settings, o in OPTIMIZERS],
}
with open("tests/golden/print.json", "w") as file:
    json.dump(golden, file)
    file.write("\n")
