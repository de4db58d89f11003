"""What the claimed time to close a gap neglects."""


def neglected_term(gap: float, learning_rate: float, squared_gradient: float, curvature_along: float) -> float:
    r"""Relative size of what the first-order law drops: $(\Delta L/|g|^2+\eta/2)\,g^{\mathsf T}Hg/|g|^2$.

    >>> neglected_term(0.01, 0.02, squared_gradient=1.0, curvature_along=1.0)
    0.02
    """
    return (gap / squared_gradient + learning_rate / 2) * curvature_along / squared_gradient
