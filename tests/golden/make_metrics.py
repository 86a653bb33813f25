"""Metrics of the real torchmetrics -> tests/golden/metrics.json.

Made with torchmetrics 1.9.0, torch 2.13.0. Run: python tests/golden/make_metrics.py
"""
import json
import pathlib
import warnings

import torch
import torchmetrics

warnings.filterwarnings("ignore")
CAMEL = {"num_classes": "numClasses", "num_labels": "numLabels", "top_k": "topK", "ignore_index": "ignoreIndex", "nan_strategy": "nanStrategy", "num_outputs": "numOutputs"}


def flat(t):
    t = torch.as_tensor(t)
    return {"shape": list(t.shape), "float": t.is_floating_point(), "values": [v if v == v and abs(v) != float("inf") else str(v) for v in t.double().flatten().tolist()]}


cases = []


def case(name, o, batches):
    metric = getattr(torchmetrics, name)(**o)
    forwards = [flat(metric(*batch)) for batch in batches]
    cases.append({"metric": name, "options": {CAMEL.get(k, k): v for k, v in o.items()},
                  "batches": [[flat(x) for x in batch] for batch in batches], "forwards": forwards, "value": flat(metric.compute())})


g = torch.Generator().manual_seed(0)
scores = lambda n, c, *rest: torch.randn(n, c, *rest, generator=g)
labels = lambda n, c, *rest: torch.randint(0, c, (n, *rest), generator=g)
anchor = (torch.tensor([0, 1, 1, 2, 2, 3]), torch.tensor([0, 0, 1, 2, 2, 2]))
batches4 = [(scores(7, 4), labels(7, 4)), (scores(3, 4), labels(3, 3)), (scores(1, 4), labels(1, 2))]
images = [(scores(2, 3, 2, 2), labels(2, 3, 2, 2)), (scores(1, 3, 2, 2), labels(1, 3, 2, 2))]
signed = [(p, torch.where(t == 2, torch.tensor(-1), t)) for p, t in batches4]
ties = [(torch.tensor([[1.0, 1, 0], [0, 2, 2], [3, 3, 3]]), torch.tensor([1, 2, 0]))]
probabilities = [(torch.rand(9, generator=g), labels(9, 2)), (torch.rand(4, generator=g), labels(4, 2))]
logits = [(3 * torch.randn(9, generator=g), labels(9, 2)), (torch.rand(4, generator=g), labels(4, 2))]
multi = [(torch.rand(6, 3, generator=g), labels(6, 2, 3)), (2 * torch.randn(4, 3, generator=g), labels(4, 2, 3))]
multi_ignored = [(p, torch.where((t == 0) & (p > 0.6), torch.tensor(-1), t)) for p, t in multi]
for name in ("Accuracy", "Precision", "Recall", "F1Score"):
    case(name, {"task": "multiclass", "num_classes": 4}, batches4)
    for average in ("micro", "macro", "weighted", "none"):
        for bs in ([anchor], batches4):
            case(name, {"task": "multiclass", "num_classes": 4, "average": average}, bs)
        case(name, {"task": "multiclass", "num_classes": 4, "average": average, "ignore_index": 2}, [anchor])
        case(name, {"task": "multiclass", "num_classes": 4, "average": average, "ignore_index": -1}, signed)
        case(name, {"task": "multiclass", "num_classes": 3, "average": average}, images)
        case(name, {"task": "multilabel", "num_labels": 3, "average": average}, multi)
        case(name, {"task": "multilabel", "num_labels": 3, "average": average, "ignore_index": -1, "threshold": 0.3}, multi_ignored)
        if name != "F1Score":
            case(name, {"task": "multiclass", "num_classes": 4, "average": average, "top_k": 2}, batches4)
    case(name, {"task": "multiclass", "num_classes": 4, "top_k": 2}, batches4)
    case(name, {"task": "multiclass", "num_classes": 4, "top_k": 2, "ignore_index": 1}, batches4)
    case(name, {"task": "binary"}, probabilities)
    case(name, {"task": "binary", "threshold": 0.7}, logits)
    case(name, {"task": "binary", "ignore_index": 0}, probabilities)
    case(name, {"task": "binary"}, [(labels(5, 2), labels(5, 2))])
case("Accuracy", {"task": "multiclass", "num_classes": 3}, ties)
for normalize in (None, "true", "pred", "all"):
    case("ConfusionMatrix", {"task": "multiclass", "num_classes": 4, "normalize": normalize}, [anchor, *batches4])
    case("ConfusionMatrix", {"task": "multilabel", "num_labels": 3, "normalize": normalize}, multi)
    case("ConfusionMatrix", {"task": "binary", "normalize": normalize}, probabilities)
case("ConfusionMatrix", {"task": "multiclass", "num_classes": 4, "ignore_index": 2}, [anchor])
pairs = [(torch.randn(5, 2, generator=g), torch.randn(5, 2, generator=g)), (torch.randn(3, 2, generator=g), torch.randn(3, 2, generator=g))]
case("MeanSquaredError", {}, [(torch.tensor([2.5, 0, 2, 8]), torch.tensor([3, -0.5, 2, 7]))])
case("MeanSquaredError", {"squared": False}, pairs)
case("MeanSquaredError", {"num_outputs": 2}, pairs)
case("MeanAbsoluteError", {}, pairs)
case("MeanAbsoluteError", {"num_outputs": 2}, pairs)
nan = float("nan")
values = [(torch.tensor([1.0, nan, 3.0]),), (torch.tensor(7.0),), (torch.tensor([[-2.0], [0.5]]),)]
for name in ("MeanMetric", "SumMetric", "MaxMetric", "MinMetric"):
    case(name, {}, values)
    case(name, {"nan_strategy": "ignore"}, values)
    case(name, {"nan_strategy": 0.0}, values)
    case(name, {"nan_strategy": -5.0}, values)
    case(name, {"nan_strategy": "disable"}, values[1:])
case("MeanMetric", {}, [(torch.tensor(2.0), torch.tensor(3.0)), (torch.tensor(4.0), torch.tensor(6.0)), (torch.tensor([1.0, 2.0]), torch.tensor([0.5, nan]))])
empty = {name: flat(getattr(torchmetrics, name)().compute()) for name in ("MeanMetric", "SumMetric", "MaxMetric", "MinMetric")}
pathlib.Path(__file__).with_name("metrics.json").write_text(json.dumps({"versions": {"torchmetrics": torchmetrics.__version__}, "cases": cases, "empty": empty}) + "\n")
