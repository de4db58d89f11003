"""Where heavy-ball momentum swings."""

import math


def swing_window(momentum: float) -> tuple[float, float]:
    r"""Values of $\eta\lambda$ between which heavy-ball momentum swings: $(1\mp\sqrt\beta)^2$.

    >>> swing_window(0.25)
    (0.25, 2.25)
    """
    if not 0 <= momentum < 1:
        raise ValueError(f"expected 0 <= momentum < 1, got {momentum}")
    return (1 - math.sqrt(momentum)) ** 2, (1 + math.sqrt(momentum)) ** 2
