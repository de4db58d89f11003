"""Updates that real training takes to a target loss: batch size by batch size, the learning rate tuned for each."""

from __future__ import annotations

import functools
import math
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from trainphys.arrays import Array
from trainphys.ensemble import stream, sweep
from trainphys.errors import NotBracketed
from trainphys.estimate import Estimate
from trainphys.workloads.datasets import SYMBOLS, Samples, characters, digits
from trainphys.workloads.replicas import Replicas

RATIO = 2 ** (1 / 3)  # between neighbouring learning rates
PATIENCE = 1.6  # a learning rate that needs this many times the best one's updates is not the best


@dataclass(frozen=True, slots=True)
class Workload:
    """A network, its data (the digits unless told otherwise), and where the search for its learning rate begins.

    The search starts at ``learning_rate * (1 - momentum) * B / (B + batch_size)``, with no effect on the result: it
    goes on until the best rate has worse neighbours.
    """

    name: str
    layers: tuple[int, ...]
    target_loss: float
    learning_rate: float
    batch_size: float
    data: Callable[[], Samples] = digits
    momentum: float = 0.0


SOFTMAX = Workload("softmax regression", (64, 10), target_loss=0.06, learning_rate=110.0, batch_size=110.0)
PERCEPTRON = Workload("multilayer perceptron", (64, 32, 10), target_loss=0.06, learning_rate=14.0, batch_size=60.0)
CHARACTERS = Workload(  # no images: the next letter of Python's help texts
    "character model",
    (8 * len(SYMBOLS), 32, len(SYMBOLS)),
    target_loss=2.0,
    learning_rate=5.0,
    batch_size=60.0,
    data=functools.partial(characters, context=8, samples=2048),
)


@dataclass(frozen=True, slots=True)
class SweepPoint:
    """One batch size: what was tried, what was chosen, and the updates of fresh runs at the chosen learning rate.

    ``tuning`` has shape (rates, runs); infinity stands for a run that was given up as too slow. The runs in ``steps``
    took no part in the choice, so that the best of several noisy rates is not reported as better than it is.
    """

    batch_size: int
    learning_rates: tuple[float, ...]
    tuning: Array
    learning_rate: float
    steps: Array

    def mean(self) -> Estimate:
        """Mean updates to the target; runs that are all alike (an exact gradient, a fixed start) have no error."""
        return Estimate.from_samples(self.steps)


def batch_size_sweep(
    *,
    workload: Workload,
    batch_sizes: tuple[int, ...],
    tuning_runs: int,
    runs: int,
    seed: int,
) -> tuple[SweepPoint, ...]:
    """Sweep batch sizes; each is tuned and measured with random streams of its own.

    Batches are drawn with replacement; size 0 stands for the exact gradient of all data. The search makes
    ``tuning_runs`` at each learning rate, and ``runs`` fresh ones at the rate found.

    Raises:
        NotBracketed: the search for a learning rate ended at its edge.
    """
    task = functools.partial(_sweep_point, workload, tuning_runs, runs)
    stage = f"batch-size sweep {workload.name}"
    return tuple(sweep(task, batch_sizes, seed=seed, stage=stage, progress=sys.stderr.isatty()))


def momentum_sweep(
    *,
    workload: Workload,
    batch_size: int,
    momenta: tuple[float, ...],
    tuning_runs: int,
    runs: int,
    seed: int,
) -> tuple[SweepPoint, ...]:
    """One batch size, several coefficients of heavy-ball momentum; the learning rate is tuned for each."""
    works = [replace(workload, momentum=beta) for beta in momenta]
    task = functools.partial(_momentum_point, batch_size, tuning_runs, runs)
    stage = f"momentum sweep {workload.name} {batch_size}"
    return tuple(sweep(task, works, seed=seed, stage=stage, progress=sys.stderr.isatty()))


def _momentum_point(
    batch_size: int, tuning_runs: int, runs: int, workload: Workload, rng: np.random.Generator
) -> SweepPoint:
    return _sweep_point(workload, tuning_runs, runs, batch_size, rng)


def runs_table(sweeps: Iterable[tuple[str, Sequence[SweepPoint]]]) -> list[dict[str, Any]]:
    """Every run of some named sweeps, one row each: the search's and the fresh ones; infinite updates: given up."""
    rows = []
    for workload, points in sweeps:
        for q in points:
            tried = [("search", rate, steps) for rate, steps in zip(q.learning_rates, q.tuning, strict=True)]
            for stage, rate, steps in (*tried, ("measured", q.learning_rate, q.steps)):
                at = {"workload": workload, "batch_size": q.batch_size, "stage": stage, "learning_rate": rate}
                rows += [{**at, "run": run, "updates": updates} for run, updates in enumerate(steps.tolist())]
    return rows


