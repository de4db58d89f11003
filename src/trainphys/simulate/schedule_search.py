"""Best schedules found by search: the Fokker-Planck equation is run, the knots of the schedule are moved."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import xlogy

from trainphys.arrays import Array
from trainphys.checks import at_least, inside, positive
from trainphys.estimate import Estimate
from trainphys.simulate.cooling_runs import with_refinement_error
from trainphys.simulate.entropy import divergence
from trainphys.simulate.fokker_planck import evolve
from trainphys.systems.coolings import PiecewiseLog, Schedule
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import Quartic


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a schedule comes to, each a quantity to be made small."""

    excess_loss: float  # mean loss above the lowest, at the end
    upper_share: float  # share left of the top between two wells, at the end (left of zero for one well)
    gradient_work: float  # the document's W, integral of eta <L'^2>, loss units
    diffusion_work: float  # integral of D <L''>: what diffusion puts back, loss units
    energy: float  # energy dissipated, integral of T times the rate of entropy production, loss units
    entropy: float  # entropy produced during the run, nats
    entropy_to_rest: float  # the same, and what relaxation at the temperature of rest will add


def follow(
    potential: Quartic,
    schedule: Schedule,
    duration: float,
    start: float,
    cells: int = 240,
    steps: int = 240,
    rest: float | None = None,
) -> Outcome:
    r"""Run a density under a schedule and take stock.

    Entropy is produced as $\Delta S-\int\beta\,d\langle L\rangle$, for all loss that is lost is heat; energy is
    dissipated as $\int T\,dS-\Delta\langle L\rangle$. The density starts as Boltzmann's at the temperature ``start``,
    and is left to relax after the end at the temperature ``rest``, by default the last one.

    >>> from trainphys.systems.losses import harmonic
    >>> from trainphys.systems.coolings import quench
    >>> still = follow(harmonic(), quench(1.0), 3.0, start=1.0)
    >>> abs(still.excess_loss - 0.5) < 1e-3, abs(still.gradient_work - 3.0) < 1e-2, abs(still.entropy) < 1e-6
    (True, True, True)
    """
    times = np.linspace(0, duration, steps + 1)
    T, eta = np.asarray(schedule.temperature(times)), np.asarray(schedule.mobility(times))
    grid = Grid.around(potential, max(start, float(T.max())), cells)
    p = evolve(potential, boltzmann(potential, start, grid), schedule, times, grid, record=np.arange(steps + 1)).density
    p = np.maximum(p, 0.0)  # second-order steps may leave -1e-20 in a tail
    x = grid.centres
    loss = p @ potential.value(x) * grid.width
    slope = (potential.value(x + grid.width / 2) - potential.value(x - grid.width / 2)) / grid.width
    work = np.trapezoid(eta * (p @ slope**2) * grid.width, times)
    bend = np.gradient(np.gradient(potential.value(x), grid.width, edge_order=2), grid.width, edge_order=2)
    entropy = -xlogy(p, p).sum(axis=1) * grid.width
    produced = float(entropy[-1] - entropy[0] - ((1 / T[1:] + 1 / T[:-1]) / 2 * np.diff(loss)).sum())
    dissipated = float(((T[1:] + T[:-1]) / 2 * np.diff(entropy)).sum() - (loss[-1] - loss[0]))
    left_to = boltzmann(potential, float(T[-1]) if rest is None else rest, grid)
    points = potential.stationary_points()
    top = points[1] if len(points) == 3 else points[0]
    return Outcome(
        excess_loss=float(loss[-1] - potential.minimum()),
        upper_share=_left_of(p[-1], top, grid),
        gradient_work=float(work),
        diffusion_work=float(np.trapezoid(eta * T * (p @ bend) * grid.width, times)),
        energy=dissipated,
        entropy=produced,
        entropy_to_rest=produced + divergence(p[-1], left_to, grid),
    )


@dataclass(frozen=True, slots=True)
class Optimum:
    """The best schedule found, what it comes to, and whether the search came to rest."""

    schedule: PiecewiseLog
    outcome: Outcome
    converged: bool


