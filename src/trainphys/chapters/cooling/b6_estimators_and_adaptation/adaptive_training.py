"""Cooling by thermometer against fixed schedules: real training at equal updates, each with its own best base rate."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor

from trainphys.arrays import Array
from trainphys.chapters.cooling.shared.training_runs import final_scores, paired_training
from trainphys.errors import NotBracketed
from trainphys.estimate import Estimate
from trainphys.tools.schedules.adaptive_cooling import AdaptiveCooling
from trainphys.tools.schedules.shapes import cosine_decay, exponential_decay
from trainphys.workloads.datasets import Split, digits_split
from trainphys.workloads.replicas import Replicas

EVERY = 10  # updates between two measurements of the temperature


FIXED = {"exponential": partial(exponential_decay, end=0.01), "cosine": partial(cosine_decay, end=0.0)}


@dataclass(frozen=True, slots=True)
class AdaptiveComparison:
    """Final scores of fresh runs at each schedule's best base rate; run k has the same start and batches in all."""

    names: tuple[str, ...]
    base_rates: Array  # schedule
    train_loss: Array  # schedule, run; nats
    test_accuracy: Array  # schedule, run
    factors: Array  # run, measurement: what the adaptive rule made of the base rate
    temperatures: Array  # run, measurement: loss units

    def gain(self, against: str, score: str = "train_loss") -> Estimate:
        """Mean over the runs of the adaptive rule minus another schedule, run by run."""
        values = getattr(self, score)
        return Estimate.from_samples(values[self.names.index("adaptive")] - values[self.names.index(against)])


def batch_noise(networks: Replicas, inputs: Tensor, labels: Tensor) -> Tensor:
    r"""Trace of the gradient covariance of one sample, from one batch of each replica, without Bessel's bias.

    A sample's gradient of a weight matrix is an outer product, so its norm is that of two vectors. Inputs have the
    shape (replicas, batch, features), labels (replicas, batch).

    Source: Goodfellow (2015), "Efficient per-example gradient computations", for the norms.
    """
    *hidden, logits = networks.activations(inputs)
    batch = labels.shape[1]
    slope = torch.softmax(logits, dim=2)
    slope.scatter_add_(2, labels[..., None], torch.full((1, 1, 1), -1.0).expand(*labels.shape, 1))
    squares, mean = torch.zeros(labels.shape), torch.zeros(len(labels))
    for layer in reversed(range(len(networks.weights))):
        below = hidden[layer]
        squares += slope.square().sum(dim=2) * (below.square().sum(dim=2) + 1)
        mean += (torch.bmm(below.mT, slope) / batch).square().sum(dim=(1, 2)) + slope.mean(dim=1).square().sum(dim=1)
        if layer:
            slope = torch.bmm(slope, networks.weights[layer].mT) * (1 - below * below)
    return (squares.mean(dim=1) - mean) * batch / (batch - 1)


def adaptive_scores(
    data: Split, rates: Array, *, hidden: int, batch_size: int, updates: int, runs: int, seed: int
) -> tuple[Array, Array, Array, Array]:
    """Train under ``AdaptiveCooling`` at several base rates, with the starts and batches of ``final_scores``.

    Training loss and test accuracy have the shape (rates, runs), factors and temperatures (rates, runs, measurements).
    """
    base = np.repeat(rates, runs)
    calls = updates // EVERY
    rules = [AdaptiveCooling(updates=calls) for _ in base]
    factor = np.ones(len(base))
    factors: list[Array] = []
    temperatures: list[Array] = []

    def rates_at(n: int, networks: Replicas, inputs: Tensor, labels: Tensor) -> Tensor:
        nonlocal factor
        if n % EVERY == 0 and len(factors) < calls:
            parameters = sum(x[0].numel() for x in (*networks.weights, *networks.biases))
            noise = batch_noise(networks, inputs, labels).double().clamp(min=0.0).numpy()
            measured = np.nan_to_num(base * factor * noise / (2 * batch_size * parameters), posinf=1e30)
            temperatures.append(measured)
            factor = np.array([rule.update(float(t)) for rule, t in zip(rules, measured, strict=True)])
            factors.append(factor)
        return torch.from_numpy(base * factor).float()

    sizes = {"hidden": hidden, "batch_size": batch_size, "updates": updates, "runs": runs, "seed": seed}
    loss, accuracy = paired_training(data, len(rates), rates_at, **sizes)
    shape = (len(rates), runs)
    course = [np.array(x).T.reshape(*shape, -1) for x in (factors, temperatures)]
    return loss.reshape(shape), accuracy.reshape(shape), course[0], course[1]


def adaptive_comparison(
    *, updates: int, tuning_runs: int, runs: int, seed: int, label_noise: float = 0.0
) -> AdaptiveComparison:
    """Tune the base rate of each schedule on its mean training loss, then compare fresh, paired runs on digits.

    ``label_noise`` is the share of the training labels replaced by random ones. ``NotBracketed`` is raised when a best
    rate lies at the edge of those tried.
    """
    data = digits_split().noisy(label_noise, seed)
    sizes = {"hidden": 32, "batch_size": 16, "updates": updates}
    tried = 0.6 * 2 ** (np.arange(9) / 2)
    tuned = final_scores(data, FIXED, np.tile(tried, (2, 1)), runs=tuning_runs, seed=seed, **sizes)[0].mean(axis=2)
    adaptive = adaptive_scores(data, tried, runs=tuning_runs, seed=seed, **sizes)[0].mean(axis=1)
    best = np.argmin([*tuned, adaptive], axis=1)
    if best.min() == 0 or best.max() == len(tried) - 1:
        raise NotBracketed(f"expected the best of {tried.round(2)} inside, found numbers {best}: widen the search")
    fresh = {"runs": runs, "seed": seed + 1_000_003}
    loss, accuracy = final_scores(data, FIXED, tried[best[:2], None], **fresh, **sizes)
    own_loss, own_accuracy, factors, temperatures = adaptive_scores(data, tried[best[2:]], **fresh, **sizes)
    return AdaptiveComparison(
        (*FIXED, "adaptive"),
        tried[best],
        np.concatenate([loss[:, 0], own_loss]),
        np.concatenate([accuracy[:, 0], own_accuracy]),
        factors[0],
        temperatures[0],
    )
