"""Seconds of an update on this machine."""

import time

import numpy as np
import torch

from trainphys.chapters.power.shared.batch_sweep import Workload
from trainphys.ensemble import stream
from trainphys.workloads.replicas import Replicas


def timed_updates(*, workload: Workload, batch_sizes: tuple[int, ...], repeats: int = 30) -> tuple[float, ...]:
    """Seconds of an update of one network at each batch size, the median of ``repeats``; differs from run to run."""
    data, rng = workload.data(), stream(0, "update time")
    nets = Replicas(workload.layers, rng, 1)
    rate, found = torch.tensor([1e-3]), []
    for size in batch_sizes:
        drawn = torch.from_numpy(rng.integers(len(data.labels), size=(1, size)))
        inputs, labels, seconds = data.inputs[drawn], data.labels[drawn], []
        for _ in range(repeats):
            start = time.perf_counter()
            nets.update(inputs, labels, rate)
            seconds.append(time.perf_counter() - start)
        found.append(float(np.median(seconds)))
    return tuple(found)
