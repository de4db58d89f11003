r"""The document's work $W=\int\eta\langle|\nabla L|^2\rangle dt$: on particles, and along the floor $D=D_{\min}$."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from trainphys.estimate import Estimate
from trainphys.simulate.langevin import Ensemble
from trainphys.systems.coolings import PiecewiseLog, Schedule
from trainphys.systems.losses import Quartic


def particle_work(ensemble: Ensemble, potential: Quartic, schedule: Schedule) -> Estimate:
    r"""$W=\int\eta\langle L'^2\rangle dt$ from the slopes that particles meet, by the trapezoidal rule between records.

    Args:
        ensemble: particles of one coordinate, ``states`` of shape (records, particles), at least two of each.
        potential: the loss.
        schedule: gives the mobility.

    Returns:
        Loss units; the error is the scatter between particles.

    Raises:
        ValueError: states of another shape.

    >>> from trainphys.systems.losses import harmonic
    >>> from trainphys.systems.coolings import quench
    >>> still = Ensemble(np.array([0.0, 2.0]), np.array([[1.0, 1.0], [1.0, 1.0]]))
    >>> particle_work(still, harmonic(), quench(1.0)).value
    2.0
    """
    x = ensemble.states
    if x.ndim != 2 or min(x.shape) < 2:
        raise ValueError(f"expected states of shape (2 or more, 2 or more), got {x.shape}: record more of the run")
    c = np.asarray(potential.parameters)
    slope = c[0] + x * (c[1] + x * (c[2] + x * c[3]))
    rate = np.asarray(schedule.mobility(ensemble.times))[:, None] * slope**2
    return Estimate.from_samples(np.trapezoid(rate, ensemble.times, axis=0))


def particle_heat(ensemble: Ensemble, potential: Quartic) -> Estimate:
    """Loss that particles give off as heat between the first record and the last.

    Args:
        ensemble: particles of one coordinate, ``states`` of shape (records, particles), at least two of each.
        potential: the loss.

    Raises:
        ValueError: states of another shape.

    >>> from trainphys.systems.losses import harmonic
    >>> fallen = Ensemble(np.array([0.0, 1.0]), np.array([[2.0, 2.0], [1.0, 1.0]]))
    >>> particle_heat(fallen, harmonic()).value
    1.5
    """
    x = ensemble.states
    if x.ndim != 2 or min(x.shape) < 2:
        raise ValueError(f"expected states of shape (2 or more, 2 or more), got {x.shape}: record more of the run")
    return Estimate.from_samples(potential.value(x[0]) - potential.value(x[-1]))


def floor_schedule(times: ArrayLike, spread: ArrayLike, floor: float, curvature: float) -> PiecewiseLog:
    r"""Schedule that leads the spread of a quadratic well along a given path with $D=D_{\min}$ throughout.

    $$\eta=\frac{2kD_{\min}-\dot u}{2ku},\qquad T=\frac{D_{\min}}\eta,$$ with $\dot u$ by differences of the path.

    Args:
        times: increasing times.
        spread: $u=k\sigma^2>0$ there, loss units; it may rise no faster than diffusion alone, $\dot u<2kD_{\min}$.
        floor: $D_{\min}>0$, parameter squared per time.
        curvature: $k>0$.

    Raises:
        ValueError: a path that rises too fast, or an argument that is not positive.

    >>> held = floor_schedule([0.0, 1.0, 2.0], [2.0, 2.0, 2.0], 0.5, 1.0)
    >>> held.temperatures, held.mobilities
    ((2.0, 2.0, 2.0), (0.25, 0.25, 0.25))
    """
    t, u = np.asarray(times, dtype=float), np.asarray(spread, dtype=float)
    if u.shape != t.shape or not (u > 0).all() or not min(floor, curvature) > 0:
        raise ValueError(f"expected spread, floor and curvature > 0, got {u}, {floor}, {curvature}: one spread a time")
    mobility = (2 * curvature * floor - np.gradient(u, t)) / (2 * curvature * u)
    if not (mobility > 0).all():
        raise ValueError("expected a spread that rises slower than 2 k D_min, got a faster one: raise the floor")
    return PiecewiseLog(tuple(t.tolist()), tuple((floor / mobility).tolist()), tuple(mobility.tolist()))
