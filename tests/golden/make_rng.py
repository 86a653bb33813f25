"""Random streams of the real PyTorch CPU generator -> tests/golden/rng.json.

Made with torch 2.13.0 (x86-64). Run: python tests/golden/make_rng.py
"""
import hashlib
import json
import pathlib

import torch


def gen(seed):
    return torch.Generator().manual_seed(seed)


def digest(tensor):
    return hashlib.sha256(tensor.numpy().tobytes()).hexdigest()


out = {"versions": {"torch": torch.__version__}}
out["uniform"] = [
    {"seed": s, "count": n, "low": lo, "high": hi, "first": x[:8].double().tolist(), "sha256": digest(x)}
    for s, n, lo, hi in [(42, 3, 0, 1), (0, 20000, 0, 1), (12345, 100352, -1 / 28, 1 / 28), (7, 50000, -0.3, 0.7), (1, 50000, 2, 11)]
    for x in [torch.empty(n).uniform_(lo, hi, generator=gen(s))]
]
out["double"] = [{"seed": s, "values": torch.rand(40, dtype=torch.float64, generator=gen(s)).tolist()} for s in (0, 42)]
out["normal"] = [
    {"seed": s, "count": n, "mean": m, "std": d, "first": x[:16].double().tolist(), "sha256": digest(x)}
    for s, n, m, d in [(42, 3, 0, 1), (42, 16, 0, 1), (42, 15, 0.5, 2), (3, 64, -1, 0.02), (3, 37, 0, 1), (11, 1000000, 0.1, 1.7)]
    for x in [torch.empty(n).normal_(m, d, generator=gen(s))]
]
out["randint"] = [
    {"seed": s, "low": lo, "high": hi, "values": torch.randint(lo, hi, (12,), generator=gen(s)).tolist()}
    for s, lo, hi in [(0, 0, 5), (1, -7, 7), (1, 0, 2**28 - 1), (1, 0, 2**28), (1, 5, 2**31), (1, 0, 2**32), (1, -(2**40), 2**40)]
]
out["randperm"] = [
    {"seed": s, "count": n, "first": x[:10].tolist(), "sha256": digest(x.int())}
    for s, n in [(42, 10), (1, 1), (1, 2), (42, 1000), (7, 60000)]
    for x in [torch.randperm(n, generator=gen(s))]
]
out["bernoulli"] = [
    {"seed": s, "p": p, "values": (torch.rand(60, dtype=torch.float64, generator=gen(s)) < p).int().tolist()}
    for s, p in [(1, 0.3), (2, 0.5)]
]
out["random64"] = [{"seed": s, "values": [str(v) for v in torch.empty(6, dtype=torch.int64).random_(generator=gen(s)).tolist()]} for s in (1, 12345)]
out["seeds"] = [{"seed": str(s), "first": torch.rand(2, generator=gen(s)).double().tolist()} for s in (0, 2**32 - 1, 2**32 + 5, 2**40 + 1, 2**64 - 3)]

g = gen(42)
steps = []
for name, draw in [
    ("normal", lambda: torch.randn(1, generator=g)),
    ("uniform", lambda: torch.rand(3, generator=g)),
    ("normal", lambda: torch.randn(1, generator=g)),
    ("normal", lambda: torch.randn(3, generator=g)),
    ("uniform", lambda: torch.rand(700, generator=g)),
    ("normal", lambda: torch.randn(2, generator=g)),
]:
    x = draw()
    steps.append({"draw": name, "count": x.numel(), "last": x[-1].double().item(),
                  "state_sha256": hashlib.sha256(bytes(g.get_state().numpy())).hexdigest()})
out["interleaved"] = {"seed": 42, "steps": steps}
pathlib.Path(__file__).with_name("rng.json").write_text(json.dumps(out) + "\n")
