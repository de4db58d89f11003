"""What the document says and did not stand."""

import math

from trainphys.checks import above_zero


def claimed_operating_alpha(limit: float, critical_alpha: float = math.inf) -> float:
    r"""The document's choice for any limit: $\alpha=\min(\ell,\alpha_{\rm crit})$.

    The limit $\ell$ is $t_{\max}/t_{\rm opt}$, $P_{\max}/P_{\rm opt}$ or $\gamma_{\max}/\gamma_{\rm opt}$.

    Source: document A, sections 8.1 to 8.3.

    >>> claimed_operating_alpha(3.0, 2.0)
    2.0
    """
    above_zero(limit=limit, critical_alpha=critical_alpha)
    return min(limit, critical_alpha)
