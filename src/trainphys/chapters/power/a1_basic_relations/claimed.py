"""What the document says and did not stand."""

from trainphys.checks import not_below, positive


def claimed_closing_time(gap: float, learning_rate: float, squared_gradient: float, quality: float = 1.0) -> float:
    r"""Updates that the document claims for a gap: $\Delta L/(\eta\,|\nabla L|^2Q)$.

    Source: document A, section 1.1.

    >>> claimed_closing_time(0.5, learning_rate=0.1, squared_gradient=1.0)
    5.0
    """
    not_below(0, gap=gap)
    positive(learning_rate=learning_rate, squared_gradient=squared_gradient, quality=quality)
    return gap / (learning_rate * squared_gradient * quality)
