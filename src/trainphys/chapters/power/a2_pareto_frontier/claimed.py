"""What the document says and did not stand."""

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.checks import positive


def claimed_product(alpha: ArrayLike) -> Array:
    r"""Time times efficiency that the document claims, over $t_{\rm opt}$: $e^{\alpha-1}/\alpha$.

    Source: document A, section 2.1.

    >>> float(claimed_product(1.0))
    1.0
    """
    [a] = positive(alpha=alpha)
    return np.asarray(np.exp(a - 1) / a)
