"""Stochastic gradient descent on the noisy quadratic model, run many times: no moment recursion is used."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainphys.arrays import Array, Integers
from trainphys.ensemble import stream
from trainphys.estimate import Estimate
from trainphys.systems.noisy_quadratic import NoisyQuadratic

LOOK = 1.02  # the loss is looked at every 2 % of the updates made


@dataclass(frozen=True, slots=True)
class LossCurve:
    """Loss of every replica at the updates where it was looked at: ``losses`` has shape (looks, replicas)."""

    steps: Integers
    losses: Array

    def steps_to(self, target_loss: float) -> Estimate:
        """Updates at which the replicas' mean loss crosses the target, by interpolation between two looks."""
        mean = self.losses.mean(axis=1)
        below = np.flatnonzero(mean <= target_loss)
        if not below.size or below[0] == 0:
            raise ValueError(f"expected the mean loss to cross {target_loss}, got {mean[0]} to {mean[-1]}: run on")
        k = int(below[0])
        share = (mean[k - 1] - target_loss) / (mean[k - 1] - mean[k])
        value = self.steps[k - 1] + share * (self.steps[k] - self.steps[k - 1])
        # error of the mean loss, carried over by the slope of the curve on a base wide enough to be its trend
        low, high = max(k - 5, 0), min(k + 4, len(mean) - 1)
        slope = (mean[high] - mean[low]) / (self.steps[high] - self.steps[low])
        replicas = self.losses.shape[1]
        at_crossing = (1 - share) * self.losses[k - 1] + share * self.losses[k]
        error = float(at_crossing.std(ddof=1)) / math.sqrt(replicas) / abs(float(slope))
        return Estimate(float(value), error, replicas, replicas - 1)


def loss_curve(
    *,
    model: NoisyQuadratic,
    batch_size: float,
    learning_rate: float,
    target_loss: float,
    replicas: int,
    seed: int,
    most_steps: int = 100_000,
) -> LossCurve:
    """Run replicas side by side until 15 % more updates than their mean loss took to the target.

    A run that does not come down ends after ``most_steps``.
    """
    rng = stream(seed, "noisy-quadratic")
    h = np.array(model.curvature, dtype=np.float32)
    keep = 1 - np.float32(learning_rate) * h
    kick = np.float32(learning_rate) * np.sqrt(np.array(model.noise, dtype=np.float32) / np.float32(batch_size))
    theta = np.float32(model.start) * rng.standard_normal((replicas, h.size), dtype=np.float32)

    def update() -> None:
        np.multiply(theta, keep, out=theta)
        np.add(theta, kick * rng.standard_normal(theta.shape, dtype=np.float32), out=theta)

    return watched(update, theta, h, target_loss, most_steps)


def watched(
    update: Callable[[], None], theta: NDArray[np.float32], h: NDArray[np.float32], target_loss: float, most_steps: int
) -> LossCurve:
    """Loss of replicas that ``update`` moves in place, until 15 % more updates than their mean took to the target."""
    steps, losses, step, look, last = [0], [0.5 * (theta**2) @ h], 0, 1, float(most_steps)
    while step < last:
        update()
        step += 1
        if step == look:
            look = max(step + 1, int(LOOK * step))
            steps.append(step)
            losses.append(0.5 * (theta**2) @ h)
            if last == most_steps and losses[-1].mean() <= target_loss:
                last = 1.15 * step + 2
    return LossCurve(np.array(steps), np.array(losses, dtype=np.float64))


def simulated_steps(
    *,
    model: NoisyQuadratic,
    batch_sizes: tuple[float, ...],
    learning_rates: tuple[float, ...],
    target_loss: float,
    replicas: int,
    seed: int,
) -> list[Estimate]:
    """Updates to the target for pairs of batch size and learning rate; each pair has its own random stream."""
    return [
        loss_curve(
            model=model,
            batch_size=b,
            learning_rate=rate,
            target_loss=target_loss,
            replicas=replicas,
            seed=int(stream(seed, "noisy-quadratic-pair", i).integers(2**31)),
        ).steps_to(target_loss)
        for i, (b, rate) in enumerate(zip(batch_sizes, learning_rates, strict=True))
    ]
