"""Modes that swing under momentum, and two that swing together: what is critical depends on what critical means."""

import math
from typing import Literal

from scipy.optimize import brentq

from trainphys.checks import positive

Criterion = Literal["split modes", "balanced gain", "instability"]


def critical_coupling(damping: float, frequency: float, criterion: Criterion = "split modes") -> float:
    r"""Critical $g$ of $\ddot x+\gamma_1\dot x+\omega^2x+g^2y=0$, $\ddot y+\gamma_2\dot y+\omega^2y+g^2x=0$.

    - ``split modes``, $\gamma_1=\gamma_2=\gamma$: the normal frequencies lie one line width $\gamma$ apart,
      $g^4=\gamma^2(\omega^2-\gamma^2/2)$.
    - ``balanced gain``, $\gamma_1=\gamma$, $\gamma_2=-\gamma$: above it neither mode grows,
      $g^4=\gamma^2(\omega^2-\gamma^2/4)$.
    - ``instability``, $\gamma_1=\gamma_2$: a direction of the loss turns downwards, $g=\omega$ whatever the damping.

    The first two are $\sqrt{\gamma\omega}$ when damping is weak.

    Args:
        damping: $\gamma$ > 0, per time, below $\omega$.
        frequency: $\omega$ > 0, radians per time.
        criterion: what critical means.

    Returns:
        Radians per time.

    Raises:
        ValueError: damping not below the frequency, or an unknown criterion.

    Source: characteristic polynomial of the two modes; derived in the chapter on instability modes.

    >>> round(critical_coupling(0.01, 4.0), 4), critical_coupling(0.01, 4.0, "instability")
    (0.2, 4.0)
    """
    if not 0 < damping < frequency:
        raise ValueError(f"expected 0 < damping < frequency, got {damping} and {frequency}: a damped mode must swing")
    if criterion == "instability":
        return float(frequency)
    share = {"split modes": 0.5, "balanced gain": 0.25}.get(criterion)
    if share is None:
        raise ValueError(
            f"expected 'split modes', 'balanced gain' or 'instability', got {criterion!r}: say what critical means"
        )
    return float((damping**2 * (frequency**2 - share * damping**2)) ** 0.25)


def critical_coupling_of_updates(step_curvature: float, momentum: float) -> float:
    r"""Critical $\sqrt{\eta k}$ of heavy-ball updates on two modes of curvature $\lambda$ that are coupled by $k$.

    The swings of $\lambda\pm k$ then differ by one line width, $-\ln\beta$; exact for any step, inside the window of
    ``update_frequency``.

    >>> g = critical_coupling_of_updates(0.04, 0.99)
    >>> abs(g / math.sqrt(0.01 * 0.2) - 1) < 0.01  # the geometric mean of damping and frequency
    True
    """
    width = -math.log(momentum)

    def excess(k: float) -> float:
        return update_frequency(step_curvature + k, momentum) - update_frequency(step_curvature - k, momentum) - width

    widest = step_curvature * (1 - 1e-9)
    if excess(widest) < 0:
        raise ValueError(f"expected weaker damping than 1 - {momentum}: the two swings never part by a line width")
    return math.sqrt(brentq(excess, 1e-9 * step_curvature, widest, xtol=1e-15))


def update_frequency(step_curvature: float, momentum: float) -> float:
    r"""Angle by which one update turns a parameter: that of the update's leading eigenvalue.

    $$\cos\varphi=\frac{1+\beta-\eta\lambda}{2\sqrt\beta},\qquad (1-\sqrt\beta)^2<\eta\lambda<(1+\sqrt\beta)^2 .$$
    Zero below that window (the parameter creeps, no swing), $\pi$ above (it changes sign at every update).

    Args:
        step_curvature: $\eta\lambda$ > 0, learning rate times Hessian eigenvalue.
        momentum: $0\le\beta<1$.

    Returns:
        Radians per update.

    Raises:
        ValueError: an argument out of range.

    Source: Polyak (1964); the eigenvalues of the update, derived in the chapter on instability modes.

    >>> math.cos(update_frequency(1.0, 0.25)), update_frequency(0.1, 0.0), update_frequency(1.5, 0.0) == math.pi
    (0.25, 0.0, True)
    """
    positive(step_curvature=step_curvature)
    if not 0 <= momentum < 1:
        raise ValueError(f"expected 0 <= momentum < 1, got {momentum}: as in torch.optim.SGD")
    half = (1 + momentum - step_curvature) / 2
    if half**2 >= momentum:
        return math.pi if half < 0 else 0.0
    return math.acos(half / math.sqrt(momentum))


def loss_frequency(step_curvature: float, momentum: float) -> float:
    r"""Frequency of the loss about its decay, $2\varphi$ folded into $[0,\pi]$: a square swings twice as fast.

    A loss that is looked at once an update cannot show more than half a cycle per update.

    Args:
        step_curvature: $\eta\lambda$ > 0, learning rate times Hessian eigenvalue.
        momentum: $0\le\beta<1$.

    Returns:
        Radians per update; $\varphi$ is that of ``update_frequency``.

    Raises:
        ValueError: an argument out of range.

    Source: twice ``update_frequency``, since the loss is a square.

    >>> round(loss_frequency(0.04, 0.999) / update_frequency(0.04, 0.999), 9), loss_frequency(1.5, 0.0)
    (2.0, 0.0)
    """
    twice = 2 * update_frequency(step_curvature, momentum)
    return min(twice, 2 * math.pi - twice)
