"""What samplers are made of: numpy's legacy generator, its sort and sums, eigenvectors, scipy's truncated normal."""
import numpy as np
from scipy import special
from scipy.stats import truncnorm


def streams(seed):
    rng = np.random.RandomState(seed)
    return {
        "seed": seed,
        "rand": [rng.rand() for _ in range(5)],
        "randn": [rng.randn() for _ in range(7)],
        "randint": [int(rng.randint(low, high)) for low, high in [(0, 1), (0, 7), (1, 2**16), (1, 2**31 - 2), (0, 2**32), (-5, 5)]],
        "uniform": [rng.uniform(-3, 10**k) for k in range(4)],
        "choice": rng.choice(5, 12, p=[0.1, 0.2, 0.05, 0.6, 0.05]).tolist(),
    }


def sorts():
    rng = np.random.RandomState(0)
    for count in (0, 1, 15, 16, 17, 18, 33, 34, 60, 200):
        for kinds in (3, 40):
            values = rng.randint(0, kinds, count).astype(float)
            yield values.tolist(), np.argsort(values).tolist()


def sums():
    rng = np.random.RandomState(1)
    for count in (0, 3, 7, 8, 9, 40, 128, 129, 300):
        values = rng.rand(count)
        yield values.tolist(), float(values.sum())


def eigen():
    rng = np.random.RandomState(2)
    for size in (1, 2, 3, 4, 6, 9):
        for kind in range(3):
            square = rng.randn(size, size)
            matrix = [np.eye(size), square @ square.T / size, np.eye(size) + 0.1 * (square + square.T)][kind]
            values, vectors = np.linalg.eigh(matrix)
            yield matrix.tolist(), values.tolist(), vectors.tolist()


def truncated():
    rng = np.random.RandomState(3)
    for i in range(40):
        sigma = 10 ** rng.uniform(-3, 0.5)
        mean = [rng.uniform(0, 1), -0.5, 1.5, 0.0][min(i % 8, 3)]
        low, high = (0 - mean) / sigma, (1 - mean) / sigma
        if max(low, -high) > 30:
            continue
        value = truncnorm.rvs(low, high, loc=mean, scale=sigma, random_state=np.random.RandomState(i))
        yield {"seed": i, "mean": mean, "sigma": sigma, "value": float(value)}


def normal():
    xs = [-9.5, -6.0, -3.1, -1.5, -0.7, -1e-9, 0.0, 0.3, 1.4, 1.6, 2.5, 5.9, 7.0]
    tails = [-1e6, -300.0, -38.5, -20.0, -8.0, *xs]
    logs = [-1e-12, -1e-4, -0.5, -0.69, -0.7, -2.0, -2.1, -40.0, -700.0, -1e5]
    return {
        "erf": [[x, float(special.erf(x))] for x in xs],
        "log_cdf": [[x, float(special.log_ndtr(x))] for x in tails],
        "quantile": [[y, float(special.ndtri_exp(y))] for y in logs],
    }


def make():
    return [{
        "streams": [streams(seed) for seed in (0, 1, 1234, 2**32 - 1)],
        "sorts": list(sorts()),
        "sums": list(sums()),
        "eigen": list(eigen()),
        "truncated": list(truncated()),
        "normal": normal(),
    }]
