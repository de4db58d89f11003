"""A workload that is not images: predict the next character of Python's own help texts."""

from __future__ import annotations

import functools
import re
from pydoc_data import topics
from typing import TYPE_CHECKING

import numpy as np
import torch

from trainphys.chapters.power.shared.batch_sweep import Workload, batch_size_sweep
from trainphys.tools.batch_size.sweep_point import SweepPoint
from trainphys.workloads.datasets import Digits

if TYPE_CHECKING:
    from trainphys.ensemble.cluster import Cluster


CONTEXT = 8  # characters that the model sees


SYMBOLS = " abcdefghijklmnopqrstuvwxyz"


SAMPLES = 2048


@functools.cache
def text() -> str:
    """The help texts in the order of their names: lower case, letters only, one blank between words.

    >>> set(text()) == set(SYMBOLS)
    True
    """
    joined = " ".join(topics.topics[name] for name in sorted(topics.topics))
    return re.sub(r"[^a-z]+", " ", joined.lower())


@functools.cache
def characters() -> Digits:
    """Contexts as one-hot vectors with the mean over the data removed, shape (2048, 216), and the characters to come.

    The samples lie at equal distances all through the text. Python's help texts change from version to version, so the
    numbers of this workload belong to one version.
    """
    codes = np.array([SYMBOLS.index(c) for c in text()])
    starts = np.linspace(0, codes.size - CONTEXT - 1, SAMPLES).astype(int)
    windows = codes[starts[:, None] + np.arange(CONTEXT)]  # samples, context
    one_hot = np.eye(len(SYMBOLS))[windows].reshape(SAMPLES, -1)
    inputs = torch.tensor(one_hot - one_hot.mean(axis=0), dtype=torch.float32)
    return Digits(inputs, torch.tensor(codes[starts + CONTEXT]))


CHARACTERS = Workload(
    "character model",
    (CONTEXT * len(SYMBOLS), 32, len(SYMBOLS)),
    target_loss=2.0,
    learning_rate=5.0,
    batch_size=60.0,
    data=characters,
)


def character_sweep(
    *, batch_sizes: tuple[int, ...], tuning_runs: int, runs: int, seed: int, cluster: Cluster | None = None
) -> tuple[SweepPoint, ...]:
    """``batch_size_sweep`` of ``CHARACTERS``, with this module behind it, so that a kept sweep notices its changes."""
    return batch_size_sweep(
        workload=CHARACTERS,
        batch_sizes=batch_sizes,
        tuning_runs=tuning_runs,
        runs=runs,
        seed=seed,
        cluster=cluster,
    )
