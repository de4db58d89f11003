"""The best learning rate against batch size: estimates of the optimum from runs."""

import numpy as np

from trainphys.arrays import Array
from trainphys.chapters.power.shared.batch_sweep import SweepPoint
from trainphys.ensemble import stream
from trainphys.estimate import Estimate


def vertex(rates: Array, counts: Array) -> float:
    """Learning rate of fewest updates: vertex of a parabola, both logarithmic, through the best rate and neighbours."""
    best = int(np.argmin(counts))
    k = slice(max(best - 1, 0), best + 2)
    if best in (0, len(counts) - 1) or not np.isfinite(counts[k]).all():
        return float(rates[best])
    x = np.log(rates[k] / rates[best])
    curve = np.polyfit(x, np.log(counts[k]), 2)
    return float(rates[best] * np.exp(np.clip(-curve[1] / (2 * curve[0]), x[0], x[-1])))


def best_rate(point: SweepPoint, *, draws: int = 200, seed: int = 0) -> Estimate:
    """Best learning rate of a sweep's search, its error from drawing the search's runs again with replacement."""
    rates, runs = np.array(point.learning_rates), point.tuning.shape[1]
    rng = stream(seed, "best rate", point.batch_size)
    again = [vertex(rates, point.tuning[:, rng.integers(runs, size=runs)].mean(axis=1)) for _ in range(draws)]
    return Estimate(vertex(rates, point.tuning.mean(axis=1)), float(np.std(again, ddof=1)), runs, runs - 1)
