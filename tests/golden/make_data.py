"""Golden values of torch's samplers and loaders, Hugging Face datasets' shuffles and splits, and torchvision.

Made with torch 2.13.0, torchvision 0.28.0, datasets 5.2.0, numpy 2.4.6, pillow 11.3.0. Pillow 13 resizes some shapes
vertically first, which moves single pixels by 1; earlier ones always resize horizontally first, as Fulgur does.
Writes data.json and transforms.json beside this file:

    python tests/golden/make_data.py
"""

import base64
import hashlib
import io
import json
import os

import numpy as np
import torch
from datasets import Dataset
from PIL import Image
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, SequentialSampler
from torch.utils.data import Dataset as TorchDataset
from torchvision import transforms as T

HERE = os.path.dirname(os.path.abspath(__file__))


def digest(order):
    """SHA-256 of an order as little-endian int32, so that long orders stay out of the file."""
    return hashlib.sha256(np.asarray(order, dtype="<i4").tobytes()).hexdigest()


class Rows(TorchDataset):
    """Rows 0 … n-1; with `draw`, each row also draws one random number, as a random transform does."""

    def __init__(self, n, draw=False):
        self.n, self.draw = n, draw

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        return {"i": i, "r": torch.rand(1).item()} if self.draw else {"i": i}


def permutations():
    out = []
    for seed, n in [(0, 10), (1, 7), (42, 10), (42, 1), (42, 60000), (12345, 1000), (2**40 + 3, 20), (2**130 + 7, 20)]:
        order = np.random.default_rng(seed).permutation(n)
        out.append({"seed": str(seed), "n": n, "head": order[:10].tolist(), "sha256": digest(order)})
    return out


def splits():
    cases = [
        (10, dict(test_size=0.1)), (10, dict(test_size=0.25)), (10, dict(test_size=3)), (7, dict(train_size=0.5)),
        (11, dict(test_size=0.3, train_size=0.3)), (10, dict()), (10, dict(test_size=0.3, shuffle=False)),
        (60000, dict(test_size=0.1)), (13, dict(test_size=0.15)), (10, dict(train_size=4, test_size=2)),
    ]
    out = []
    for n, kwargs in cases:
        parts = Dataset.from_dict({"i": list(range(n))}).train_test_split(seed=42, **kwargs)
        train, test = list(parts["train"]["i"]), list(parts["test"]["i"])
        out.append({
            "n": n, "options": kwargs, "lengths": [len(train), len(test)],
            "train": train[:12], "test": test[:12], "sha256": digest(train + test),
        })
    return out


def samplers():
    out = []
    rows = range(70)
    torch.manual_seed(5)
    out.append({"name": "random", "order": list(RandomSampler(rows))})
    out.append({"name": "random, second epoch", "order": list(RandomSampler(rows))})
    out.append({"name": "state after", "u32": torch.randint(0, 2**20, (3,)).tolist()})
    g = torch.Generator()
    g.manual_seed(9)
    out.append({"name": "generator, 30 of 7", "order": list(RandomSampler(range(7), num_samples=30, generator=g))})
    out.append({"name": "generator after", "u32": torch.randint(0, 2**20, (3,), generator=g).tolist()})
    g.manual_seed(9)
    out.append({"name": "generator, exactly 14 of 7", "order": list(RandomSampler(range(7), num_samples=14, generator=g))})
    out.append({"name": "generator after a whole number", "u32": torch.randint(0, 2**20, (3,), generator=g).tolist()})
    g.manual_seed(9)
    out.append({"name": "replacement", "order": list(RandomSampler(range(50), replacement=True, num_samples=70, generator=g))})
    out.append({"name": "batches", "order": list(BatchSampler(SequentialSampler(range(10)), 4, False))})
    out.append({"name": "batches, drop_last", "order": list(BatchSampler(SequentialSampler(range(10)), 4, True))})
    return out


def epochs(loader, count, between=lambda: None):
    out = []
    for _ in range(count):
        out.append([{k: v.tolist() for k, v in batch.items()} for batch in loader])
        between()
    return out


