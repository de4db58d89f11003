r"""The document's test of slow cooling, $|\partial_t\ln p|\ll|\nabla L\cdot\nabla\ln p|$, on a moving density."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import eigh_tridiagonal
from scipy.special import erf, gammaln

from trainphys.cooling.entropy import divergence
from trainphys.cooling.fokker_planck import Grid, boltzmann, evolve, jump_rates
from trainphys.cooling.potentials import Potential
from trainphys.cooling.schedules import Schedule
from trainphys.estimate import Estimate

Array = NDArray[np.float64]


def quasistatic_ratio(lag: ArrayLike, dimension: float = 1) -> Array:
    r"""Both sides of the test, averaged over a Gaussian density and divided, in a quadratic well of one curvature.

    $$R=\frac{\langle|\partial_t\ln p|\rangle}{\eta\langle|\nabla L\cdot\nabla\ln p|\rangle}
    =\frac{4\,(d/2)^{d/2}e^{-d/2}}{d\,\Gamma(d/2)}\left|1-\frac1y\right|,$$ the mean absolute deviation of a chi-squared
    variable over its mean; about $\sqrt{4/\pi d}\,|1-1/y|$ for many parameters.

    Args:
        lag: $y=k\sigma^2/T>0$, common to all parameters.
        dimension: $d>0$, number of parameters.

    Raises:
        ValueError: an argument that is not positive.

    >>> round(float(quasistatic_ratio(2.0, 2)) * np.e, 12)  # d = 2: exponential variable, deviation 2/e
    1.0
    """
    y = np.asarray(lag, dtype=float)
    if not (y > 0).all() or not dimension > 0:
        raise ValueError(f"expected lag > 0 and dimension > 0, got {y} and {dimension}: see trailing_lag()")
    half = dimension / 2
    deviation = 4 * np.exp(half * np.log(half) - half - gammaln(half)) / dimension
    return np.asarray(deviation * np.abs(1 - 1 / y))


def pointwise_share(lag: ArrayLike, ratio: float) -> Array:
    r"""Share of runs in a quadratic well of one parameter where the test is met as it stands, point by point.

    $$P\left(|1-\tfrac1y|\,|z^2-1|\le\rho z^2\right),\quad z\text{ standard normal}:\qquad
    z^2\ge\frac e{\rho+e},\quad\text{and}\quad z^2\le\frac e{e-\rho}\ \text{ if }e=|1-\tfrac1y|>\rho .$$

    Args:
        lag: $y=k\sigma^2/T>0$.
        ratio: $\rho>0$, what counts as "much smaller".

    Raises:
        ValueError: an argument that is not positive.

    >>> float(pointwise_share(1.0, 0.1))
    1.0
    """
    y = np.asarray(lag, dtype=float)
    if not (y > 0).all() or not ratio > 0:
        raise ValueError(f"expected lag > 0 and ratio > 0, got {y} and {ratio}: a tenth is a usual ratio")
    e = np.abs(1 - 1 / y)
    excess = e > ratio
    upper = np.where(excess, erf(np.sqrt(e / np.where(excess, e - ratio, 1.0) / 2)), 1.0)
    return np.asarray(upper - erf(np.sqrt(e / (ratio + e) / 2)))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One coordinate at one moment of a run."""

    share: Array  # probability of each cell
    change: Array  # d ln p / dt there, per time
    shift: Array  # eta L' d ln p / dx there, per time
    ratio: Estimate  # mean |change| over mean |shift|
    apart: Estimate  # divergence from Boltzmann's density, nats
    apart_within: Estimate  # the part of it within the wells: populations of the wells taken as they are
    rate: float  # slowest relaxation at this temperature, per time
    rate_within: float  # slowest relaxation with the wells walled off from each other, per time


