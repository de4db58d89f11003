"""Two modes that swing together: what strength of coupling is critical depends on what critical means."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm
from scipy.optimize import brentq

from trainphys.ensemble import stream
from trainphys.estimate import Estimate
from trainphys.power.oscillation import swing_frequency

Floats = NDArray[np.float64]
Criterion = Literal["split modes", "balanced gain", "instability"]


def claimed_coupling(damping: float, frequency: float) -> float:
    r"""$g_c=\sqrt{\gamma\omega}$, a rate when $\gamma$ and $\omega$ are rates.

    Source: document A, section 5.3.

    >>> claimed_coupling(0.01, 4.0)
    0.2
    """
    if not (damping > 0 and frequency > 0):
        raise ValueError(f"expected damping > 0 and frequency > 0, got {damping} and {frequency}")
    return math.sqrt(damping * frequency)


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

    Raises:
        ValueError: damping not below the frequency, or an unknown criterion.

    >>> round(critical_coupling(0.01, 4.0), 4), critical_coupling(0.01, 4.0, "instability")
    (0.2, 4.0)
    """
    if not 0 < damping < frequency:
        raise ValueError(f"expected 0 < damping < frequency, got {damping} and {frequency}: a damped mode must swing")
    if criterion == "instability":
        return float(frequency)
    share = {"split modes": 0.5, "balanced gain": 0.25}.get(criterion)
    if share is None:
        raise ValueError(f"expected 'split modes', 'balanced gain' or 'instability', got {criterion!r}")
    return float((damping**2 * (frequency**2 - share * damping**2)) ** 0.25)


def critical_coupling_of_updates(step_curvature: float, momentum: float) -> float:
    r"""Critical $\sqrt{\eta k}$ of heavy-ball updates on the Hessian $\bigl(\begin{smallmatrix}\lambda&k\\k&\lambda\end{smallmatrix}\bigr)$.

    The swings of $\lambda\pm k$ then differ by one line width, $-\ln\beta$; exact for any step.

    Args:
        step_curvature: $\eta\lambda$, inside the swing window.
        momentum: $0<\beta<1$.

    Raises:
        ValueError: the swings never come that far apart.

    >>> g = critical_coupling_of_updates(0.04, 0.99)
    >>> abs(g / claimed_coupling(0.01, 0.2) - 1) < 0.01
    True
    """  # noqa: E501
    width = -math.log(momentum)

    def excess(k: float) -> float:
        return swing_frequency(step_curvature + k, momentum) - swing_frequency(step_curvature - k, momentum) - width

    widest = step_curvature * (1 - 1e-9)
    if excess(widest) < 0:
        raise ValueError(f"expected weaker damping than 1 - {momentum}: the two swings never part by a line width")
    return math.sqrt(brentq(excess, 1e-9 * step_curvature, widest, xtol=1e-15))


def split_modes_found(
    step_curvature: float, momentum: float, *, seed: int, updates: int = 40_000, couplings: int = 9
) -> Estimate:
    r"""Coupling $\sqrt{\eta k}$ at which two coupled parameters, run with momentum, swing one line width apart.

    Frequencies are counted from changes of sign of the sum and the difference of the parameters, the line width is the
    decay of their energy per update; the coupling is interpolated between those that were run side by side.
    """
    rng = stream(seed, "split modes")
    width_guess = 1 - momentum  # only to place the couplings; the width itself is measured
    k = width_guess * math.sqrt(step_curvature) * np.linspace(0.7, 1.4, couplings)
    place, speed = rng.standard_normal((2, 2, 1)) + np.zeros((2, 2, couplings))
    changes, before, log_size = np.zeros((2, couplings)), np.zeros((2, couplings)), np.zeros(couplings)
    for _ in range(updates):
        speed = momentum * speed - step_curvature * place - k * place[::-1]
        place = place + speed
        size = np.sqrt((place**2 + speed**2).sum(axis=0))
        place, speed, log_size = place / size, speed / size, log_size + np.log(size)
        now = np.sign(np.stack([place[0] + place[1], place[0] - place[1]]))
        changes += now * before < 0
        before = now
    apart = math.pi * (changes[0] - changes[1]) / updates
    width = -2 * float(log_size.mean()) / updates
    line = np.polynomial.Polynomial.fit(k, apart, 2)
    root = brentq(lambda x: line(x) - width, k[0], k[-1])
    slope = float(line.deriv()(root))
    error = (2 * math.pi / updates + 20 / updates * width) / slope
    return Estimate.from_solver(math.sqrt(root), error / (2 * math.sqrt(root)))


def threshold_found(
    damping: float, frequency: float, criterion: Criterion, *, duration: float = 400.0, accuracy: float = 1e-3
) -> Estimate:
    r"""Coupling at which the flow stops (balanced gain) or starts (instability) to grow, by bisection.

    The propagator is the matrix exponential over ``duration`` divided by the damping; no eigenvalue is computed.
    """
    other = -damping if criterion == "balanced gain" else damping

    def grows(g: float) -> bool:
        flow = np.zeros((4, 4))
        flow[:2, 2:] = np.eye(2)
        flow[2:, :2] = -np.array([[frequency**2, g**2], [g**2, frequency**2]])
        flow[2:, 2:] = -np.diag([damping, other])
        with np.errstate(all="ignore"):  # a propagator that overflows has grown
            size = np.abs(expm(flow * duration / damping)).max()
        return not bool(size <= 100 * max(1.0, 1 / frequency, frequency))

    low, high = 0.05 * math.sqrt(damping * frequency), 0.0
    grown = grows(low)
    high = low
    while grows(high) == grown:
        low, high = high, 1.1 * high
    while high / low > 1 + accuracy / 4:
        middle = math.sqrt(low * high)
        low, high = (middle, high) if grows(middle) == grown else (low, middle)
    return Estimate.from_solver(math.sqrt(low * high), accuracy * high)
