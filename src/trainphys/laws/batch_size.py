"""Batch size against updates, samples and energy, and the batch for a limit: what stood, and what replaces a claim."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.checks import above_zero, not_below, positive


def steps_to_target(
    batch_size: ArrayLike, minimum_steps: float, critical_batch_size: float, sharpness: float = 1.0
) -> Array:
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
    above_zero(minimum_steps=minimum_steps)
    return minimum_steps / _efficiency(
        *above_zero(critical_batch_size=critical_batch_size, batch_size=batch_size, sharpness=sharpness)
    )


def sample_efficiency(batch_size: ArrayLike, critical_batch_size: ArrayLike, sharpness: float = 1.0) -> Array:
    r"""Samples needed at small batches over samples needed at this one: $[1+(B/B_{\rm crit})^p]^{-1/p}$.

    Args:
        batch_size: samples per update, > 0.
        critical_batch_size: > 0, in samples.
        sharpness: of the knee, > 0; see ``steps_to_target``.

    Raises:
        ValueError: an argument that is not positive.

    Source: p = 1 is McCandlish et al. (2018).

    >>> sample_efficiency([100.0, 300.0], 100.0).round(9).tolist()
    [0.5, 0.25]
    """
    return _efficiency(*above_zero(batch_size=batch_size, critical_batch_size=critical_batch_size, sharpness=sharpness))


def _efficiency(batch: Array, critical: Array, p: Array) -> Array:
    if not (np.isfinite(p).all() and (np.isfinite(batch) | np.isfinite(critical)).all()):
        raise ValueError("expected a finite sharpness, and one finite batch size of the two, got none: give a number")
    with np.errstate(divide="ignore"):  # one of them may be endless
        return np.exp(-np.logaddexp(0.0, p * np.log(batch / critical)) / p)


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

    Returns:
        Samples per update.

    Raises:
        ValueError: a power per sample, critical batch size or sharpness that is not positive, or a negative $P_0$.

    Source: the minimum of power times ``steps_to_target``.

    >>> cheapest_batch_size(100.0, static_power_W=40.0, power_per_sample_W=0.1)
    200.0
    """
    positive(critical_batch_size=critical_batch_size, power_per_sample_W=power_per_sample_W, sharpness=sharpness)
    not_below(0, static_power_W=static_power_W)
    ratio = static_power_W / (power_per_sample_W * critical_batch_size)
    return float(critical_batch_size * ratio ** (1 / (1 + sharpness)))


def batch_fraction_for_time(limit: float, sharpness: float = 1.0) -> float:
    r"""Least batch that keeps a time limit, over the critical one: $\alpha=(2\ell^p-1)^{-1/p}$, equal updates.

    Args:
        limit: $\ell=t_{\max}/t(\alpha=1)$, above $2^{-1/p}$, the time of an endless batch.
        sharpness: $p$ > 0 of the knee.

    Raises:
        ValueError: a limit that no batch size can keep, or a sharpness that is not positive.

    Source: ``steps_to_target`` turned round.

    >>> batch_fraction_for_time(0.75), batch_fraction_for_time(1.0), batch_fraction_for_time(1.5)
    (2.0, 1.0, 0.5)
    """
    above_zero(limit=limit, sharpness=sharpness)
    slack = 2 * limit**sharpness - 1
    if slack <= 0:
        raise ValueError(f"expected limit > {2 ** (-1 / sharpness):.4g}, got {limit}: no batch size is that fast")
    return float(slack ** (-1 / sharpness))


def batch_fraction_for_power(limit: float, static_share: float = 0.0) -> float:
    r"""Largest batch that keeps a power limit, over the critical one: $\alpha=(\ell-\sigma)/(1-\sigma)$, $P=P_0+P_1B$.

    Args:
        limit: $\ell=P_{\max}/P(\alpha=1)$, above the static share.
        static_share: $\sigma=P_0/P(\alpha=1)$, at least 0 and below 1.

    Raises:
        ValueError: a limit below the static power, or a share out of range.

    Source: the limit set equal to the power $P_0+P_1B$ of an update.

    >>> batch_fraction_for_power(3.0), batch_fraction_for_power(3.0, static_share=0.5)
    (3.0, 5.0)
    """
    _share(static_share)
    if not limit > static_share:
        raise ValueError(f"expected limit > {static_share}, got {limit}: an idle machine draws more than that")
    return (limit - static_share) / (1 - static_share)


