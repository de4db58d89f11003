"""Ensembles of overdamped Langevin particles, with temperature and mobility that change in time."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numba as nb
import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.checks import at_least, not_below
from trainphys.ensemble.lanes import widest_vectors, write_row
from trainphys.simulate._times import increasing, recorded_steps
from trainphys.simulate.philox import fill_normals, key_of
from trainphys.systems.coolings import Schedule
from trainphys.systems.losses import Potential

BLOCK = 1024  # lanes that stay in the first-level cache together; the result does not depend on it


@dataclass(frozen=True, slots=True)
class Ensemble:
    """States of all particles at the recorded times: ``states[r]`` has the shape of the start."""

    times: Array
    states: Array


def langevin(
    potential: Potential | Sequence[Potential],
    start: ArrayLike,
    schedule: Schedule,
    times: ArrayLike,
    rng: np.random.Generator,
    *,
    record: ArrayLike | None = None,
    threads: int = 1,
) -> Ensemble:
    r"""Euler-Maruyama steps of $dx=-\eta L'(x)\,dt+\sqrt{2\eta T}\,dW$ for many independent particles.

    The noise of a particle at a step is a function of the generator's key, the particle and the step alone: the result
    has the same bits for any number of threads. Weak order one; in a quadratic well the stationary variance is too
    large by $1/(1-\tfrac12\eta k\,dt)$.

    Args:
        potential: the loss of the only coordinate, or one loss (of one family) for each of d coordinates.
        start: states at ``times[0]``, shape (particles,) or (particles, d).
        schedule: temperature and mobility, taken at the start of each step.
        times: increasing times, the ends of the steps, not just moments to look at (that is ``record``).
        rng: generator of this task, from which the key of the noise is drawn.
        record: indices into ``times``, increasing; by default the last one only.
        threads: threads that share the particles.

    Raises:
        ValueError: shapes or times that do not fit, mobilities or temperatures below zero, losses of different
            families, or a last step that is longer than the relaxation time $1/\eta L''$ of most particles where they
            are.
        FloatingPointError: a particle ran away, because the steps are too long for the steepest part of the loss.

    Source: Kloeden and Platen (1992), chapter 14, for the weak order.

    >>> from trainphys.systems.losses import harmonic
    >>> from trainphys.systems.coolings import quench
    >>> cold = langevin(harmonic(1.0), [1.0], quench(1e-300), [0.0, 0.1, 0.2], np.random.default_rng(0))
    >>> round(float(cold.states[0, 0]), 12)
    0.81
    """
    x = np.asarray(start, dtype=float)
    losses = list(potential) if isinstance(potential, Sequence) else [potential]
    t = increasing(times)
    recorded = recorded_steps(t, record)
    _check(x, losses)
    at_least(1, threads=threads)
    dt = np.diff(t)
    eta, warmth = not_below(0, mobilities=schedule.mobility(t[:-1]), temperatures=schedule.temperature(t[:-1]))
    drift, noise = eta * dt, np.sqrt(2 * eta * warmth * dt)
    columns = np.ascontiguousarray(x.reshape(len(x), len(losses)).T)  # coordinate, particle
    out = np.empty((len(losses), recorded.size, len(x)))
    key = np.uint64(key_of(rng))

    def run(coordinate: int, low: int, high: int) -> None:
        loss = losses[coordinate]
        lane = coordinate * len(x) + low
        part = out[coordinate, :, low:high]
        parameters = np.asarray(loss.parameters, dtype=float)
        _steps(columns[coordinate, low:high], loss.slope, parameters, drift, noise, key, lane, recorded, part)

    edges = np.linspace(0, len(x), threads + 1).astype(int)
    parts = [(c, int(low), int(high)) for c in range(len(losses)) for low, high in pairwise(edges)]
    if threads == 1:
        for part in parts:
            run(*part)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(lambda part: run(*part), parts))
    if not np.isfinite(out).all():
        raise FloatingPointError("expected finite states, got particles that ran away: take shorter steps")
    _refuse_long_steps(losses, out[:, -1], drift[recorded[-1] - 1], t)
    return Ensemble(t[recorded], np.moveaxis(out, 0, -1).reshape(recorded.size, *x.shape))


@nb.njit(error_model="numpy", nogil=True)
def _steps(start, slope, parameters, drift, noise, key, lane, record, out):  # type: ignore[no-untyped-def]
    """All steps of one block of lanes before the next block; four steps share one call of the generator."""
    steps = drift.size
    z = np.empty((4, min(BLOCK, start.size)))
    for low in range(0, start.size, BLOCK):
        x = start[low : low + BLOCK].copy()
        width = x.size
        if width < z.shape[1]:
            z = np.empty((4, width))  # the last block
        r = 0
        if record[0] == 0:
            write_row(x, out[0, low : low + width])
            r = 1
        for quad in range((steps + 3) // 4):
            fill_normals(z, key, lane + low, quad)
            for j in range(min(4, steps - 4 * quad)):
                k = 4 * quad + j
                _step(x, slope, parameters, drift[k], noise[k], z[j])
                if r < record.size and record[r] == k + 1:
                    write_row(x, out[r, low : low + width])
                    r += 1


@nb.njit(error_model="numpy", nogil=True)
def _step(x, slope, parameters, drift, noise, z):  # type: ignore[no-untyped-def]
    widest_vectors()
    for i in range(x.size):
        x[i] += noise * z[i] - drift * slope(x[i], parameters)


def _refuse_long_steps(losses: list[Any], states: Array, drift: float, t: Array) -> None:
    r"""A step beyond $1/\eta L''$ jumps over the minimum: the law of the steps is then not that of the equation."""
    for loss, x in zip(losses, states, strict=True):
        h = 1e-3 * (1 + np.abs(x))
        bend = float(np.median((loss.value(x + h) - 2 * loss.value(x) + loss.value(x - h)) / h**2))
        if drift * bend > 1:
            raise ValueError(
                f"expected steps shorter than the relaxation time, got some of {drift * bend:.3g} relaxation times: "
                f"times are the ends of the steps, so give np.linspace({t[0]:g}, {t[-1]:g}, steps + 1) with more of "
                "them, and as record the indices of those to keep"
            )


def _check(x: Array, losses: list[Any]) -> None:
    if x.ndim not in (1, 2) or x.size == 0 or (x.shape[1] if x.ndim == 2 else 1) != len(losses):
        raise ValueError(f"expected start of shape (particles,) or (particles, {len(losses)}), got {x.shape}")
    if not np.isfinite(x).all():
        raise ValueError("expected finite states to start from, got some that are not: leave them out")
    if any(loss.slope is not losses[0].slope for loss in losses):
        raise ValueError("expected losses of one family, with one slope function: write the others as its members")
