r"""Shapes of schedules: pure functions of progress p, from 0 at the start to 1 at the end, that give a factor.

A temperature is $T_0f(p)$, a learning rate $\eta_0f(p)$. Every shape but the constant one starts at 1 and ends at
``end``; a shape that falls to zero is allowed where its formula is.
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.checks import at_least, positive, within


def constant_shape(progress: ArrayLike, end: float = 1.0) -> Array:
    """$f=1$: nothing changes; ``end`` is not used.

    >>> constant_shape([0.0, 1.0])
    array([1., 1.])
    """
    [p] = within(0, 1, progress=progress)
    return np.ones_like(p)


def quench_shape(progress: ArrayLike, end: float = 0.01) -> Array:
    """$f=f_1$ from the first moment on.

    >>> quench_shape([0.0, 1.0], end=0.1)
    array([0.1, 0.1])
    """
    [p] = within(0, 1, progress=progress)
    return np.full_like(p, _end(end, zero=True))


def linear_decay(progress: ArrayLike, end: float = 0.01) -> Array:
    """$f=1-(1-f_1)p$.

    Args:
        progress: p, share of the run that is over, 0 to 1.
        end: $f_1$, factor at the end, 0 to 1; zero is allowed.

    Raises:
        ValueError: a progress or an end out of range.

    >>> linear_decay([0.0, 0.5, 1.0], end=0.2)
    array([1. , 0.6, 0.2])
    """
    [p] = within(0, 1, progress=progress)
    return np.asarray(1 - (1 - _end(end, zero=True)) * p)


def cosine_decay(progress: ArrayLike, end: float = 0.01) -> Array:
    r"""$f=f_1+(1-f_1)\,\tfrac12(1+\cos\pi p)$.

    Args:
        progress: p, 0 to 1.
        end: $f_1$, 0 to 1; zero is allowed.

    Raises:
        ValueError: a progress or an end out of range.

    Source: Loshchilov and Hutter (2017), one period, without restarts.

    >>> cosine_decay([0.0, 0.5, 1.0], end=0.2)
    array([1. , 0.6, 0.2])
    """
    [p] = within(0, 1, progress=progress)
    return np.asarray(_end(end, zero=True) + (1 - end) * (1 + np.cos(np.pi * p)) / 2)


def step_decay(progress: ArrayLike, end: float = 0.01, drops: int = 2) -> Array:
    r"""$f=f_1^{m/n}$ with $m=\lfloor p(n+1)\rfloor$ (at most n): n equal drops of the logarithm, at equal distances.

    Args:
        progress: p, 0 to 1.
        end: $0<f_1\le1$.
        drops: n >= 1.

    Raises:
        ValueError: an argument out of range.

    >>> step_decay([0.0, 0.3, 0.5, 1.0], end=0.01).round(12)
    array([1.  , 1.  , 0.1 , 0.01])
    """
    [p] = within(0, 1, progress=progress)
    at_least(1, drops=drops)
    fallen = np.minimum(np.floor(p * (drops + 1)), drops)
    return np.asarray(_end(end) ** (fallen / drops))


def exponential_decay(progress: ArrayLike, end: float = 0.01) -> Array:
    r"""$f=f_1^{\,p}=e^{-t/\tau}$ with $\tau=t_f/\ln(1/f_1)$: the document's shape.

    Args:
        progress: $p=t/t_f$, 0 to 1.
        end: $0<f_1\le1$.

    Raises:
        ValueError: an argument out of range.

    >>> exponential_decay([0.0, 0.5, 1.0], end=0.01).round(12)
    array([1.  , 0.1 , 0.01])
    """
    [p] = within(0, 1, progress=progress)
    return np.asarray(_end(end) ** p)


def inverse_time_decay(progress: ArrayLike, end: float = 0.01) -> Array:
    r"""$f=\left[1+(1/f_1-1)\,p\right]^{-1}$, that is $1/(1+t/t_0)$.

    The optimal learning rate of a noisy quadratic well at a fixed batch size has this shape, $\eta=1/(2a/u_0+kt)$ for
    $T=a\eta$.

    Args:
        progress: p, 0 to 1.
        end: $0<f_1\le1$.

    Raises:
        ValueError: an argument out of range.

    Source: Robbins and Monro (1951) for the decay as 1/t.

    >>> inverse_time_decay([0.0, 1.0], end=0.1).round(12)
    array([1. , 0.1])
    """
    [p] = within(0, 1, progress=progress)
    return np.asarray(1 / (1 + (1 / _end(end) - 1) * p))


def logarithmic_decay(progress: ArrayLike, end: float = 0.01, periods: float = 1000.0) -> Array:
    r"""$f=\left[1+(1/f_1-1)\,\frac{\ln(1+np)}{\ln(1+n)}\right]^{-1}$, that is $T=c/\ln(t/t_0)$ at late times.

    It starts from the common start and lags behind the logarithm of fewest failures in two wells: for that take
    ``laws.two_wells.best_share``.

    Args:
        progress: p, 0 to 1.
        end: $0<f_1\le1$.
        periods: n > 0, length of the run in units of the time after which the logarithm sets in.

    Raises:
        ValueError: an argument out of range.

    Source: Geman and Geman (1984); Hajek (1988).

    >>> logarithmic_decay([0.0, 1.0], end=0.1).round(12)
    array([1. , 0.1])
    """
    [p] = within(0, 1, progress=progress)
    positive(periods=periods)
    return np.asarray(1 / (1 + (1 / _end(end) - 1) * np.log1p(periods * p) / math.log1p(periods)))


def cooling_time(duration: ArrayLike, start: ArrayLike, end: ArrayLike) -> Array:
    r"""Time constant of the exponential between two temperatures, $\tau=t_f/\ln(T_0/T_f)$ with $0<T_f<T_0$.

    >>> round(float(cooling_time(10.0, 1.0, 0.01)), 6)
    2.171472
    """
    t, first, last = positive(duration=duration, start=start, end=end)
    if not (last < first).all():
        raise ValueError(f"expected end < start, got {last} and {first}: cooling goes down")
    return np.asarray(t / np.log(first / last))


def _end(end: float, zero: bool = False) -> float:
    if not (0 <= end <= 1 if zero else 0 < end <= 1):
        bound = "0 <= end <= 1" if zero else "0 < end <= 1"
        raise ValueError(f"expected {bound}, got {end}: it is the last factor over the first")
    return float(end)
