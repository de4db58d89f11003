"""Trace of the covariance of single samples' gradients, beside BackPACK, torch.func and the plain gradient."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap

from benchmarks.digits_network import (
    CROSS_ENTROPY,
    digits_data,
    kept,
    plain_gradients,
    relative_error,
    trained_network,
)
from benchmarks.workload import Case, Role, Target, Workload
from trainphys.tools.gradients.noise_scale import gradient_covariance_trace

Call = Callable[[], Any]
LOOPED = 300  # samples of the loop, which is slow
EVALUATIONS = 5  # in a row and timed together, as the rate of repeated use is what counts


def workloads() -> list[Workload]:
    samples = len(digits_data()[1])
    known = relative_error(float, lambda: reference()["trace"])

    def case(name: str, role: Role, build: Callable[[], Call]) -> Case:
        return Case(name, role, lambda: _repeated(build()), EVALUATIONS * samples, known)

    return [
        Workload(
            "gradient-covariance-trace",
            "Trace of the gradient's covariance over 1,797 samples, 8,970 parameters",
            "sample",
            [
                Case("loop, one backward pass each", "naive", _loop, LOOPED),
                case("torch.func vmap(grad), chunks of 256", "peer", _vmap),
                case("BackPACK BatchL2Grad", "peer", lambda: _backpack("BatchL2Grad", "batch_l2")),
                case("BackPACK SumGradSquared", "peer", lambda: _backpack("SumGradSquared", "sum_grad_squared")),
                case("trainphys", "ours", _ours),
                Case("limit: plain gradient", "limit", lambda: plain_gradients(EVALUATIONS), EVALUATIONS * samples),
            ],
            [
                Target("BackPACK BatchL2Grad", 1.3),
                Target("BackPACK SumGradSquared", 1.3),
                Target("limit: plain gradient", 0.75),
            ],
            rounds=9,
            note="ours gives the standard error of the trace too",
        )
    ]


@functools.cache
def reference() -> dict[str, float]:
    """A loop over all samples in double precision."""

    def compute() -> dict[str, float]:
        model, (inputs, labels) = copy.deepcopy(trained_network()).double(), digits_data()
        rows = torch.stack([_gradient_of(model, x, y) for x, y in zip(inputs.double(), labels, strict=True)])
        return {"trace": float(rows.var(dim=0, correction=0).sum())}

    return kept("gradient-noise", compute)


def _repeated(call: Call) -> Call:
    return lambda: [call() for _ in range(EVALUATIONS)][-1]


def _ours() -> Call:
    model, data = trained_network(), digits_data()
    return lambda: gradient_covariance_trace(model, CROSS_ENTROPY, data, population=len(data[1])).trace


def _gradient_of(model: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    model.zero_grad()
    CROSS_ENTROPY(model(x[None]), y[None]).backward()
    return torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None])


def _loop() -> Call:
    model, (inputs, labels) = copy.deepcopy(trained_network()), digits_data()

    def call() -> float:
        square, total = 0.0, torch.zeros(())
        for x, y in zip(inputs[:LOOPED], labels[:LOOPED], strict=True):
            g = _gradient_of(model, x, y)
            square += float(g @ g)
            total = total + g
        return square / LOOPED - float((total / LOOPED).square().sum())

    return call


def _vmap() -> Call:
    model, (inputs, labels) = trained_network(), digits_data()
    parameters = {name: p.detach() for name, p in model.named_parameters()}

    def of_one(p: dict[str, Tensor], x: Tensor, y: Tensor) -> Tensor:
        return CROSS_ENTROPY(functional_call(model, p, (x[None],)), y[None])

    each = vmap(grad(of_one), in_dims=(None, 0, 0))

    def call() -> float:
        square, total = 0.0, torch.zeros(())
        for x, y in zip(inputs.split(256), labels.split(256), strict=True):
            g = torch.cat([part.flatten(1) for part in each(parameters, x, y).values()], dim=1)
            square += float(g.square().sum())
            total = total + g.sum(dim=0)
        return square / len(labels) - float((total / len(labels)).square().sum())

    return call


def _backpack(extension: str, attribute: str) -> Call:
    import backpack
    from backpack import extensions

    model, (inputs, labels) = backpack.extend(copy.deepcopy(trained_network())), digits_data()
    loss, wanted = backpack.extend(nn.CrossEntropyLoss()), getattr(extensions, extension)

    def call() -> float:
        model.zero_grad()
        with backpack.backpack(wanted()):
            loss(model(inputs), labels).backward()
        square = sum(float(getattr(p, attribute).sum()) for p in model.parameters()) * len(labels)
        return square - sum(float(p.grad.square().sum()) for p in model.parameters())

    return call
