r"""Time to go from what a run can see: its loss and its gradient, without knowing where it will end.

On inputs $\pm1$ each cone is a quadratic of curvature 2. With $d$ the distance to its minimum and $L_\infty$ the loss
there, $\lvert\nabla L\rvert=2d$ and $L=L_\infty+d^2$: all three say the same.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array, Integers
from trainphys.checks import finite, not_below, positive
from trainphys.laws.contraction import epochs_from_error, epochs_remaining
from trainphys.systems.input_scales import Scales, widths


def gradient_norm_from_loss(loss: ArrayLike, end_loss: ArrayLike = 0.0) -> Array:
    r"""Length of the gradient at a given loss, $\lvert\nabla L\rvert=2\sqrt{L-L_\infty}$, for inputs $\pm1$.

    $L_\infty$ is the loss of the minimum of the cone: 0 where it is a solution, 1/4 where it is a trap.

    >>> gradient_norm_from_loss([0.25, 0.0]).tolist()
    [1.0, 0.0]
    """
    [height], [end] = finite(loss=loss), not_below(0, end_loss=end_loss)
    above = height - end
    if not (above >= 0).all():
        raise ValueError(f"expected loss >= end_loss, got a smallest difference of {above.min()}: another cone?")
    return np.asarray(2.0 * np.sqrt(above))


def end_loss(loss: ArrayLike, gradient: ArrayLike, scales: Scales = (1.0, 1.0)) -> Array:
    r"""Loss at the minimum of the cone that a state is in, from its loss and gradient alone.

    $$ L_\infty=L-\tfrac12\nabla L^{\mathsf T}H^{-1}\nabla L=L-\tfrac14\Bigl(\frac{g_1^2}{c_1^2}+\frac{g_2^2}{c_2^2}
    +g_b^2\Bigr) , $$ the loss less half the squared Newton decrement. It is 0 before a solution and 1/4
    before a trap. The gradient has its components (g1, g2, gb) along the first axis; scales are the half widths
    (c1, c2) of the inputs.

    Source: the Newton decrement is that of Boyd and Vandenberghe (2004), section 9.5.1.

    >>> end_loss(0.41, [0.0, 0.0, 0.8]).round(12).item()  # at (0, 0, 0.9)
    0.25
    """
    g = _three(gradient)
    finite(loss=loss, gradient=g)
    c1, c2 = widths(scales)
    decrement = (g[0] / c1) ** 2 + (g[1] / c2) ** 2 + g[2] ** 2
    return np.asarray(np.asarray(loss, dtype=float) - 0.25 * decrement)


def epochs_from_loss(loss: ArrayLike, *, rate: float, tolerance: float) -> Integers:
    r"""Epochs until the loss is below the tolerance, from the loss now, before a solution on inputs $\pm1$.

    $$ n=\Bigl\lfloor\frac{\ln(L/\varepsilon)}{-2\ln(1-2\eta)}\Bigr\rfloor+1 ,\qquad n=0\text{ if }L<\varepsilon . $$

    Args:
        loss: L, > 0.
        rate: learning rate, in (0, 1/2).
        tolerance: the loss that ends a run, > 0.

    Raises:
        ValueError: an argument out of range.

    Source: ``epochs_remaining`` at the distance $\sqrt L$.

    >>> epochs_from_loss([0.25, 0.0025], rate=0.1, tolerance=1e-7).tolist()
    [34, 23]
    """
    [height] = positive(loss=loss)
    return epochs_remaining(np.sqrt(height), rate=rate, tolerance=tolerance)


def epochs_from_gradient(norm: ArrayLike, *, rate: float, tolerance: float) -> Integers:
    r"""Epochs until the loss is below the tolerance, from the length of the gradient, for inputs $\pm1$.

    $$ n=\Bigl\lfloor\frac{\ln(\lvert\nabla L\rvert/2\sqrt\varepsilon)}{-\ln(1-2\eta)}\Bigr\rfloor+1 . $$ Before a trap
    it counts the epochs until the loss is within the tolerance of that of the trap; ``end_loss`` tells which.

    >>> epochs_from_gradient([1.0, 0.1], rate=0.1, tolerance=1e-7).tolist()
    [34, 23]
    """
    return epochs_remaining(np.asarray(norm, dtype=float) / 2.0, rate=rate, tolerance=tolerance)


def epochs_from_gradient_vector(
    gradient: ArrayLike, *, rate: float, tolerance: float, scales: Scales = (1.0, 1.0)
) -> Integers:
    r"""Epochs until the loss is below the tolerance, from all three components of the gradient, for any inputs.

    The error is $H^{-1}\nabla L$, $e_i=g_i/2c_i^2$ and $e_b=g_b/2$; each part shrinks by a factor of its own. The
    gradient has its components (g1, g2, gb) along the first axis; scales are the half widths (c1, c2) of the inputs.

    >>> epochs_from_gradient_vector([0.6, 0.0, 0.8], rate=0.1, tolerance=1e-7).tolist()
    34
    """
    g = _three(gradient)
    curvature = 2.0 * np.array([scales[0] ** 2, scales[1] ** 2, 1.0]).reshape((3,) + (1,) * (g.ndim - 1))
    return epochs_from_error(g / curvature, rate=rate, tolerance=tolerance, scales=scales)


def _three(gradient: ArrayLike) -> Array:
    g = np.asarray(gradient, dtype=float)
    if g.ndim == 0 or g.shape[0] != 3:
        raise ValueError(f"expected (g1, g2, gb) along the first axis, got {g.shape}: transpose the array")
    return g


def step_length(distance: ArrayLike, rate: ArrayLike) -> Array:
    r"""Length of one full-batch step at distance d from the minimum, $\lvert\theta_{n+1}-\theta_n\rvert=2\eta d$.

    For inputs $\pm1$: a fixed share of the way, never a fixed length.

    >>> step_length([0.5, 0.05], 0.1).round(12).tolist()
    [0.1, 0.01]
    """
    [d], [eta] = not_below(0, distance=distance), positive(rate=rate)
    return np.asarray(2.0 * eta * d)


def fewest_epochs(distance: ArrayLike, loss_drop: ArrayLike, efficiency: ArrayLike) -> Array:
    r"""Fewest epochs in which any network can cover a distance while its loss falls by a given amount.

    $$ n\ge\kappa\,\frac{d^2}{L_0-L_n} ,\qquad \kappa=\min_j\frac{L_j-L_{j+1}}{\lvert\theta_{j+1}-\theta_j\rvert^2} . $$
    By Cauchy and Schwarz $d^2\le n\sum_j\lvert\theta_{j+1}-\theta_j\rvert^2\le n(L_0-L_n)/\kappa$. For gradient descent
    with small steps $\kappa\to1/\eta$. Equality needs steps of equal length along a straight line.

    Args:
        distance: d, from the first to the last parameters, >= 0.
        loss_drop: $L_0-L_n$, > 0.
        efficiency: $\kappa$, the loss gained per squared length of the worst step, > 0.

    Raises:
        ValueError: an argument out of range.

    Source: the Cauchy-Schwarz inequality, above.

    >>> fewest_epochs(2.0, 0.5, 10.0).item()
    80.0
    """
    [d] = not_below(0, distance=distance)
    drop, kappa = positive(loss_drop=loss_drop, efficiency=efficiency)
    return np.asarray(kappa * d**2 / drop)
