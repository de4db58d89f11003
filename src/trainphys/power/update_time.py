"""Seconds of one update against batch size: timed, and fitted by a fixed part and a part for each sample."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import torch
from scipy.optimize import nnls

from trainphys.ensemble import stream
from trainphys.power.batch_sweep import Workload
from trainphys.power.operating_points import StepTime
from trainphys.workloads.replicas import Replicas


def timed_updates(*, workload: Workload, batch_sizes: tuple[int, ...], repeats: int = 30) -> tuple[float, ...]:
    """Seconds of an update of one network at each batch size, the median of ``repeats``; differs from run to run."""
    data, rng = workload.data(), stream(0, "update time")
    nets = Replicas(workload.layers, rng, 1)
    rate, found = torch.tensor([1e-3]), []
    for size in batch_sizes:
        drawn = torch.from_numpy(rng.integers(len(data.labels), size=(1, size)))
        inputs, labels, seconds = data.pixels[drawn], data.labels[drawn], []
        for _ in range(repeats):
            start = time.perf_counter()
            nets.update(inputs, labels, rate)
            seconds.append(time.perf_counter() - start)
        found.append(float(np.median(seconds)))
    return tuple(found)


def fit_step_time(batch_sizes: Sequence[float], seconds: Sequence[float]) -> StepTime:
    """Fixed seconds and seconds for each sample, both >= 0, of least relative squared error.

    >>> found = fit_step_time([1, 10, 100], [1.1e-3, 2e-3, 11e-3])
    >>> round(found.fixed_s, 9), round(found.per_sample_s, 9)
    (0.001, 0.0001)
    """
    value = np.asarray(seconds, dtype=float)
    if value.size != len(batch_sizes) or value.size < 2 or not np.all(value > 0):
        raise ValueError(f"expected positive seconds at two batch sizes or more, got {list(seconds)}")
    columns = np.stack([np.ones(value.size), np.asarray(batch_sizes, dtype=float)], axis=1)
    fixed, per_sample = nnls(columns / value[:, None], np.ones(value.size))[0]
    return StepTime(float(fixed), float(per_sample))
