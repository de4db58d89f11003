"""200 tasks of 50 ms on two workers: what a sweep costs on top of its tasks, which sleep so that only that is seen."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.workload import Case, Target, Workload
from trainphys.ensemble import sweep

TASKS, SECONDS, WORKERS = 200, 0.05, 2
Call = Callable[[], Any]


def nap(config: int, rng: np.random.Generator) -> np.ndarray:
    time.sleep(SECONDS)
    return rng.standard_normal(2000)


def workloads() -> list[Workload]:
    cases = [
        Case("joblib alone", "peer", _joblib, TASKS),
        Case("Dask alone", "peer", _dask, TASKS),
        Case("trainphys, this machine", "ours", lambda: lambda: _sweep(workers=WORKERS), TASKS),
        Case("trainphys, Dask", "ours", _sweep_on_dask, TASKS),
        Case("limit: half the time of one after the other", "limit", _one_after_the_other, TASKS * WORKERS),
    ]
    targets = [
        Target(cases[-1].name, 1 / 1.05, "trainphys, this machine"),
        Target(cases[-1].name, 1 / 1.10, "trainphys, Dask"),
    ]
    title = "Sweep of 200 tasks of 50 ms on two workers"
    return [Workload("sweep", title, "task", cases, targets, rounds=3, one_core=False)]


def _sweep(**where: Any) -> list[np.ndarray]:
    return sweep(nap, range(TASKS), seed=0, progress=False, **where)


def _one_after_the_other() -> Call:
    rng = np.random.default_rng(0)
    return lambda: [nap(i, rng) for i in range(TASKS)]


def _joblib() -> Call:
    from joblib import Parallel, delayed

    pool = Parallel(n_jobs=WORKERS)
    return lambda: pool(delayed(nap)(i, np.random.default_rng(i)) for i in range(TASKS))


def _client() -> Any:
    from distributed import Client, LocalCluster

    cluster = LocalCluster(n_workers=WORKERS, threads_per_worker=1, processes=True, dashboard_address=None)
    return Client(cluster, set_as_default=False)


def _dask() -> Call:
    client = _client()
    generators = [np.random.default_rng(i) for i in range(TASKS)]
    return lambda: client.gather(client.map(nap, range(TASKS), generators, pure=False))


def _sweep_on_dask() -> Call:
    client = _client()
    return lambda: _sweep(cluster=client)
