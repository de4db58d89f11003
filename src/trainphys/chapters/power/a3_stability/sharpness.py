"""Full-batch training of a perceptron on the digits, with the largest Hessian eigenvalue along the way."""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from trainphys.arrays import Array
from trainphys.chapters.power.shared.heavy_ball import bisect_log, heavy_ball
from trainphys.ensemble import stream
from trainphys.tools.curvature.sharpness import largest_eigenpair
from trainphys.workloads.datasets import digits
from trainphys.workloads.replicas import Replicas

LAYERS = (64, 16, 10)


@dataclass(frozen=True, slots=True)
class Path:
    """Loss and largest Hessian eigenvalue at the updates looked at, and the parameters at the end."""

    updates: tuple[int, ...]
    losses: Array
    sharpness: Array
    parameters: Tensor


def digits_loss(layers: tuple[int, ...] = LAYERS) -> Callable[[Tensor], Tensor]:
    r"""Half the mean squared distance of a tanh perceptron's outputs from one-hot labels, on all digits.

    A function of the flat parameters. With this loss the curvature rises during training; with cross-entropy it falls
    again once the digits are learnt.
    """
    data = digits()
    pixels, labels = data.inputs.double(), torch.nn.functional.one_hot(data.labels).double()
    shapes = list(itertools.pairwise(layers))
    sizes = [size for i, o in shapes for size in (i * o, o)]

    def loss(flat: Tensor) -> Tensor:
        hidden, parts = pixels, torch.split(flat, sizes)
        for depth, (i, o) in enumerate(shapes):
            hidden = hidden @ parts[2 * depth].reshape(i, o) + parts[2 * depth + 1]
            if depth < len(shapes) - 1:
                hidden = torch.tanh(hidden)
        return 0.5 * ((hidden - labels) ** 2).sum(dim=1).mean()

    return loss


def first_parameters(seed: int, layers: tuple[int, ...] = LAYERS) -> Tensor:
    """The usual random start, flat, in double precision."""
    net = Replicas(layers, stream(seed, "sharpness"), 1)
    parts = [p[0].flatten() for pair in zip(net.weights, net.biases, strict=True) for p in pair]
    return torch.cat(parts).double()


def gradient(loss: Callable[[Tensor], Tensor], at: Tensor) -> Tensor:
    """Exact gradient, detached."""
    place = at.detach().requires_grad_(True)
    (found,) = torch.autograd.grad(loss(place), place)
    return found


def sharpness_path(*, step: float, updates: int, looks: int, seed: int) -> Path:
    """Train with the exact gradient and one learning rate; look at the Hessian at evenly spaced updates."""
    loss, at = digits_loss(), first_parameters(seed)
    when = sorted({round(x) for x in np.linspace(0, updates, looks)})
    losses, sharpness, vector = [], [], None
    for t in range(updates + 1):
        if t in when:
            found = largest_eigenpair(loss, at, start=vector, tolerance=1e-4)
            vector = found.vector
            losses.append(float(loss(at)))
            sharpness.append(found.value)
        if t < updates:
            at = at - step * gradient(loss, at)
    return Path(tuple(when), np.array(losses), np.array(sharpness), at)


def critical_steps_found(
    *, step: float, updates: int, seeds: tuple[int, ...], momentum: float = 0.0
) -> list[tuple[float, float]]:
    r"""Learning rate at which a small push along the sharpest direction stops dying out, and $\lambda_{\max}$, by seed.

    Train; push a copy along the top eigenvector; let both copies take the same updates, from which the mean gradient is
    taken off, so that the place stays where its Hessian was looked at; bisect for the rate at which the push grows.
    """
    return [_critical_step(step, updates, seed, momentum) for seed in seeds]


def _critical_step(step: float, updates: int, seed: int, momentum: float) -> tuple[float, float]:
    loss = digits_loss()
    place = sharpness_path(step=step, updates=updates, looks=2, seed=seed).parameters
    top = largest_eigenpair(loss, place, tolerance=1e-6)
    push = torch.as_tensor(top.vector)
    low, high = bisect_log(
        lambda rate: not _push_grows(loss, place, push, rate, momentum), 0.1 / top.value, 10.0 / top.value
    )
    return math.sqrt(low * high), top.value


def _push_grows(
    loss: Callable[[Tensor], Tensor], place: Tensor, push: Tensor, rate: float, momentum: float, updates: int = 20
) -> bool:
    """Whether the push and its speed are longer in the last quarter of the updates than in the first."""
    drift = gradient(loss, place)
    moved, speed, sizes = place + 1e-6 * push, torch.zeros_like(push), []
    for _ in range(updates):
        moved, speed = heavy_ball(moved, speed, rate * (gradient(loss, moved) - drift), momentum)
        sizes.append(math.hypot(float(push @ (moved - place)), float(push @ speed)))
    quarter = updates // 4
    return max(sizes[-quarter:]) > max(sizes[:quarter])
