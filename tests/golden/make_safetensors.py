"""Files of the real safetensors library -> tests/golden/safetensors.json (base64).

Made with safetensors 0.8.0, torch 2.13.0. Run: python tests/golden/make_safetensors.py
"""
import base64
import json
import pathlib

import safetensors.torch
import torch

own = {
    "b.weight": torch.arange(6, dtype=torch.float32).reshape(2, 3) / 3,
    "a.weight": torch.tensor([1.5, -0.25, 65504.0], dtype=torch.float16),
    "count": torch.tensor(7, dtype=torch.int32),
    "index": torch.tensor([4000000000], dtype=torch.uint32),
    "image": torch.tensor([[1, 2, 255]], dtype=torch.uint8),
    "mask": torch.tensor([True, False, True]),
    "empty": torch.zeros(0, 4),
    "😀": torch.ones(1),
    "\uffee": torch.ones(2),
}
foreign = {
    "bf16": torch.tensor([1.5, -2.0, 3.140625], dtype=torch.bfloat16),
    "f64": torch.tensor([0.1, -1e30], dtype=torch.float64),
    "i64": torch.tensor([-5, 2**31 - 1], dtype=torch.int64),
    "i8": torch.tensor([-128, 127], dtype=torch.int8),
    "i16": torch.tensor([-32768], dtype=torch.int16),
}
wide = {"i64": torch.tensor([2**31], dtype=torch.int64)}


def entry(tensors, metadata=None):
    return {
        "base64": base64.b64encode(safetensors.torch.save(tensors, metadata)).decode(),
        "tensors": {k: {"shape": list(t.shape), "values": t.double().flatten().tolist()} for k, t in tensors.items()},
    }


out = {"own": entry(own, {"format": "pt"}), "bare": entry({"x": torch.ones(3)}), "foreign": entry(foreign), "wide": entry(wide)}
pathlib.Path(__file__).with_name("safetensors.json").write_text(json.dumps(out) + "\n")
