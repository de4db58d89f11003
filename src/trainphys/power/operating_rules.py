"""Which batch size a limit asks for: the document's rules, and those that follow from the corrected law."""

from __future__ import annotations

import math

from trainphys.estimate import Estimate
from trainphys.power.laws import cheapest_batch_size


def claimed_operating_alpha(limit: float, critical_alpha: float = math.inf) -> float:
    r"""The document's choice for any limit: $\alpha=\min(\ell,\alpha_{\rm crit})$.

    Args:
        limit: $\ell$ > 0: $t_{\max}/t_{\rm opt}$, $P_{\max}/P_{\rm opt}$ or $\gamma_{\max}/\gamma_{\rm opt}$.
        critical_alpha: $\alpha_{\rm crit}$ > 0.

    Source: document A, sections 8.1 to 8.3.

    >>> claimed_operating_alpha(3.0, 2.0)
    2.0
    """
    _positive(limit=limit, critical_alpha=critical_alpha)
    return min(limit, critical_alpha)


def alpha_for_time(limit: float, sharpness: float = 1.0) -> float:
    r"""Least batch that keeps a time limit: $\alpha=(2\ell^p-1)^{-1/p}$, equal updates.

    Args:
        limit: $\ell=t_{\max}/t(\alpha=1)$, above $2^{-1/p}$, the time of an endless batch.
        sharpness: $p$ > 0 of the knee.

    Raises:
        ValueError: a limit that no batch size can keep.

    >>> alpha_for_time(0.75), alpha_for_time(1.0), alpha_for_time(1.5)
    (2.0, 1.0, 0.5)
    """
    _positive(limit=limit, sharpness=sharpness)
    slack = 2 * limit**sharpness - 1
    if slack <= 0:
        raise ValueError(f"expected limit > {2 ** (-1 / sharpness):.4g}, got {limit}: no batch size is that fast")
    return float(slack ** (-1 / sharpness))


def alpha_for_power(limit: float, static_share: float = 0.0) -> float:
    r"""Largest batch that keeps a power limit: $\alpha=(\ell-\sigma)/(1-\sigma)$, with $P=P_0+P_1B$.

    Args:
        limit: $\ell=P_{\max}/P(\alpha=1)$, above the static share.
        static_share: $\sigma=P_0/P(\alpha=1)$, at least 0 and below 1.

    Raises:
        ValueError: a limit below the static power.

    >>> alpha_for_power(3.0), alpha_for_power(3.0, static_share=0.5)
    (3.0, 5.0)
    """
    if not 0 <= static_share < 1:
        raise ValueError(f"expected 0 <= static_share < 1, got {static_share}: static power over that at alpha = 1")
    if not limit > static_share:
        raise ValueError(f"expected limit > {static_share}, got {limit}: an idle machine draws more than that")
    return (limit - static_share) / (1 - static_share)


def alpha_for_least_energy(static_share: float, sharpness: float = 1.0) -> float:
    r"""Batch of least energy, $\alpha=\bigl[\sigma/(1-\sigma)\bigr]^{1/(1+p)}$; a time limit may ask for a larger one.

    Args:
        static_share: $\sigma=P_0/P(\alpha=1)$, at least 0 and below 1.
        sharpness: $p$ > 0 of the knee.

    >>> alpha_for_least_energy(0.5), alpha_for_least_energy(0.8)
    (1.0, 2.0)
    """
    if not 0 <= static_share < 1:
        raise ValueError(f"expected 0 <= static_share < 1, got {static_share}: static power over that at alpha = 1")
    return cheapest_batch_size(1.0, static_share, 1 - static_share, sharpness)


def alpha_for_stability(damping_limit: float, damping_at_critical: float) -> float:
    r"""Largest batch under the linear learning-rate rule: $\gamma=\eta h=\alpha\gamma_{\rm opt}$ up to $\gamma_{\max}$.

    Args:
        damping_limit: $\gamma_{\max}$ > 0, 2 for plain gradient descent.
        damping_at_critical: $\gamma_{\rm opt}=\eta_{\rm opt}h_{\max}$ > 0.

    >>> alpha_for_stability(2.0, 0.5)
    4.0
    """
    _positive(damping_limit=damping_limit, damping_at_critical=damping_at_critical)
    return damping_limit / damping_at_critical


def _positive(**values: float) -> None:
    for name, value in values.items():
        if not value > 0:
            raise ValueError(f"expected {name} > 0, got {value}: a ratio of positive quantities")


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
