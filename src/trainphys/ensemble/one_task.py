"""One task of a sweep: the same bytes wherever it runs."""

import pickle
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
            note = f"in task {job.index} of the sweep {job.stage!r}, configuration {reprlib.repr(job.config)}"
            error.add_note(note)
            if _travels(error):
                raise
            told = RuntimeError(f"{type(error).__name__}: {error}")
            told.add_note(note)
            raise told from error


def _travels(error: Exception) -> bool:
    """Whether an error survives the way from another process; one that does not would end the pool without a word."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return False
    return True