def _sweep_point(
    workload: Workload, tuning_runs: int, runs: int, batch_size: int, rng: np.random.Generator
) -> SweepPoint:
    tuning_seed, measuring_seed = (int(s) for s in rng.integers(2**31, size=2))
    rates, tried = tuned(workload, batch_size, runs=tuning_runs, seed=tuning_seed)
    order = np.argsort(tried.mean(axis=1))
    for best in order:  # a rate at which one of many runs never arrives is not usable: take the next best
        steps = measured_steps(
            workload,
            batch_size,
            rates[best : best + 1],
            runs=runs,
            seed=measuring_seed,
            patience=5.0,
            first_look=1 + int(tried[best].min() / 2),
        )
        if np.isfinite(steps).all():
            return SweepPoint(batch_size, tuple(rates.tolist()), tried, float(rates[best]), steps[0])
    raise NotBracketed(f"expected a learning rate at which all runs of batch size {batch_size} arrive, found none")


def tuned(workload: Workload, batch_size: int, *, runs: int, seed: int, widenings: int = 8) -> tuple[Array, Array]:
    """Search learning rates until the best has worse ones on both sides; returns the rates and their updates.

    Raises:
        NotBracketed: still at the edge after widening the range ``widenings`` times.
    """
    fraction = batch_size / (batch_size + workload.batch_size) if batch_size else 1.0
    centre = workload.learning_rate * fraction * (1 - workload.momentum)
    rates = centre * RATIO ** np.arange(-2.0, 3.0)
    tried = measured_steps(workload, batch_size, rates, runs=runs, seed=seed)
    for _ in range(widenings):
        best = int(np.argmin(tried.mean(axis=1)))
        if 0 < best < len(rates) - 1:
            return rates, tried
        more = rates[0] / RATIO ** np.array([2.0, 1.0]) if best == 0 else rates[-1] * RATIO ** np.array([1.0, 2.0])
        bound = PATIENCE * float(tried.mean(axis=1).min())
        new = measured_steps(workload, batch_size, more, runs=runs, seed=seed, most_steps=bound)
        rates, tried = np.append(rates, more), np.append(tried, new, axis=0)
        order = np.argsort(rates)
        rates, tried = rates[order], tried[order]
    raise NotBracketed(
        f"expected the best learning rate of batch size {batch_size} inside {rates[0]:.3g} to {rates[-1]:.3g}, "
        "found it at the edge: start the search elsewhere"
    )


def measured_steps(
    workload: Workload,
    batch_size: int,
    learning_rates: Array,
    *,
    runs: int,
    seed: int,
    patience: float = PATIENCE,
    most_steps: float = 100_000,
    first_look: int = 1,
) -> Array:
    """Updates of each run until the loss on all training data is first seen at the target, shape (rates, runs).

    Run ``k`` draws the same first weights and the same batches for every learning rate. The loss is looked at every
    5 % of the updates once it is within 1.5 times the target (every 15 % before); its crossing is interpolated on a
    logarithmic scale. Runs end at ``patience`` times the best rate's mean, or at ``most_steps``, and count as
    infinite. ``first_look`` saves looks when no run can arrive before it; if one has, all is done again without it.
    """
    data, rng = workload.data(), stream(seed, "batches")
    count = len(learning_rates) * runs
    run_of = torch.arange(count) % runs  # replicas: rate by rate, within a rate run by run
    nets = Replicas(workload.layers, rng, runs, workload.momentum)
    nets.select(run_of)
    rates = torch.tensor(np.repeat(learning_rates, runs), dtype=torch.float32)
    alive, arrived = np.arange(count), np.full(count, math.inf)
    before, look, step, seen = nets.losses(data.inputs, data.labels).double().numpy(), first_look, 0, 0
    while alive.size and step < most_steps:
        if batch_size:
            nets.update_drawn(data.inputs, data.labels, _drawn(len(data), batch_size, runs, rng)[run_of], rates)
        else:  # all data
            inputs, labels = (x[None].expand(len(run_of), *x.shape) for x in (data.inputs, data.labels))
            nets.update(inputs, labels, rates)
        step += 1
        if step < look:
            continue
        now = nets.losses(data.inputs, data.labels).double().numpy()
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.log(before / workload.target_loss) / np.log(before / now)
        there = now <= workload.target_loss
        if there.any() and seen == 0 and step > 1:
            return measured_steps(
                workload, batch_size, learning_rates, runs=runs, seed=seed, patience=patience, most_steps=most_steps
            )
        arrived[alive[there]] = seen + share[there] * (step - seen)
        if there.any():
            going = np.flatnonzero(~there)
            nets.select(torch.from_numpy(going))
            run_of, rates = run_of[going], rates[going]
            alive, now = alive[going], now[going]
            most_steps = min(most_steps, patience * float(arrived.reshape(-1, runs).mean(axis=1).min()))
        near = now.size and now.min() < 1.5 * workload.target_loss
        before, seen, look = now, step, max(step + 1, int(step * (1.05 if near else 1.15)))
    return arrived.reshape(-1, runs)


def _drawn(samples: int, size: int, runs: int, rng: np.random.Generator) -> torch.Tensor:
    """Indices of samples (runs, batch); every run draws for itself, with replacement."""
    return torch.from_numpy(rng.integers(samples, size=(runs, size)))
