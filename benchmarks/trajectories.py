"""Training runs of y = |w1 x1 + w2 x2 + b| on centred XOR, every epoch stored, to a loss of 1e-7 or 40 epochs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.workload import Case, Target, Workload
from trainphys.xor.trajectories import train

RATE, TOLERANCE, EPOCHS = 0.1, 1e-7, 40
INPUTS = np.array([[x1, x2, 1.0] for x1 in (-1, 1) for x2 in (-1, 1)])  # sample, parameter
PIECE = 10_000
WRITING = "limit: writing the output"
LABELS = np.array([0.0, 1.0, 1.0, 0.0])
Call = Callable[[], Any]


def workloads() -> list[Workload]:
    return [
        _workload("full-batch", 100_000, {"NumPy": 9.0, "torch.func.vmap": 50.0, WRITING: 0.4}),
        _workload("full-batch", 1_000_000, {"NumPy": 9.0, "torch.func.vmap": 50.0, WRITING: 0.4}),
        _workload("per-sample", 100_000, {"NumPy": 14.0}),
    ]


def _workload(method: str, runs: int, wanted: dict[str, float]) -> Workload:
    """All but the naive way train ensembles of 10,000 runs, one after the other, into an array that is used again."""
    sgd = method == "per-sample"
    cases = [
        Case("PyTorch, one module at a time", "naive", lambda: _modules(10, sgd), 10),
        Case("torch.func.vmap", "peer", lambda: _vmap(PIECE, sgd), PIECE),
        Case("NumPy", "peer", lambda: _again(10, _numpy(PIECE, sgd)), 10 * PIECE),
        Case("trainphys", "ours", lambda: _ours(runs, method), runs, _difference(sgd)),
        Case(WRITING, "limit", lambda: _writing(runs), runs),
    ]
    targets = [Target(against, ratio) for against, ratio in wanted.items()]
    title = f"XOR trajectories, {method}, {runs:,} runs, {PIECE:,} at a time"
    return Workload(f"trajectories-{method}-{runs}", title, "run", cases, targets)


def _again(times: int, call: Call) -> Call:
    return lambda: [call() for _ in range(times)][-1]


def starts(runs: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((runs, 3))


def _ours(runs: int, method: Any, piece: int = PIECE) -> Call:
    first, out = starts(runs), np.empty((EPOCHS + 1, 3, min(runs, piece)))

    def call() -> np.ndarray:
        epochs = np.empty(runs, dtype=np.int64)
        for low in range(0, runs, piece):
            part = first[low : low + piece]
            settings: Any = {"rate": RATE, "tolerance": TOLERANCE, "max_epochs": EPOCHS, "method": method}
            epochs[low : low + piece] = train(part, **settings, first_run=low, out=out).epochs
        return epochs

    return call


def _writing(runs: int, piece: int = PIECE) -> Call:
    out = np.empty((EPOCHS + 1, 3, min(runs, piece)))

    def call() -> None:
        for _ in range(0, runs, piece):
            out.fill(1.0)

    return call


def _difference(sgd: bool) -> Callable[[np.ndarray], float]:
    """Share of runs whose number of epochs is not that of the NumPy twin; orders of samples differ, so none for SGD."""

    def error(epochs: np.ndarray) -> float:
        count = min(len(epochs), 2_000)
        return float("nan") if sgd else float((epochs[:count] != _numpy(count, sgd)()[:count]).mean())

    return error


def _numpy(runs: int, sgd: bool) -> Call:
    from itertools import permutations

    first, out = starts(runs).T.copy(), np.empty((EPOCHS + 1, 3, runs))
    orders, rng = np.array(list(permutations(range(4)))), np.random.default_rng(1)

    def call() -> np.ndarray:
        p, live, epochs = first.copy(), np.ones(runs, bool), np.zeros(runs, np.int64)
        for epoch in range(EPOCHS + 1):
            out[epoch] = p
            s = INPUTS @ p
            r = np.abs(s) - LABELS[:, None]
            live &= (r * r).mean(0) >= TOLERANCE
            if not live.any() or epoch == EPOCHS:
                break
            epochs += live
            if not sgd:
                p -= (RATE * 0.5) * (INPUTS.T @ (r * np.sign(s))) * live
                continue
            order = orders[rng.integers(0, 24, runs)]
            for j in range(4):
                x = INPUTS[order[:, j]].T
                q = (p * x).sum(0)
                p -= (2 * RATE) * ((np.abs(q) - LABELS[order[:, j]]) * np.sign(q) * live) * x
        return epochs

    return call


def _vmap(runs: int, sgd: bool) -> Call:
    import torch

    torch.set_num_threads(1)
    inputs, labels = torch.tensor(INPUTS), torch.tensor(LABELS)
    first, out = torch.tensor(starts(runs)), torch.empty(EPOCHS + 1, runs, 3, dtype=torch.float64)

    def loss(p: Any, x: Any, y: Any) -> Any:
        return ((x @ p).abs() - y).square().mean()

    all_samples = torch.func.vmap(torch.func.grad_and_value(loss), in_dims=(0, None, None))
    one_sample = torch.func.vmap(torch.func.grad(loss), in_dims=(0, 0, 0))

    def call() -> None:
        p, live = first.clone(), torch.ones(runs, dtype=torch.bool)
        for epoch in range(EPOCHS + 1):
            out[epoch] = p
            gradient, value = all_samples(p, inputs, labels)
            live = live & (value >= TOLERANCE)
            if not live.any():
                break
            if not sgd:
                p = torch.where(live[:, None], p - RATE * gradient, p)
                continue
            order = torch.rand(runs, 4).argsort(1)
            for j in range(4):
                gradient = one_sample(p, inputs[order[:, j]], labels[order[:, j]])
                p = torch.where(live[:, None], p - RATE * gradient, p)

    return call


def _modules(runs: int, sgd: bool) -> Call:
    import torch
    from torch import nn

    torch.set_num_threads(1)
    inputs, labels, first = torch.tensor(INPUTS[:, :2]), torch.tensor(LABELS)[:, None], torch.tensor(starts(runs))

    def train_one(start: Any) -> list[Any]:
        net, loss = nn.Linear(2, 1).double(), nn.MSELoss()
        with torch.no_grad():
            net.weight.copy_(start[None, :2])
            net.bias.copy_(start[2:])
        optimizer, states = torch.optim.SGD(net.parameters(), lr=RATE), []
        for _ in range(EPOCHS):
            states.append(torch.cat([net.weight.detach().flatten(), net.bias.detach()]).clone())
            if loss(net(inputs).abs(), labels).item() < TOLERANCE:
                break
            for batch in torch.randperm(4)[:, None] if sgd else [slice(None)]:
                optimizer.zero_grad()
                loss(net(inputs[batch]).abs(), labels[batch]).backward()
                optimizer.step()
        return states

    return lambda: [train_one(start) for start in first]
