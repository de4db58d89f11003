r"""Gradients of a ReLU network: PyTorch's against error signal times input, the signal from differences."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch

from trainphys.arrays import Array
from trainphys.ensemble.streams import stream
from trainphys.xor.landscape import SIGNS

SHIFT = 1e-6  # of a pre-activation: small beside its distance to the kink, large beside rounding


@dataclass(frozen=True, slots=True)
class Products:
    """Gradients of one layer over many random networks, held against products."""

    # on one sample, the multiple of (error signal) x (input) that the gradient contains; shape (networks,)
    single: Array
    single_share: Array  # share of the squared gradient that this product is
    batch_share: Array  # on a batch, share of the squared gradient that (mean signal) x (mean input) explains
    mean_share: Array  # the same for the mean over the batch of the products


def gradient_products(
    level: int, *, networks: int, seed: int, sizes: tuple[int, ...] = (8, 16, 16, 4), batch: int = 16
) -> Products:
    r"""Compare autograd with $\delta_ia_j$ for one layer of random ReLU networks with squared error.

    The error signal is its definition, $\delta_i=\partial L/\partial z_i$ at the layer's pre-activation $z$, from
    central differences of the forward pass; PyTorch's backward pass gives the gradients alone.
    Layer 0 is the first; each network has inputs and targets of its own.

    >>> bool(np.allclose(gradient_products(0, networks=2, seed=0).single, 1.0, atol=1e-6))
    True
    """
    rows = [_one(level, stream(seed, f"relu networks {level}", task), sizes, batch) for task in range(networks)]
    return Products(*np.array(rows).T)


UNITS = {"|s|": torch.abs, "ReLU": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid}


def unit_slopes(unit: str, weights: Array) -> Array:
    r"""Size of the slope of one unit's output with respect to $s=w\cdot x+b$ on the four XOR inputs, by autograd.

    The inputs come in the order $(-,-)$, $(-,+)$, $(+,-)$, $(+,+)$; weights (w1, w2, b) have shape (3, starts), slopes
    (4, starts).

    >>> unit_slopes("|s|", np.array([[0.3], [0.1], [0.2]])).mean().item()
    1.0
    """
    s = torch.tensor(np.column_stack([SIGNS, np.ones(4)]) @ weights, requires_grad=True)
    return np.asarray(np.abs(torch.autograd.grad(UNITS[unit](s).sum(), s)[0].numpy()))


def _one(level: int, rng: np.random.Generator, sizes: tuple[int, ...], batch: int) -> tuple[float, ...]:
    pairs = list(pairwise(sizes))
    weights = [torch.tensor(rng.standard_normal((n, m)) * np.sqrt(2.0 / m), requires_grad=True) for m, n in pairs]
    x, y = torch.tensor(rng.standard_normal((batch, sizes[0]))), torch.tensor(rng.standard_normal((batch, sizes[-1])))
    empty = torch.zeros(batch, sizes[level + 1], dtype=torch.float64)
    signal, into = _signals(weights, x, y, level, empty)

    def autograd(samples: slice) -> Array:
        loss = _losses(weights, x[samples], y[samples], level, empty[samples])[0].mean()
        return np.asarray(torch.autograd.grad(loss, weights[level])[0].numpy())

    # The sample with the largest signal: a dead path has no gradient to compare.
    best = int((signal**2).sum(axis=1).argmax())
    one, product = autograd(slice(best, best + 1)), np.outer(signal[best], into[best])
    whole = autograd(slice(None))
    return (
        float((one * product).sum() / (product**2).sum()),
        _share(one, product),
        _share(whole, np.outer(signal.mean(axis=0), into.mean(axis=0))),
        _share(whole, signal.T @ into / batch),
    )


def _share(found: Array, model: Array) -> float:
    """Squared cosine: share of the squared gradient that a multiple of the model explains."""
    return float((found * model).sum() ** 2 / ((found**2).sum() * (model**2).sum()))


def _losses(
    weights: list[torch.Tensor], x: torch.Tensor, y: torch.Tensor, level: int, shift: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Loss of each sample with the pre-activation of one layer shifted, and the input of that layer."""
    value, into = x, x
    for i, w in enumerate(weights):
        if i == level:
            into = value
        z = value @ w.T + (shift if i == level else 0.0)
        value = torch.relu(z) if i < len(weights) - 1 else z
    return 0.5 * ((value - y) ** 2).sum(dim=1), into


def _signals(
    weights: list[torch.Tensor], x: torch.Tensor, y: torch.Tensor, level: int, empty: torch.Tensor
) -> tuple[Array, Array]:
    with torch.no_grad():
        columns = []
        for unit in range(empty.shape[1]):
            step = empty.clone()
            step[:, unit] = SHIFT
            up, down = (_losses(weights, x, y, level, s * step)[0] for s in (1.0, -1.0))
            columns.append((up - down) / (2.0 * SHIFT))
        _, into = _losses(weights, x, y, level, empty)
    return torch.stack(columns, dim=1).numpy(), into.numpy()
