"""Momentum on the noisy quadratic: the exact second moments, and the momentum that needs the fewest updates."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.checks import above_zero, inside, one
from trainphys.laws.noisy_quadratic import stability_limit
from trainphys.laws.stability import heavy_ball_matrix
from trainphys.systems.noisy_quadratic import NoisyQuadratic


@dataclass(frozen=True, slots=True)
class TunedMomentum:
    """Fewest updates to the target over learning rate and momentum together; ``bracketed``: not at the search's end."""

    steps: float
    learning_rate: float
    momentum: float
    bracketed: bool


def heavy_ball_steps(
    model: NoisyQuadratic,
    learning_rate: ArrayLike,
    momentum: ArrayLike,
    batch_size: float,
    target_loss: float,
    most_steps: int = 20_000,
    patience: float = np.inf,
) -> Array:
    r"""Updates of $v\leftarrow\beta v-\eta g,\ \theta\leftarrow\theta+v$ until the mean loss is at the target.

    With $q=\operatorname{E}\theta^2$, $r=\operatorname{E}\theta v$, $s=\operatorname{E}v^2$ in each mode, one update is
    $s'=\beta^2s-2\beta\eta hr+\eta^2h^2q+\eta^2c/B$, $r'=\beta r-\eta hq+s'$, $q'=q+2(\beta r-\eta hq)+s'$. The
    crossing is interpolated between two updates; infinity where the target is not reached in ``most_steps`` updates,
    or in ``patience`` times the fewest of all pairs. Learning rate and momentum broadcast; an infinite batch size
    stands for the exact gradient.

    >>> model = NoisyQuadratic((1.0,), (0.0,))
    >>> float(heavy_ball_steps(model, 0.5, 0.0, 1, 0.125).round(9)[0])
    1.0
    """
    if not 0 < target_loss < model.initial_loss():
        raise ValueError(f"expected 0 < target_loss < {model.initial_loss()}, got {target_loss}")
    eta, beta = (np.atleast_1d(x).astype(float) for x in np.broadcast_arrays(learning_rate, momentum))
    if not (batch_size > 0 and np.all(np.abs(beta) < 1) and np.all(eta > 0)):
        raise ValueError("expected batch_size > 0, learning_rate > 0 and |momentum| < 1: check the order of arguments")
    h, c = np.array(model.curvature), np.array(model.noise)
    steps = np.full(eta.shape, np.inf)
    open_ = np.flatnonzero(eta * h.max() < 2 * (1 + beta))  # elsewhere the mean itself diverges
    b = beta[open_, None]
    pull, kick = eta[open_, None] * h, eta[open_, None] ** 2 * c / batch_size  # pairs, modes
    q = np.full(pull.shape, model.start**2)
    r, s = np.zeros_like(q), np.zeros_like(q)
    before, step, last = np.full(open_.size, model.initial_loss()), 0, float(most_steps)
    while open_.size and step < last:
        step += 1
        s = b * b * s - 2 * b * pull * r + pull * pull * q + kick
        cross = b * r - pull * q
        q, r = q + 2 * cross + s, cross + s
        loss = 0.5 * q @ h
        there = loss <= target_loss
        if there.any():
            share = (before[there] - target_loss) / (before[there] - loss[there])
            steps[open_[there]] = step - 1 + share
            last = min(last, patience * float(steps.min()))
        keep = ~there & (loss < 1e6 * model.initial_loss())
        if not keep.all():
            open_, b, pull, kick, q, r, s = (x[keep] for x in (open_, b, pull, kick, q, r, s))
        before = loss[keep]
    return steps


