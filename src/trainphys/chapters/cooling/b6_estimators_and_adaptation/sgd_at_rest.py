"""Temperatures measured on stationary SGD: from positions, from steps, and from gradient noise."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from trainphys.arrays import Array, Integers
from trainphys.estimate import Estimate


class Trainable(Protocol):
    """A loss over samples whose batch gradients are known for many replicas at once."""

    @property
    def samples(self) -> int: ...
    @property
    def dimension(self) -> int: ...
    def batch_gradients(self, theta: Array, chosen: Integers) -> Array: ...


@dataclass(frozen=True, slots=True)
class StationarySgd:
    r"""Averages over the stationary part of a run, one row a replica, one column a direction.

    The first two agree in any stationary state, whatever the loss, the noise and the length of the steps:
    $\langle\theta_i\,\partial_iL\rangle=\frac{1+\mu}{2\eta}\langle v_i^2\rangle$, with $v$ the step of an update.
    """

    positions: Array  # theta_i dL/dtheta_i: the temperature by equipartition
    steps: Array  # (1 + mu) v_i^2 / 2 eta: the same by the fluctuation-dissipation relation
    noise: Array  # C_ii, variance of one sample's gradient
    gradient_norm: Array  # mean norm of a batch gradient, one number a replica
    states: Array  # parameters at the readings, shape (readings, replicas, d)

    def temperature(self, directions: slice = slice(None), by: str = "positions") -> Estimate:
        """Mean temperature of some directions, with the scatter of the replicas as its error."""
        return Estimate.from_samples(getattr(self, by)[:, directions].mean(axis=1))


def stationary_sgd(
    model: Trainable,
    start: Array,
    rng: np.random.Generator,
    *,
    learning_rate: float,
    batch_size: int,
    momentum: float,
    burn: int,
    updates: int,
    every: int,
    basis: Array,
    reference: Array,
) -> StationarySgd:
    r"""Run SGD in many replicas until it is stationary, then measure its temperature along given directions.

    Batches are even and drawn with replacement. The noise is measured on the way, from the difference of the two halves
    of each batch, $C_{ii}=\frac B4\langle(g_1-g_2)_i^2\rangle$; positions, read every so many updates and counted from
    the reference, use the exact gradient of the full loss. The directions are the columns of an orthonormal basis;
    ``burn`` updates, several relaxation times of the slowest direction, come before the measurement.
    """
    if batch_size % 2:
        raise ValueError(f"expected an even batch, got {batch_size}: the noise comes from its halves")
    theta, velocity = np.array(start, dtype=float), np.zeros_like(start)
    whole = np.broadcast_to(np.arange(model.samples), (len(theta), model.samples))
    steps, noise, norm = np.zeros_like(theta), np.zeros_like(theta), np.zeros(len(theta))
    states, slopes = [], []
    for update in range(burn + updates):
        chosen = rng.integers(model.samples, size=(len(theta), batch_size))
        first = model.batch_gradients(theta, chosen[:, ::2])
        second = model.batch_gradients(theta, chosen[:, 1::2])
        velocity = momentum * velocity - learning_rate * (first + second) / 2
        theta = theta + velocity
        if update < burn:
            continue
        steps += (velocity @ basis) ** 2
        noise += ((first - second) @ basis) ** 2
        norm += np.linalg.norm((first + second) / 2, axis=1)
        if (update - burn) % every == 0:
            states.append(theta)
            slopes.append(model.batch_gradients(theta, whole) @ basis)
    apart, slope = np.array(states) @ basis - reference @ basis, np.array(slopes)  # reading, replica, direction
    return StationarySgd(
        positions=(apart * slope).mean(axis=0),
        steps=(1 + momentum) * steps / (2 * learning_rate * updates),
        noise=batch_size * noise / (4 * updates),
        gradient_norm=norm / updates,
        states=np.array(states),
    )
