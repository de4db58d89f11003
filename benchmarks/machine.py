"""What the figures were measured on, and with."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import time
from pathlib import Path
from typing import Any

import numpy as np

PACKAGES = [
    "numpy",
    "scipy",
    "numba",
    "torch",
    "scikit-learn",
    "joblib",
    "distributed",
    "jax",
    "diffrax",
    "FiPy",
    "curvlinops-for-pytorch",
    "hessian-eigenthings",
    "PyHessian",
    "backpack-for-pytorch",
    "opacus",
    "mkl-random",
]


def describe() -> dict[str, Any]:
    """Processor, cores, system, versions, and two limits of one core, measured now."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: version for name in PACKAGES if (version := _version(name))},
        "limits": {
            "matrix product, f64, GFLOP/s": _product_rate(np.float64),
            "matrix product, f32, GFLOP/s": _product_rate(np.float32),
            "writing memory in use, GB/s": _write_rate(),
        },
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    return next(
        (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.processor()
    )


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _product_rate(dtype: Any, n: int = 800) -> float:
    a, out = np.ones((n, n), dtype), np.empty((n, n), dtype)
    return 2e-9 * n**3 / _best(lambda: np.matmul(a, a, out=out))


def _write_rate(megabytes: int = 64) -> float:
    out = np.empty(megabytes << 17)
    return megabytes * 2**20 / 1e9 / _best(lambda: out.fill(1.0))


def _best(call: Any, rounds: int = 7) -> float:
    """Least seconds of a few calls: a limit is what the machine can do at its best."""
    times = []
    for _ in range(rounds + 1):
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return min(times[1:])
