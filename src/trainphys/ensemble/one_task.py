"""One task of a sweep: the same bytes wherever it runs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from trainphys.ensemble.streams import stream


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker needs to know."""

    task: Callable[[Any, np.random.Generator], Any]
    config: Any
    seed: int
    stage: str
    index: int


def run(job: Job) -> tuple[int, Any]:
    """Index and result of a job, on one thread, with a generator of its own."""
    with threadpool_limits(1):
        return job.index, job.task(job.config, stream(job.seed, job.stage, job.index))
