"""Every tool on every architecture of the zoo, beside brute force and peers: ``python -m benchmarks.architectures``."""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks import machine, peers
from benchmarks.architecture_zoo import CASES, CROSS, SAMPLES, brute_force, labels
from benchmarks.problem import Call, Problem
from benchmarks.workload import peak_memory
from trainphys import gradient_covariance_trace, hessian_trace, noise_scale, sgd_temperature, sharpness

RESULTS = Path(__file__).with_name("architectures.json")
NOTE = (
    f"Small models in double precision, {SAMPLES} samples, so that the Hessian can be built and each value compared: "
    "times and memory are those of calls, not of arithmetic. Deviations are from a loop over samples and from the "
    "built Hessian. Eigenvalues are asked for to a residual of a thousandth, stochastic traces for 99 products."
)
ROUNDS = 3


def ways(problem: Problem) -> dict[str, tuple[str, Callable[[], Call]]]:
    """By name: which of the brute-force values, and how to prepare the call."""
    given, n = (problem.model, problem.loss, problem.data), problem.samples
    fewer = min(99, (problem.parameters - 1) // 3 * 3)  # than columns: curvlinops asks for that
    hot: dict[str, Any] = {"learning_rate": 0.1, "batch_size": 4, "population": n}
    return {
        "gradient_covariance_trace": ("noise", lambda: lambda: gradient_covariance_trace(*given, population=n).trace),
        "noise: BackPACK": ("noise", lambda: peers.backpack_noise(problem)),
        "noise: opacus": ("noise", lambda: peers.opacus_noise(problem)),
        "noise_scale": ("scale", lambda: lambda: noise_scale(*given, population=n).value),
        "sgd_temperature": ("temperature", lambda: lambda: sgd_temperature(*given, **hot).value),
        "sharpness": ("largest", lambda: lambda: sharpness(*given).value),
        "largest: PyHessian": ("largest", lambda: peers.pyhessian_eigenvalue(problem)),
        "largest: curvlinops": ("largest", lambda: peers.curvlinops_eigenvalue(problem)),
        "largest: hessian-eigenthings": ("largest", lambda: peers.eigenthings_eigenvalue(problem)),
        "hessian_trace": ("trace", lambda: lambda: hessian_trace(*given, products=1000).value),
        "trace: PyHessian": ("trace", lambda: peers.pyhessian_trace(problem)),
        "trace: curvlinops": ("trace", lambda: peers.curvlinops_trace(problem, fewer)),
        "trace: hessian-eigenthings": ("trace", lambda: peers.eigenthings_trace(problem)),
    }


def known(problem: Problem) -> dict[str, float]:
    each, hessian = brute_force(problem.model, *problem.data)
    mean = each.mean(axis=0)
    trace = float(((each - mean) ** 2).sum(axis=1).mean())
    return {
        "noise": trace,
        "scale": trace / float(mean @ mean),
        "temperature": 0.1 * trace / (2 * 4 * len(mean)),
        "largest": float(np.linalg.eigvalsh(hessian)[-1]),
        "trace": float(np.trace(hessian)),
    }


def problem_of(name: str) -> Problem:
    torch.manual_seed(3)
    build, draw = CASES[name]
    model, x, y = build().double(), draw(), labels()
    data = (x.double() if x.is_floating_point() else x, y)
    return Problem(name, name, model, CROSS, lambda z, t: CROSS(z, t, reduction="none"), data)


def measure(build: Callable[[], Call], value: float) -> dict[str, Any]:
    """Least seconds of a few calls, largest memory, and how far from the value."""
    try:
        call = build()
        deviation = abs(float(call()) - value) / max(abs(value), 1e-12)
        seconds = []
        for _ in range(ROUNDS):
            start = time.process_time()
            call()
            seconds.append(time.process_time() - start)
        peak = peak_memory(call) or 0.0
        return {"deviation": deviation, "seconds": min(seconds), "peak_MB": peak, "failure": ""}
    except Exception as error:  # whatever a peer raises: the finding is that it does not run
        return {"failure": f"{type(error).__name__}: {str(error)[:80]}"}


def main() -> None:
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    found = []
    for name in CASES:
        problem = problem_of(name)
        values = known(problem)
        for way, (what, build) in ways(problem).items():
            found.append({"architecture": name, "way": way, **measure(build, values[what])})
        print(name, flush=True)
    whole = {"note": NOTE, "processor": machine.describe()["processor"], "rows": found}
    RESULTS.write_text(json.dumps(whole, indent=1) + "\n", "utf8")


if __name__ == "__main__":
    main()
