"""The odds that a run grows by a factor before it shrinks for good: counted, and by splitting."""

import math

import numpy as np

from trainphys.arrays import Array
from trainphys.ensemble import stream
from trainphys.estimate import Estimate


def simulated_explosions(
    step_curvature: float, batch_size: float, factor: float, *, runs: int, seed: int, depth: float = 20.0
) -> Estimate:
    r"""Share of runs that reach ``factor`` times their start before they shrink by ``exp(depth)``, counted.

    An update is $\theta\leftarrow(1-a\,\xi)\,\theta$ with $\xi=\chi^2_B/B$, drawn afresh.
    """
    rng = stream(seed, "explosions")
    height, top, exploded = np.zeros(runs), math.log(factor), 0
    while height.size:
        height = height + _jumps(step_curvature, batch_size, rng, height.size)
        exploded += int((height >= top).sum())
        height = height[(height < top) & (height > -depth)]
    return Estimate.from_count(exploded, runs)


def split_explosions(
    step_curvature: float,
    batch_size: float,
    factor: float,
    *,
    walkers: int,
    groups: int,
    seed: int,
    depth: float = 20.0,
    levels: int = 0,
) -> Estimate:
    """The same probability by splitting: from each level, as many walkers set out again from where others arrived.

    The product of the shares that climb from level to level is an unbiased estimate, however small. Its error is taken
    from independent groups. By default there is a level for each factor of about four.

    Source: fixed-effort splitting, Garvels (2000).
    """
    step, top = (step_curvature, batch_size), math.log(factor)
    count = levels or max(1, round(top / math.log(4)))
    found = []
    for group in range(groups):
        rng = stream(seed, "splitting", group)
        starts, product = np.zeros(1), 1.0
        for level in top * np.arange(1, count + 1) / count:
            arrived = _climb(step, rng, rng.choice(starts, walkers), level, depth)
            product *= len(arrived) / walkers
            if not arrived.size:
                break
            starts = arrived
        found.append(product)
    return Estimate.from_samples(found)


def _climb(step: tuple[float, float], rng: np.random.Generator, height: Array, level: float, depth: float) -> Array:
    """Where walkers arrive at or above the level; those that fall too deep are lost."""
    arrived = [height[height >= level]]
    height = height[height < level]
    while height.size:
        height = height + _jumps(*step, rng, height.size)
        arrived.append(height[height >= level])
        height = height[(height < level) & (height > -depth)]
    return np.concatenate(arrived)


def _jumps(step_curvature: float, batch_size: float, rng: np.random.Generator, size: int) -> Array:
    seen = rng.gamma(batch_size / 2, 2 / batch_size, size)
    return np.asarray(np.log(np.abs(1 - step_curvature * seen)))