def snapshot(
    potential: Potential,
    schedule: Schedule,
    moment: float,
    start: float,
    *,
    top: float | None = None,
    cells: int = 800,
    steps: int = 2000,
) -> Snapshot:
    r"""Follow a density by the Fokker-Planck equation, and take both sides of the test from its differences.

    Args:
        potential: the loss.
        schedule: temperature and mobility.
        moment: time of the snapshot, > 0; the run goes two steps beyond it.
        start: temperature of the Boltzmann density to start from.
        top: border between two wells; None for one.
        cells: cells of the grid; the change on halving cells and steps is the error.
        steps: time steps up to the moment.

    Raises:
        ValueError: as ``evolve``.

    >>> from trainphys.cooling.potentials import harmonic
    >>> from trainphys.cooling.schedules import Exponential
    >>> seen = snapshot(harmonic(), Exponential(1.0, tau=1.0), 5.0, 1.0)  # settles to y = 2
    >>> bool(abs(seen.apart.value - (1 - np.log(2)) / 2) < 0.002), bool(abs(seen.rate - 1) < 0.01)
    (True, True)
    """
    grids = [Grid.around(potential, max(start, float(schedule.temperature(0.0))), cells // k) for k in (1, 2)]
    fine, coarse = (
        _look(potential, schedule, moment, start, top, g, steps // k) for g, k in zip(grids, (1, 2), strict=True)
    )
    ratio, apart, within = (Estimate.from_solver(a, error=abs(a - b)) for a, b in zip(fine[3], coarse[3], strict=True))
    T, eta = float(schedule.temperature(moment)), float(schedule.mobility(moment))
    share, change, shift, _ = fine
    return Snapshot(
        share,
        change,
        shift,
        ratio,
        apart,
        within,
        rate=_slowest(potential, T, eta, grids[0], np.ones(grids[0].cells, bool)),
        rate_within=min(_slowest(potential, T, eta, grids[0], m) for m in _parts(grids[0], top)),
    )


def _look(
    potential: Potential, schedule: Schedule, moment: float, start: float, top: float | None, grid: Grid, steps: int
) -> tuple[Array, Array, Array, tuple[float, float, float]]:
    """Share, change and shift on the cells; mean ratio, divergence, and its part within the wells."""
    dt = moment / steps
    T, eta = float(schedule.temperature(moment)), float(schedule.mobility(moment))
    times, last = dt * np.arange(steps + 2), np.arange(steps - 1, steps + 2)
    run = evolve(potential, boltzmann(potential, start, grid), schedule, times, grid, record=last)
    before, p, after = np.maximum(run.density, np.finfo(float).tiny)
    x = grid.centres
    force = (potential.value(x + grid.width / 2) - potential.value(x - grid.width / 2)) / grid.width
    rest, share = boltzmann(potential, T, grid), p * grid.width
    within = sum(
        float((share[m] * (np.log(p[m] / p[m].sum()) - _log(rest[m] / rest[m].sum()))).sum()) for m in _parts(grid, top)
    )
    change = np.log(after / before) / (2 * dt)
    shift = eta * force * np.gradient(np.log(p), grid.width)
    ratio = float((share * np.abs(change)).sum() / (share * np.abs(shift)).sum())
    return share, change, shift, (ratio, divergence(p, rest, grid), within)


def _parts(grid: Grid, top: float | None) -> list[NDArray[np.bool_]]:
    return [np.ones(grid.cells, bool)] if top is None else [grid.centres < top, grid.centres >= top]


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
    r"""The averaged test for a product of densities: by quadrature for one coordinate, else by drawing from them.

    Args:
        coordinates: one snapshot for each kind of coordinate.
        copies: how many independent coordinates there are of each kind, >= 1.
        rng: generator of the draws.
        samples: draws.

    Raises:
        ValueError: no coordinates, or no copies.
    """
    if not coordinates or copies < 1:
        raise ValueError(f"expected at least one coordinate and one copy, got {len(coordinates)} and {copies}: add one")
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
        speed = float(shift.mean())
        value = float(change.mean()) / speed
        scatter = (change - value * shift).std(ddof=1) / speed
        ratio = Estimate(value, float(scatter / np.sqrt(samples)), samples)
    return Condition(
        ratio,
        speed / min(one.rate_within for one in coordinates),
        _sum([one.apart_within for one in coordinates], copies),
        _sum([one.apart for one in coordinates], copies),
    )


def _sum(terms: list[Estimate], copies: int) -> Estimate:
    """Errors of copies are equal, not independent: they add up."""
    return Estimate(copies * sum(e.value for e in terms), copies * sum(e.stderr for e in terms), 1)


def met_share(one: Snapshot, ratio: float) -> Estimate:
    """Probability that a run is where the test is met point by point; the cells at the borders are its error.

    Args:
        one: the moment.
        ratio: |change| <= ratio |shift| counts as met.

    Raises:
        ValueError: a ratio that is not positive.
    """
    if not ratio > 0:
        raise ValueError(f"expected ratio > 0, got {ratio}: a tenth is a usual ratio")
    met = np.abs(one.change) <= ratio * np.abs(one.shift)
    borders = np.flatnonzero(np.diff(met))
    return Estimate.from_solver(float(one.share[met].sum()), error=float(one.share[borders].sum()))


def _slowest(potential: Potential, temperature: float, mobility: float, grid: Grid, part: NDArray[np.bool_]) -> float:
    """Second eigenvalue of the walk on some neighbouring cells, made symmetric by detailed balance."""
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


def _log(values: Array) -> Array:
    return np.asarray(np.log(np.maximum(values, np.finfo(float).tiny)))