def loaders():
    out = []

    def case(name, draw, epochs_count=2, n=11, **kwargs):
        torch.manual_seed(77)
        generator = None
        if kwargs.pop("own", False):
            generator = torch.Generator()
            generator.manual_seed(3)
        loader = DataLoader(Rows(n, draw), generator=generator, **kwargs)
        got = epochs(loader, epochs_count)
        out.append({"name": name, "draw": draw, "n": n, "options": kwargs, "own": generator is not None,
                    "epochs": got, "after": torch.randint(0, 2**20, (3,)).tolist()})

    case("sequential", False, batch_size=4)
    case("sequential, drop_last", False, batch_size=4, drop_last=True)
    case("shuffled", False, batch_size=4, shuffle=True)
    case("shuffled, own generator", False, batch_size=4, shuffle=True, own=True)
    case("shuffled, drawing", True, batch_size=4, shuffle=True)
    case("workers, drawing", True, batch_size=2, shuffle=True, num_workers=2)
    case("workers, drawing, own generator", True, batch_size=2, shuffle=True, num_workers=3, own=True)
    case("persistent workers, drawing", True, epochs_count=3, batch_size=2, shuffle=True, num_workers=2, persistent_workers=True)
    return out


def fit_order():
    """A training loader and a validation loader in turns, as a trainer iterates them."""
    torch.manual_seed(123)
    train = DataLoader(Rows(9), batch_size=3, shuffle=True)
    val = DataLoader(Rows(4), batch_size=2)
    out = []
    for _ in range(2):
        out.append([b["i"].tolist() for b in train])
        dropout = torch.rand(2).tolist()
        list(val)
        out.append(dropout)
    return out


