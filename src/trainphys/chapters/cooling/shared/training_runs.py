"""Real training under different learning-rate schedules: equal updates, each schedule with its own best base rate."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from trainphys.arrays import Array
from trainphys.ensemble import stream
from trainphys.errors import NotBracketed
from trainphys.estimate import Estimate
from trainphys.tools.schedules.shapes import (
    constant_shape,
    cosine_decay,
    exponential_decay,
    inverse_time_decay,
    linear_decay,
    step_decay,
)
from trainphys.workloads.datasets import Split, characters_split, digits_split
from trainphys.workloads.replicas import Replicas, drawn_batches

Shape = Callable[[ArrayLike], ArrayLike]

DATA: dict[str, Callable[[], Split]] = {"digits": digits_split, "characters": characters_split}
RATIO = 2**0.5  # between neighbouring base rates

# exp(-t/tau) with a hundredfold fall in all, and the document's exp(-t/2tau): tenfold in the same time
SHAPES: dict[str, Shape] = {
    "exponential, t/2τ": partial(exponential_decay, end=0.1),
    "exponential, t/τ": partial(exponential_decay, end=0.01),
    "cosine": partial(cosine_decay, end=0.0),
    "linear": partial(linear_decay, end=0.0),
    "step": partial(step_decay, end=0.01, drops=2),
    "inverse time": partial(inverse_time_decay, end=0.01),
    "constant": constant_shape,
}


@dataclass(frozen=True, slots=True)
class ScheduleRuns:
    """Final scores of fresh runs at the best base rate: run k of every schedule has the same start and batches."""

    names: tuple[str, ...]
    base_rates: Array  # schedule
    train_loss: Array  # schedule, run; nats, on the labels trained on
    test_accuracy: Array  # schedule, run
    rates_tried: Array  # schedule, rate
    tuning_loss: Array  # schedule, rate: mean training loss
    clock_loss: Array  # schedule, run; training loss at the sum of rates of the document's rate, run by run the same

    def paired(self, name: str, against: str, score: str = "train_loss") -> Estimate:
        """Mean over the runs of ``name`` minus ``against``, run by run; ``score`` is a field of scores."""
        one, other = self._runs(name, against, score)
        return Estimate.from_samples(one - other)

    def relative_loss(self, name: str, against: str, score: str = "train_loss") -> Estimate:
        """Mean final training loss of ``name`` over that of ``against``; its error respects the pairing."""
        return Estimate.ratio_of_paired(*self._runs(name, against, score))

    def _runs(self, name: str, against: str, score: str) -> tuple[Array, Array]:
        values = getattr(self, score)
        return values[self.names.index(name)], values[self.names.index(against)]


def final_scores(
    data: Split,
    shapes: Mapping[str, Shape],
    rates: Array,
    *,
    hidden: int,
    batch_size: int,
    updates: int,
    runs: int,
    seed: int,
) -> tuple[Array, Array]:
    r"""Train all schedules, base rates and runs at once; update n has the learning rate $\eta_0f(n/N)$.

    The base rates have the shape (schedules, rates). Run k draws the same first weights and the same batches (with
    replacement) for every schedule and rate. Gives training loss and test accuracy, shape (schedules, rates, runs); a
    run that diverged has an infinite loss.
    """
    if len(rates) != len(shapes):
        raise ValueError(f"expected a row of rates for each of {len(shapes)} shapes, got {len(rates)}")
    progress = np.arange(updates) / updates
    factors = np.stack([np.asarray(shape(progress), dtype=float) for shape in shapes.values()])
    per_update = torch.tensor(np.repeat(factors[:, None] * rates[:, :, None], runs, axis=1).reshape(-1, updates))
    per_update = per_update.float().T.contiguous()  # update, replica
    sizes = {"hidden": hidden, "batch_size": batch_size, "updates": updates, "runs": runs, "seed": seed}
    loss, accuracy = paired_training(data, rates.size, lambda n, *_: per_update[n], **sizes)
    shaped = (*rates.shape, runs)
    return loss.reshape(shaped), accuracy.reshape(shaped)


def paired_training(
    data: Split,
    groups: int,
    rates_at: Callable[[int, Replicas, Tensor, Tensor], Tensor],
    *,
    hidden: int,
    batch_size: int,
    updates: int,
    runs: int,
    seed: int,
) -> tuple[Array, Array]:
    """Train groups of paired runs: run k has the same first weights and batches in every group.

    ``rates_at(update, networks, inputs, labels)`` gives the learning rates of all networks, group by group. Gives
    training loss and test accuracy, shape (groups * runs,); a run that diverged has an infinite loss.
    """
    rng, (samples, features) = stream(seed, "schedule runs"), data.inputs.shape
    networks = Replicas((features, hidden, data.classes), rng, runs)
    networks.select(torch.arange(groups * runs) % runs)
    for n in range(updates):
        drawn = torch.from_numpy(rng.integers(samples, size=(runs, batch_size))).repeat(groups, 1)
        inputs, labels = drawn_batches(data.inputs, data.labels, drawn)
        networks.update(inputs, labels, rates_at(n, networks, inputs, labels))
    loss = networks.losses(data.inputs, data.labels).double().numpy()
    accuracy = networks.scores(data.test_inputs, data.test_labels)[1].double().numpy()
    return np.nan_to_num(loss, nan=np.inf, posinf=np.inf), accuracy


def schedule_runs(
    *,
    workload: str,
    label_noise: float,
    updates: int,
    tuning_runs: int,
    runs: int,
    seed: int,
    hidden: int = 32,
    batch_size: int = 16,
) -> ScheduleRuns:
    r"""Compare ``SHAPES`` on one of ``DATA``: tune each base rate on its training loss, then measure with fresh runs.

    The same runs are made once more with base rates that give every shape the clock $\int\eta\,dt$ of the first one.

    A share ``label_noise`` of the training labels is replaced by random ones. ``NotBracketed`` is raised when the best
    rate is still at the edge after widening the search eight times.
    """
    data = DATA[workload]().noisy(label_noise, seed)
    sizes = {"hidden": hidden, "batch_size": batch_size, "updates": updates}
    tried, losses = _tuned(data, sizes, tuning_runs, seed)
    best = np.argmin(losses, axis=1)
    rates = np.take_along_axis(tried, best[:, None], axis=1)
    mean = mean_factors(np.arange(updates) / updates)
    equal_clock = (rates[0, 0] * mean[0] / mean)[:, None]
    fresh = seed + 1_000_003
    loss, accuracy = final_scores(data, SHAPES, np.hstack([rates, equal_clock]), runs=runs, seed=fresh, **sizes)
    return ScheduleRuns(tuple(SHAPES), rates[:, 0], loss[:, 0], accuracy[:, 0], tried, losses, loss[:, 1])


def mean_factors(progress: Array) -> Array:
    """Mean of each shape over the updates of a run: times the base rate and their number, the clock that it takes."""
    return np.array([np.mean(np.asarray(shape(progress))) for shape in SHAPES.values()])


def _tuned(data: Split, sizes: dict[str, int], runs: int, seed: int) -> tuple[Array, Array]:
    """Base rates tried and their mean losses; the search of each schedule slides until its best rate is inside."""
    # a rough start has no effect on the result: the search goes on until the best rate has worse neighbours
    first = 2.2 / mean_factors(np.linspace(0, 1, 101)) ** 0.4
    rates = first[:, None] * RATIO ** np.arange(-2.0, 3.0)
    scored = final_scores(data, SHAPES, rates, runs=runs, seed=seed, **sizes)[0].mean(axis=2)
    for _ in range(8):
        best = np.argmin(scored, axis=1)
        low, high = best == 0, best == rates.shape[1] - 1
        if not (low | high).any():
            return rates, scored
        # every schedule gets two more rates on the side where one of them needs it
        down, up = rates[:, :1] / RATIO ** np.array([2.0, 1.0]), rates[:, -1:] * RATIO ** np.array([1.0, 2.0])
        more = np.where(low[:, None], down, up)
        new = final_scores(data, SHAPES, more, runs=runs, seed=seed, **sizes)[0].mean(axis=2)
        rates, scored = np.concatenate([rates, more], axis=1), np.concatenate([scored, new], axis=1)
        order = np.argsort(rates, axis=1)
        rates, scored = np.take_along_axis(rates, order, axis=1), np.take_along_axis(scored, order, axis=1)
    raise NotBracketed(
        "expected the best base rate inside those tried, found it at the edge: start the search elsewhere"
    )
