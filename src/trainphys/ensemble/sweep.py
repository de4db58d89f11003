"""Run one task for many configurations, on as many workers as there are, with the same bytes for any number of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from trainphys.ensemble.streams import stream

Config = TypeVar("Config")
Result = TypeVar("Result")
Task = Callable[[Config, np.random.Generator], Result]


def sweep(
    task: Callable[[Config, np.random.Generator], Result],
    configs: Sequence[Config],
    *,
    seed: int,
    stage: str = "sweep",
    workers: int | None = None,
    order: Sequence[int] | None = None,
    progress: bool = True,
) -> list[Result]:
    """Results of ``task(config, rng)`` for each configuration, in the order of ``configs``.

    The generator of a configuration depends on its index, on ``stage`` and on ``seed`` alone, and each task runs on
    one thread: the result does not depend on ``workers`` or on the order of submission.

    Args:
        task: pure function of a configuration and a generator; must be importable (defined in a module).
        configs: what to run it for.
        seed: root seed, >= 0.
        stage: name that separates the streams of two sweeps with one seed.
        workers: processes; by default the environment's ``TRAINPHYS_WORKERS``, else one per core.
        order: order of submission, a permutation of the indices (slow tasks first, say).
        progress: show a progress bar.

    Raises:
        ValueError: ``order`` is not a permutation, or ``workers`` is not positive.

    >>> sweep(lambda config, rng: 2 * config, [1, 2, 3], seed=0, workers=1, progress=False)
    [2, 4, 6]
    """
    indices = list(range(len(configs))) if order is None else [int(i) for i in order]
    if sorted(indices) != list(range(len(configs))):
        raise ValueError(f"expected order to be a permutation of 0..{len(configs) - 1}, got {order}")
    workers = int(os.environ.get("TRAINPHYS_WORKERS", os.cpu_count() or 1)) if workers is None else workers
    if workers < 1:
        raise ValueError(f"expected workers >= 1, got {workers}")
    jobs = (delayed(_one)(task, configs[i], seed, stage, i) for i in indices)
    done: list[Any] = [None] * len(configs)
    pool = Parallel(n_jobs=workers, return_as="generator_unordered")
    for index, result in tqdm(pool(jobs), total=len(configs), desc=stage, disable=not progress, leave=False):
        done[index] = result
    return done


def _one(task: Task[Config, Result], config: Config, seed: int, stage: str, index: int) -> tuple[int, Result]:
    with threadpool_limits(1):
        return index, task(config, stream(seed, stage, index))