def optimal_schedule(
    aim: Callable[[Outcome], float],
    potential: Quartic,
    duration: float,
    coldest: float,
    hottest: float,
    *,
    start: float | None = None,
    rest: float | None = None,
    floor: float | None = None,
    knots: int = 8,
    cells: int = 160,
    steps: int = 160,
) -> Optimum:
    r"""Search the schedules with straight ln T between evenly spaced knots for the smallest ``aim``.

    Args:
        aim: what is to be made small; positive, for its logarithm is searched.
        potential: the loss.
        duration: $t_f>0$; the run starts at equilibrium.
        coldest: lowest temperature allowed, > 0.
        hottest: highest one.
        start: temperature of the start; ``hottest`` by default.
        rest: as in ``follow``, like cells and steps.
        floor: lowest diffusion coefficient allowed. By default the mobility is held at one; with a floor it is free as
            well, with $\eta T\ge D_{\min}$ at the knots (and so, both being straight in the logarithm, between them).
        knots: knots of each line, >= 2.

    >>> from trainphys.systems.losses import harmonic
    >>> best = optimal_schedule(lambda o: o.excess_loss, harmonic(), 1.0, 0.1, 1.0, knots=2, cells=80, steps=40)
    >>> bool(max(best.schedule.temperatures) < 0.101)  # a quench
    True
    """
    positive(hottest=hottest)
    inside(0, hottest, coldest=coldest)
    at_least(2, knots=knots)
    first = hottest if start is None else start
    times = tuple(float(t) for t in np.linspace(0, duration, knots))
    cold, hot = np.log(coldest), np.log(hottest)
    bounds = [(cold, hot)] * knots
    guess = np.linspace(cold + 0.7 * (hot - cold), cold + 0.1 * (hot - cold), knots)
    if floor is not None:
        bounds += [(np.log(floor), np.log(floor) + 4.0)] * knots
        guess = np.concatenate([guess, np.full(knots, np.log(floor) + 0.5)])

    def schedule(z: Array) -> PiecewiseLog:
        T = np.exp(z[:knots])
        eta = np.ones(knots) if floor is None else np.exp(z[knots:]) / T
        return PiecewiseLog(times, tuple(T.tolist()), tuple(eta.tolist()))

    def cost(z: Array) -> float:
        return float(np.log(aim(follow(potential, schedule(z), duration, first, cells, steps, rest))))

    found = minimize(cost, guess, method="L-BFGS-B", bounds=bounds, options={"maxiter": 60, "ftol": 1e-8, "eps": 1e-5})
    best = schedule(found.x)
    return Optimum(best, follow(potential, best, duration, first, cells, steps, rest), bool(found.success))


def refined_outcome(
    quantity: Callable[[Outcome], float],
    potential: Quartic,
    schedule: Schedule,
    duration: float,
    start: float,
    cells: int = 480,
    steps: int = 960,
    rest: float | None = None,
) -> Estimate:
    """A quantity of ``follow``, with the change on halving cells and steps (both even) as its error.

    >>> from trainphys.systems.losses import harmonic
    >>> from trainphys.systems.coolings import quench
    >>> cold = refined_outcome(lambda o: o.excess_loss, harmonic(), quench(0.5), 1.0, 1.0)
    >>> bool(abs(cold.value - (1 + np.exp(-2.0)) / 4) <= cold.tolerance())
    True
    """
    return with_refinement_error(
        lambda c, s: quantity(follow(potential, schedule, duration, start, c, s, rest)), cells, steps
    )


def _left_of(density: Array, edge: float, grid: Grid) -> float:
    """Mass left of an edge that may cut a cell: the sums up to the faces, joined smoothly enough by a line."""
    faces = grid.left + grid.width * np.arange(grid.cells + 1)
    mass = np.concatenate([[0.0], np.cumsum(density) * grid.width])
    return float(np.interp(edge, faces, mass))
