"""Half widths of the two inputs of the XOR network, which laws and runs both take."""

import numpy as np

from trainphys.checks import numbers

Scales = tuple[float, float]


def widths(scales: Scales) -> Scales:
    """Half widths (c1, c2) of the inputs, checked.

    >>> widths((1.0, 0.5))
    (1.0, 0.5)
    """
    [c] = numbers(scales=scales)
    if c.shape != (2,) or not (np.isfinite(c) & (c > 0)).all():
        raise ValueError(f"expected two finite input scales > 0, got {scales!r}: give half widths (c1, c2)")
    return float(c[0]), float(c[1])
