"""Largest Hessian eigenvalue and Hessian trace of a small network, beside the curvature libraries for torch."""

from __future__ import annotations

import contextlib
import copy
import functools
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from scipy.sparse.linalg import LinearOperator, eigsh
from torch import Tensor, nn

from benchmarks.digits_network import (
    CROSS_ENTROPY,
    digits_data,
    kept,
    plain_gradients,
    relative_error,
    trained_network,
)
from benchmarks.workload import Case, Target, Workload
from trainphys.tools.curvature.hessian_products import GraphHessian
from trainphys.tools.curvature.hessian_trace import hessian_trace
from trainphys.tools.curvature.sharpness import sharpness
from trainphys.tools.models.model_loss import ModelLoss

Call = Callable[[], Any]


def workloads() -> list[Workload]:
    return [largest_eigenvalue(), trace()]


def largest_eigenvalue() -> Workload:
    def case(name: str, role: Any, build: Callable[[], Call], units: float = 1.0) -> Case:
        known = None if role == "limit" else relative_error(float, lambda: reference()["largest"])
        return Case(name, role, build, units, known)

    return Workload(
        "largest-hessian-eigenvalue",
        "Largest Hessian eigenvalue of a network of 8,970 parameters, to a thousandth",
        "eigenvalue",
        [
            case("power iteration, graph rebuilt", "naive", _power_iteration),
            case("PyHessian", "peer", _pyhessian_eigenvalue),
            case("curvlinops + eigsh", "peer", _curvlinops_eigenvalue),
            case("hessian-eigenthings", "peer", _eigenthings_eigenvalue),
            case("hessian-eigenthings, 30 steps", "peer", lambda: _eigenthings_eigenvalue(max_iter=30)),
            case("trainphys", "ours", _our_eigenvalue),
            case("limit: 15 gradients", "limit", lambda: plain_gradients(15)),
        ],
        [Target("curvlinops + eigsh", 8.0), Target("limit: 15 gradients", 1.0)],
        note="mean cross-entropy of 1,797 digits; asked of each to 1e-3, with its own default of steps",
        tolerance=1e-3,
    )


def trace() -> Workload:
    def case(name: str, role: Any, build: Callable[[], Call], units: float = 1.0) -> Case:
        known = None if role == "limit" else relative_error(float, lambda: reference()["trace"])
        return Case(name, role, build, units, known)

    return Workload(
        "hessian-trace",
        "Trace of the same network's Hessian",
        "trace",
        [
            case("Hutchinson, 100 probes, graph rebuilt", "naive", _hutchinson),
            case("PyHessian", "peer", _pyhessian_trace),
            case("curvlinops Hutch++, 99 products", "peer", _curvlinops_trace),
            case("hessian-eigenthings Hutch++, 99 products", "peer", _eigenthings_trace),
            case("trainphys", "ours", _our_trace),
            case("limit: 250 gradients", "limit", lambda: plain_gradients(25), 1 / 10),
        ],
        [Target("limit: 250 gradients", 1.0), Target("curvlinops Hutch++, 99 products", 1.0)],
        rounds=3,
        note="ours is exact; a stochastic estimate has the error that is shown",
    )


@functools.cache
def reference() -> dict[str, float]:
    """In double precision and by another route: double backward, ARPACK, and the diagonal column by column."""

    def compute() -> dict[str, float]:
        inputs, labels = digits_data()
        of, batch = ModelLoss(copy.deepcopy(trained_network()).double(), CROSS_ENTROPY), (inputs.double(), labels)
        product, n = GraphHessian(functools.partial(of.flat, batch=batch), of.at), of.at.numel()
        operator = LinearOperator((n, n), matvec=lambda v: product(torch.as_tensor(v.ravel())).numpy(), dtype=float)
        largest = eigsh(operator, k=1, which="LA", tol=1e-9, return_eigenvectors=False)
        unit, diagonal = torch.zeros(n, dtype=torch.float64), np.empty(n)
        for i in range(n):
            unit[i] = 1.0
            diagonal[i] = float(product(unit)[i])
            unit[i] = 0.0
        return {"largest": float(largest[0]), "trace": float(diagonal.sum())}

    return kept("curvature", compute)


