"""Optimizer and scheduler trajectories of the real PyTorch -> tests/golden/optim.json.

Made with torch 2.13.0 (x86-64, float32). Run: python tests/golden/make_optim.py
"""
import json
import pathlib
import warnings

import torch

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
S = torch.optim.lr_scheduler
CAMEL = {"weight_decay": "weightDecay", "lr_decay": "lrDecay", "initial_accumulator_value": "initialAccumulatorValue"}


def camel(o):
    return {CAMEL.get(k, k): v for k, v in o.items()}


def problem():
    g = torch.Generator().manual_seed(1)
    a = torch.randn(3, 4, generator=g).requires_grad_()
    b = torch.randn(5, generator=g).requires_grad_()
    return a, b, torch.rand(3, 4, generator=g) + 0.1


def trajectory(name, o):
    """100 steps on sum(c·a⁴) + sum(b²) + mean(a)·sum(b); b has no gradient on every seventh step."""
    a, b, c = problem()
    opt = getattr(torch.optim, name)([a, b], **o)
    seen = []
    for step in range(100):
        opt.zero_grad()
        loss = (c * a**4).sum()
        if step % 7 != 3:
            loss = loss + (b**2).sum() + a.mean() * b.sum()
        loss.backward()
        opt.step()
        if step in (0, 1, 3, 9, 49, 99):
            seen.append({"step": step, "a": a.detach().double().flatten().tolist(), "b": b.detach().double().tolist()})
    state = opt.state_dict()["state"]
    return {"optimizer": name, "options": camel(o), "seen": seen,
            "state": {str(i): {k: (v.detach().double().flatten().tolist() if torch.is_tensor(v) else v) for k, v in s.items()} for i, s in state.items()}}


