"""The gradient noise scale along a training run, to be set beside the critical batch size of a sweep."""

import math

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from trainphys.chapters.power.shared.batch_sweep import Workload
from trainphys.ensemble import stream
from trainphys.estimate import Estimate
from trainphys.tools.gradients.noise_scale import noise_scale
from trainphys.workloads.replicas import Replicas


def noise_scales(
    *,
    workload: Workload,
    batch_size: int,
    learning_rate: float,
    losses: tuple[float, ...],
    runs: int,
    seed: int,
    most_steps: int = 10_000,
) -> list[Estimate]:
    r"""Simple noise scale $\operatorname{tr}\Sigma/|G|^2$ of all data when each run first has a loss, mean over runs.

    ``losses`` fall; every run starts afresh and draws its batches with replacement.

    Raises:
        ValueError: a run that does not come down to the last loss.
    """
    found = np.array([_run(workload, batch_size, learning_rate, losses, seed, k, most_steps) for k in range(runs)])
    return [Estimate.from_samples(at_one_loss) for at_one_loss in found.T]


def _run(
    workload: Workload, batch_size: int, rate: float, losses: tuple[float, ...], seed: int, run: int, most_steps: int
) -> list[float]:
    data, rng = workload.data(), stream(seed, "noise scale along a run", run)
    nets = Replicas(workload.layers, rng, 1)
    found: list[float] = []
    for _ in range(most_steps):
        loss = float(nets.losses(data.inputs, data.labels)[0])
        while len(found) < len(losses) and loss <= losses[len(found)]:
            whole = data.inputs, data.labels
            # of a whole population there is no sampling error to refuse, so any relative error will do
            found.append(
                noise_scale(_module(nets), cross_entropy, whole, population=len(data), relative_error=math.inf).value
            )
        if len(found) == len(losses):
            return found
        drawn = torch.from_numpy(rng.integers(len(data), size=(1, batch_size)))
        nets.update_drawn(data.inputs, data.labels, drawn, torch.tensor([rate]))
    raise ValueError(f"expected a loss of {losses[len(found)]} within {most_steps} updates, got {loss}: run on")


def _module(nets: Replicas) -> nn.Sequential:
    """The first replica as a PyTorch module."""
    stack: list[nn.Module] = []
    for weight, bias in zip(nets.weights, nets.biases, strict=True):
        layer = nn.Linear(*weight.shape[1:])
        layer.weight.data, layer.bias.data = weight[0].T.clone(), bias[0].clone()
        stack += [layer, nn.Tanh()]
    return nn.Sequential(*stack[:-1])