def _our_eigenvalue() -> Call:
    model, data = trained_network(), digits_data()
    return lambda: sharpness(model, CROSS_ENTROPY, data).value


def _our_trace() -> Call:
    model, data = trained_network(), digits_data()
    return lambda: hessian_trace(model, CROSS_ENTROPY, data).value


def _rebuilt_product(model: nn.Module, vector: Tensor) -> Tensor:
    """The way of many scripts: gradient with a graph, dot product, gradient again."""
    parameters, (inputs, labels) = list(model.parameters()), digits_data()
    gradient = torch.autograd.grad(CROSS_ENTROPY(model(inputs), labels), parameters, create_graph=True)
    along = sum((g.flatten() @ v) for g, v in zip(gradient, vector.split([p.numel() for p in parameters]), strict=True))
    return torch.cat([h.flatten() for h in torch.autograd.grad(along, parameters)])  # type: ignore[arg-type]


def _power_iteration() -> Call:
    model = copy.deepcopy(trained_network())
    n = sum(p.numel() for p in model.parameters())

    def call() -> float:
        vector, before = torch.randn(n, generator=torch.Generator().manual_seed(0)), 0.0
        for _ in range(1000):
            vector = vector / vector.norm()
            image = _rebuilt_product(model, vector)
            value = float(vector @ image)
            if abs(value - before) < 1e-3 * abs(value):
                break
            vector, before = image, value
        return value

    return call


def _hutchinson() -> Call:
    model = copy.deepcopy(trained_network())
    n = sum(p.numel() for p in model.parameters())

    def call() -> float:
        generator, total = torch.Generator().manual_seed(0), 0.0
        for _ in range(100):
            signs = torch.randint(0, 2, (n,), generator=generator) * 2.0 - 1.0
            total += float(signs @ _rebuilt_product(model, signs))
        return total / 100

    return call


def _pyhessian() -> Callable[[], Any]:
    from pyhessian import hessian

    model, data = copy.deepcopy(trained_network()), digits_data()
    return lambda: hessian(model, nn.CrossEntropyLoss(), data=data, cuda=False)


def _pyhessian_eigenvalue() -> Call:
    prepare = _pyhessian()
    return _silent(lambda: prepare().eigenvalues(maxIter=200, tol=1e-3)[0][0])


def _pyhessian_trace() -> Call:
    prepare = _pyhessian()
    return _silent(lambda: float(np.mean(prepare().trace(maxIter=100, tol=1e-3))))


def _curvlinops() -> Callable[[], Any]:
    from curvlinops import HessianLinearOperator

    model, data = copy.deepcopy(trained_network()), digits_data()
    parameters = list(model.parameters())
    loss = nn.CrossEntropyLoss()
    return lambda: HessianLinearOperator(model, loss, parameters, [data], check_deterministic=False)


def _curvlinops_eigenvalue() -> Call:
    prepare = _curvlinops()
    options = {"k": 1, "which": "LA", "tol": 1e-3, "return_eigenvectors": False}
    return lambda: float(eigsh(prepare().to_scipy(), **options)[0])


def _curvlinops_trace() -> Call:
    from curvlinops import hutchpp_trace

    prepare = _curvlinops()
    return lambda: float(hutchpp_trace(prepare(), num_matvecs=99))


def _eigenthings() -> Callable[[], Any]:
    from hessian_eigenthings import HessianOperator, supervised_loss

    model, data = copy.deepcopy(trained_network()), digits_data()
    return lambda: HessianOperator(model, [data], supervised_loss(nn.CrossEntropyLoss()))


def _eigenthings_eigenvalue(**steps: int) -> Call:
    from hessian_eigenthings import lanczos

    prepare = _eigenthings()
    return lambda: float(lanczos(prepare(), k=1, tol=1e-3, which="LA", **steps).eigenvalues[0])


def _eigenthings_trace() -> Call:
    from hessian_eigenthings import trace as estimate

    prepare = _eigenthings()
    return lambda: float(estimate(prepare(), num_matvecs=99, method="hutch++").estimate)


def _silent(call: Call) -> Call:
    def quiet() -> Any:
        with contextlib.redirect_stdout(io.StringIO()):
            return call()

    return quiet
