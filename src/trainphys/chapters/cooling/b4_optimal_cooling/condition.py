r"""The document's test of slow cooling, $|\partial_t\ln p|\ll|\nabla L\cdot\nabla\ln p|$, on a moving density."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import eigh_tridiagonal

from trainphys.arrays import Array, Booleans
from trainphys.estimate import Estimate
from trainphys.simulate.entropy import divergence
from trainphys.simulate.fokker_planck import evolve, jump_rates
from trainphys.systems.coolings import Schedule
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import Custom, Potential

TINY = np.finfo(float).tiny


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One coordinate at one moment of a run."""

    share: Array  # probability of each cell
    change: Array  # d ln p / dt there, per time
    shift: Array  # eta L' d ln p / dx there, per time
    ratio: Estimate  # mean |change| over mean |shift|
    apart: Estimate  # divergence from Boltzmann's density, nats
    apart_within: Estimate  # the part of it within the wells: populations of the wells taken as they are
    rate_within: float  # slowest relaxation at this temperature with the wells walled off from each other, per time


def snapshot(
    potential: Potential,
    schedule: Schedule,
    moment: float,
    *,
    top: float | None = None,
    cells: int = 800,
    steps: int = 2000,
) -> Snapshot:
    r"""Both sides of the test at a moment, from differences of a density that starts at equilibrium at T = 1.

    The density follows the Fokker-Planck equation; errors are changes on halving cells and steps. ``top`` is the border
    between two wells, None for one.
    """
    grids = [Grid.around(potential, max(1.0, float(schedule.temperature(0.0))), cells // k) for k in (1, 2)]
    (share, change, shift, fine), (*_, coarse) = (
        _look(potential, schedule, moment, top, grid, steps // k) for grid, k in zip(grids, (1, 2), strict=True)
    )
    ratio, apart, within = (Estimate.from_solver(a, error=abs(a - b)) for a, b in zip(fine, coarse, strict=True))
    T, eta = float(schedule.temperature(moment)), float(schedule.mobility(moment))
    rate = min(slowest_rate(potential, T, eta, grids[0], part) for part in _parts(grids[0], top))
    return Snapshot(share, change, shift, ratio, apart, within, rate)


def _look(
    potential: Potential, schedule: Schedule, moment: float, top: float | None, grid: Grid, steps: int
) -> tuple[Array, Array, Array, tuple[float, float, float]]:
    """Share, change and shift on the cells; mean ratio, divergence, and its part within the wells."""
    dt = moment / steps
    T, eta = float(schedule.temperature(moment)), float(schedule.mobility(moment))
    times, last = dt * np.arange(steps + 2), np.arange(steps - 1, steps + 2)
    run = evolve(potential, boltzmann(potential, 1.0, grid), schedule, times, grid, record=last)
    before, p, after = np.maximum(run.density, TINY)
    x = grid.centres
    force = (potential.value(x + grid.width / 2) - potential.value(x - grid.width / 2)) / grid.width
    rest, share = boltzmann(potential, T, grid), p * grid.width
    within = 0.0
    for part in _parts(grid, top):
        ours, settled = p[part] / p[part].sum(), np.maximum(rest[part] / rest[part].sum(), TINY)
        within += float((share[part] * (np.log(ours) - np.log(settled))).sum())
    change = np.log(after / before) / (2 * dt)
    shift = eta * force * np.gradient(np.log(p), grid.width)
    ratio = float((share * np.abs(change)).sum() / (share * np.abs(shift)).sum())
    return share, change, shift, (ratio, divergence(p, rest, grid), within)


def _parts(grid: Grid, top: float | None) -> list[Booleans]:
    return [np.ones(grid.cells, bool)] if top is None else [grid.centres < top, grid.centres >= top]


def slowest_rate(potential: Potential, temperature: float, mobility: float, grid: Grid, part: Booleans) -> float:
    """Slowest relaxation within neighbouring cells: second eigenvalue of the walk, symmetric by detailed balance."""
    up, down = jump_rates(potential, temperature, mobility, grid)
    inner = part[1:] & part[:-1]
    # far up the walls the walk is fast and empty: leave cells that hold less than 1e-14 out
    rest = boltzmann(potential, temperature, grid)
    inner &= np.minimum(rest[1:], rest[:-1]) > 1e-14 * rest[part].max()
    i = np.flatnonzero(inner)
    up, down = up[i[0] : i[-1] + 1], down[i[0] : i[-1] + 1]
    if i[-1] - i[0] + 1 != i.size:
        raise ValueError("expected one stretch of cells, got several: the barrier is too high for this temperature")
    diagonal = np.concatenate([up, [0.0]]) + np.concatenate([[0.0], down])
    found = eigh_tridiagonal(diagonal, -np.sqrt(up * down), eigvals_only=True, select="i", select_range=(0, 1))
    return float(found[1])


@dataclass(frozen=True, slots=True)
class Condition:
    """The averaged test for a run of several independent coordinates, and what it is meant to ensure."""

    ratio: Estimate  # mean |change| over mean |shift|
    stiffness: float  # mean shift over the slowest relaxation rate within wells
    apart_within: Estimate  # nats
    apart: Estimate  # nats


def condition_of(
    coordinates: Sequence[Snapshot], copies: int, rng: np.random.Generator, samples: int = 100_000
) -> Condition:
    """The averaged test for a product of densities, ``copies`` of each coordinate.

    One coordinate by itself goes by quadrature; several are drawn from their densities.
    """
    if len(coordinates) * copies == 1:
        one = coordinates[0]
        ratio, speed = one.ratio, float((one.share * np.abs(one.shift)).sum())
    else:
        sums = np.zeros((2, samples))
        for one in coordinates:
            cumulated = np.cumsum(one.share) / one.share.sum()
            for _ in range(copies):
                drawn = np.searchsorted(cumulated, rng.random(samples))
                sums += one.change[drawn], one.shift[drawn]
        change, shift = np.abs(sums)
        ratio, speed = Estimate.ratio_of_paired(change, shift), float(shift.mean())
    slowest = min(one.rate_within for one in coordinates)
    within = _sum([one.apart_within for one in coordinates], copies)
    return Condition(ratio, speed / slowest, within, _sum([one.apart for one in coordinates], copies))


def _sum(terms: list[Estimate], copies: int) -> Estimate:
    """Errors of copies are equal, not independent: they add up."""
    return Estimate(copies * sum(e.value for e in terms), copies * sum(e.stderr for e in terms), 1)


def met_share(one: Snapshot, ratio: float) -> Estimate:
    """Probability that |change| <= ratio |shift| where a run is; the cells at the borders are its error."""
    met = np.abs(one.change) <= ratio * np.abs(one.shift)
    borders = np.flatnonzero(np.diff(met))
    return Estimate.from_solver(float(one.share[met].sum()), error=float(one.share[borders].sum()))


def lopsided_well() -> Custom:
    """Half a parabola on each side of the minimum, of curvature 2500 on the left and one on the right."""

    def value(x: ArrayLike) -> Array:
        x = np.asarray(x)
        return np.asarray(np.where(x < 0, 2500.0, 1.0) / 2 * x**2)

    return Custom(value, None)
