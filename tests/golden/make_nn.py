"""Layers, initial values, losses and whole networks of the real PyTorch -> tests/golden/nn.json, losses.json.

Made with torch 2.13.0 (x86-64, float32). Run: python tests/golden/make_nn.py
"""
import hashlib
import json
import pathlib

import torch
from torch import nn

torch.set_num_threads(1)
HERE = pathlib.Path(__file__).parent


def flat(t):
    return None if t is None else {"shape": list(t.shape), "dtype": str(t.dtype)[6:], "values": [v if v == v and abs(v) != float("inf") else str(v) for v in t.detach().double().flatten().tolist()]}


def digest(t):
    return hashlib.sha256(t.detach().contiguous().numpy().tobytes()).hexdigest()


def rand(seed, *shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)) if shape else torch.tensor(0.5)


def layer(name, options, kwargs, shape, eval_after=0, seed=0, indices=None):
    """Forward and gradients of one layer; `eval_after` training calls first, then evaluation."""
    torch.manual_seed(seed)
    module = getattr(nn, name)(**kwargs)
    init = {k: flat(v) for k, v in module.state_dict().items()}
    for i in range(eval_after):
        module(rand(50 + i, *shape))
    if eval_after:
        module.eval()
    x = rand(1, *shape).requires_grad_() if indices is None else torch.randint(0, indices, shape, generator=torch.Generator().manual_seed(1))
    y = module(x)
    g = rand(2, *y.shape)
    y.backward(g)
    return {
        "layer": name, "options": options, "seed": seed, "input": flat(x), "gradient": flat(g), "evalAfter": eval_after,
        "warmup": [flat(rand(50 + i, *shape)) for i in range(eval_after)],
        "init": init, "output": flat(y), "inputGrad": flat(x.grad),
        "grads": {k: flat(p.grad) for k, p in module.named_parameters()},
        "after": {k: flat(v) for k, v in module.state_dict().items()},
    }


