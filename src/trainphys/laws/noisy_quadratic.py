"""Stochastic gradient descent on the noisy quadratic model, solved exactly in the mean: losses, updates, best rates."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq, minimize_scalar

from trainphys.arrays import Array
from trainphys.checks import above_zero, inside
from trainphys.systems.noisy_quadratic import NoisyQuadratic


@dataclass(frozen=True, slots=True)
class TunedSteps:
    """Fewest updates to the target, the learning rate that gives them, and whether it is inside the range searched."""

    steps: float
    learning_rate: float
    bracketed: bool


def stability_limit(model: NoisyQuadratic) -> float:
    r"""Learning rate $2/\max h$ beyond which the mean itself diverges.

    >>> stability_limit(NoisyQuadratic((4.0, 1.0), (0.0, 0.0)))
    0.5
    """
    return 2 / max(model.curvature)


def expected_loss(model: NoisyQuadratic, steps: float, learning_rate: float, batch_size: float) -> float:
    r"""Mean loss after a number of updates: the solution of $m\leftarrow(1-\eta h)^2m+\eta^2c/B$.

    $m=\operatorname{E}\theta_i^2$ is $m_s=v+(m_0-v)(1-\eta h)^{2s}$ with the stationary $v=\eta c/[Bh(2-\eta h)]$;
    between whole numbers of updates the formula interpolates. An infinite batch gives the exact gradient.

    >>> expected_loss(NoisyQuadratic((1.0,), (0.0,)), 1, 0.5, 1)
    0.125
    """
    decay, stationary, h = _modes(model, learning_rate, batch_size)
    return float(0.5 * np.sum(h * (stationary + (model.start**2 - stationary) * decay**steps)))


def steps_to_loss(model: NoisyQuadratic, learning_rate: float, batch_size: float, target_loss: float) -> float:
    """Updates until the mean loss is down at the target; infinity when it never gets there.

    >>> round(steps_to_loss(NoisyQuadratic((1.0,), (0.0,)), 0.5, 1, 0.125), 9)
    1.0
    """
    inside(0, model.initial_loss(), target_loss=target_loss)
    if not 0 < learning_rate < stability_limit(model):
        return np.inf
    _, stationary, h = _modes(model, learning_rate, batch_size)
    if 0.5 * np.sum(h * stationary) >= target_loss:
        return np.inf
    late = 1.0
    while expected_loss(model, late, learning_rate, batch_size) > target_loss:
        late *= 2
    excess = lambda s: expected_loss(model, s, learning_rate, batch_size) - target_loss  # noqa: E731
    return float(brentq(excess, 0.0, late, xtol=1e-12, rtol=1e-12))


def tuned_steps(model: NoisyQuadratic, batch_size: float, target_loss: float, points: int = 120) -> TunedSteps:
    """Fewest updates over all constant learning rates: a logarithmic scan, then a bounded search about its best."""
    # The noise floor is eta tr(c)/4B at least: rates above the one where it meets the target never arrive.
    above_zero(batch_size=batch_size)
    noise = sum(model.noise) / batch_size
    ceiling = min(stability_limit(model), 4 * target_loss / noise if noise > 0 else np.inf)
    rates = ceiling * np.geomspace(1e-3, 1 - 1e-9, points)
    counts = [steps_to_loss(model, rate, batch_size, target_loss) for rate in rates]
    best = int(np.argmin(counts))
    bracketed = 0 < best < points - 1 and np.isfinite(counts[best])
    low, high = rates[max(best - 1, 0)], rates[min(best + 1, points - 1)]
    found = minimize_scalar(
        lambda x: min(steps_to_loss(model, np.exp(x), batch_size, target_loss), 1e30),
        bounds=(np.log(low), np.log(high)),
        method="bounded",
        options={"xatol": 1e-8},
    )
    return TunedSteps(float(found.fun), float(np.exp(found.x)), bool(bracketed))


def _modes(model: NoisyQuadratic, learning_rate: float, batch_size: float) -> tuple[Array, Array, Array]:
    limit = stability_limit(model)
    if not 0 < learning_rate < limit:
        raise ValueError(f"expected 0 < learning_rate < {limit}, got {learning_rate}: it diverges")
    above_zero(batch_size=batch_size)
    h, c = np.array(model.curvature), np.array(model.noise)
    stationary = learning_rate * c / (batch_size * h * (2 - learning_rate * h))
    return (1 - learning_rate * h) ** 2, stationary, h
