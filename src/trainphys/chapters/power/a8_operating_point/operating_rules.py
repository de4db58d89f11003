"""Where the linear learning-rate rule makes descent diverge, found by running it."""

from trainphys.chapters.power.shared.heavy_ball import bisect_log
from trainphys.estimate import Estimate


def simulated_linear_rule_edge(rate_at_critical: float, curvature: float, *, updates: int = 4000) -> Estimate:
    r"""Batch ratio at which the linear rule $\eta=\alpha\eta_{\rm opt}$ makes descent diverge, found by running it.

    The edge is blurred by a few over the number of updates.
    """

    def stays(alpha: float) -> bool:
        theta = 1.0
        for _ in range(updates):
            theta -= alpha * rate_at_critical * curvature * theta
            if abs(theta) > 1e6:
                return False
        return abs(theta) <= 1

    low, _ = bisect_log(stays, 1e-3, 1e3)
    return Estimate.from_solver(low, error=low * (1e-4 + 14 / updates))
