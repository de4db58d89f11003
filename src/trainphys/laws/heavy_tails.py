"""What stochastic gradient descent does where no single temperature describes it: closed forms for one parameter."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from trainphys.arrays import Array

Rule = Literal["ito", "stratonovich", "anti-ito"]


SHIFT = {"ito": 1.0, "stratonovich": 0.0, "anti-ito": -1.0}


def tail_index(
    learning_rate: ArrayLike, batch_size: ArrayLike, curvature: ArrayLike, multiplicative: ArrayLike, rule: Rule = "ito"
) -> Array:
    r"""Degrees of freedom of the stationary law when the noise variance is $c_0+c_1\theta^2$ in a quadratic well.

    $$\nu=\frac{2hB}{\eta c_1}+1,\qquad p(\theta)\propto\Bigl(1+\frac{c_1\theta^2}{c_0}\Bigr)^{-(\nu+1)/2},$$ Student's
    law in $\sqrt{\nu c_1/c_0}\,\theta$, from the Fokker-Planck equation with $D(\theta)$ in Itô's form. In
    Stratonovich's form the 1 is absent; in the form $\partial_\theta(D\,\partial_\theta p)$ it is -1.

    Args:
        learning_rate: $\eta>0$, short: $\eta h\ll1$.
        batch_size: B > 0.
        curvature: h > 0.
        multiplicative: $c_1>0$, variance of a single sample's curvature.
        rule: how the noise is evaluated within a step.

    Raises:
        ValueError: an argument that is not positive, or an unknown rule.

    Source: Risken (1996), section 5.2, for the stationary density in one dimension.

    >>> float(tail_index(0.1, 1, 1.0, 5.0)), float(tail_index(0.1, 1, 1.0, 5.0, rule="stratonovich"))
    (5.0, 4.0)
    """
    eta, batch, h, c = (np.asarray(x, dtype=float) for x in (learning_rate, batch_size, curvature, multiplicative))
    if rule not in SHIFT:
        raise ValueError(f"expected rule 'ito', 'stratonovich' or 'anti-ito', got {rule!r}")
    if not ((eta > 0).all() and (batch > 0).all() and (h > 0).all() and (c > 0).all()):
        raise ValueError("expected positive arguments")
    return np.asarray(2 * h * batch / (eta * c) + SHIFT[rule])


def tail_share(distance: ArrayLike, index: ArrayLike, additive: float, multiplicative: float) -> Array:
    r"""Share of runs further than a distance from the minimum, $P(|\theta|>x)=2\,\bar F_\nu(x\sqrt{\nu c_1/c_0})$.

    Args:
        distance: x >= 0, in parameters.
        index: $\nu>0$ of ``tail_index``.
        additive: $c_0>0$.
        multiplicative: $c_1>0$.

    Raises:
        ValueError: an argument out of range.

    >>> round(float(tail_share(1.0, 1.0, 1.0, 1.0)), 9)  # Cauchy: half lies beyond one width
    0.5
    """
    x, nu = np.asarray(distance, dtype=float), np.asarray(index, dtype=float)
    if not ((x >= 0).all() and (nu > 0).all() and additive > 0 and multiplicative > 0):
        raise ValueError("expected distance >= 0 and index, additive, multiplicative > 0")
    return np.asarray(2 * stats.t.sf(x * np.sqrt(nu * multiplicative / additive), nu))


def multiplicative_variance(
    learning_rate: float, batch_size: float, curvature: float, additive: float, multiplicative: float
) -> float:
    r"""Variance at rest when the noise variance is $c_0+c_1\theta^2$, for steps of any length.

    $$\langle\theta^2\rangle=\frac{\eta c_0/B}{2h-\eta h^2-\eta c_1/B}$$

    Args:
        learning_rate: $\eta>0$.
        batch_size: B > 0.
        curvature: h > 0.
        additive: $c_0\ge0$.
        multiplicative: $c_1\ge0$.

    Raises:
        ValueError: an argument out of range, or a variance that is infinite.

    >>> multiplicative_variance(1.0, 1, 1.0, 0.5, 0.5)
    1.0
    """
    gap = 2 * curvature - learning_rate * (curvature**2 + multiplicative / batch_size)
    if not min(learning_rate, batch_size, curvature) > 0 or min(additive, multiplicative) < 0:
        raise ValueError("expected learning_rate, batch_size, curvature > 0 and a noise variance >= 0")
    if gap <= 0:
        raise ValueError("expected a finite variance, got steps or a multiplicative noise too large for one")
    return learning_rate * additive / batch_size / gap


def stable_width(learning_rate: ArrayLike, curvature: ArrayLike, index: ArrayLike, scale: ArrayLike = 1.0) -> Array:
    r"""Width at rest in a quadratic well under stable gradient noise of index $\alpha$, for steps of any length.

    $$w=\frac{\eta s}{\left[1-|1-\eta h|^\alpha\right]^{1/\alpha}}\;\to\;
    \frac{s\,\eta^{1-1/\alpha}}{(\alpha h)^{1/\alpha}},$$ the scale parameter. A temperature would give $\eta^{1/2}$;
    for $\alpha=1$ the width does not depend on the learning rate at all.

    Args:
        learning_rate: $0<\eta<2/h$.
        curvature: h > 0.
        index: $0<\alpha\le2$.
        scale: s > 0, scale parameter of one gradient's noise; $\sqrt{\operatorname{var}/2}$ for $\alpha=2$.

    Raises:
        ValueError: an argument out of range.

    Source: stable laws add their scales to the power alpha; summed over the recursion.

    >>> round(float(stable_width(0.1, 1.0, 1.0)), 9), float(stable_width(1.0, 1.0, 2.0))
    (1.0, 1.0)
    """
    eta, h, alpha, s = (np.asarray(x, dtype=float) for x in (learning_rate, curvature, index, scale))
    if not ((eta > 0).all() and (h > 0).all() and (eta * h < 2).all() and (s > 0).all()):
        raise ValueError("expected curvature, scale > 0 and 0 < learning_rate < 2 / curvature")
    if not ((alpha > 0).all() and (alpha <= 2).all()):
        raise ValueError("expected an index between 0 and 2")
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

    >>> float(einstein_ratio(1.0, 1.0)), round(float(einstein_ratio(1e-9, 1.0, momentum=0.5)), 6)
    (0.5, 2.0)
    """
    eta, h, mu = (np.asarray(x, dtype=float) for x in (learning_rate, curvature, momentum))
    if not ((eta > 0).all() and (h > 0).all() and (mu >= 0).all() and (mu < 1).all()):
        raise ValueError("expected learning_rate, curvature > 0 and 0 <= momentum < 1")
    if (eta * h >= 2 * (1 + mu)).any():
        raise ValueError("expected learning_rate < 2 (1 + momentum) / curvature: it diverges")
    if over not in ("update", "long"):
        raise ValueError(f"expected over 'update' or 'long', got {over!r}")
    return np.asarray((1 - eta * h / (2 * (1 + mu))) * (1 - mu) ** (1 if over == "update" else -1))
