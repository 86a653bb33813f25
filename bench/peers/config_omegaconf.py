"""The work of bench/config/omegaconf_bench.ts with OmegaConf 2.3.1: median milliseconds of each part."""

import time

from omegaconf import OmegaConf

TEXTS = [
    f"""model{i}:
  _target_: torch.nn.Linear
  in_features: {i}
  lr: 1e-3
  name: "layer {i}"
  sizes: [1, 2, three]
  path: ${{root}}/checkpoints/{i}
  nested:
    flag: true
    nothing: null
    width: ${{..in_features}}
"""
    for i in range(300)
]


def median_ms(work, repeats=5):
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - start))
    return sorted(times)[repeats // 2]


nodes = [OmegaConf.create(text) for text in TEXTS]
root = OmegaConf.create("root: /data")
merged = OmegaConf.merge(root, *nodes)
print(f"load 300 files        {median_ms(lambda: [OmegaConf.create(t) for t in TEXTS]):8.1f} ms")
print(f"merge 300 files       {median_ms(lambda: OmegaConf.merge(root, *nodes)):8.1f} ms")
print(f"resolve 3,600 values  {median_ms(lambda: OmegaConf.to_container(merged, resolve=True)):8.1f} ms")
print(f"write 3,600 values    {median_ms(lambda: OmegaConf.to_yaml(merged)):8.1f} ms")