trajectories = [trajectory(n, o) for n, o in [
    ("SGD", {"lr": 0.01}), ("SGD", {"lr": 0.01, "momentum": 0.9}), ("SGD", {"lr": 0.01, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.01, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}), ("SGD", {"lr": 0.0005, "maximize": True}),
    ("Adam", {"lr": 0.01}), ("Adam", {"lr": 0.01, "betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.1}), ("Adam", {"lr": 0.01, "amsgrad": True}), ("Adam", {"lr": 0.001, "maximize": True}),
    ("AdamW", {"lr": 0.01}), ("AdamW", {"lr": 0.01, "weight_decay": 0.2, "amsgrad": True}),
    ("RMSprop", {"lr": 0.01}), ("RMSprop", {"lr": 0.01, "alpha": 0.9, "momentum": 0.8, "centered": True, "weight_decay": 0.1}),
    ("Adagrad", {"lr": 0.1}), ("Adagrad", {"lr": 0.1, "lr_decay": 0.05, "weight_decay": 0.1, "initial_accumulator_value": 0.3}),
]]


def groups():
    a, b, c = problem()
    opt = torch.optim.Adam([{"params": [a], "lr": 0.1}, {"params": [b], "weight_decay": 0.5}], lr=0.01)
    for _ in range(5):
        opt.zero_grad()
        ((c * a**2).sum() + (b**2).sum()).backward()
        opt.step()
    return {"a": a.detach().double().flatten().tolist(), "b": b.detach().double().tolist()}


def clip(kind, limit):
    a, b, c = problem()
    opt = torch.optim.SGD([a, b], lr=0.1)
    ((c * a**4).sum() + (b**2).sum()).backward()
    norm = None
    if kind == "norm":
        norm = torch.nn.utils.clip_grad_norm_([a, b], limit).item()
    else:
        torch.nn.utils.clip_grad_value_([a, b], limit)
    return {"kind": kind, "limit": limit, "norm": norm, "a": a.grad.double().flatten().tolist(), "b": b.grad.double().tolist()}


a, b, c = problem()
start = {"a": a.detach().double().flatten().tolist(), "b": b.detach().double().tolist(), "c": c.double().flatten().tolist()}


def schedule(name, options, make, steps, base=1.0, optimizer=lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=0.9), outside=None):
    opt = optimizer([torch.zeros(1, requires_grad=True)], base)
    sched = make(opt)
    lrs = [opt.param_groups[0]["lr"]]
    moments = [opt.param_groups[0].get("momentum", opt.param_groups[0].get("betas", [None])[0])]
    for i in range(steps):
        opt.step()
        if outside is not None and i == outside:
            opt.param_groups[0]["lr"] *= 2
        sched.step()
        lrs.append(opt.param_groups[0]["lr"])
        moments.append(opt.param_groups[0].get("momentum", opt.param_groups[0].get("betas", [None])[0]))
    schedules.append({"scheduler": name, "options": options, "base": base, "outside": outside, "lrs": lrs, "moments": moments,
                      "adam": "betas" in opt.param_groups[0]})


schedules = []
schedule("StepLR", {"stepSize": 2}, lambda o: S.StepLR(o, 2), 9)
schedule("StepLR", {"stepSize": 3, "gamma": 0.5}, lambda o: S.StepLR(o, 3, 0.5), 99, outside=4)
schedule("MultiStepLR", {"milestones": [2, 5, 5], "gamma": 0.5}, lambda o: S.MultiStepLR(o, [2, 5, 5], 0.5), 9)
schedule("ExponentialLR", {"gamma": 0.97}, lambda o: S.ExponentialLR(o, 0.97), 99)
schedule("ConstantLR", {"factor": 0.5, "totalIters": 2}, lambda o: S.ConstantLR(o, 0.5, 2), 5)
schedule("ConstantLR", {}, lambda o: S.ConstantLR(o), 9, base=0.3)
schedule("LinearLR", {"totalIters": 4}, lambda o: S.LinearLR(o, total_iters=4), 8)
schedule("LinearLR", {"startFactor": 0.1, "endFactor": 0.5, "totalIters": 60}, lambda o: S.LinearLR(o, 0.1, 0.5, 60), 99, base=0.2)
schedule("PolynomialLR", {"totalIters": 4, "power": 2}, lambda o: S.PolynomialLR(o, 4, 2), 7)
schedule("PolynomialLR", {"totalIters": 70}, lambda o: S.PolynomialLR(o, 70), 99)
schedule("CosineAnnealingLR", {"tMax": 4}, lambda o: S.CosineAnnealingLR(o, 4), 12)
schedule("CosineAnnealingLR", {"tMax": 30, "etaMin": 0.01}, lambda o: S.CosineAnnealingLR(o, 30, 0.01), 99, base=0.3, outside=10)
schedule("CosineAnnealingWarmRestarts", {"t0": 2, "tMult": 2}, lambda o: S.CosineAnnealingWarmRestarts(o, 2, 2), 20)
schedule("CosineAnnealingWarmRestarts", {"t0": 7, "etaMin": 0.1}, lambda o: S.CosineAnnealingWarmRestarts(o, 7, eta_min=0.1), 30)
schedule("OneCycleLR", {"maxLr": 1, "totalSteps": 10}, lambda o: S.OneCycleLR(o, 1.0, total_steps=10), 9)
schedule("OneCycleLR", {"maxLr": 0.5, "epochs": 5, "stepsPerEpoch": 10, "annealStrategy": "linear", "threePhase": True, "divFactor": 10, "finalDivFactor": 100, "pctStart": 0.4},
         lambda o: S.OneCycleLR(o, 0.5, epochs=5, steps_per_epoch=10, anneal_strategy="linear", three_phase=True, div_factor=10, final_div_factor=100, pct_start=0.4), 49,
         optimizer=lambda p, lr: torch.optim.Adam(p, lr=lr))
schedule("CyclicLR", {"baseLr": 0.1, "maxLr": 1, "stepSizeUp": 2, "stepSizeDown": 3}, lambda o: S.CyclicLR(o, 0.1, 1, 2, 3), 20)
schedule("CyclicLR", {"baseLr": 0.1, "maxLr": 1, "stepSizeUp": 4, "mode": "triangular2"}, lambda o: S.CyclicLR(o, 0.1, 1, 4, mode="triangular2"), 30)
schedule("CyclicLR", {"baseLr": 0.1, "maxLr": 1, "stepSizeUp": 4, "mode": "exp_range", "gamma": 0.9, "cycleMomentum": False}, lambda o: S.CyclicLR(o, 0.1, 1, 4, mode="exp_range", gamma=0.9, cycle_momentum=False), 30)
schedule("LambdaLR", {}, lambda o: S.LambdaLR(o, lambda e: 1 / (e + 1)), 9, base=0.7)
schedule("MultiplicativeLR", {}, lambda o: S.MultiplicativeLR(o, lambda e: 1 / (e + 1)), 9, base=0.7)
schedule("Sequential constant exponential", {}, lambda o: S.SequentialLR(o, [S.ConstantLR(o, 0.1, 2), S.ExponentialLR(o, 0.9)], [2]), 9)
schedule("Sequential linear cosine", {}, lambda o: S.SequentialLR(o, [S.LinearLR(o, 0.1, 1, 3), S.CosineAnnealingLR(o, 4)], [3]), 9)
schedule("Chained constant exponential", {}, lambda o: S.ChainedScheduler([S.ConstantLR(o, 0.1, 2), S.ExponentialLR(o, 0.9)]), 9)


def plateau(o, options, values, base=1.0):
    opt = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=base)
    s = S.ReduceLROnPlateau(opt, **o)
    lrs = []
    for v in values:
        s.step(v)
        lrs.append(opt.param_groups[0]["lr"])
    state = {k: v for k, v in s.state_dict().items() if k in ("best", "num_bad_epochs", "cooldown_counter", "last_epoch")}
    return {"options": options, "base": base, "values": [str(v) for v in values], "lrs": lrs, "state": state}


