r"""The document's floor under the diffusion, $D\ge c/|\nabla^2L|$: what it secures and what it does not."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.ensemble import stream
from trainphys.estimate import Estimate
from trainphys.laws.two_wells import crossed_share
from trainphys.simulate.fokker_planck import evolve
from trainphys.simulate.langevin import langevin
from trainphys.systems.coolings import quench
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import Quartic, harmonic, level_wells, wells


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


Rows = list[dict[str, Any]]


DURATION = 10.0


EULER = {"rtol": 0.0025, "rtol_reason": "Euler steps of one four-hundredth of a relaxation time"}


TWO_STATES = {"rtol": 0.02, "rtol_reason": "precision claimed for the two-state law in section 7"}


def floor_cases(seed: int, particles: int) -> Rows:
    """One well explored by particles from its minimum, and two level wells by a density from one of them.

    Args:
        seed: of the particles.
        particles: in each run.

    Returns:
        Arguments of comparisons; two units of loss, with the number c kept, are among them.
    """
    rows: Rows = []
    for task, (curvature, temperature, alpha) in enumerate(
        ((0.5, 1.0, 0.25), (8.0, 0.2, 0.25), (0.5, 0.2, 1.0), (8.0, 1.0, 1.0))
    ):
        at = {"loss": "quadratic", "curvature": curvature, "T": temperature, "alpha": alpha}
        law = float(explored_share(alpha))
        measured = _explored(curvature, temperature, alpha, particles, stream(seed, "floor", task))
        rows.append(
            {"at": at, "measured": measured, "stated": law, "corrected": law, "reading": "explored: one well"} | EULER
        )
        # losses counted in a unit four times smaller grow fourfold: a floor with the same number c falls fourfold
        fewer = _explored(curvature, temperature, alpha / 4, particles, stream(seed, "unit", task))
        laws = {"stated": law, "corrected": float(explored_share(alpha / 4)), "reading": "c a pure number"}
        rows.append({"at": at | {"unit of loss": 0.25}, "measured": fewer} | laws | EULER)
    for ratio in (4.0, 6.0, 8.0):
        for alpha in (300.0, 1000.0):
            loss, mobility = level_wells(ratio / 2, 4.0), _mobility(alpha, 0.5, 4.0)
            at = {"loss": "two level wells", "curvature": 4.0, "barrier over T": ratio, "alpha": alpha}
            laws = {"stated": float(explored_share(alpha)), "corrected": crossed_share(loss, 0.5, mobility, DURATION)}
            measured = measured_crossing(loss, 0.5, mobility, DURATION)
            rows.append({"at": at, "measured": measured, "reading": "explored: both wells"} | laws | TWO_STATES)
    loss = level_wells(4.0, 4.0)
    hot = crossed_share(loss, 1.0, 20.0, DURATION)
    for temperature in (1.0, 0.5):
        mobility = 20.0 / temperature  # the same D in the same well
        at = {"loss": "two level wells", "D": 20.0, "T": temperature}
        laws = {"stated": hot, "corrected": crossed_share(loss, temperature, mobility, DURATION)}
        measured = measured_crossing(loss, temperature, mobility, DURATION)
        rows.append({"at": at, "measured": measured, "reading": "D alone decides"} | laws | TWO_STATES)
    return rows


def _explored(curvature: float, temperature: float, alpha: float, particles: int, rng: np.random.Generator) -> Estimate:
    """Variance over that of equilibrium, of particles that started at the minimum."""
    times = np.linspace(0, DURATION, round(alpha * 400) + 1)
    schedule = quench(temperature, _mobility(alpha, temperature, curvature))
    x = langevin(harmonic(curvature), np.zeros(particles), schedule, times, rng).states[0]
    return Estimate.from_samples(curvature * x**2 / temperature)


def _mobility(alpha: float, temperature: float, curvature: float) -> float:
    return float(floor_diffusion(alpha, temperature, curvature, DURATION)) / temperature
