r"""Cooling with least entropy produced: at constant thermodynamic speed.

Slow cooling produces entropy at the rate $\zeta(T)\,(\dot T/T)^2$. For given ends and a given time the least is
produced when that rate stays constant, which is exponential cooling if $\zeta$ does not depend on T, and not otherwise.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from trainphys.cooling.fokker_planck import Grid, boltzmann
from trainphys.cooling.optimal_numeric import PiecewiseLog
from trainphys.cooling.potentials import Potential
from trainphys.cooling.quasistatic import slow_cooling
from trainphys.cooling.refined_runs import cooling_run
from trainphys.cooling.schedules import Schedule
from trainphys.estimate import Estimate

Array = NDArray[np.float64]
POINTS = 100  # temperatures of the trapezoidal rule


def entropic_friction(potential: Potential, temperature: float, mobility: float = 1.0) -> float:
    r"""Entropy that slow cooling produces: $\zeta(T)$ in $\dot s_{\rm tot}=\zeta(T)\,(\dot T/T)^2$.

    $$\zeta=\frac{\operatorname{var}(L)}{T^2}\,\tau_{\rm friction},$$ with the friction time of ``slow_cooling``. In a
    quadratic well it is $1/(4\eta k)$ at every temperature; for $L\propto|x|^n$ it is proportional to $T^{2/n-1}$.

    Args:
        potential: the loss, one dimension.
        temperature: T > 0.
        mobility: $\eta>0$.

    Returns:
        Units of time.

    Raises:
        ValueError: an argument that is not positive.

    Source: Sivak and Crooks (2012), "Thermodynamic metrics and optimal paths".

    >>> from trainphys.cooling.potentials import harmonic
    >>> round(entropic_friction(harmonic(2.0), 0.3), 4)
    0.125
    """
    grid = Grid.around(potential, temperature, 3000)
    weight = boltzmann(potential, temperature, grid) * grid.width
    loss = potential.value(grid.centres)
    variance = float((weight * (loss - (weight * loss).sum()) ** 2).sum())
    return variance / temperature**2 * slow_cooling(potential, temperature, mobility, grid).friction_time


def slow_entropy(potential: Potential, schedule: Schedule, duration: float, points: int = 400) -> float:
    r"""Entropy produced by slow cooling at mobility one, $\int\zeta(T)\left(\frac{d\ln T}{dt}\right)^2dt$, in nats.

    Args:
        potential: the loss.
        schedule: its temperature is used.
        duration: length of the run, long against the friction time.
        points: of the quadrature.

    Raises:
        ValueError: a duration that is not positive.

    >>> from trainphys.cooling.potentials import harmonic
    >>> from trainphys.cooling.schedules import Exponential
    >>> round(slow_entropy(harmonic(), Exponential(1.0, tau=10.0), 20.0, 50), 4)  # t / (4 tau^2)
    0.05
    """
    if not duration > 0:
        raise ValueError(f"expected duration > 0, got {duration}")
    log_t = np.log(schedule.temperature(np.linspace(0, duration, points + 1)))
    speed = np.diff(log_t) * points / duration
    nodes = np.linspace(log_t.min(), log_t.max(), 80)
    friction = np.interp((log_t[1:] + log_t[:-1]) / 2, nodes, _frictions(potential, nodes))
    return float((friction * speed**2).sum() * duration / points)


def thermodynamic_length(potential: Potential, start: float, end: float) -> float:
    r"""Length of the way between two temperatures; squared and over the time it is the least entropy of slow cooling.

    $$\mathcal L=\int_{T_f}^{T_0}\sqrt{\zeta(T)}\,\frac{dT}T,\qquad\Sigma_{\min}=\mathcal L^2/t_f .$$

    Args:
        potential: the loss; mobility one.
        start: $T_0$, loss units.
        end: $0<T_f<T_0$.

    Returns:
        Square root of (nats times time).

    Raises:
        ValueError: temperatures that are not positive or do not fall.

    Source: Sivak and Crooks (2012); Salamon and Berry (1983), "Thermodynamic length and dissipated availability".

    >>> from trainphys.cooling.potentials import harmonic
    >>> round(float(thermodynamic_length(harmonic(4.0), 1.0, 0.1) * 4 / np.log(10.0)), 3)
    1.0
    """
    return float(_lengths(potential, start, end)[1][-1])


def constant_speed_schedule(potential: Potential, start: float, end: float, duration: float) -> PiecewiseLog:
    r"""Slow schedule of least entropy production: $\sqrt{\zeta(T)}\,|d\ln T/dt|$ is constant, mobility one.

    Exponential in a quadratic well; between uneven wells it lingers where jumps between them are about to freeze.

    Args:
        potential: as in ``thermodynamic_length``, like start and end.
        duration: $t_f>0$.

    Raises:
        ValueError: as ``thermodynamic_length``, or a duration that is not positive.

    >>> from trainphys.cooling.potentials import harmonic
    >>> slow = constant_speed_schedule(harmonic(), 1.0, 0.01, 10.0)
    >>> round(float(slow.temperature(5.0)), 4)
    0.1
    """
    if not duration > 0:
        raise ValueError(f"expected duration > 0, got {duration}: it is the length of the run")
    temperatures, lengths = _lengths(potential, start, end)
    times = duration * lengths / lengths[-1]
    return PiecewiseLog(tuple(times.tolist()), tuple(temperatures.tolist()), (1.0,) * POINTS)


def measured_slow_entropy(
    potential: Potential, schedule_of: Callable[[float], Schedule], durations: tuple[float, float, float]
) -> Estimate:
    r"""Limit of $t_f\,\Sigma$ for slow cooling, $\Sigma$ the entropy produced in the Fokker-Planck equation.

    Two extrapolations, each from a run and one twice as long, whose difference is the error.

    Args:
        potential: the loss.
        schedule_of: the schedule of a given duration.
        durations: three, each twice the last.
    """

    def scaled(duration: float) -> float:
        found = []
        for steps in (2000, 4000):  # implicit Euler is of first order: extrapolate in the step too
            run = cooling_run(potential, schedule_of(duration), duration, cells=600, steps=steps, records=200)
            found.append(float(np.trapezoid(run.total, run.times)) + run.divergence[-1])
        return float(duration * (2 * found[1] - found[0]))

    short, middle, long = (scaled(t) for t in durations)
    limit, before = 2 * long - middle, 2 * middle - short
    return Estimate.from_solver(limit, error=abs(limit - before))


def best_staircase(
    start: float, end: float, duration: float, curvature: float, levels: int
) -> tuple[Array, float, float]:
    r"""Temperatures of a staircase that produce least entropy in a quadratic well, found by a general optimiser.

    Each level is held for the same time and relaxes exactly; entropy is that of the Gaussian spread plus heat over
    temperature, $\tfrac12\ln\frac{u_f}{u_0}+\sum_n\frac{u_{n}-u_{n+1}}{2T_n}$, with $u=k\sigma^2$ ending at ``end``.

    Args:
        start: spread $u_0$ at the start, loss units.
        end: spread at the end.
        duration: of the whole staircase; mobility one.
        curvature: k.
        levels: number of temperatures.

    Returns:
        The temperatures, the entropy produced (nats), and that of the geometric staircase between the same spreads.
    """
    keep = np.exp(-2 * curvature * duration / levels)

    def spreads(log_t: Array) -> Array:
        u = [start]
        for temperature in np.exp(log_t):
            u.append(temperature + (u[-1] - temperature) * keep)
        return np.array(u)

    def entropy(log_t: Array) -> float:
        u = spreads(log_t)
        return float(np.log(u[-1] / u[0]) / 2 - (np.diff(u) / np.exp(log_t)).sum() / 2)

    ratio = (end / start) ** (1 / levels)
    geometric = np.log(start * (ratio - keep) / (1 - keep)) + np.log(ratio) * np.arange(levels)
    linear = np.log(np.linspace(start, end, levels + 1)[1:])  # a start that knows nothing of exponentials
    best = minimize(  # type: ignore[call-overload]
        entropy,
        linear,
        method="SLSQP",
        options={"maxiter": 500, "ftol": 1e-13},
        constraints={"type": "eq", "fun": lambda x: np.log(spreads(x)[-1] / end)},
    )
    if not best.success:
        raise RuntimeError(f"expected the optimiser to converge, got: {best.message}")
    return np.exp(best.x), float(best.fun), entropy(geometric)


def _frictions(potential: Potential, log_temperatures: Array) -> Array:
    return np.array([entropic_friction(potential, float(t)) for t in np.exp(log_temperatures)])


def _lengths(potential: Potential, start: float, end: float) -> tuple[Array, Array]:
    """Falling temperatures, and the length from the first to each."""
    if not 0 < end < start:
        raise ValueError(f"expected 0 < end < start, got {end} and {start}: cooling goes down")
    temperatures = np.geomspace(start, end, POINTS)
    speed = np.sqrt(_frictions(potential, np.log(temperatures)))
    step = np.log(temperatures[0] / temperatures[1])
    return temperatures, np.concatenate([[0.0], np.cumsum((speed[1:] + speed[:-1]) / 2 * step)])
