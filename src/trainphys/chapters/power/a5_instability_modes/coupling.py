"""The critical coupling of two modes: where runs and propagators put it."""

import math
from typing import Literal

import numpy as np
from scipy.linalg import expm
from scipy.optimize import brentq

from trainphys.chapters.power.shared.heavy_ball import bisect_log, heavy_ball
from trainphys.ensemble import stream
from trainphys.estimate import Estimate


def split_modes_found(
    step_curvature: float, momentum: float, *, seed: int, updates: int = 40_000, couplings: int = 9
) -> Estimate:
    r"""Coupling $\sqrt{\eta k}$ at which two coupled parameters, run with momentum, swing one line width apart.

    Frequencies are counted from changes of sign of the sum and the difference of the parameters, the line width is the
    decay of their energy per update; the coupling is interpolated between those that were run side by side.
    """
    rng = stream(seed, "split modes")
    width_guess = 1 - momentum  # only to place the couplings; the width itself is measured
    k = width_guess * math.sqrt(step_curvature) * np.linspace(0.7, 1.4, couplings)
    place, speed = rng.standard_normal((2, 2, 1)) + np.zeros((2, 2, couplings))
    changes, before = np.zeros((2, couplings)), np.zeros((2, couplings))
    log_size = -np.log((place**2 + speed**2).sum(axis=0)) / 2  # the decay counts from the start's own length
    for _ in range(updates):
        place, speed = heavy_ball(place, speed, step_curvature * place + k * place[::-1], momentum)
        size = np.sqrt((place**2 + speed**2).sum(axis=0))
        place, speed, log_size = place / size, speed / size, log_size + np.log(size)
        now = np.sign(np.stack([place[0] + place[1], place[0] - place[1]]))
        changes += now * before < 0
        before = now
    apart = math.pi * (changes[0] - changes[1]) / updates
    width = -2 * float(log_size.mean()) / updates
    line = np.polynomial.Polynomial.fit(k, apart, 2)
    root = brentq(lambda x: line(x) - width, k[0], k[-1])
    slope = float(line.deriv()(root))
    error = (2 * math.pi / updates + 20 / updates * width) / slope
    return Estimate.from_solver(math.sqrt(root), error / (2 * math.sqrt(root)))


def threshold_found(
    damping: float,
    frequency: float,
    criterion: Literal["balanced gain", "instability"],
    *,
    duration: float = 400.0,
    accuracy: float = 1e-3,
) -> Estimate:
    r"""Coupling at which the flow stops (balanced gain) or starts (instability) to grow, by bisection.

    The propagator is the matrix exponential over ``duration`` divided by the damping; no eigenvalue is computed.
    """
    other = -damping if criterion == "balanced gain" else damping

    def grows(g: float) -> bool:
        flow = np.zeros((4, 4))
        flow[:2, 2:] = np.eye(2)
        flow[2:, :2] = -np.array([[frequency**2, g**2], [g**2, frequency**2]])
        flow[2:, 2:] = -np.diag([damping, other])
        with np.errstate(all="ignore"):  # a propagator that overflows has grown
            size = np.abs(expm(flow * duration / damping)).max()
        return not bool(size <= 100 * max(1.0, 1 / frequency, frequency))

    low = high = 0.05 * math.sqrt(damping * frequency)
    grown = grows(low)
    while grows(high) == grown:
        low, high = high, 1.1 * high
    low, high = bisect_log(lambda g: grows(g) == grown, low, high, accuracy / 4)
    return Estimate.from_solver(math.sqrt(low * high), accuracy * high)
