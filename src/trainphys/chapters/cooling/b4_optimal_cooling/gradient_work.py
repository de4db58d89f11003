r"""The document's work $W=\int\eta\langle|\nabla L|^2\rangle dt$: on particles, and along the floor $D=D_{\min}$."""

import numpy as np
from numpy.typing import ArrayLike

from trainphys.estimate import Estimate
from trainphys.simulate.langevin import Ensemble, langevin
from trainphys.systems.coolings import PiecewiseLog, Schedule
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import Quartic


def particles_cooled(
    loss: Quartic, schedule: Schedule, duration: float, particles: int, rng: np.random.Generator
) -> Ensemble:
    """Langevin particles from equilibrium at T = 1 along a schedule, in steps of 0.001, every twentieth recorded."""
    grid = Grid.around(loss, 1.0, 4000)
    share = boltzmann(loss, 1.0, grid)
    times = np.linspace(0, duration, round(duration / 0.001) + 1)
    start = rng.choice(grid.centres, particles, p=share / share.sum())
    return langevin(loss, start, schedule, times, rng, record=np.arange(0, times.size, 20))


def particle_work(ensemble: Ensemble, potential: Quartic, schedule: Schedule) -> Estimate:
    r"""$W=\int\eta\langle L'^2\rangle dt$ from slopes that particles meet, by the trapezoidal rule."""
    c, x = potential.parameters, ensemble.states
    slope = c[0] + x * (c[1] + x * (c[2] + x * c[3]))
    rate = np.asarray(schedule.mobility(ensemble.times))[:, None] * slope**2
    return Estimate.from_samples(np.trapezoid(rate, ensemble.times, axis=0))


def particle_heat(ensemble: Ensemble, potential: Quartic) -> Estimate:
    """Loss that particles give off as heat between the first record and the last."""
    x = ensemble.states
    return Estimate.from_samples(potential.value(x[0]) - potential.value(x[-1]))


def floor_schedule(times: ArrayLike, spread: ArrayLike, floor: float, curvature: float) -> PiecewiseLog:
    r"""Schedule that leads the spread $u=k\sigma^2$ of a quadratic well along a path with $D=D_{\min}$ throughout.

    $$\eta=\frac{2kD_{\min}-\dot u}{2ku},\qquad T=\frac{D_{\min}}\eta,$$ with $\dot u$ by differences of the path.

    Raises:
        ValueError: a path that rises faster than diffusion alone, or that leaves the positive numbers.
    """
    t, u = np.asarray(times, dtype=float), np.asarray(spread, dtype=float)
    mobility = (2 * curvature * floor - np.gradient(u, t)) / (2 * curvature * u)
    if not (mobility > 0).all():
        raise ValueError("expected a spread > 0 that rises slower than 2 k D_min, got another: raise the floor")
    return PiecewiseLog(tuple(t.tolist()), tuple((floor / mobility).tolist()), tuple(mobility.tolist()))
