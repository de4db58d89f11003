"""Sixty-four copies of a network trained at once, beside one after another, torch.func and JAX."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, stack_module_state, vmap

from benchmarks.digits_network import CROSS_ENTROPY, LAYERS, digits_data, perceptron
from benchmarks.workload import Case, Role, Target, Workload
from trainphys.workloads.replicas import Replicas

Call = Callable[[], Any]
Draws = list[list[Tensor]]  # indices of samples for each update and each group of networks: (network, batch)
REPLICAS, BATCH, UPDATES, RATE = 64, 32, 20, 0.05
SWEEP = (4, 8, 16, 32, 64, 128, 256, 512)  # batch sizes, with as many seeds each
SEEDS, SWEEP_UPDATES = 8, 3


def workloads() -> list[Workload]:
    return [one_batch_size(), batch_size_sweep()]


def one_batch_size() -> Workload:
    def case(name: str, role: Role, build: Callable[[], Call]) -> Case:
        return Case(name, role, build, REPLICAS * UPDATES, None if role == "limit" else _difference)

    return Workload(
        "replicas",
        "SGD of 64 replicas of the digits network, batches of 32",
        "network-update",
        [
            case("sequential PyTorch", "naive", lambda: _sequential(batches())),
            case("torch.func vmap(grad)", "peer", lambda: _vmap(batches())),
            case("JAX vmap + scan", "peer", lambda: _jax(batches())),
            case("trainphys", "ours", lambda: _ours(batches())),
            case("limit: bare bmm of one update", "limit", _bare_products),
        ],
        [Target("sequential PyTorch", 10.0), Target("JAX vmap + scan", 1.0)],
        note="error: largest difference of a first-layer weight from sequential PyTorch after 20 updates",
    )


def batch_size_sweep() -> Workload:
    def case(name: str, role: Role, way: Callable[[Draws], Call]) -> Case:
        return Case(name, role, lambda: way(sweep_batches()), len(SWEEP) * SEEDS * SWEEP_UPDATES)

    return Workload(
        "replicas-batch-size-sweep",
        "SGD at 8 batch sizes from 4 to 512, 8 seeds each",
        "network-update",
        [
            case("sequential PyTorch", "naive", _sequential),
            case("torch.func vmap(grad), padded", "peer", _padded),
            case("torch.func vmap(grad), grouped", "peer", _vmap),
            case("JAX vmap, grouped", "peer", _jax),
            case("trainphys", "ours", _ours),
        ],
        [Target("sequential PyTorch", 4.0)],
    )


@functools.cache
def networks() -> list[nn.Sequential]:
    torch.manual_seed(0)
    return [perceptron() for _ in range(REPLICAS)]


@functools.cache
def batches() -> Draws:
    """One group of all networks."""
    generator = torch.Generator().manual_seed(1)
    drawn = torch.randint(0, len(digits_data()[1]), (UPDATES, REPLICAS, BATCH), generator=generator)
    return [[update] for update in drawn]


@functools.cache
def sweep_batches() -> Draws:
    """A group for each batch size."""
    generator, n = torch.Generator().manual_seed(2), len(digits_data()[1])
    return [[torch.randint(0, n, (SEEDS, size), generator=generator) for size in SWEEP] for _ in range(SWEEP_UPDATES)]


def _groups(drawn: Draws) -> list[list[nn.Sequential]]:
    """The networks of each group."""
    waiting = iter(networks())
    return [[next(waiting) for _ in group] for group in drawn[0]]


@functools.cache
def _first_weights() -> Tensor:
    return torch.as_tensor(_sequential(batches())())


def _difference(first_layers: Tensor) -> float:
    """Of the first layers (network, out, in) from those that sequential PyTorch gives."""
    return float((first_layers - _first_weights()).abs().max())


def _sequential(drawn: Draws) -> Call:
    inputs, labels = digits_data()

    def call() -> Tensor:
        groups = copy.deepcopy(_groups(drawn))
        for group, nets in enumerate(groups):
            for replica, net in enumerate(nets):
                optimiser = torch.optim.SGD(net.parameters(), lr=RATE)
                for update in drawn:
                    batch = update[group][replica]
                    optimiser.zero_grad()
                    CROSS_ENTROPY(net(inputs[batch]), labels[batch]).backward()
                    optimiser.step()
        return torch.stack([net[0].weight.detach() for nets in groups for net in nets])

    return call


def _replicas(nets: list[nn.Sequential]) -> Replicas:
    """Ours with the weights of these networks."""
    found = Replicas(LAYERS, np.random.default_rng(0), len(nets))
    linear = [[layer for layer in net if isinstance(layer, nn.Linear)] for net in nets]
    found.weights = [torch.stack([w.weight.detach() for w in layer]).mT for layer in zip(*linear, strict=True)]
    found.biases = [torch.stack([w.bias.detach() for w in layer]) for layer in zip(*linear, strict=True)]
    return found


def _ours(drawn: Draws) -> Call:
    starts, (inputs, labels) = [_replicas(nets) for nets in _groups(drawn)], digits_data()
    rates = torch.full((REPLICAS,), RATE)

    def call() -> Tensor:
        first_layers = []
        for group, start in enumerate(starts):
            nets, count = copy.copy(start), len(drawn[0][group])
            nets.select(torch.arange(count))
            for update in drawn:
                nets.update_drawn(inputs, labels, update[group], rates[:count])
            first_layers.append(nets.weights[0].mT)
        return torch.cat(first_layers)

    return call


def _stacked(nets: list[nn.Sequential]) -> dict[str, Tensor]:
    return {name: p.detach().clone() for name, p in stack_module_state(nets)[0].items()}  # type: ignore[arg-type]


def _vmapped_gradient() -> Callable[..., dict[str, Tensor]]:
    base = copy.deepcopy(networks()[0]).to("meta")

    def weighted(p: dict[str, Tensor], x: Tensor, y: Tensor, weights: Tensor) -> Tensor:
        return (CROSS_ENTROPY(functional_call(base, p, (x,)), y, reduction="none") * weights).sum()

    return vmap(grad(weighted))


def _vmap(drawn: Draws) -> Call:
    gradient, (inputs, labels) = _vmapped_gradient(), digits_data()

    def call() -> Tensor:
        first_layers = []
        for group, nets in enumerate(_groups(drawn)):
            p, weights = _stacked(nets), torch.full(drawn[0][group].shape, 1 / drawn[0][group].shape[1])
            for update in drawn:
                g = gradient(p, inputs[update[group]], labels[update[group]], weights)
                p = {name: p[name] - RATE * g[name] for name in p}
            first_layers.append(p["0.weight"])
        return torch.cat(first_layers)

    return call


def _padded(drawn: Draws) -> Call:
    gradient, (inputs, labels) = _vmapped_gradient(), digits_data()
    nets, widest = [net for group in _groups(drawn) for net in group], max(group.shape[1] for group in drawn[0])
    padded = [torch.cat([nn.functional.pad(group, (0, widest - group.shape[1])) for group in u]) for u in drawn]
    sizes = torch.tensor([[len(batch)] for group in drawn[0] for batch in group])
    weights = (torch.arange(widest) < sizes) / sizes

    def call() -> Tensor:
        p = _stacked(nets)
        for batch in padded:
            g = gradient(p, inputs[batch], labels[batch], weights)
            p = {name: p[name] - RATE * g[name] for name in p}
        return p["0.weight"]

    return call


def _jax_run() -> tuple[Callable[..., Any], Callable[[list[nn.Sequential]], list[Any]]]:
    """A compiled function of stacked parameters and indices (update, replica, batch); and the first parameters."""
    import jax
    import jax.numpy as jnp

    inputs, labels = (jnp.asarray(part.numpy()) for part in digits_data())

    def loss(p: list[Any], x: Any, y: Any) -> Any:
        for w, b in zip(p[:-2:2], p[1:-2:2], strict=True):
            x = jnp.tanh(x @ w.T + b)
        scores = jax.nn.log_softmax(x @ p[-2].T + p[-1])
        return -jnp.take_along_axis(scores, y[:, None], axis=1).mean()

    def update(p: list[Any], batch: Any) -> tuple[list[Any], None]:
        g = jax.vmap(jax.grad(loss))(p, inputs[batch], labels[batch])
        return [a - jnp.float32(RATE) * b for a, b in zip(p, g, strict=True)], None

    def start(nets: list[nn.Sequential]) -> list[Any]:
        return [jnp.asarray(p.numpy()) for p in _stacked(nets).values()]

    return jax.jit(lambda p, indices: jax.lax.scan(update, p, indices)[0]), start


def _jax(drawn: Draws) -> Call:
    import jax

    run, start = _jax_run()
    indices = [torch.stack([update[group] for update in drawn]).numpy() for group in range(len(drawn[0]))]
    work = list(zip(map(start, _groups(drawn)), indices, strict=True))

    def call() -> Tensor:
        return torch.cat([torch.tensor(np.asarray(jax.block_until_ready(run(*args))[0])) for args in work])

    return call


def _bare_products() -> Call:
    """The eight matrix products of an update, three layers forward and back, as if all layers were 64 wide."""
    a, w, out = torch.randn(REPLICAS, BATCH, 64), torch.randn(REPLICAS, 64, 64), torch.empty(REPLICAS, BATCH, 64)

    def call() -> None:
        for _ in range(UPDATES * 8):
            torch.bmm(a, w, out=out)

    return call
