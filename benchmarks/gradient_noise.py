"""Trace of the covariance of single samples' gradients, beside BackPACK, torch.func and the plain gradient."""

from __future__ import annotations

import functools
from collections.abc import Callable

import torch

from benchmarks import peers
from benchmarks.digits_network import digits_data, digits_problem
from benchmarks.problem import Call, Problem, relative_error
from benchmarks.workload import Case, Role, Target, Workload
from trainphys.tools.gradients.noise_scale import gradient_covariance_trace

LOOPED = 300  # samples of the loop, which is slow
EVALUATIONS = 5  # in a row and timed together, as the rate of repeated use is what counts


def workloads() -> list[Workload]:
    samples, known = len(digits_data()[1]), relative_error(lambda: reference()["trace"])

    def case(name: str, role: Role, build: Callable[[], Call]) -> Case:
        return Case(name, role, lambda: _repeated(build()), EVALUATIONS * samples, known)

    return [
        Workload(
            "gradient-covariance-trace",
            "Trace of the gradient's covariance over 1,797 samples, 8,970 parameters",
            "sample",
            [
                Case(
                    "loop, one backward pass each",
                    "naive",
                    lambda: peers.looped_noise(digits_problem(), LOOPED),
                    LOOPED,
                ),
                case("torch.func vmap(grad), chunks of 256", "peer", lambda: peers.vmap_noise(digits_problem())),
                case("BackPACK BatchL2Grad", "peer", lambda: peers.backpack_noise(digits_problem())),
                case(
                    "BackPACK SumGradSquared",
                    "peer",
                    lambda: peers.backpack_noise(digits_problem(), "SumGradSquared", "sum_grad_squared"),
                ),
                case("trainphys", "ours", lambda: _ours(digits_problem())),
                Case(
                    "limit: plain gradient",
                    "limit",
                    lambda: digits_problem().gradients(EVALUATIONS),
                    EVALUATIONS * samples,
                ),
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
    problem = digits_problem()

    def compute() -> dict[str, float]:
        model, (inputs, labels) = problem.copy().double(), problem.data
        each = [peers.gradient_of(model, problem, x, y) for x, y in zip(inputs.double(), labels, strict=True)]
        return {"trace": float(torch.stack(each).var(dim=0, correction=0).sum())}

    return problem.kept("gradient-noise", compute)


def _repeated(call: Call) -> Call:
    return lambda: [call() for _ in range(EVALUATIONS)][-1]


def _ours(problem: Problem) -> Call:
    return lambda: (
        gradient_covariance_trace(problem.model, problem.loss, problem.data, population=problem.samples).trace
    )
