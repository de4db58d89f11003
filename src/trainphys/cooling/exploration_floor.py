r"""The document's floor under the diffusion, $D\ge c/|\nabla^2L|$: what it secures and what it does not."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainphys.cooling.fokker_planck import Grid, boltzmann, evolve
from trainphys.cooling.potentials import Quartic, wells
from trainphys.cooling.schedules import quench
from trainphys.cooling.two_state import hopping
from trainphys.estimate import Estimate

Array = NDArray[np.float64]


def floor_diffusion(efolds: ArrayLike, temperature: ArrayLike, curvature: ArrayLike, duration: ArrayLike) -> Array:
    r"""Diffusion coefficient at which a quadratic well is explored in a given time.

    $$D_{\min}=\frac ck,\qquad c=\alpha\frac T{t_f},$$ which is the same as a clock of $\eta kt_f=\alpha$.

    Args:
        efolds: $\alpha>0$, times the mean position shrinks by e during the run.
        temperature: T > 0, loss units.
        curvature: $k>0$, loss per parameter squared.
        duration: $t_f>0$.

    Returns:
        Parameter squared per time.

    Raises:
        ValueError: an argument that is not positive.

    >>> float(floor_diffusion(2.0, 0.5, 4.0, 10.0))
    0.025
    """
    values = [np.asarray(v, dtype=float) for v in (efolds, temperature, curvature, duration)]
    if not all((v > 0).all() for v in values):
        raise ValueError(f"expected positive arguments, got {values}: none of them has a sign")
    alpha, T, k, t = values
    return np.asarray(alpha * T / (k * t))


def explored_share(efolds: ArrayLike) -> Array:
    r"""Variance of a run that started at the minimum of a quadratic well, over that of equilibrium: $1-e^{-2\alpha}$.

    Args:
        efolds: $\alpha=\eta kt_f\ge0$.

    Raises:
        ValueError: a negative argument.

    >>> float(explored_share(0.0))
    0.0
    """
    alpha = np.asarray(efolds, dtype=float)
    if (alpha < 0).any():
        raise ValueError(f"expected efolds >= 0, got {alpha.min()}: it counts relaxation times")
    return np.asarray(-np.expm1(-2 * alpha))


def crossed_share(potential: Quartic, temperature: float, mobility: float, duration: float) -> float:
    r"""Share of its way to equilibrium that the population of the upper well has gone: $1-e^{-rt_f}$.

    Args:
        potential: a double well with the lower (or level) minimum on the right.
        temperature: T > 0, constant.
        mobility: $\eta>0$, constant.
        duration: $t_f>0$.

    Raises:
        ValueError: as ``hopping``, or a duration that is not positive.

    Source: rate r from ``hopping``.

    >>> from trainphys.cooling.potentials import double_well
    >>> 0.99 < crossed_share(double_well(1.0), 0.5, 1.0, 100.0) <= 1.0
    True
    """
    if not duration > 0:
        raise ValueError(f"expected duration > 0, got {duration}: the run has to last")
    return float(-np.expm1(-hopping(potential, temperature, mobility).rate * duration))


def level_wells(barrier: float, curvature: float) -> Quartic:
    r"""Two level wells of a given curvature at their minima, $L=B(x^2/a^2-1)^2$ with $a^2=8B/k$.

    Args:
        barrier: $B>0$, loss units.
        curvature: $k>0$ at both minima.

    Raises:
        ValueError: an argument that is not positive.

    >>> [round(x, 9) for x in level_wells(2.0, 16.0).stationary_points()]
    [-1.0, 0.0, 1.0]
    """
    if not (barrier > 0 and curvature > 0):
        raise ValueError(f"expected barrier > 0 and curvature > 0, got {barrier} and {curvature}: two wells need both")
    square = 8 * barrier / curvature
    return Quartic((barrier, 0.0, -2 * barrier / square, 0.0, barrier / square**2))


def measured_crossing(
    potential: Quartic, temperature: float, mobility: float, duration: float, cells: int = 600, steps: int = 1200
) -> Estimate:
    """``crossed_share`` by the Fokker-Planck equation, from a cold start at the bottom of the upper well.

    Args:
        potential: as in ``crossed_share``, like the three that follow.
        cells: cells of the grid; the change on halving cells and steps is the error.
        steps: time steps.

    Raises:
        ValueError: as ``evolve``.
    """
    shape = wells(potential)

    def progress(cells: int, steps: int) -> float:
        grid = Grid.around(potential, temperature, cells)
        inside = np.clip((shape.top - grid.centres) / grid.width + 0.5, 0, 1)  # share of a cell left of the top
        settled = float((boltzmann(potential, temperature, grid) * inside).sum() * grid.width)
        cold = boltzmann(potential, shape.barrier / 30, grid) * inside
        cold /= cold.sum() * grid.width
        times = np.linspace(0, duration, steps + 1)
        p = evolve(potential, cold, quench(temperature, mobility), times, grid).density[0]
        return (1 - float((p * inside).sum() * grid.width)) / (1 - settled)

    fine = progress(cells, steps)
    return Estimate.from_solver(fine, error=abs(fine - progress(cells // 2, steps // 2)))
