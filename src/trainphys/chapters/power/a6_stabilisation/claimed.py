"""What the document says and did not stand."""

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array


def claimed_momentum(alpha: ArrayLike) -> Array:
    r"""The document's momentum, $1-1/\sqrt\alpha$: negative for $\alpha<1$, and below -1 for $\alpha<1/4$.

    Source: document A, section 6.3.

    >>> claimed_momentum([0.25, 1.0, 4.0]).tolist()
    [-1.0, 0.0, 0.5]
    """
    return 1 - np.asarray(alpha, dtype=float) ** -0.5


def claimed_learning_rate(alpha: ArrayLike, at_critical: float) -> Array:
    r"""The document's learning rate, $\eta_{\rm opt}/\sqrt\alpha$.

    Source: document A, section 6.2.

    >>> claimed_learning_rate([1.0, 4.0], 0.6).tolist()
    [0.6, 0.3]
    """
    return np.asarray(at_critical * np.asarray(alpha, dtype=float) ** -0.5)
