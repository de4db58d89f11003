"""The sum norm and the Euclidean norm: how far they can differ, and what that does to the time to go."""

from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.checks import at_least, finite, inside, positive
from trainphys.ensemble.streams import stream
from trainphys.estimate import Estimate
from trainphys.xor.landscape import as_parameters
from trainphys.xor.trajectories import train

GRID, FINEST = 32, 1e-12  # angles tried at a time; radians to which the best is found
GAIN, MOST_SWEEPS = 1e-14, 1000  # a sweep that gains less in every search is the last


def norm_ratio(vectors: ArrayLike) -> Array:
    r"""$\lVert x\rVert_1/\lVert x\rVert_2$ along the first axis, between 1 and the root of the dimension.

    >>> norm_ratio([3.0, 4.0, 0.0]).item()
    1.4
    """
    [x] = finite(vectors=vectors)
    [largest] = positive(largest_component=np.abs(x).max(axis=0, initial=0.0))
    x = np.abs(x) / largest  # the ratio has no unit, and squares neither overflow nor vanish
    return np.asarray(x.sum(axis=0) / np.sqrt((x**2).sum(axis=0)))


def extreme_ratios(dimension: int, seed: int, starts: int = 8) -> tuple[float, float]:
    """Smallest and largest ratio of the two norms that a numerical search finds, without using where they are.

    The best of the searches from several random starting points counts.
    """
    at_least(2, dimension=dimension)
    points = stream(seed, "extreme ratios").standard_normal((starts, dimension)).T
    lowest, highest = (_searched(points.copy(), sign) for sign in (1.0, -1.0))
    return float(lowest.min()), float(highest.max())


def _searched(points: Array, sign: float) -> Array:
    """Ratio that a search from each column ends at: turn any two coordinates as serves best, until nothing is gained.

    Simplex searches stall on the kinks from six dimensions on; a turn is one angle, which a grid and its refinements
    find, kink or not.
    """
    best = norm_ratio(points)
    for _ in range(MOST_SWEEPS):
        for i, j in combinations(range(len(points)), 2):
            _turn(points, i, j, sign)
        found = norm_ratio(points)
        if (np.abs(found - best) < GAIN).all():
            return found
        best = found
    raise ValueError(f"expected a search that settles in {MOST_SWEEPS} sweeps, got one that goes on: a lower dimension")


def _turn(points: Array, i: int, j: int, sign: float) -> None:
    """Turn coordinates i and j of every column by the angle of the lowest ``sign`` times ratio."""
    x, y = points[i].copy(), points[j].copy()
    trial = np.repeat(points[:, :, None], GRID + 1, axis=2)  # coordinates, columns, angles
    angle, width = np.zeros(len(x)), np.pi
    while width > FINEST:
        angles = angle[:, None] + np.linspace(-width, width, GRID + 1)
        c, s = np.cos(angles), np.sin(angles)
        trial[i], trial[j] = x[:, None] * c - y[:, None] * s, x[:, None] * s + y[:, None] * c
        pick = (sign * norm_ratio(trial)).argmin(axis=1)
        angle, width = angles[np.arange(len(x)), pick], 4.0 * width / GRID  # two steps of the grid to either side
    points[i], points[j] = x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)


def epochs_from_direction(
    direction: ArrayLike, *, length: float, rate: float, tolerance: float, runs: int, seed: int
) -> Estimate:
    r"""Mean epochs that full-batch runs take when they start from the minimum in a given direction.

    The start is $\theta^*+\ell k^u\,v$ with $u$ uniform in (0, 1): over one factor $k$ of lengths the rounding to whole
    epochs averages out, and the mean is $\ln(\ell\lVert v\rVert_2/\sqrt\varepsilon)/(-\ln k)$ without a remainder. The
    length is small enough to stay on the solved side of the landscape.
    """
    v = as_parameters(direction)
    positive(length=length, norm_of_direction=np.linalg.norm(v))
    inside(0, 0.5, rate=rate)
    centre, tiny = np.array([0.5, -0.5, 0.0]), float(np.finfo(float).tiny)
    before, after = train([centre + length * v], rate=rate, tolerance=tiny, max_epochs=1).states[:, :, 0] - centre
    k = np.linalg.norm(after) / np.linalg.norm(before)  # one epoch of one run
    lengths = length * k ** stream(seed, "lengths along a direction").uniform(size=runs)
    starts = centre + np.outer(lengths, v)
    # An epoch takes off the share 2 rate of the distance, so a logarithm over 2 rate is too many.
    longest = max(int(np.log(2.0 * length * np.linalg.norm(v) / np.sqrt(tolerance)) / (2.0 * rate)), 0) + 5
    done = train(starts, rate=rate, tolerance=tolerance, max_epochs=longest)
    if not done.converged.all():
        raise ValueError(f"expected every run to converge, got {done.converged.sum()} of {runs}: shorten length")
    return Estimate.from_samples(done.epochs)
