"""How hot exponential cooling should start."""

import math

from scipy.optimize import minimize_scalar

from trainphys.checks import inside, positive
from trainphys.laws.two_wells import hopping_rate, upper_share
from trainphys.systems.coolings import cooling
from trainphys.systems.losses import Quartic, check_potential, wells


def best_start(potential: Quartic, duration: float, end: float, rest: float = 1.0, mobility: float = 1.0) -> float:
    r"""Temperature from which exponential cooling leaves the smallest share of runs in the upper of two wells.

    $$T_0=\arg\min_{T>T_f}\,u(t_f),\qquad\dot u=-r(T)\,[u-u_{\rm eq}(T)],\qquad T(t)=T_0\,(T_f/T_0)^{t/t_f},$$ with the
    two-state law for u. It is about one and a half times the temperature at which the jumps freeze,
    ``freezing_temperature`` with $\tau=t_f/\ln(T_0/T_f)$. In one basin no heat is needed: $T_0=T_f$.

    Args:
        potential: one basin, or a double well with the lower minimum on the right.
        duration: $t_f>0$.
        end: $T_f>0$, below the barrier; loss units.
        rest: temperature > 0 at whose equilibrium the runs begin.
        mobility: $\eta>0$.

    Returns:
        Loss units.

    Raises:
        ValueError: an argument out of range, or level wells, of which every schedule leaves a half.

    Source: two-state law of ``upper_share``.

    >>> from trainphys.systems.losses import double_well, harmonic
    >>> best_start(harmonic(), 100.0, 0.05)
    0.05
    >>> 0.05 < best_start(double_well(1.0, 0.5), 1000.0, 0.05) < best_start(double_well(1.0, 0.5), 100.0, 0.05)
    True
    """
    positive(duration=duration, end=end, rest=rest, mobility=mobility)
    check_potential(potential)
    if len(potential.stationary_points()) == 1:
        return end
    shape = wells(potential)
    barrier = shape.barrier
    inside(0, barrier, end=end)
    if shape.gap < 1e-9 * barrier:
        raise ValueError(f"expected one well below the other, got a gap of {shape.gap:.3g}: every start leaves a half")
    first = hopping_rate(potential, rest).upper_share

    def left(log_start: float) -> float:
        schedule = cooling(math.exp(log_start), end, duration, mobility)
        return float(upper_share(potential, schedule, [0.0, duration], first)[-1])

    lowest, highest = math.log(end) + 1e-3, math.log(4 * barrier)
    found = minimize_scalar(left, bounds=(lowest, highest), method="bounded", options={"xatol": 1e-5})
    return math.exp(float(found.x))
