"""Independent random streams, one for each task."""

import zlib

import numpy as np

from trainphys.checks import at_least


def stream(seed: int, stage: str | int, task: int = 0) -> np.random.Generator:
    """Random generator of one task: ``default_rng([task, stage, seed])``.

    Streams of different (task, stage, seed) are independent; ``seed + task`` would make task 1 of seed 0 equal task 0
    of seed 1. Source: NumPy's parallel-generation notes on sequences of integers as seeds.

    Args:
        seed: root seed of the run, >= 0.
        stage: name (or number >= 0) of what the numbers are for; two stages never share numbers.
        task: index of the replica or configuration, >= 0.

    Raises:
        ValueError: a seed, stage or task that is negative or no whole number.

    >>> stream(0, "data").integers(100) == stream(0, "data").integers(100)
    np.True_
    """
    code = zlib.crc32(stage.encode()) if isinstance(stage, str) else stage
    at_least(0, seed=seed, stage=code, task=task)
    return np.random.default_rng([int(task), int(code), int(seed)])
