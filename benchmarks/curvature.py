"""Largest Hessian eigenvalue and Hessian trace of a small network, beside the curvature libraries for torch."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from scipy.sparse.linalg import LinearOperator, eigsh

from benchmarks import peers
from benchmarks.digits_network import digits_problem
from benchmarks.problem import Call, relative_error
from benchmarks.workload import Case, Target, Workload
from trainphys.tools.curvature.hessian_products import GraphHessian
from trainphys.tools.curvature.hessian_trace import hessian_trace
from trainphys.tools.curvature.sharpness import sharpness
from trainphys.tools.models.model_loss import ModelLoss


def workloads() -> list[Workload]:
    return [largest_eigenvalue(), trace()]


def largest_eigenvalue() -> Workload:
    def case(name: str, role: Any, build: Callable[[], Call], units: float = 1.0) -> Case:
        known = None if role == "limit" else relative_error(lambda: reference()["largest"])
        return Case(name, role, build, units, known)

    return Workload(
        "largest-hessian-eigenvalue",
        "Largest Hessian eigenvalue of a network of 8,970 parameters, to a thousandth",
        "eigenvalue",
        [
            case("power iteration, graph rebuilt", "naive", lambda: peers.power_iteration(digits_problem())),
            case("PyHessian", "peer", lambda: peers.pyhessian_eigenvalue(digits_problem())),
            case("curvlinops + eigsh", "peer", lambda: peers.curvlinops_eigenvalue(digits_problem())),
            case("hessian-eigenthings", "peer", lambda: peers.eigenthings_eigenvalue(digits_problem())),
            case(
                "hessian-eigenthings, 30 steps",
                "peer",
                lambda: peers.eigenthings_eigenvalue(digits_problem(), max_iter=30),
            ),
            case("trainphys", "ours", _our_eigenvalue),
            case("limit: 15 gradients", "limit", lambda: digits_problem().gradients(15)),
        ],
        [Target("curvlinops + eigsh", 8.0), Target("limit: 15 gradients", 1.0)],
        note="mean cross-entropy of 1,797 digits; asked of each to 1e-3, with its own default of steps",
        tolerance=1e-3,
    )


def trace() -> Workload:
    def case(name: str, role: Any, build: Callable[[], Call], units: float = 1.0) -> Case:
        known = None if role == "limit" else relative_error(lambda: reference()["trace"])
        return Case(name, role, build, units, known)

    return Workload(
        "hessian-trace",
        "Trace of the same network's Hessian",
        "trace",
        [
            case("Hutchinson, 100 probes, graph rebuilt", "naive", lambda: peers.hutchinson(digits_problem())),
            case("PyHessian", "peer", lambda: peers.pyhessian_trace(digits_problem())),
            case("curvlinops Hutch++, 99 products", "peer", lambda: peers.curvlinops_trace(digits_problem())),
            case("hessian-eigenthings Hutch++, 99 products", "peer", lambda: peers.eigenthings_trace(digits_problem())),
            case("trainphys", "ours", _our_trace),
            case("limit: 250 gradients", "limit", lambda: digits_problem().gradients(25), 1 / 10),
        ],
        [Target("limit: 250 gradients", 1.0), Target("curvlinops Hutch++, 99 products", 1.0)],
        rounds=3,
        note="ours is exact; a stochastic estimate has the error that is shown",
    )


@functools.cache
def reference() -> dict[str, float]:
    """In double precision and by another route: double backward, ARPACK, and the diagonal column by column."""
    problem = digits_problem()

    def compute() -> dict[str, float]:
        inputs, labels = problem.data
        of, batch = ModelLoss(problem.copy().double(), problem.loss), (inputs.double(), labels)
        product, n = GraphHessian(functools.partial(of.flat, batch=batch), of.at), of.at.numel()
        operator = LinearOperator((n, n), matvec=lambda v: product(torch.as_tensor(v.ravel())).numpy(), dtype=float)
        largest = eigsh(operator, k=1, which="LA", tol=1e-9, return_eigenvectors=False)
        unit, diagonal = torch.zeros(n, dtype=torch.float64), np.empty(n)
        for i in range(n):
            unit[i] = 1.0
            diagonal[i] = float(product(unit)[i])
            unit[i] = 0.0
        return {"largest": float(largest[0]), "trace": float(diagonal.sum())}

    return problem.kept("curvature", compute)


def _our_eigenvalue() -> Call:
    problem = digits_problem()
    return lambda: sharpness(problem.model, problem.loss, problem.data).value


def _our_trace() -> Call:
    problem = digits_problem()
    return lambda: hessian_trace(problem.model, problem.loss, problem.data).value