def ramp(c, h, w):
    return ((np.arange(c * h * w) * 37 + (np.arange(c * h * w) // 5) * 11) % 256).astype(np.uint8).reshape(c, h, w)


def pil(a):
    return Image.fromarray(a[0] if a.shape[0] == 1 else a.transpose(1, 2, 0))


def unpil(image):
    a = np.asarray(image)
    return (a[None] if a.ndim == 2 else a.transpose(2, 0, 1)).astype(int)


def flat(x):
    return np.asarray(x).reshape(-1).tolist()


def transforms():
    out = {}
    every = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    to = T.ToTensor()(pil(every))
    out["to_tensor"] = flat(to)
    out["mnist"] = flat(T.Normalize([0.1307], [0.3081])(to))
    rgb = ramp(3, 4, 5)
    out["normalize_rgb"] = {"shape": [3, 4, 5], "input": flat(rgb), "mean": [0.485, 0.456, 0.406],
                            "std": [0.229, 0.224, 0.225],
                            "output": flat(T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])(T.ToTensor()(pil(rgb))))}
    out["resize_u8"] = []
    modes = {"nearest": T.InterpolationMode.NEAREST, "bilinear": T.InterpolationMode.BILINEAR, "bicubic": T.InterpolationMode.BICUBIC,
             "nearest-exact": T.InterpolationMode.NEAREST_EXACT}
    for c, h, w, size, mode, extra in [
        (1, 4, 4, [2, 2], "bilinear", {}), (1, 10, 15, 7, "bilinear", {}), (3, 8, 6, [5, 9], "bilinear", {}),
        (1, 28, 28, 32, "bilinear", {}), (1, 9, 7, [4, 4], "bicubic", {}), (1, 9, 7, [12, 10], "bicubic", {}),
        (1, 9, 7, [4, 4], "nearest", {}), (1, 5, 5, [11, 8], "nearest", {}), (1, 10, 30, 8, "bilinear", dict(max_size=20)),
    ]:
        a = ramp(c, h, w)
        r = unpil(T.Resize(size, interpolation=modes[mode], **extra)(pil(a)))
        out["resize_u8"].append({"shape": [c, h, w], "input": flat(a), "size": size, "interpolation": mode, **extra,
                                 "output_shape": list(r.shape), "output": flat(r)})
    out["resize_f32"] = []
    for h, w, size, mode, antialias in [
        (4, 4, [2, 2], "bilinear", True), (4, 4, [2, 2], "bilinear", False), (9, 7, [4, 4], "bicubic", True),
        (9, 7, [4, 4], "bicubic", False), (5, 5, [11, 8], "bilinear", True), (5, 5, [11, 8], "bicubic", False),
        (9, 7, [4, 4], "nearest", True), (9, 7, [4, 4], "nearest-exact", True), (10, 15, 7, "bilinear", True),
    ]:
        a = torch.from_numpy(ramp(1, h, w)).float() / 255
        r = T.Resize(size, interpolation=modes[mode], antialias=antialias)(a)
        out["resize_f32"].append({"shape": [1, h, w], "input": flat(a), "size": size, "interpolation": mode, "antialias": antialias,
                                  "output_shape": list(r.shape), "output": flat(r)})
    out["center_crop"] = []
    for h, w, size in [(8, 8, 5), (7, 9, [4, 3]), (3, 4, 6), (5, 9, 6), (4, 4, [7, 2])]:
        a = ramp(1, h, w)
        r = unpil(T.CenterCrop(size)(pil(a)))
        out["center_crop"].append({"shape": [1, h, w], "input": flat(a), "size": size, "output": flat(r)})

    def batch(name, transform, count=6, c=1, h=6, w=7, seed=31):
        torch.manual_seed(seed)
        images = [np.roll(ramp(c, h, w), k) for k in range(count)]
        results = [unpil(transform(pil(a))) for a in images]
        return {"name": name, "shape": [count, c, h, w], "input": flat(images), "output": flat(results),
                "output_shape": [count, *results[0].shape], "after": torch.randint(0, 2**20, (3,)).tolist()}

    out["random"] = [
        batch("crop 4", T.RandomCrop(4)),
        batch("crop 6x7", T.RandomCrop((6, 7))),
        batch("crop 5, padding 2", T.RandomCrop(5, padding=2)),
        batch("crop 6, padding 1 2, fill 9", T.RandomCrop(6, padding=[1, 2], fill=9)),
        batch("crop 9, pad_if_needed", T.RandomCrop(9, pad_if_needed=True)),
        batch("horizontal flip", T.RandomHorizontalFlip()),
        batch("vertical flip 0.3", T.RandomVerticalFlip(0.3)),
        batch("crop then flip", T.Compose([T.RandomCrop(4), T.RandomHorizontalFlip()])),
        batch("rgb crop then flip", T.Compose([T.RandomCrop(4), T.RandomHorizontalFlip()]), c=3),
    ]
    return out


def encoded(image, kind, **kwargs):
    buffer = io.BytesIO()
    image.save(buffer, kind, **kwargs)
    return base64.b64encode(buffer.getvalue()).decode()


def images():
    grey, rgb, rgba = ramp(1, 9, 7), ramp(3, 9, 7), ramp(4, 9, 7)
    smooth = np.add.outer(np.arange(64) * 2, np.arange(64)).astype(np.uint8)
    palette = pil(rgb).convert("P", palette=Image.Palette.ADAPTIVE, colors=16)
    bits = pil(grey).point(lambda v: 255 if v > 99 else 0).convert("1")
    deep = Image.fromarray((np.arange(63, dtype=np.uint16) * 1021).reshape(9, 7))
    return [
        {"name": "grey", "shape": [1, 9, 7], "png": encoded(pil(grey), "PNG"), "pixels": flat(grey)},
        {"name": "rgb", "shape": [3, 9, 7], "png": encoded(pil(rgb), "PNG"), "pixels": flat(rgb)},
        {"name": "rgba", "shape": [4, 9, 7], "png": encoded(pil(rgba), "PNG"), "pixels": flat(rgba)},
        {"name": "smooth, filtered", "shape": [1, 64, 64], "png": encoded(Image.fromarray(smooth), "PNG", optimize=True), "pixels": flat(smooth)},
        {"name": "palette", "shape": [3, 9, 7], "png": encoded(palette, "PNG"), "pixels": flat(unpil(palette.convert("RGB")))},
        {"name": "one bit", "shape": [1, 9, 7], "png": encoded(bits, "PNG"), "pixels": flat(unpil(bits.convert("L")))},
        {"name": "sixteen bits", "shape": [1, 9, 7], "png": encoded(deep, "PNG"), "pixels": flat(np.asarray(deep) >> 8)},
    ]


def jpegs():
    """Blocks of one colour: other pictures differ between decoders by a few units, within the JPEG standard."""
    grey = np.repeat(np.array([[20, 90, 200]], np.uint8), 8, 1).repeat(8, 0)
    out = []
    for name, image in [("grey", Image.fromarray(grey)), ("rgb", Image.new("RGB", (24, 8), (120, 120, 120)))]:
        text = encoded(image, "JPEG", quality=100, subsampling=0)
        back = unpil(Image.open(io.BytesIO(base64.b64decode(text))))
        out.append({"name": name, "shape": list(back.shape), "jpeg": text, "pixels": flat(back)})
    return out


def write(name, data):
    with open(os.path.join(HERE, name), "w") as file:
        json.dump(data, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    torch.manual_seed(0)
    write("data.json", {"permutations": permutations(), "splits": splits(), "samplers": samplers(), "loaders": loaders(),
                        "fit_order": fit_order(), "images": images(), "jpegs": jpegs()})
    write("transforms.json", transforms())
