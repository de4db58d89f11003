"""Batch size against time and efficiency: the curves that document A claims, and the law to use instead."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import lambertw

Floats = NDArray[np.float64]


def claimed_time(alpha: ArrayLike, critical_alpha: float) -> Floats:
    r"""Training time that the document claims, in units of $t_{\rm opt}$: $\max(\alpha^{-1/2}, e^{\alpha/\alpha_c-1})$.

    Args:
        alpha: batch size in units of the critical batch size, > 0.
        critical_alpha: stability limit $\alpha_c$ > 0; infinity leaves the floor $1/e$.

    Raises:
        ValueError: an argument that is not positive.

    Source: document A, section 7.1.

    >>> claimed_time([0.25, 1.0, 3.0], 1.5).round(4).tolist()
    [2.0, 1.0, 2.7183]
    """
    a = _positive(alpha, "alpha")
    _positive(critical_alpha, "critical_alpha")
    return np.maximum(a**-0.5, np.exp(a / critical_alpha - 1))


def claimed_efficiency(alpha: ArrayLike, critical_alpha: float, *, capped: bool = True) -> Floats:
    r"""Efficiency that the document claims: $\min(1/\alpha, e^{1-\alpha/\alpha_c})$, and at most 1 when ``capped``.

    Without the cap, which the document's section 1.1 has, the efficiency rises to $e$ at small batches.

    Args:
        alpha: batch size in units of the critical batch size, > 0.
        critical_alpha: stability limit $\alpha_c$ > 0.
        capped: take the smaller of the formula and 1.

    Raises:
        ValueError: an argument that is not positive.

    Source: document A, sections 7.2 and 1.1.

    >>> claimed_efficiency([0.5, 2.0], 4.0).tolist()
    [1.0, 0.5]
    >>> float(claimed_efficiency(0.5, 4.0, capped=False))
    2.0
    """
    a = _positive(alpha, "alpha")
    _positive(critical_alpha, "critical_alpha")
    formula = np.minimum(1 / a, np.exp(1 - a / critical_alpha))
    return np.minimum(1.0, formula) if capped else formula


def claimed_fastest_alpha(critical_alpha: float) -> float:
    r"""Where the branches of the claimed time cross, its only minimum: $\alpha_*=\frac{\alpha_c}2W(2e^2/\alpha_c)$.

    $W$ is Lambert's function. The value never exceeds $e^2$, whatever the stability limit.

    Args:
        critical_alpha: stability limit $\alpha_c$ > 0.

    Raises:
        ValueError: a limit that is not positive and finite.

    >>> claimed_fastest_alpha(1.0)
    1.0
    """
    limit = float(_positive(critical_alpha, "critical_alpha"))
    return limit / 2 * float(lambertw(2 * math.e**2 / limit).real)


def claimed_efficiency_crossings(critical_alpha: float) -> tuple[float, float]:
    r"""The two places where the branches of the claimed efficiency cross: $-\alpha_cW_{0,-1}(-1/(e\alpha_c))$.

    Args:
        critical_alpha: stability limit >= 1; below 1 the branches do not cross.

    Returns:
        The crossings below one and above the stability limit.

    Raises:
        ValueError: a limit below 1.

    >>> low, high = claimed_efficiency_crossings(4.0)
    >>> bool(np.allclose([1 / low, 1 / high], np.exp([1 - low / 4, 1 - high / 4])))
    True
    """
    limit = float(_positive(critical_alpha, "critical_alpha"))
    if limit < 1:
        raise ValueError(f"expected critical_alpha >= 1, got {limit}: below 1 the branches do not cross")
    argument = -1 / (math.e * limit)
    return -limit * float(lambertw(argument, 0).real), -limit * float(lambertw(argument, -1).real)


def steps_to_target(
    batch_size: ArrayLike, minimum_steps: float, critical_batch_size: float, sharpness: float = 1.0
) -> Floats:
    r"""Updates until a target loss, learning rate tuned: $S=S_{\min}\,[1+(B_{\rm crit}/B)^p]^{1/p}$.

    Perfect scaling, $S\to S_{\min}B_{\rm crit}/B$, below the critical batch size; no gain, $S\to S_{\min}$, above. The
    sharpness $p$ shapes the knee between the two limits: 1 when every step is as long as its noise allows and the
    noise scale does not change, larger when one learning rate serves the whole run.

    Args:
        batch_size: samples per update, > 0.
        minimum_steps: updates with the exact gradient, > 0.
        critical_batch_size: where the two limits meet, > 0, in samples.
        sharpness: $p$ > 0.

    Raises:
        ValueError: an argument that is not positive.

    Source: p = 1 is McCandlish et al. (2018); the sharpness is ours.

    >>> steps_to_target([10.0, 100.0], minimum_steps=50, critical_batch_size=100).round(9).tolist()
    [550.0, 100.0]
    """
    batch = _positive(batch_size, "batch_size")
    for value, name in ((minimum_steps, "minimum_steps"), (sharpness, "sharpness")):
        _positive(value, name)
    return minimum_steps / efficiency(critical_batch_size, batch, sharpness)


def efficiency(batch_size: ArrayLike, critical_batch_size: ArrayLike, sharpness: float = 1.0) -> Floats:
    r"""Samples needed at small batches over samples needed at this one: $[1+(B/B_{\rm crit})^p]^{-1/p}$.

    Args:
        batch_size: samples per update, > 0.
        critical_batch_size: > 0, in samples.
        sharpness: of the knee, > 0; see ``steps_to_target``.

    Raises:
        ValueError: an argument that is not positive.

    Source: p = 1 is McCandlish et al. (2018).

    >>> efficiency([100.0, 300.0], 100.0).round(9).tolist()
    [0.5, 0.25]
    """
    batch = _positive(batch_size, "batch_size")
    critical = _positive(critical_batch_size, "critical_batch_size")
    _positive(sharpness, "sharpness")
    return np.exp(-np.logaddexp(0.0, sharpness * np.log(batch / critical)) / sharpness)


def cheapest_batch_size(
    critical_batch_size: float, static_power_W: float, power_per_sample_W: float, sharpness: float = 1.0
) -> float:
    r"""Batch size of least energy, so of the best figure of merit, when the power is $P_0+P_1B$.

    $B_*=(B_{\rm crit}^{\,p}P_0/P_1)^{1/(1+p)}$: the geometric mean of $B_{\rm crit}$ and $P_0/P_1$ for $p=1$, zero
    without static power. Time is counted in updates of equal duration.

    Args:
        critical_batch_size: > 0, in samples.
        static_power_W: power $P_0$ >= 0 drawn at any batch size.
        power_per_sample_W: power $P_1$ > 0 added by each sample of the batch.
        sharpness: of the knee, > 0.

    Raises:
        ValueError: a power per sample, critical batch size or sharpness that is not positive, or a negative $P_0$.

    >>> cheapest_batch_size(100.0, static_power_W=40.0, power_per_sample_W=0.1)
    200.0
    """
    critical = float(_positive(critical_batch_size, "critical_batch_size"))
    p = float(_positive(sharpness, "sharpness"))
    per_sample = float(_positive(power_per_sample_W, "power_per_sample_W"))
    if not static_power_W >= 0:
        raise ValueError(f"expected static_power_W >= 0, got {static_power_W}: give the power of an idle machine")
    if static_power_W == 0:
        return 0.0
    return float(critical * (static_power_W / (per_sample * critical)) ** (1 / (1 + p)))


def _positive(value: ArrayLike, name: str) -> Floats:
    x = np.asarray(value, dtype=float)
    if not np.all(x > 0):
        raise ValueError(f"expected {name} > 0, got {x.min()}: give it in its own units")
    return x