layers = [
    layer("Linear", {"inFeatures": 5, "outFeatures": 3}, dict(in_features=5, out_features=3), (4, 5)),
    layer("Linear", {"inFeatures": 5, "outFeatures": 3, "bias": False}, dict(in_features=5, out_features=3, bias=False), (2, 3, 5)),
    layer("Linear", {"inFeatures": 4, "outFeatures": 2}, dict(in_features=4, out_features=2), (4,)),
    layer("Conv2d", {"inChannels": 2, "outChannels": 3, "kernelSize": 3}, dict(in_channels=2, out_channels=3, kernel_size=3), (2, 2, 6, 5)),
    layer("Conv2d", {"inChannels": 2, "outChannels": 4, "kernelSize": [3, 2], "stride": [2, 1], "padding": [1, 0], "bias": False},
          dict(in_channels=2, out_channels=4, kernel_size=(3, 2), stride=(2, 1), padding=(1, 0), bias=False), (2, 2, 5, 6)),
    layer("Conv2d", {"inChannels": 4, "outChannels": 4, "kernelSize": 3, "padding": 2, "dilation": 2, "groups": 2},
          dict(in_channels=4, out_channels=4, kernel_size=3, padding=2, dilation=2, groups=2), (1, 4, 5, 5)),
    layer("Conv2d", {"inChannels": 1, "outChannels": 2, "kernelSize": 3, "padding": "same"}, dict(in_channels=1, out_channels=2, kernel_size=3, padding="same"), (1, 4, 4)),
    layer("BatchNorm1d", {"numFeatures": 3}, dict(num_features=3), (5, 3)),
    layer("BatchNorm1d", {"numFeatures": 3, "momentum": None, "eps": 0.01}, dict(num_features=3, momentum=None, eps=0.01), (4, 3, 2)),
    layer("BatchNorm1d", {"numFeatures": 3}, dict(num_features=3), (5, 3), eval_after=3),
    layer("BatchNorm1d", {"numFeatures": 3, "momentum": None}, dict(num_features=3, momentum=None), (5, 3), eval_after=3),
    layer("BatchNorm1d", {"numFeatures": 3, "affine": False, "trackRunningStats": False}, dict(num_features=3, affine=False, track_running_stats=False), (5, 3), eval_after=1),
    layer("BatchNorm2d", {"numFeatures": 2}, dict(num_features=2), (2, 2, 3, 2)),
    layer("BatchNorm2d", {"numFeatures": 2, "affine": False}, dict(num_features=2, affine=False), (2, 2, 3, 2), eval_after=2),
    layer("LayerNorm", {"normalizedShape": 4}, dict(normalized_shape=4), (3, 4)),
    layer("LayerNorm", {"normalizedShape": [3, 2], "eps": 0.1}, dict(normalized_shape=[3, 2], eps=0.1), (2, 3, 2)),
    layer("LayerNorm", {"normalizedShape": 4, "bias": False}, dict(normalized_shape=4, bias=False), (3, 4)),
    layer("LayerNorm", {"normalizedShape": 4, "elementwiseAffine": False}, dict(normalized_shape=4, elementwise_affine=False), (3, 4)),
    layer("ReLU", {}, {}, (3, 4)), layer("LeakyReLU", {"negativeSlope": 0.2}, dict(negative_slope=0.2), (3, 4)),
    layer("ELU", {"alpha": 0.7}, dict(alpha=0.7), (3, 4)), layer("GELU", {}, {}, (3, 4)), layer("GELU", {"approximate": "tanh"}, dict(approximate="tanh"), (3, 4)),
    layer("SiLU", {}, {}, (3, 4)), layer("Sigmoid", {}, {}, (3, 4)), layer("Tanh", {}, {}, (3, 4)),
    layer("ReLU6", {}, {}, (3, 4)), layer("SELU", {}, {}, (3, 4)), layer("Mish", {}, {}, (3, 4)), layer("Hardswish", {}, {}, (3, 4)),
    layer("Hardsigmoid", {}, {}, (3, 4)), layer("Softsign", {}, {}, (3, 4)), layer("LogSigmoid", {}, {}, (3, 4)),
    layer("AdaptiveAvgPool2d", {"outputSize": 1}, dict(output_size=1), (2, 3, 4, 5)),
    layer("AdaptiveAvgPool2d", {"outputSize": [2, 3]}, dict(output_size=(2, 3)), (2, 3, 4, 6)),
    layer("Embedding", {"numEmbeddings": 6, "embeddingDim": 4}, dict(num_embeddings=6, embedding_dim=4), (3, 2), indices=6),
    layer("Softplus", {"beta": 2, "threshold": 1}, dict(beta=2, threshold=1), (3, 4)),
    layer("Softmax", {"dim": 1}, dict(dim=1), (3, 4)), layer("LogSoftmax", {"dim": 0}, dict(dim=0), (3, 4)),
    layer("Flatten", {}, {}, (2, 3, 4)), layer("Flatten", {"startDim": 0, "endDim": 1}, dict(start_dim=0, end_dim=1), (2, 3, 4)), layer("Identity", {}, {}, (3,)),
    layer("MaxPool2d", {"kernelSize": 2}, dict(kernel_size=2), (2, 2, 5, 4)),
    layer("MaxPool2d", {"kernelSize": 3, "stride": 2, "padding": 1}, dict(kernel_size=3, stride=2, padding=1), (1, 2, 6, 5)),
    layer("AvgPool2d", {"kernelSize": 2}, dict(kernel_size=2), (2, 2, 4, 5)),
    layer("AvgPool2d", {"kernelSize": 3, "stride": 2, "padding": 1}, dict(kernel_size=3, stride=2, padding=1), (2, 5, 6)),
]

inits = []
for name, args, kwargs in [
    ("kaiming_uniform_", {}, {}), ("kaiming_uniform_", {"a": 5**0.5}, {"a": 5**0.5}),
    ("kaiming_uniform_", {"mode": "fan_out", "nonlinearity": "relu"}, {"mode": "fan_out", "nonlinearity": "relu"}),
    ("kaiming_normal_", {"nonlinearity": "tanh"}, {"nonlinearity": "tanh"}), ("xavier_uniform_", {"gain": 2}, {"gain": 2}), ("xavier_normal_", {}, {}),
]:
    torch.manual_seed(3)
    w = torch.empty(6, 4, 3, 3)
    getattr(nn.init, name)(w, **kwargs)
    inits.append({"name": name, "options": args, "shape": [6, 4, 3, 3], "first": w.flatten()[:6].double().tolist(), "sha256": digest(w)})


