"""Operating rules."""

from __future__ import annotations

import math

from trainphys.checks import above_zero
from trainphys.estimate import Estimate


def claimed_operating_alpha(limit: float, critical_alpha: float = math.inf) -> float:
    r"""The document's choice for any limit: $\alpha=\min(\ell,\alpha_{\rm crit})$.

    Args:
        limit: $\ell$ > 0: $t_{\max}/t_{\rm opt}$, $P_{\max}/P_{\rm opt}$ or $\gamma_{\max}/\gamma_{\rm opt}$.
        critical_alpha: $\alpha_{\rm crit}$ > 0.

    Source: document A, sections 8.1 to 8.3.

    >>> claimed_operating_alpha(3.0, 2.0)
    2.0
    """
    above_zero(limit=limit, critical_alpha=critical_alpha)
    return min(limit, critical_alpha)


def simulated_linear_rule_edge(rate_at_critical: float, curvature: float, *, updates: int = 4000) -> Estimate:
    r"""Batch ratio at which the linear rule $\eta=\alpha\eta_{\rm opt}$ makes descent diverge, found by running it.

    Args:
        rate_at_critical: learning rate at $\alpha=1$.
        curvature: of the stiffest direction.
        updates: of each run; the edge is blurred by a few over their number.
    """
    low, high = 1e-3, 1e3
    while high / low > 1 + 1e-4:
        alpha, theta = math.sqrt(low * high), 1.0
        for _ in range(updates):
            theta -= alpha * rate_at_critical * curvature * theta
            if abs(theta) > 1e6:
                break
        low, high = (low, alpha) if abs(theta) > 1 else (alpha, high)
    return Estimate.from_solver(low, error=low * (1e-4 + 14 / updates))
