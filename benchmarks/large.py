"""Per-sample gradients and curvature of networks of a million parameters, beside the libraries for each."""

from __future__ import annotations

import functools

import numpy as np
import torch
from scipy.sparse.linalg import LinearOperator, eigsh
from torch.func import grad, jvp

from benchmarks import peers
from benchmarks.large_networks import conv_net, transformer
from benchmarks.problem import Call, Problem, relative_error
from benchmarks.workload import Case, Target, Workload
from trainphys.errors import NotIdentifiable
from trainphys.tools.curvature.hessian_trace import hessian_trace
from trainphys.tools.curvature.sharpness import sharpness
from trainphys.tools.gradients.noise_scale import gradient_covariance_trace
from trainphys.tools.models.model_loss import ModelLoss

PRODUCTS = {"conv-net": 30, "transformer": 12}  # of the Hessian with a vector, the same number for each way


def workloads() -> list[Workload]:
    return [of(problem()) for problem in (conv_net, transformer) for of in (noise, largest_eigenvalue, trace)]


def noise(problem: Problem) -> Workload:
    known = relative_error(functools.cache(lambda: problem.kept("noise", lambda: {"v": _loop(problem)})["v"]))

    def case(name: str, role: object, build: object) -> Case:
        return Case(name, role, build, problem.samples, None if role == "limit" else known)  # type: ignore[arg-type]

    return Workload(
        f"gradient-covariance-trace-{problem.name}",
        f"Trace of the gradient's covariance of {problem.title}, {problem.parameters:,} parameters",
        "sample",
        [
            case("loop, one backward pass each", "naive", lambda: peers.looped_noise(problem)),
            case("torch.func vmap(grad), chunks of 32", "peer", lambda: peers.vmap_noise(problem, 32)),
            case("BackPACK BatchL2Grad", "peer", lambda: peers.backpack_noise(problem)),
            case("opacus, ghost norms", "peer", lambda: peers.opacus_noise(problem)),
            case("trainphys", "ours", lambda: _ours(problem)),
            case("limit: plain gradient", "limit", problem.gradients),
        ],
        [Target("BackPACK BatchL2Grad", 1.0), Target("opacus, ghost norms", 1.0)],
        note="ours gives the standard error too; memory is asked to be at most three times that of a gradient",
        tolerance=1e-3,
    )


def largest_eigenvalue(problem: Problem) -> Workload:
    known = relative_error(lambda: problem.kept("largest", lambda: {"v": _arpack(problem)})["v"])
    ways = {
        "PyHessian": lambda: peers.pyhessian_eigenvalue(problem),
        "curvlinops + eigsh, 8 vectors": lambda: peers.curvlinops_eigenvalue(problem, 8),
        "hessian-eigenthings": lambda: peers.eigenthings_eigenvalue(problem),
    }
    return Workload(
        f"largest-hessian-eigenvalue-{problem.name}",
        f"Largest Hessian eigenvalue of {problem.title}, to a thousandth",
        "eigenvalue",
        [
            *(Case(name, "peer", build, 1.0, known) for name, build in ways.items()),
            Case(
                "trainphys",
                "ours",
                lambda: lambda: sharpness(problem.model, problem.loss, problem.data).value,
                1.0,
                known,
            ),
            Case("limit: 16 gradients", "limit", lambda: problem.gradients(16), 1.0),
        ],
        [Target("curvlinops + eigsh, 8 vectors", 2.0)],
        rounds=2,
        note="the limit is eight products: one is twice a gradient's arithmetic, and fewer than eight are not trusted",
        tolerance=1e-3,
    )


def trace(problem: Problem) -> Workload:
    n = PRODUCTS[problem.name]

    def ours() -> Call:
        return lambda: _all_products(problem, n)

    return Workload(
        f"hessian-trace-{problem.name}",
        f"Trace of the Hessian of {problem.title}, {n} products",
        "trace",
        [
            Case("PyHessian, Hutchinson", "peer", lambda: peers.pyhessian_trace(problem, n), 1.0),
            Case("curvlinops, Hutch++", "peer", lambda: peers.curvlinops_trace(problem, n), 1.0),
            Case("hessian-eigenthings, Hutch++", "peer", lambda: peers.eigenthings_trace(problem, n), 1.0),
            Case("trainphys", "ours", ours, 1.0),
        ],
        [Target("curvlinops, Hutch++", 1.0)],
        rounds=1,
        note="all estimate from as many products; PyHessian stops when its mean stands still, which is early",
    )


def _all_products(problem: Problem, n: int) -> float:
    """From so many products, to an error that they do not reach: else ours would end earlier than the peers."""
    try:
        return hessian_trace(problem.model, problem.loss, problem.data, products=n, relative_error=1e-9).value
    except NotIdentifiable as refusal:
        found: float = refusal.estimate.value
        return found


def _ours(problem: Problem) -> Call:
    n = problem.samples
    return lambda: gradient_covariance_trace(problem.model, problem.loss, problem.data, population=n).trace


def _loop(problem: Problem) -> float:
    return float(peers.looped_noise(problem)())


def _arpack(problem: Problem) -> float:
    """By another route: forward over reverse, and ARPACK to a finer tolerance."""
    of = ModelLoss(problem.model, problem.loss)

    def product(vector: np.ndarray) -> np.ndarray:
        way = torch.as_tensor(vector.ravel(), dtype=torch.float32)
        found: torch.Tensor = jvp(grad(lambda at: of.flat(at, problem.data)), (of.at,), (way,))[1]
        return found.numpy()

    operator = LinearOperator((of.at.numel(),) * 2, matvec=product, dtype=np.float32)
    return float(eigsh(operator, k=1, which="LA", tol=1e-4, ncv=12, return_eigenvectors=False)[0])
