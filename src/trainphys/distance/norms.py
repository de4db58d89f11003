"""The sum norm and the Euclidean norm: how far they can differ, and what that does to the time to go."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize

from trainphys.distance.contraction import factor
from trainphys.distance.trajectories import train
from trainphys.ensemble.streams import stream
from trainphys.estimate import Estimate

Array = NDArray[np.float64]


def norm_ratio(vectors: ArrayLike) -> Array:
    r"""$\lVert x\rVert_1/\lVert x\rVert_2$ along the first axis, between 1 and the root of the dimension.

    Args:
        vectors: not zero, shape (dimension, ...).

    Raises:
        ValueError: a vector of length zero.

    >>> norm_ratio([3.0, 4.0, 0.0]).item()
    1.4
    """
    x = np.asarray(vectors, dtype=float)
    length = np.sqrt((x**2).sum(axis=0))
    if not (length > 0).all():
        raise ValueError("expected vectors of positive length, got a zero vector: leave it out")
    return np.asarray(np.abs(x).sum(axis=0) / length)


def extreme_ratios(dimension: int, seed: int, starts: int = 8) -> tuple[float, float]:
    """Smallest and largest ratio of the two norms that a numerical search finds, without using where they are.

    Args:
        dimension: of the vectors, >= 2.
        seed: root seed of the starting points, >= 0.
        starts: searches from different points, >= 1; the best counts.

    Raises:
        ValueError: an argument out of range.

    >>> low, high = extreme_ratios(2, seed=0)
    >>> round(low, 6), round(high**2, 6)
    (1.0, 2.0)
    """
    if dimension < 2 or starts < 1:
        raise ValueError(f"expected dimension >= 2 and starts >= 1, got {dimension} and {starts}")
    rng = stream(seed, "extreme ratios")
    points = rng.standard_normal((starts, dimension))

    def best(sign: float) -> float:
        def objective(x: Array) -> float:
            return sign * float(norm_ratio(x))

        # Nelder-Mead needs no slope: the smallest ratio lies on a kink.
        options = {"xatol": 1e-10, "fatol": 1e-12, "maxiter": 4000, "maxfev": 4000}
        found = [optimize.minimize(objective, x0, method="Nelder-Mead", options=options).fun for x0 in points]  # type: ignore[call-overload]
        return sign * float(min(found))

    return best(1.0), best(-1.0)


def epochs_from_direction(
    direction: ArrayLike, *, length: float, rate: float, tolerance: float, runs: int, seed: int
) -> Estimate:
    r"""Mean epochs that full-batch runs take when they start from the minimum in a given direction.

    The start is $\theta^*+\ell k^u\,v$ with $u$ uniform in (0, 1): over one factor $k$ of lengths the rounding to whole
    epochs averages out, and the mean is $\ln(\ell\lVert v\rVert_2/\sqrt\varepsilon)/(-\ln k)$ without a remainder.

    Args:
        direction: v, shape (3,); its own length counts.
        length: $\ell$, > 0, small enough to stay on the solved side of the landscape.
        rate: learning rate, in (0, 1/2).
        tolerance: loss that ends a run, > 0.
        runs: number of runs, >= 2.
        seed: root seed, >= 0.

    Raises:
        ValueError: a run that does not converge, or arguments out of range.

    >>> mean = epochs_from_direction([1, 0, 0], length=0.1, rate=0.25, tolerance=1e-8, runs=1000, seed=0)
    >>> bool(abs(mean.value - np.log(1e3) / np.log(2)) < 5 * mean.stderr)
    True
    """
    k = factor(rate)
    lengths = length * k ** stream(seed, "lengths along a direction").uniform(size=runs)
    starts = np.array([0.5, -0.5, 0.0]) + np.outer(lengths, np.asarray(direction, dtype=float))
    longest = int(np.log(length * np.linalg.norm(direction) / np.sqrt(tolerance)) / -np.log(k)) + 2
    done = train(starts, rate=rate, tolerance=tolerance, max_epochs=max(longest, 1))
    if not done.converged.all():
        raise ValueError(f"expected every run to converge, got {done.converged.sum()} of {runs}: shorten length")
    return Estimate.from_samples(done.epochs)
