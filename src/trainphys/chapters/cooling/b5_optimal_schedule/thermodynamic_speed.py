"""Entropy produced by slow cooling, and the staircase of temperatures that produces the least."""

from collections.abc import Callable

import numpy as np
from scipy.optimize import minimize

from trainphys.arrays import Array
from trainphys.errors import NotConverged
from trainphys.estimate import Estimate
from trainphys.simulate.cooling_runs import CoolingRun
from trainphys.systems.coolings import Schedule
from trainphys.systems.losses import Potential


def measured_slow_entropy(potential: Potential, schedule_of: Callable[[float], Schedule], shortest: float) -> Estimate:
    r"""Limit of $t_f\,\Sigma$ for slow cooling, $\Sigma$ the entropy produced in the Fokker-Planck equation.

    Three durations, each twice the last, give two extrapolations; their difference is the error.
    """

    def scaled(duration: float) -> float:
        found = []
        for steps in (2000, 4000):  # implicit Euler is of first order: extrapolate in the step too
            run = CoolingRun(potential, schedule_of(duration), duration, cells=600, steps=steps).history()
            found.append(float(np.trapezoid(run.total, run.times)) + run.divergence[-1])
        return float(duration * (2 * found[1] - found[0]))

    short, middle, long = (scaled(k * shortest) for k in (1, 2, 4))
    limit, before = 2 * long - middle, 2 * middle - short
    return Estimate.from_solver(limit, error=abs(limit - before))


def best_staircase(
    start: float, end: float, duration: float, curvature: float, levels: int
) -> tuple[Array, float, float]:
    r"""Temperatures of a staircase that produce least entropy in a quadratic well, found by a general optimiser.

    Each level is held for the same time and relaxes exactly, at mobility one; entropy is that of the Gaussian spread
    plus heat over temperature, $\tfrac12\ln\frac{u_f}{u_0}+\sum_n\frac{u_{n}-u_{n+1}}{2T_n}$, with $u=k\sigma^2$ from
    ``start`` to ``end``. Also returned: the entropy (nats), and that of the geometric staircase between the same ends.
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
        raise NotConverged(f"expected the optimiser to converge, got: {best.message}", best.x)
    return np.exp(best.x), float(best.fun), entropy(geometric)
