"""Regions of parameter space that might be slow, and what distance alone predicts for runs that start there."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array, Booleans, Integers
from trainphys.checks import at_least, finite, inside, positive, within
from trainphys.ensemble.streams import stream
from trainphys.estimate import Estimate
from trainphys.systems.input_scales import Scales, widths
from trainphys.xor.configurations import Configuration, traces
from trainphys.xor.landscape import as_parameters, solution, solvable
from trainphys.xor.trajectories import Runs, train

NEAR = 0.1  # of a ridge or kink, in units of the output


def start_regions(start: ArrayLike, scales: Scales = (1.0, 1.0)) -> dict[str, Booleans]:
    r"""Which starts lie in places where something in the landscape changes; regions overlap.

    With $u_i=c_iw_i$: the ``trapped cone`` is $|u_1-u_2|\le|b|$. All others lie outside it: ``beside the ridge``,
    $|u_1-u_2|-|b|<0.1$; ``between the solutions``, $|u_1-u_2|<0.1$; ``at a kink of target 0``,
    $\bigl||u_1+u_2|-|b|\bigr|<0.1$; ``weights of one sign``, $u_1u_2>0$; ``weights of opposite signs``, $u_1u_2<0$.

    >>> {name: mask.tolist() for name, mask in start_regions([[0.1], [0.1], [0.3]]).items()}["trapped cone"]
    [True]
    """
    theta = as_parameters(start)
    c1, c2 = widths(scales)
    u1, u2, b = c1 * theta[0], c2 * theta[1], theta[2]
    lead, level, other = np.abs(u1 - u2), np.abs(b), np.abs(u1 + u2)
    solved = lead > level
    return {
        "trapped cone": ~solved,
        "beside the ridge": solved & (lead - level < NEAR),
        "between the solutions": solved & (lead < NEAR),
        "at a kink of target 0": solved & (np.abs(other - level) < NEAR),
        "weights of one sign": solved & (u1 * u2 > 0),
        "weights of opposite signs": solved & (u1 * u2 < 0),
    }


def solved_runs(configuration: Configuration, runs: int, seed: int) -> tuple[Array, Runs, Booleans]:
    """First logged states, the runs, and which of them stop at the solution on the side where they started."""
    done = traces(configuration, runs, seed)
    start, final = done.states[0], done.last
    there = solvable(final, configuration.scales)
    same = (solution(final, configuration.scales) == solution(start, configuration.scales)).all(axis=0)
    return start, done, np.asarray(done.converged & there & same)


def matched(distance: Array, reference_distance: Array, reference_epochs: ArrayLike) -> Array:
    """Epochs that runs at the same distance took elsewhere: on the straight line between its two neighbours.

    The neighbours are the next nearer and the next farther reference run. Nearer or farther than all of them nothing is
    known, and the answer is no number.

    >>> matched(np.array([1.0, 5.1]), np.array([0.9, 1.1, 5.0]), [10, 12, 99]).tolist()
    [11.0, nan]
    """
    positive(distance=distance, reference_distance=reference_distance)
    [epochs] = finite(reference_epochs=reference_epochs)
    at_least(2, references=epochs.size)
    order = np.argsort(reference_distance)
    return np.asarray(np.interp(distance, reference_distance[order], epochs[order], left=np.nan, right=np.nan))


@dataclass(frozen=True, slots=True)
class RegionTime:
    """Epochs of runs from one region."""

    epochs: Estimate | None  # mean of those that stop at the solution on their own side and are not beyond
    by_distance: float  # what distance alone predicts for the same starts, learned from other runs of all regions
    lost: Estimate  # share of the region's starts that do not stop there
    starts: int  # their number
    arriving: Array  # those of them that do stop there and are not beyond, shape (3, arriving)
    beyond: int  # those that stop there and begin nearer or farther than all runs that the prediction is learned from


def region_times(configuration: Configuration, runs: int, seed: int, least: int = 100) -> dict[str, RegionTime]:
    """Time to converge by region, beside what the distance to the nearest solution predicts.

    The prediction is the kindest that distance alone allows: no formula, the epochs that other runs, those of odd
    number, took from the same distance. Regions with fewer than ``least`` starts are left out.
    """
    whole = replace(configuration, logging="every state")  # from the very start, before the first step is logged
    start, done, solved = solved_runs(whole, runs, seed)
    distance = np.sqrt(((start - solution(start, configuration.scales)) ** 2).sum(axis=0))
    odd = np.arange(runs) % 2 == 1
    reference = odd & solved
    predicted = matched(distance, distance[reference], done.epochs[reference])
    table = {}
    for name, mask in start_regions(start, configuration.scales).items():
        here = mask & ~odd
        count = int(here.sum())
        if count < least:
            continue
        ended = here & solved
        compared = ended & np.isfinite(predicted)
        many = compared.sum() >= least
        table[name] = RegionTime(
            Estimate.from_samples(done.epochs[compared]) if many else None,
            float(predicted[compared].mean()) if many else float("nan"),
            Estimate.from_count(count - int(ended.sum()), count),
            count,
            start[:, compared],
            int((ended & ~compared).sum()),
        )
    return table


def sphere_runs(
    radius: float, *, rate: float, tolerance: float, scales: Scales, runs: int, seed: int
) -> tuple[Array, Integers]:
    """Errors at the start, (3, runs), and epochs of full-batch runs from random points at one distance of a solution.

    A radius below 0.5 on inputs of at most one stays well inside the solved cone.
    """
    c = np.array(widths(scales))
    inside(0, 0.5, radius=radius)
    within(0, 1, scales=c)
    positive(tolerance=tolerance)
    inside(0, 0.5, rate=rate)
    direction = stream(seed, "directions on a sphere").standard_normal((3, runs))
    error = radius * direction / np.sqrt((direction**2).sum(axis=0))
    centre = np.array([0.5 / scales[0], -0.5 / scales[1], 0.0])[:, None]
    # As slow as the whole error in the slowest parameter: -ln(1 - 2 rate c^2) > 2 rate c^2.
    longest = max(int(np.log(2.0 * radius / np.sqrt(tolerance)) / (2.0 * rate * c.min() ** 2)), 0) + 5
    done = train((centre + error).T, rate=rate, tolerance=tolerance, max_epochs=longest, scales=scales)
    if not done.converged.all():
        raise ValueError(f"expected every run to converge, got {done.converged.sum()} of {runs}: smaller radius")
    return error, done.epochs
