"""How fast a parameter and its loss swing, counted along runs."""

import math

import numpy as np

from trainphys.arrays import Array
from trainphys.chapters.power.shared.heavy_ball import heavy_ball
from trainphys.ensemble import stream
from trainphys.estimate import Estimate


def run_scaled(step_curvature: float, momentum: float, *, updates: int, seed: int) -> Array:
    """Parameter along a run from a random start, its overall growth or decay divided out."""
    rng = stream(seed, "swing")
    theta, v = (float(x) for x in rng.standard_normal(2))
    values, logs, log_size = np.empty(updates), np.empty(updates), 0.0
    for t in range(updates):
        theta, v = heavy_ball(theta, v, step_curvature * theta, momentum)
        size = math.hypot(theta, v)
        log_size += math.log(size)
        theta, v = theta / size, v / size
        values[t], logs[t] = theta, log_size
    trend = np.polynomial.Polynomial.fit(np.arange(updates), logs, 1)(np.arange(updates))
    return np.asarray(values * np.exp(logs - trend))


def measured_swing(values: Array) -> Estimate:
    r"""$\pi$ times the changes of sign per update: counted, with an error of one count at either end.

    >>> round(measured_swing(np.cos(0.3 * np.arange(30_000) + 1)).value, 3)
    0.3
    """
    late = values[len(values) // 4 :]
    changes = int((np.sign(late[1:]) * np.sign(late[:-1]) < 0).sum())
    spacing = math.pi / (len(late) - 1)
    return Estimate.from_solver(changes * spacing, spacing)


def measured_loss_frequency(values: Array) -> Estimate:
    r"""Place of the highest peak in the spectrum of $\theta_t^2$, mean removed; the error is the width of a line.

    >>> round(measured_loss_frequency(np.cos(0.3 * np.arange(30_000) + 1)).value, 3)
    0.6
    """
    late = values[len(values) // 4 :] ** 2
    spectrum = np.abs(np.fft.rfft((late - late.mean()) * np.hanning(len(late))))
    line = 2 * math.pi / len(late)
    return Estimate.from_solver(line * float(np.argmax(spectrum)), line)
