"""Replicated data sets of the document's regressions: the rows of one report of a reconstructed configuration."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from trainphys.arrays import Array, Integers
from trainphys.chapters.distance.shared.features import feature_table
from trainphys.ensemble.sweep import sweep
from trainphys.xor.configurations import RECONSTRUCTED, Configuration, report_rows

Job = tuple[int, int, int]  # configuration, index, seed: the arguments of data_set
Result = TypeVar("Result")

SEEDS_APART = 1000  # data set i of seed s is report i of root seed s * SEEDS_APART


def report(configuration: Configuration, index: int, seed: int) -> tuple[Array, Array, Integers]:
    """Features, epochs remaining and run of each row of one replicated report."""
    rows = report_rows(configuration, SEEDS_APART * seed + index)
    return feature_table(rows), rows.remaining.astype(float), rows.run


def data_set(configuration: int, index: int, seed: int) -> tuple[Array, Array, Integers]:
    """A report of the configuration at a position in ``RECONSTRUCTED``."""
    return report(RECONSTRUCTED[configuration], index, seed)


def on_data_sets(
    task: Callable[[Job, np.random.Generator], Result],
    *,
    sets: int,
    seed: int,
    stage: str,
    configuration: int = 0,
) -> list[Result]:
    """A task for each of some data sets of one configuration, with the stage as the name of the sweep."""
    jobs = [(configuration, i, seed) for i in range(sets)]
    return sweep(task, jobs, seed=seed, stage=stage, progress=False)
