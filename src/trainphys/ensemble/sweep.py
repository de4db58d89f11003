"""Run one task for many configurations, here or on a cluster, with the same bytes wherever the tasks run."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from operator import index
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from joblib import Parallel, delayed
from tqdm import tqdm

from trainphys.checks import at_least
from trainphys.ensemble.cluster import on_cluster
from trainphys.ensemble.one_task import Job, run
from trainphys.ensemble.parts import Parts

if TYPE_CHECKING:
    from trainphys.ensemble.cluster import Cluster

Config = TypeVar("Config")
Result = TypeVar("Result")


def sweep(
    task: Callable[[Config, np.random.Generator], Result],
    configs: Sequence[Config],
    *,
    seed: int,
    stage: str = "sweep",
    workers: int | None = None,
    cluster: Cluster | None = None,
    order: Sequence[int] | None = None,
    progress: bool = True,
) -> list[Result]:
    """Results of ``task(config, rng)`` for each configuration, in the order of ``configs``.

    The generator of a configuration depends on its index, on ``stage`` and on ``seed`` alone, and each task runs on
    one thread: the result does not depend on where the tasks ran, on how many workers, or in which order. Finished
    tasks of this package are kept on disk until the sweep is whole: when it was interrupted, the same call goes on
    where it stopped. A task of your own starts again: nothing would notice that its code had changed meanwhile.

    Args:
        task: pure function of a configuration and a generator; must be importable (defined in a module).
        configs: what to run it for.
        seed: root seed, >= 0.
        stage: name that separates the streams of two sweeps with one seed.
        workers: processes on this machine; by default the environment's ``TRAINPHYS_WORKERS``, else one per core.
        cluster: address of a Dask scheduler (``"tcp://host:8786"``) or a ``distributed.Client``; by default the
            environment's ``TRAINPHYS_CLUSTER``, else this machine.
        order: order of submission, a permutation of the indices (slow tasks first, say).
        progress: show a progress bar.

    Raises:
        ValueError: ``configs`` is no list, ``order`` is not a permutation, ``workers`` is not positive, or ``seed`` is
            not a whole number.
        trainphys.errors.ClusterLost: the cluster's scheduler does not answer, or vanished.
        Exception: what a task raised, with a note that says which task it was.

    >>> sweep(lambda config, rng: 2 * config, [1, 2, 3], seed=0, workers=1, progress=False)
    [2, 4, 6]
    """
    if not isinstance(configs, Sequence | np.ndarray) or (isinstance(configs, np.ndarray) and not configs.ndim):
        raise ValueError(f"expected a list of configurations, got {configs!r:.99}: give list(...) of them")
    at_least(0, seed=seed)
    try:
        indices = list(range(len(configs))) if order is None else [index(i) for i in order]
    except TypeError:
        indices = []
    if sorted(indices) != list(range(len(configs))):
        raise ValueError(
            f"expected order to be a permutation of 0..{len(configs) - 1}, got {order}: give each index once"
        )
    workers = _workers() if workers is None else workers
    at_least(1, workers=workers)
    cluster = cluster or os.environ.get("TRAINPHYS_CLUSTER") or None
    parts = Parts(task, configs, seed, stage)
    done = parts.found(len(configs))
    jobs = [Job(task, configs[i], seed, stage, i) for i in indices if i not in done]
    running = on_cluster(jobs, cluster) if cluster else _on_this_machine(jobs, workers)
    bar = tqdm(running, total=len(configs), initial=len(done), desc=stage, disable=not progress, leave=False)
    with _workers_may_be_replaced():
        for i, result in bar:
            done[i] = result
            parts.keep(i, result)
    parts.remove()
    return [done[i] for i in range(len(configs))]


def _workers() -> int:
    """Those that the environment asks for, else one per core."""
    asked = os.environ.get("TRAINPHYS_WORKERS") or str(os.cpu_count() or 1)
    try:
        return int(asked)
    except ValueError as error:
        raise ValueError(
            f"expected a whole number in TRAINPHYS_WORKERS, got {asked!r}: set it so, or unset it"
        ) from error


def _on_this_machine(jobs: Sequence[Job], workers: int) -> Iterator[tuple[int, Any]]:
    pool = Parallel(n_jobs=workers, return_as="generator_unordered")
    yield from pool(delayed(run)(job) for job in jobs)


@contextmanager
def _workers_may_be_replaced() -> Iterator[None]:
    """Ignore joblib's warning that it replaces a worker that was idle or grew for too long: no result depends on it.

    It comes from the thread that collects the results. Where warnings are errors it would end that thread, and the
    sweep would wait for ever.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "A worker stopped while some jobs were given", UserWarning)
        yield