class SimpleDenseNet(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        parts = []
        for a, b in zip(sizes[:-2], sizes[1:-1]):
            parts += [nn.Linear(a, b), nn.BatchNorm1d(b), nn.ReLU()]
        self.model = nn.Sequential(*parts, nn.Linear(sizes[-2], sizes[-1]))

    def forward(self, x):
        return self.model(x.view(x.shape[0], -1))


class SimpleConvNet(nn.Module):
    def __init__(self, channels, image, c1, c2, classes):
        super().__init__()
        block = lambda a, b: [nn.Conv2d(a, b, 3, padding=1), nn.BatchNorm2d(b), nn.ReLU(), nn.MaxPool2d(2)]
        self.model = nn.Sequential(*block(channels, c1), *block(c1, c2), nn.Flatten(), nn.Linear(c2 * (image // 4) ** 2, classes))

    def forward(self, x):
        return self.model(x)


def train(make, optimize, shape, classes, steps, lr):
    """A network trained on random images that come round every four steps."""
    torch.manual_seed(12345)
    net = make()
    init = {k: {"shape": list(v.shape), "sha256": digest(v)} for k, v in net.state_dict().items()}
    optimizer = optimize(net.parameters(), lr)
    data = torch.Generator().manual_seed(5)
    batches = [(torch.rand(*shape, generator=data), torch.randint(0, classes, (shape[0],), generator=data)) for _ in range(4)]
    losses = []
    for step in range(steps):
        x, t = batches[step % 4]
        loss = nn.functional.cross_entropy(net(x), t)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    net.eval()
    return {"init": init, "losses": losses, "shape": list(shape), "classes": classes, "lr": lr,
            "labels": [t.tolist() for _, t in batches], "output": flat(net(batches[0][0])), "final": {k: flat(v) for k, v in net.state_dict().items()}}


adam = lambda p, lr: torch.optim.Adam(p, lr=lr)
sgd = lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=0.9)
dense = lambda: SimpleDenseNet([16, 12, 10, 8, 5])
conv = lambda: SimpleConvNet(1, 8, 3, 4, 3)
nets = {
    "dense": {"Adam": train(dense, adam, (8, 1, 4, 4), 5, 100, 0.01), "SGD": train(dense, sgd, (8, 1, 4, 4), 5, 100, 0.01)},
    "conv": {"Adam": train(conv, adam, (6, 1, 8, 8), 3, 100, 0.01), "SGD": train(conv, sgd, (6, 1, 8, 8), 3, 100, 0.01)},
}
torch.manual_seed(12345)
full = SimpleDenseNet([784, 128, 256, 64, 10])
nets["seed"] = {"init": {k: {"shape": list(v.shape), "sha256": digest(v)} for k, v in full.state_dict().items()}, "first": full.model[0].weight.flatten()[:4].double().tolist()}
(HERE / "nn.json").write_text(json.dumps({"versions": {"torch": torch.__version__}, "layers": layers, "inits": inits, "nets": nets}) + "\n")

losses = []


def loss(name, options, kwargs, x, t, target_grad=False):
    x = x.clone().requires_grad_()
    kwargs = {k: torch.tensor(v, dtype=torch.float32) if k in ("weight", "pos_weight") else v for k, v in kwargs.items()}
    y = getattr(nn, name)(**kwargs)(x, t)
    g = rand(9, *y.shape)
    y.backward(g)
    losses.append({"loss": name, "options": options, "input": flat(x), "target": flat(t), "gradient": flat(g), "output": flat(y), "inputGrad": flat(x.grad)})


x = rand(1, 5, 4)
t = torch.tensor([3, 0, 1, 1, 2])
w = [0.5, 2.0, 1.0, 3.0]
for reduction in ("mean", "sum", "none"):
    for o in ({}, {"weight": w}, {"label_smoothing": 0.1}, {"weight": w, "label_smoothing": 0.3}, {"ignore_index": 1}, {"weight": w, "label_smoothing": 0.2, "ignore_index": 1}):
        names = {"label_smoothing": "labelSmoothing", "ignore_index": "ignoreIndex"}
        loss("CrossEntropyLoss", {names.get(k, k): v for k, v in o.items()} | {"reduction": reduction}, o | {"reduction": reduction}, x, t)
    p = rand(3, 5, 4).softmax(1)
    for o in ({}, {"weight": w}, {"weight": w, "label_smoothing": 0.3}):
        loss("CrossEntropyLoss", {names.get(k, k): v for k, v in o.items()} | {"reduction": reduction}, o | {"reduction": reduction}, x, p)
    loss("NLLLoss", {"weight": w, "ignoreIndex": 2, "reduction": reduction}, {"weight": w, "ignore_index": 2, "reduction": reduction}, x.log_softmax(1), t)
    a, b = rand(4, 3, 4), rand(5, 3, 4)
    for name, o in [("MSELoss", {}), ("L1Loss", {}), ("SmoothL1Loss", {"beta": 0.5}), ("SmoothL1Loss", {"beta": 0.0}), ("HuberLoss", {"delta": 0.7})]:
        loss(name, o | {"reduction": reduction}, o | {"reduction": reduction}, a, b)
    q = torch.tensor([[0.1, 0.9, 1e-30], [0.5, 0.3, 0.7]])
    u = torch.tensor([[0.0, 1.0, 1.0], [0.25, 1.0, 0.0]])
    loss("BCELoss", {"reduction": reduction}, {"reduction": reduction}, q, u)
    loss("BCELoss", {"weight": [1.0, 2.0, 0.5], "reduction": reduction}, {"weight": [1.0, 2.0, 0.5], "reduction": reduction}, q, u)
    z = torch.tensor([[-2.0, 0.5, 80.0], [3.0, -90.0, 0.0]])
    loss("BCEWithLogitsLoss", {"reduction": reduction}, {"reduction": reduction}, z, u)
    loss("BCEWithLogitsLoss", {"posWeight": [2.0, 0.5, 3.0], "weight": [1.0, 2.0, 0.5], "reduction": reduction}, {"pos_weight": [2.0, 0.5, 3.0], "weight": [1.0, 2.0, 0.5], "reduction": reduction}, z, u)
for reduction in ("mean", "sum", "none", "batchmean"):
    lp = rand(6, 3, 4).log_softmax(1)
    tp = rand(7, 3, 4).softmax(1).clone()
    tp[0, 0] = 0.0
    loss("KLDivLoss", {"reduction": reduction}, {"reduction": reduction}, lp, tp)
    loss("KLDivLoss", {"reduction": reduction, "logTarget": True}, {"reduction": reduction, "log_target": True}, lp, rand(8, 3, 4).log_softmax(1))
loss("CrossEntropyLoss", {}, {}, rand(1, 4), torch.tensor(2))
loss("CrossEntropyLoss", {"weight": [1.0, 2.0, 3.0], "ignoreIndex": -1}, {"weight": [1.0, 2.0, 3.0], "ignore_index": -1}, rand(1, 2, 3, 2, 2), torch.tensor([[[0, 1], [2, -1]], [[-1, 2], [0, 0]]]))
loss("CrossEntropyLoss", {}, {}, torch.tensor([[1e4, -1e4, 0.0], [float("-inf"), 2.0, 1.0]]), torch.tensor([1, 2]))
loss("CrossEntropyLoss", {}, {}, rand(1, 2, 3), torch.tensor([-100, -100]))
loss("CrossEntropyLoss", {}, {}, torch.tensor([[1.0, 2, 3], [1, 0, -2]]), torch.tensor([2, 1]))
(HERE / "losses.json").write_text(json.dumps({"versions": {"torch": torch.__version__}, "losses": losses}) + "\n")
