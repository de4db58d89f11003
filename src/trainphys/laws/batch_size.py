"""Batch size against time and efficiency: the curves that document A claims, and the law to use instead."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.systems.noisy_quadratic import NoisyQuadratic


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
    batch = _positive(batch_size, "batch_size")
    for value, name in ((minimum_steps, "minimum_steps"), (sharpness, "sharpness")):
        _positive(value, name)
    return minimum_steps / sample_efficiency(critical_batch_size, batch, sharpness)


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


def _positive(value: ArrayLike, name: str) -> Array:
    x = np.asarray(value, dtype=float)
    if not np.all(x > 0):
        raise ValueError(f"expected {name} > 0, got {x.min()}: give it in its own units")
    return x


def noise_batch_size(model: NoisyQuadratic) -> float:
    r"""Batch size $B_{\rm noise}=\operatorname{tr}(H\Sigma)/\operatorname{E}g^{\mathsf T}Hg$ at the model's start.

    Args:
        model: noisy quadratic; the gradient's mean is taken over its starts.

    Returns:
        Samples; the batch at which noise halves the best decrease.

    Source: McCandlish et al. (2018).

    >>> noise_batch_size(NoisyQuadratic((1.0, 1.0), (8.0, 8.0)))
    8.0
    """
    h, c = np.array(model.curvature), np.array(model.noise)
    return float(np.sum(h * c) / (model.start**2 * np.sum(h**3)))


def update_quality(model: NoisyQuadratic, learning_rate: float, batch_size: float) -> float:
    r"""Mean decrease over $\eta|g|^2$: $Q=1-\frac\eta2(g^{\mathsf T}Hg+\operatorname{tr}(H\Sigma)/B)/|g|^2$.

    Args:
        model: noisy quadratic, at its start.
        learning_rate: $\eta$ > 0.
        batch_size: samples per update, > 0; infinity for the exact gradient.

    Returns:
        At most 1; negative when the update raises the loss on average.

    Raises:
        ValueError: an argument that is not positive.

    >>> update_quality(NoisyQuadratic((1.0,), (4.0,)), 0.1, batch_size=4.0)
    0.9
    """
    if not (learning_rate > 0 and batch_size > 0):
        raise ValueError(f"expected learning_rate, batch_size > 0, got {learning_rate}, {batch_size}: check the signs")
    h = np.array(model.curvature)
    squared, along = model.start**2 * np.sum(h**2), model.start**2 * np.sum(h**3)
    return float(1 - learning_rate / 2 * along * (1 + noise_batch_size(model) / batch_size) / squared)


def best_expected_decrease(batch_size: float, noise_batch_size: float) -> float:
    r"""Largest mean decrease of one update over that of an exact gradient: $1/(1+B_{\rm noise}/B)$.

    Args:
        batch_size: samples per update, > 0.
        noise_batch_size: $B_{\rm noise}$ >= 0, in samples.

    Raises:
        ValueError: a batch size that is not positive or a negative noise scale.

    Source: McCandlish et al. (2018).

    >>> best_expected_decrease(30.0, noise_batch_size=10.0)
    0.75
    """
    if not (batch_size > 0 and noise_batch_size >= 0):
        raise ValueError(f"expected batch_size > 0, noise_batch_size >= 0, got {batch_size}, {noise_batch_size}")
    return 1 / (1 + noise_batch_size / batch_size)


def batch_fraction_for_time(limit: float, sharpness: float = 1.0) -> float:
    r"""Least batch that keeps a time limit: $\alpha=(2\ell^p-1)^{-1/p}$, equal updates.

    Args:
        limit: $\ell=t_{\max}/t(\alpha=1)$, above $2^{-1/p}$, the time of an endless batch.
        sharpness: $p$ > 0 of the knee.

    Raises:
        ValueError: a limit that no batch size can keep.

    >>> batch_fraction_for_time(0.75), batch_fraction_for_time(1.0), batch_fraction_for_time(1.5)
    (2.0, 1.0, 0.5)
    """
    _positive_operating_rules(limit=limit, sharpness=sharpness)
    slack = 2 * limit**sharpness - 1
    if slack <= 0:
        raise ValueError(f"expected limit > {2 ** (-1 / sharpness):.4g}, got {limit}: no batch size is that fast")
    return float(slack ** (-1 / sharpness))


def batch_fraction_for_power(limit: float, static_share: float = 0.0) -> float:
    r"""Largest batch that keeps a power limit: $\alpha=(\ell-\sigma)/(1-\sigma)$, with $P=P_0+P_1B$.

    Args:
        limit: $\ell=P_{\max}/P(\alpha=1)$, above the static share.
        static_share: $\sigma=P_0/P(\alpha=1)$, at least 0 and below 1.

    Raises:
        ValueError: a limit below the static power.

    >>> batch_fraction_for_power(3.0), batch_fraction_for_power(3.0, static_share=0.5)
    (3.0, 5.0)
    """
    if not 0 <= static_share < 1:
        raise ValueError(f"expected 0 <= static_share < 1, got {static_share}: static power over that at alpha = 1")
    if not limit > static_share:
        raise ValueError(f"expected limit > {static_share}, got {limit}: an idle machine draws more than that")
    return (limit - static_share) / (1 - static_share)


def batch_fraction_for_least_energy(static_share: float, sharpness: float = 1.0) -> float:
    r"""Batch of least energy, $\alpha=\bigl[\sigma/(1-\sigma)\bigr]^{1/(1+p)}$; a time limit may ask for a larger one.

    Args:
        static_share: $\sigma=P_0/P(\alpha=1)$, at least 0 and below 1.
        sharpness: $p$ > 0 of the knee.

    >>> batch_fraction_for_least_energy(0.5), batch_fraction_for_least_energy(0.8)
    (1.0, 2.0)
    """
    if not 0 <= static_share < 1:
        raise ValueError(f"expected 0 <= static_share < 1, got {static_share}: static power over that at alpha = 1")
    return cheapest_batch_size(1.0, static_share, 1 - static_share, sharpness)


def alpha_for_stability(damping_limit: float, damping_at_critical: float) -> float:
    r"""Largest batch under the linear learning-rate rule: $\gamma=\eta h=\alpha\gamma_{\rm opt}$ up to $\gamma_{\max}$.

    Args:
        damping_limit: $\gamma_{\max}$ > 0, 2 for plain gradient descent.
        damping_at_critical: $\gamma_{\rm opt}=\eta_{\rm opt}h_{\max}$ > 0.

    >>> alpha_for_stability(2.0, 0.5)
    4.0
    """
    _positive_operating_rules(damping_limit=damping_limit, damping_at_critical=damping_at_critical)
    return damping_limit / damping_at_critical


def _positive_operating_rules(**values: float) -> None:
    for name, value in values.items():
        if not value > 0:
            raise ValueError(f"expected {name} > 0, got {value}: a ratio of positive quantities")


def best_learning_rate(batch_size: ArrayLike, largest: float, noise_batch_size: float) -> Array:
    r"""Learning rate that gains most in an update: $\eta=\eta_{\max}/(1+B_{\rm noise}/B)$.

    It grows in proportion to a small batch, and saturates at a large one.

    Args:
        batch_size: > 0, in samples.
        largest: $\eta_{\max}$ > 0, the best with the exact gradient.
        noise_batch_size: $B_{\rm noise}$ > 0, in samples, where the noise costs half the step.

    Raises:
        ValueError: an argument that is not positive.

    Source: McCandlish et al. (2018).

    >>> best_learning_rate([100.0, 300.0], largest=8.0, noise_batch_size=100.0).tolist()
    [4.0, 6.0]
    """
    batch = np.asarray(batch_size, dtype=float)
    if not (np.all(batch > 0) and largest > 0 and noise_batch_size > 0):
        raise ValueError("expected batch_size, largest and noise_batch_size > 0: samples, and a learning rate")
    return largest / (1 + noise_batch_size / batch)


def product_of_time_and_efficiency(batch_size: float, samples: float) -> float:
    r"""Updates times efficiency, $S\cdot E_{\min}/(BS)=E_{\min}/B$: the updates cancel.

    Args:
        batch_size: $B$ > 0.
        samples: $E_{\min}$ > 0, needed at small batches.

    Raises:
        ValueError: an argument that is not positive.

    >>> product_of_time_and_efficiency(50.0, samples=1000.0)
    20.0
    """
    if not (batch_size > 0 and samples > 0):
        raise ValueError(f"expected batch_size, samples > 0, got {batch_size}, {samples}: check the order")
    return samples / batch_size


def elasticity_ratio(steps_small: float, steps_large: float, batch_ratio: float) -> float:
    r"""Per cent of efficiency lost for each per cent of updates saved: $(1-\epsilon)/\epsilon$.

    $\epsilon=\ln(S_1/S_2)/\ln(B_2/B_1)$ is the slope of the updates between two batch sizes.

    Args:
        steps_small: updates $S_1$ at the smaller batch, > 0.
        steps_large: updates $S_2$ at the larger one, below $S_1$.
        batch_ratio: $B_2/B_1$ > 1.

    Raises:
        ValueError: batches out of order, or updates that do not fall.

    >>> elasticity_ratio(200.0, 100.0, 4.0)  # a batch four times as large halves the updates
    1.0
    """
    if not (batch_ratio > 1 and steps_small > steps_large > 0):
        raise ValueError(f"expected batch_ratio > 1 and falling updates, got {batch_ratio}, {steps_small, steps_large}")
    slope = math.log(steps_small / steps_large) / math.log(batch_ratio)
    return (1 - slope) / slope