def heavy_ball_loss(
    model: NoisyQuadratic, learning_rate: ArrayLike, momentum: float, batch_size: float, updates: int
) -> Array:
    """Mean loss after a number of updates, for each learning rate: the powers of each mode's three-by-three recursion.

    >>> float(heavy_ball_loss(NoisyQuadratic((1.0,), (0.0,)), 0.5, 0.0, 1.0, updates=1)[0])
    0.125
    """
    losses = []
    for eta in np.atleast_1d(np.asarray(learning_rate, dtype=float)):
        total = 0.0
        for h, c in zip(model.curvature, model.noise, strict=True):
            step = heavy_ball_matrix(eta * h, momentum)  # of (theta, velocity)
            kick = np.full((2, 2), eta**2 * c / batch_size)
            moments = np.array([[model.start**2, 0.0], [0.0, 0.0]])
            for _ in range(updates):
                moments = step @ moments @ step.T + kick
            total += 0.5 * h * moments[0, 0]
        losses.append(total)
    return np.array(losses)


def steps_by_momentum(
    model: NoisyQuadratic, momentum: ArrayLike, batch_size: float, target_loss: float
) -> tuple[Array, Array]:
    """Fewest updates at each momentum, learning rate tuned for it: the updates, and those learning rates."""
    beta = np.atleast_1d(np.asarray(momentum, dtype=float))
    noise = sum(model.noise) / batch_size  # as without momentum, with eta/(1 - beta) in place of eta
    ceiling = stability_limit(model) * (1 + beta)
    if noise > 0:
        ceiling = np.minimum(ceiling, 4 * target_loss / noise * (1 - beta) * (1 + 1e-9))
    low, high = ceiling * 5e-3, ceiling * (1 - 1e-9)
    for points in (120, 13, 13):  # a near target makes counts jagged in the rate: look finely before zooming in
        rates = np.linspace(low, high, points)  # points, momenta
        counts = heavy_ball_steps(model, rates.ravel(), np.tile(beta, points), batch_size, target_loss, patience=12.0)
        counts = counts.reshape(rates.shape)
        best = np.argmin(counts, axis=0)
        columns = np.arange(beta.size)
        low, high = rates[np.maximum(best - 1, 0), columns], rates[np.minimum(best + 1, points - 1), columns]
    return counts[best, columns], rates[best, columns]


def tuned_momentum(
    model: NoisyQuadratic, batch_size: float, target_loss: float, highest: float = 0.99
) -> TunedMomentum:
    r"""Learning rate and momentum that need the fewest updates to a target loss, at a batch size.

    Searched by the exact second moments of $v\leftarrow\beta v-\eta g,\ \theta\leftarrow\theta+v$, from no momentum up
    to ``highest``. With exact gradients and a distant target it tends to Polyak's
    $\beta=\bigl((\sqrt\kappa-1)/(\sqrt\kappa+1)\bigr)^2$, $\kappa$ the condition number; noise asks for less.

    Args:
        model: curvatures and noises.
        batch_size: > 0, samples per update; infinity for the exact gradient.
        target_loss: between 0 and the initial loss.
        highest: last momentum tried, > 0 and < 1.

    Returns:
        Updates, learning rate, momentum, and whether the best lay inside the search.

    Raises:
        ValueError: an argument out of range.

    Source: Polyak (1964) for the limit.

    >>> best = tuned_momentum(NoisyQuadratic((1.0, 0.04), (0.0, 0.0)), float("inf"), 1e-14)
    >>> best.bracketed, abs(best.momentum - (4 / 6) ** 2) < 0.06
    (True, True)
    """
    batch_size, target_loss, highest = one(batch_size=batch_size, target_loss=target_loss, highest=highest)
    inside(0, 1, highest=highest)
    above_zero(batch_size=batch_size)
    low, high, bracketed = 0.0, highest, True
    for points in (61, 13):  # counts are jagged in the momentum too
        beta = 1 - np.geomspace(1 - low, 1 - high, points)
        counts, rates = steps_by_momentum(model, beta, batch_size, target_loss)
        best = int(np.argmin(counts))
        bracketed = bracketed and (points == 13 or 0 < best < points - 1)
        low, high = float(beta[max(best - 1, 0)]), float(beta[min(best + 1, points - 1)])
    return TunedMomentum(float(counts[best]), float(rates[best]), float(beta[best]), bracketed)