g = torch.Generator().manual_seed(0)
noisy = (torch.rand(100, generator=g) + torch.linspace(1, 0, 100)).tolist()
nan = float("nan")
plateaus = [
    plateau({"patience": 2}, {"patience": 2}, [1.0] * 7),
    plateau({"mode": "max", "patience": 1, "factor": 0.5}, {"mode": "max", "patience": 1, "factor": 0.5}, noisy),
    plateau({"patience": 3, "cooldown": 2, "factor": 0.7, "min_lr": 0.05, "threshold": 0.01}, {"patience": 3, "cooldown": 2, "factor": 0.7, "minLr": 0.05, "threshold": 0.01}, noisy),
    plateau({"patience": 1, "threshold": 0.1, "threshold_mode": "abs"}, {"patience": 1, "threshold": 0.1, "thresholdMode": "abs"}, [3, 2.95, 2.85, 2.8, 2.7, 2.69, 2.68, 2.67]),
    plateau({"mode": "max", "patience": 1, "threshold_mode": "abs", "threshold": 0.1}, {"mode": "max", "patience": 1, "thresholdMode": "abs", "threshold": 0.1}, [1, 1.05, 1.2, 1.25, 1.26, 1.27]),
    plateau({"patience": 1}, {"patience": 1}, [2.0, nan, nan, nan, 1.0, nan]),
    plateau({"patience": 0, "eps": 0.5}, {"patience": 0, "eps": 0.5}, [1.0, 1.0, 1.0], base=0.5),
]
out = {"versions": {"torch": torch.__version__}, "start": start, "trajectories": trajectories, "groups": groups(),
       "clips": [clip("norm", 1.0), clip("norm", 1e6), clip("value", 0.5)], "schedules": schedules, "plateaus": plateaus}
pathlib.Path(__file__).with_name("optim.json").write_text(json.dumps(out) + "\n")
