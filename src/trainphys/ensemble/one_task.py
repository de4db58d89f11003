"""One task of a sweep: the same bytes wherever it runs."""

import reprlib
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
    """Index and result of a job, on one thread, with a generator of its own; an error says of which job it is."""
    with threadpool_limits(1):
        try:
            return job.index, job.task(job.config, stream(job.seed, job.stage, job.index))
        except Exception as error:
            error.add_note(f"in task {job.index} of the sweep {job.stage!r}, configuration {reprlib.repr(job.config)}")
            raise