def batch_fraction_for_least_energy(static_share: float, sharpness: float = 1.0) -> float:
    r"""Batch of least energy, over the critical one: $\alpha=\bigl[\sigma/(1-\sigma)\bigr]^{1/(1+p)}$.

    A time limit may ask for a larger one.

    Args:
        static_share: $\sigma=P_0/P(\alpha=1)$, at least 0 and below 1.
        sharpness: $p$ > 0 of the knee.

    Raises:
        ValueError: a share out of range, or a sharpness that is not positive.

    Source: ``cheapest_batch_size`` in units of the critical batch size.

    >>> batch_fraction_for_least_energy(0.5), batch_fraction_for_least_energy(0.8)
    (1.0, 2.0)
    """
    _share(static_share)
    return cheapest_batch_size(1.0, static_share, 1 - static_share, sharpness)


def _share(static_share: float) -> None:
    if not 0 <= static_share < 1:
        raise ValueError(f"expected 0 <= static_share < 1, got {static_share}: static power over that at alpha = 1")


def alpha_for_stability(damping_limit: float, damping_at_critical: float, noise_at_critical: float = 0.0) -> float:
    r"""Largest stable batch under the linear learning-rate rule, over the critical one.

    $\alpha=\gamma_{\max}/\gamma_{\rm opt}-s$ with $\gamma=\eta h$, plain SGD, where a batch's mean squared curvature
    exceeds $h^2$ by the relative amount $s/\alpha$.

    Args:
        damping_limit: $\gamma_{\max}$ > 0; 2 is where plain descent diverges.
        damping_at_critical: $\gamma_{\rm opt}$ > 0, learning rate times curvature at $\alpha=1$.
        noise_at_critical: $s$ >= 0; 0 for exact gradients, $(d+1)/B_{\rm crit}$ for normal inputs in d directions.

    Raises:
        ValueError: an argument out of range.

    Source: $\gamma(1+s/\alpha)=\gamma_{\max}$ with $\gamma=\alpha\gamma_{\rm opt}$; see ``mean_square_limit``.

    >>> alpha_for_stability(2.0, 0.5), alpha_for_stability(2.0, 0.5, noise_at_critical=1.0)
    (4.0, 3.0)
    """
    above_zero(damping_limit=damping_limit, damping_at_critical=damping_at_critical)
    not_below(0, noise_at_critical=noise_at_critical)
    return damping_limit / damping_at_critical - noise_at_critical


def product_of_time_and_efficiency(batch_size: float, samples: float) -> float:
    r"""Updates times efficiency, $S\cdot E_{\min}/(BS)=E_{\min}/B$: the updates cancel.

    >>> product_of_time_and_efficiency(50.0, samples=1000.0)
    20.0
    """
    above_zero(batch_size=batch_size, samples=samples)
    return samples / batch_size


def updates_saved(batch_size: ArrayLike, critical_batch_size: ArrayLike, sharpness: float = 1.0) -> Array:
    r"""Per cent of updates saved for each per cent of batch: $-d\ln S/d\ln B=1/[1+(B/B_{\rm crit})^p]$.

    The rest of that per cent is lost in efficiency, so a per cent of time costs $(B/B_{\rm crit})^p$ per cent of it. At
    the critical batch both are the same, for every sharpness $p$.

    Args:
        batch_size: samples per update, > 0.
        critical_batch_size: > 0, in samples.
        sharpness: of the knee, > 0; see ``steps_to_target``.

    Raises:
        ValueError: an argument that is not positive.

    Source: the logarithmic slope of ``steps_to_target``.

    >>> updates_saved([50.0, 100.0], 100.0, sharpness=2.0).tolist()
    [0.8, 0.5]
    """
    batch, critical, p = above_zero(batch_size=batch_size, critical_batch_size=critical_batch_size, sharpness=sharpness)
    return np.asarray(1 / (1 + (batch / critical) ** p))
