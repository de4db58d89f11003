"""Runs that sit exactly on the document's floor under the diffusion: how far they explore."""

from __future__ import annotations

from typing import Any

import numpy as np

from trainphys.cooling.exploration_floor import (
    crossed_share,
    explored_share,
    floor_diffusion,
    level_wells,
    measured_crossing,
)
from trainphys.cooling.langevin_ensemble import langevin
from trainphys.cooling.potentials import harmonic
from trainphys.cooling.schedules import quench
from trainphys.ensemble import stream
from trainphys.estimate import Estimate

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
