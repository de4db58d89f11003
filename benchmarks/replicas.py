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
from trainphys.workloads.replicas import Replicas, drawn_batches

Call = Callable[[], Any]
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
            case("sequential PyTorch", "naive", _sequential),
            case("torch.func vmap(grad)", "peer", _vmap),
            case("JAX vmap + scan", "peer", _jax),
            case("trainphys", "ours", _ours),
            case("limit: bare bmm of one update", "limit", _bare_products),
        ],
        [Target("sequential PyTorch", 10.0), Target("JAX vmap + scan", 1.0)],
        note="error: largest difference of a first-layer weight from sequential PyTorch after 20 updates",
    )


def batch_size_sweep() -> Workload:
    def case(name: str, role: Role, build: Callable[[], Call]) -> Case:
        return Case(name, role, build, len(SWEEP) * SEEDS * SWEEP_UPDATES)

    return Workload(
        "replicas-batch-size-sweep",
        "SGD at 8 batch sizes from 4 to 512, 8 seeds each",
        "network-update",
        [
            case("sequential PyTorch", "naive", _sweep_sequential),
            case("torch.func vmap(grad), padded", "peer", _sweep_padded),
            case("torch.func vmap(grad), grouped", "peer", _sweep_vmap),
            case("JAX vmap, grouped", "peer", _sweep_jax),
            case("trainphys", "ours", _sweep_ours),
        ],
        [Target("sequential PyTorch", 4.0)],
    )


@functools.cache
def networks() -> list[nn.Sequential]:
    torch.manual_seed(0)
    return [perceptron() for _ in range(REPLICAS)]


@functools.cache
def batches() -> Tensor:
    """Indices of samples: update, replica, batch."""
    generator = torch.Generator().manual_seed(1)
    return torch.randint(0, len(digits_data()[1]), (UPDATES, REPLICAS, BATCH), generator=generator)


@functools.cache
def sweep_batches() -> list[list[Tensor]]:
    """Indices of samples, for each update and each batch size: seed, batch."""
    generator, n = torch.Generator().manual_seed(2), len(digits_data()[1])
    return [[torch.randint(0, n, (SEEDS, size), generator=generator) for size in SWEEP] for _ in range(SWEEP_UPDATES)]


@functools.cache
def _first_weights() -> Tensor:
    return torch.stack([net[0].weight.detach() for net in _sequential()()])


def _difference(result: Any) -> float:
    """The result's first layer: a list of modules, or a tensor (replica, out, in)."""
    found = torch.stack([net[0].weight.detach() for net in result]) if isinstance(result, list) else result
    return float((found - _first_weights()).abs().max())


def _step(model: nn.Module, optimiser: torch.optim.Optimizer, batch: Tensor) -> None:
    inputs, labels = digits_data()
    optimiser.zero_grad()
    CROSS_ENTROPY(model(inputs[batch]), labels[batch]).backward()
    optimiser.step()


def _sequential() -> Call:
    indices = batches()

    def call() -> list[nn.Sequential]:
        nets = copy.deepcopy(networks())
        for replica, net in enumerate(nets):
            optimiser = torch.optim.SGD(net.parameters(), lr=RATE)
            for batch in indices[:, replica]:
                _step(net, optimiser, batch)
        return nets

    return call


