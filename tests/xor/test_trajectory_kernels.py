"""Tests of ``xor.trajectory_kernels``."""

from itertools import permutations

import numpy as np
import pytest

from trainphys.xor._trajectory_kernels import CAPACITY
from trainphys.xor.landscape import SIGNS, TARGETS
from trainphys.xor.starts import draw_starts
from trainphys.xor.trajectories import train

MASK = (1 << 64) - 1


GOLDEN = 0x9E3779B97F4A7C15


def reference_hash(z: int) -> int:
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def reference_order(seed, run, epoch):
    """The order of the samples, from a list of all orders instead of a decoded number."""
    root = reference_hash((seed + GOLDEN) & MASK)
    bits = reference_hash((root + GOLDEN * ((run << 24) + epoch)) & MASK)
    return list(permutations(range(4)))[((bits >> 40) * 24) >> 24]


def reference(start, *, rate, tolerance, max_epochs, scales=(1.0, 1.0), method="full-batch", seed=0, run=0):
    """One run, one sample and one Python float at a time."""
    w1, w2, b = map(float, start)
    samples = [
        (float(s1 * scales[0]), float(s2 * scales[1]), float(t)) for (s1, s2), t in zip(SIGNS, TARGETS, strict=True)
    ]
    states = []
    for epoch in range(max_epochs + 1):
        states.append((w1, w2, b))
        residuals = [abs(w1 * x1 + w2 * x2 + b) - t for x1, x2, t in samples]
        if sum(r * r for r in residuals) / 4 < tolerance or epoch == max_epochs:
            break
        if method == "full-batch":
            slopes = [r * np.sign(w1 * x1 + w2 * x2 + b) for r, (x1, x2, _) in zip(residuals, samples, strict=True)]
            g1, g2, gb = (
                0.5 * sum(g * x for g, x in zip(slopes, xs, strict=True))
                for xs in ([s[0] for s in samples], [s[1] for s in samples], [1.0] * 4)
            )
            w1, w2, b = w1 - rate * g1, w2 - rate * g2, b - rate * gb
        else:
            for i in reference_order(seed, run, epoch):
                x1, x2, t = samples[i]
                s = w1 * x1 + w2 * x2 + b
                g = 2 * rate * (abs(s) - t) * np.sign(s)
                w1, w2, b = w1 - g * x1, w2 - g * x2, b - g
    return np.array(states)


@pytest.mark.parametrize("method", ["full-batch", "per-sample"])
@pytest.mark.parametrize("scales", [(1.0, 1.0), (0.5, 0.5), (1.0, 0.3)])
@pytest.mark.parametrize("seed", [0, 2, 2**63 - 1])
def test_kernel_equals_its_slow_twin(method, scales, seed):
    starts = draw_starts("normal", CAPACITY + 21, 5)  # more than one block, and an odd number in the last
    setting = {"rate": 0.05, "tolerance": 1e-6, "max_epochs": 60, "scales": scales, "method": method, "seed": seed}
    runs = train(starts, **setting)
    for i in [*range(40), *range(CAPACITY - 9, CAPACITY + 21)]:
        twin = reference(starts[i], run=i, **setting)
        assert runs.epochs[i] == len(twin) - 1
        np.testing.assert_allclose(runs.states[: len(twin), :, i], twin, rtol=0, atol=1e-12)
        assert (runs.states[len(twin) :, :, i] == runs.states[runs.epochs[i], :, i]).all()


def test_orders_are_uniform_and_differ_between_seeds():
    orders = {
        (seed, run, epoch): reference_order(seed, run, epoch)
        for seed in (0, 1)
        for run in range(60)
        for epoch in range(40)
    }
    count = np.unique(list(orders.values()), axis=0, return_counts=True)[1]
    assert len(count) == 24
    assert np.abs(count - 200).max() < 5 * np.sqrt(200)
    same = np.mean([orders[0, r, e] == orders[1, r, e] for r in range(60) for e in range(40)])
    assert abs(same - 1 / 24) < 5 * np.sqrt(1 / 24 / 2400)
