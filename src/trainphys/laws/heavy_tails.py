"""What stochastic gradient descent does where no single temperature describes it: closed forms for one parameter."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from trainphys.arrays import Array
from trainphys.checks import not_below, numbers, positive

Rule = Literal["ito", "stratonovich", "anti-ito"]


SHIFT = {"ito": 1.0, "stratonovich": 0.0, "anti-ito": -1.0}


def tail_index(
    learning_rate: ArrayLike, batch_size: ArrayLike, curvature: ArrayLike, multiplicative: ArrayLike, rule: Rule = "ito"
) -> Array:
    r"""Degrees of freedom of the stationary law when the noise variance is $c_0+c_1\theta^2$ in a quadratic well.

    $$\nu=\frac{2hB}{\eta c_1}+1,\qquad p(\theta)\propto\Bigl(1+\frac{c_1\theta^2}{c_0}\Bigr)^{-(\nu+1)/2},$$ Student's
    law in $\sqrt{\nu c_1/c_0}\,\theta$, for short steps, from the Fokker-Planck equation with $D(\theta)$ in Itô's
    form. In Stratonovich's form the 1 is absent; in the form $\partial_\theta(D\,\partial_\theta p)$ it is -1.

    Source: Risken (1996), section 5.2, for the stationary density in one dimension.

    >>> float(tail_index(0.1, 1, 1.0, 5.0)), float(tail_index(0.1, 1, 1.0, 5.0, rule="stratonovich"))
    (5.0, 4.0)
    """
    if rule not in SHIFT:
        raise ValueError(f"expected rule 'ito', 'stratonovich' or 'anti-ito', got {rule!r}: spell it so")
    eta, batch, h, c = positive(
        learning_rate=learning_rate, batch_size=batch_size, curvature=curvature, multiplicative=multiplicative
    )
    return np.asarray(2 * h * batch / (eta * c) + SHIFT[rule])


def tail_share(distance: ArrayLike, index: ArrayLike, additive: float, multiplicative: float) -> Array:
    r"""Share of runs further than a distance from the minimum, $P(|\theta|>x)=2\,\bar F_\nu(x\sqrt{\nu c_1/c_0})$.

    $\nu$ is that of ``tail_index``, $\bar F_\nu$ Student's survival function.

    >>> round(float(tail_share(1.0, 1.0, 1.0, 1.0)), 9)  # Cauchy: half lies beyond one width
    0.5
    """
    [x], [nu] = not_below(0, distance=distance), positive(index=index)
    positive(additive=additive, multiplicative=multiplicative)
    return np.asarray(2 * stats.t.sf(x * np.sqrt(nu * multiplicative / additive), nu))


def multiplicative_variance(
    learning_rate: float, batch_size: float, curvature: float, additive: float, multiplicative: float
) -> float:
    r"""Variance at rest when the noise variance is $c_0+c_1\theta^2$, for steps of any length.

    $$\langle\theta^2\rangle=\frac{\eta c_0/B}{2h-\eta h^2-\eta c_1/B}$$

    >>> multiplicative_variance(1.0, 1, 1.0, 0.5, 0.5)
    1.0
    """
    positive(learning_rate=learning_rate, batch_size=batch_size, curvature=curvature)
    not_below(0, additive=additive, multiplicative=multiplicative)
    gap = 2 * curvature - learning_rate * (curvature**2 + multiplicative / batch_size)
    if gap <= 0:
        raise ValueError("expected a finite variance, got steps or a multiplicative noise too large: shorten the steps")
    return learning_rate * additive / batch_size / gap


def stable_width(learning_rate: ArrayLike, curvature: ArrayLike, index: ArrayLike, scale: ArrayLike = 1.0) -> Array:
    r"""Width at rest in a quadratic well under stable gradient noise of index $0<\alpha\le2$, for steps of any length.

    $$w=\frac{\eta s}{\left[1-|1-\eta h|^\alpha\right]^{1/\alpha}}\;\to\;
    \frac{s\,\eta^{1-1/\alpha}}{(\alpha h)^{1/\alpha}},$$ the scale parameter, from that of one gradient's noise, s
    ($\sqrt{\operatorname{var}/2}$ for $\alpha=2$). A temperature would give $\eta^{1/2}$; for $\alpha=1$ the width does
    not depend on the learning rate at all. Stable laws add their scales to the power alpha, here over the recursion.

    >>> round(float(stable_width(0.1, 1.0, 1.0)), 9), float(stable_width(1.0, 1.0, 2.0))
    (1.0, 1.0)
    """
    eta, h, s = positive(learning_rate=learning_rate, curvature=curvature, scale=scale)
    if not (eta * h < 2).all():
        raise ValueError(f"expected learning_rate * curvature < 2, got {(eta * h).max()}: take shorter steps")
    [alpha] = positive(index=index)
    if not (alpha <= 2).all():
        raise ValueError(f"expected an index <= 2, got {alpha.max()}: 2 is the normal law")
    return np.asarray(eta * s / (1 - np.abs(1 - eta * h) ** alpha) ** (1 / alpha))


def einstein_ratio(
    learning_rate: ArrayLike, curvature: ArrayLike, momentum: ArrayLike = 0.0, over: Literal["update", "long"] = "long"
) -> Array:
    r"""Diffusion over mobility times temperature, $D/(\eta T)$, in one direction with constant noise; one by Einstein.

    $$\frac D{\eta T}=\Bigl(1-\frac{\eta h}{2(1+\mu)}\Bigr)\times\begin{cases}1-\mu&\text{D of one update}\\
    (1-\mu)^{-1}&\text{D of a long stretch without slope,}\end{cases}$$ with $T=h\langle\theta^2\rangle$. Dividing the
    second by the mobility $\eta/(1-\mu)$ restores Einstein's relation for short steps.

    Args:
        learning_rate: $0<\eta<2(1+\mu)/h$.
        curvature: h > 0, where T is measured.
        momentum: $0\le\mu<1$; the velocity is not averaged.
        over: which D.

    Raises:
        ValueError: an argument out of range.

    Source: T is that of ``stationary_temperature``.

    >>> float(einstein_ratio(1.0, 1.0)), round(float(einstein_ratio(1e-9, 1.0, momentum=0.5)), 6)
    (0.5, 2.0)
    """
    eta, h = positive(learning_rate=learning_rate, curvature=curvature)
    [mu] = numbers(momentum=momentum)
    if not ((mu >= 0) & (mu < 1)).all():
        raise ValueError(f"expected 0 <= momentum < 1, got {momentum!r}: as in torch.optim.SGD")
    if (eta * h >= 2 * (1 + mu)).any():
        raise ValueError("expected learning_rate < 2 (1 + momentum) / curvature, got more: it diverges")
    if over not in ("update", "long"):
        raise ValueError(f"expected over 'update' or 'long', got {over!r}: spell it so")
    return np.asarray((1 - eta * h / (2 * (1 + mu))) * (1 - mu) ** (1 if over == "update" else -1))