def _sweep_sequential() -> Call:
    drawn = sweep_batches()

    def call() -> None:
        nets = copy.deepcopy(networks())
        for replica, net in enumerate(nets):
            optimiser = torch.optim.SGD(net.parameters(), lr=RATE)
            for update in drawn:
                _step(net, optimiser, update[replica // SEEDS][replica % SEEDS])

    return call


def _replicas(first: int, count: int) -> Replicas:
    """Ours with the weights of some of the networks."""
    nets = Replicas(LAYERS, np.random.default_rng(0), count)
    linear = [[layer for layer in net if isinstance(layer, nn.Linear)] for net in networks()[first : first + count]]
    nets.weights = [torch.stack([w.weight.detach().T for w in layer]) for layer in zip(*linear, strict=True)]
    nets.biases = [torch.stack([w.bias.detach() for w in layer]) for layer in zip(*linear, strict=True)]
    return nets


def _fresh(nets: Replicas) -> Replicas:
    copied = copy.copy(nets)
    copied.select(torch.arange(len(nets.biases[0])))
    return copied


def _ours() -> Call:
    start, indices, (inputs, labels) = _replicas(0, REPLICAS), batches(), digits_data()
    rates = torch.full((REPLICAS,), RATE)

    def call() -> Tensor:
        nets = _fresh(start)
        for batch in indices:
            nets.update(*drawn_batches(inputs, labels, batch), rates)
        return nets.weights[0].mT

    return call


def _sweep_ours() -> Call:
    starts = [_replicas(SEEDS * group, SEEDS) for group in range(len(SWEEP))]
    rates, (inputs, labels) = torch.full((SEEDS,), RATE), digits_data()

    def call() -> None:
        for group, start in enumerate(starts):
            nets = _fresh(start)
            for update in sweep_batches():
                nets.update(*drawn_batches(inputs, labels, update[group]), rates)

    return call


def _stacked(nets: list[nn.Sequential]) -> dict[str, Tensor]:
    return {name: p.detach().clone() for name, p in stack_module_state(nets)[0].items()}  # type: ignore[arg-type]


def _vmapped_gradient() -> Callable[..., dict[str, Tensor]]:
    base = copy.deepcopy(networks()[0]).to("meta")

    def weighted(p: dict[str, Tensor], x: Tensor, y: Tensor, weights: Tensor) -> Tensor:
        return (CROSS_ENTROPY(functional_call(base, p, (x,)), y, reduction="none") * weights).sum()

    return vmap(grad(weighted))


def _vmap() -> Call:
    gradient, indices, (inputs, labels) = _vmapped_gradient(), batches(), digits_data()
    weights = torch.full((REPLICAS, BATCH), 1 / BATCH)

    def call() -> Tensor:
        p = _stacked(networks())
        for batch in indices:
            g = gradient(p, inputs[batch], labels[batch], weights)
            p = {name: p[name] - RATE * g[name] for name in p}
        return p["0.weight"]

    return call


def _sweep_vmap() -> Call:
    gradient, drawn, (inputs, labels) = _vmapped_gradient(), sweep_batches(), digits_data()

    def call() -> None:
        for group, size in enumerate(SWEEP):
            p = _stacked(networks()[SEEDS * group : SEEDS * (group + 1)])
            weights = torch.full((SEEDS, size), 1 / size)
            for update in drawn:
                g = gradient(p, inputs[update[group]], labels[update[group]], weights)
                p = {name: p[name] - RATE * g[name] for name in p}

    return call


def _sweep_padded() -> Call:
    gradient, drawn, (inputs, labels) = _vmapped_gradient(), sweep_batches(), digits_data()
    widest = max(SWEEP)
    padded = [torch.cat([nn.functional.pad(group, (0, widest - group.shape[1])) for group in u]) for u in drawn]
    weights = torch.stack([(torch.arange(widest) < size) / size for size in SWEEP for _ in range(SEEDS)])

    def call() -> None:
        p = _stacked(networks())
        for batch in padded:
            g = gradient(p, inputs[batch], labels[batch], weights)
            p = {name: p[name] - RATE * g[name] for name in p}

    return call


def _jax_run() -> tuple[Callable[..., Any], Callable[[int, int], list[Any]]]:
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

    def start(first: int, count: int) -> list[Any]:
        return [jnp.asarray(p.numpy()) for p in _stacked(networks()[first : first + count]).values()]

    return jax.jit(lambda p, indices: jax.lax.scan(update, p, indices)[0]), start


def _jax() -> Call:
    import jax

    run, start = _jax_run()
    first, indices = start(0, REPLICAS), batches().numpy()
    return lambda: torch.tensor(np.asarray(jax.block_until_ready(run(first, indices))[0]))


def _sweep_jax() -> Call:
    import jax

    run, start = _jax_run()
    groups = [
        (start(SEEDS * group, SEEDS), torch.stack([update[group] for update in sweep_batches()]).numpy())
        for group in range(len(SWEEP))
    ]
    return lambda: [jax.block_until_ready(run(first, indices)) for first, indices in groups]


def _bare_products() -> Call:
    """The eight matrix products of an update, three layers forward and back, as if all layers were 64 wide."""
    a, w, out = torch.randn(REPLICAS, BATCH, 64), torch.randn(REPLICAS, 64, 64), torch.empty(REPLICAS, BATCH, 64)

    def call() -> None:
        for _ in range(UPDATES * 8):
            torch.bmm(a, w, out=out)

    return call
