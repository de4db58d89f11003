"""What the document says and did not stand."""

import math

from trainphys.checks import not_below, positive


def claimed_frequency(step_curvature: float) -> float:
    r"""$\sqrt{\eta_\mathrm{eff}\lambda}$ in radians per update, with $\eta_\mathrm{eff}=\eta\alpha/B_\mathrm{crit}$.

    Source: document A, section 5.2.

    >>> claimed_frequency(0.04)
    0.2
    """
    not_below(0, step_curvature=step_curvature)
    return math.sqrt(step_curvature)


def claimed_coupling(damping: float, frequency: float) -> float:
    r"""$g_c=\sqrt{\gamma\omega}$, a rate when $\gamma$ and $\omega$ are rates.

    Source: document A, section 5.3.

    >>> claimed_coupling(0.01, 4.0)
    0.2
    """
    positive(damping=damping, frequency=frequency)
    return math.sqrt(damping * frequency)
