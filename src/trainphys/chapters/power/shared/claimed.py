"""Claimed curves of document A, sections 1 to 8: time and efficiency, where branches cross, and forms to be fitted."""

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import lambertw

from trainphys.arrays import Array
from trainphys.checks import above_zero, positive
from trainphys.tools.batch_size.fit import PLAIN_STEPS, STEPS, Law


def claimed_time(alpha: ArrayLike, critical_alpha: float) -> Array:
    r"""Training time that the document claims, in units of $t_{\rm opt}$: $\max(\alpha^{-1/2}, e^{\alpha/\alpha_c-1})$.

    An infinite stability limit $\alpha_c$ leaves the floor $1/e$.

    Source: document A, section 7.1.

    >>> claimed_time([0.25, 1.0, 3.0], 1.5).round(4).tolist()
    [2.0, 1.0, 2.7183]
    """
    a, limit = above_zero(alpha=alpha, critical_alpha=critical_alpha)
    return np.maximum(a**-0.5, np.exp(a / limit - 1))


def claimed_efficiency(alpha: ArrayLike, critical_alpha: float) -> Array:
    r"""Efficiency that the document claims, capped: $\min(1, 1/\alpha, e^{1-\alpha/\alpha_c})$.

    Section 7.2 leaves out the cap, which section 1.1 has.

    Source: document A, sections 7.2 and 1.1.

    >>> claimed_efficiency([0.5, 4.0], 10.0).tolist()
    [1.0, 0.25]
    """
    a, limit = above_zero(alpha=alpha, critical_alpha=critical_alpha)
    return np.minimum(1.0, np.minimum(1 / a, np.exp(1 - a / limit)))


def claimed_fastest_alpha(critical_alpha: float) -> float:
    r"""Where the branches of the claimed time cross, its only minimum: $\alpha_*=\frac{\alpha_c}2W(2e^2/\alpha_c)$.

    $W$ is Lambert's function. The value never exceeds $e^2$, whatever the stability limit.

    >>> claimed_fastest_alpha(1.0)
    1.0
    """
    positive(critical_alpha=critical_alpha)
    return critical_alpha / 2 * float(lambertw(2 * math.e**2 / critical_alpha).real)


def _split_starts(batch: Array, value: Array) -> Iterable[tuple[float, ...]]:
    """Claimed time: for each place of the kink, the best power branch below it and exponential branch above."""
    for k in range(1, batch.size):
        power = float(np.exp(np.mean(np.log(value[:k]) + 0.5 * np.log(batch[:k]))))  # t_opt sqrt(B_crit)
        rise = float(np.polyfit(batch[k:], np.log(value[k:]), 1)[0]) if batch.size - k > 1 else 0.0
        rise = max(rise, 1e-9 / batch[-1])
        optimum = float(np.exp(1 + np.mean(np.log(value[k:]) - rise * batch[k:])))
        critical = (power / optimum) ** 2
        yield optimum, critical, 1 / (rise * critical)


def _samples_starts(batch: Array, value: Array) -> Iterable[tuple[float, ...]]:
    samples = float(value.min())
    for critical in batch:
        for limit in (1.0, 10.0, 1e5):
            yield samples, float(critical), limit


CLAIMED_TIME = Law(
    "claimed time",
    ("time_unit", "critical_batch_size", "critical_alpha"),
    lambda b, x: x[0] * claimed_time(b / x[1], x[2]),
    _split_starts,
)


CLAIMED_SAMPLES = Law(
    "samples from the claimed efficiency",
    ("samples_unit", "critical_batch_size", "critical_alpha"),
    lambda b, x: x[0] / claimed_efficiency(b / x[1], x[2]),
    _samples_starts,
)


def _power_law(name: str, exponent: float) -> Law:
    """A power law with one free factor."""
    return Law(
        name,
        ("factor",),
        lambda b, x: x[0] * b**exponent,
        lambda b, v: [(float(np.exp(np.mean(np.log(v) - exponent * np.log(b)))),)],
    )


def _frontier(b: Array, x: Array) -> Array:
    alpha = b / x[1]
    return np.asarray(x[0] * np.exp(alpha - 1) * np.maximum(1, 1 / alpha))


def _frontier_starts(b: Array, v: Array) -> Iterable[tuple[float, ...]]:
    for critical in (b[-1] / 4, b[-1], 10 * b[-1]):
        unit = _frontier(b, np.array([1.0, critical]))
        yield float(np.exp(np.mean(np.log(v / unit)))), float(critical)


CAPPED_SAMPLES = Law(
    "samples from the efficiency of section 1.1",
    ("samples_unit", "critical_batch_size"),
    lambda b, x: x[0] * np.maximum(1, b / x[1]),
    lambda b, v: [(float(v.min()), float(c)) for c in b],
)


SECTION_2 = Law("section 2 with 1.1", ("time_unit", "critical_batch_size"), _frontier, _frontier_starts)


SECTION_4 = _power_law("section 4", -0.5)


SECTION_8 = _power_law("section 8", 1.0)


def section_1(batch_size: Sequence[float], learning_rate: Sequence[float]) -> Law:
    r"""Time of section 1, $\propto\sqrt B/\eta(B)$, with the learning rates that were really used at these batch sizes.

    >>> float(section_1([1.0, 4.0], [1.0, 4.0]).curve(np.array(4.0), np.array([2.0])))
    1.0
    """
    sizes, rates = np.log(batch_size), np.log(learning_rate)

    def shape(b: Array) -> Array:
        return np.asarray(np.sqrt(b) / np.exp(np.interp(np.log(b), sizes, rates)))

    return Law(
        "section 1, tuned rate",
        ("factor",),
        lambda b, x: x[0] * shape(b),
        lambda b, v: [(float(np.exp(np.mean(np.log(v / shape(b))))),)],
    )


LAWS = (SECTION_2, SECTION_4, CLAIMED_TIME, SECTION_8, PLAIN_STEPS, STEPS)
