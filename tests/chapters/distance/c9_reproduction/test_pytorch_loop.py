"""Tests of ``chapters.distance.c9_reproduction.pytorch_loop``."""

import numpy as np
import pytest

from trainphys.chapters.distance.c9_reproduction.pytorch_loop import pytorch_run
from trainphys.xor.configurations import RECONSTRUCTED, traces
from trainphys.xor.starts import draw_starts


def test_usual_pytorch_loop_counts_what_the_kernel_counts():
    c = RECONSTRUCTED[1]
    runs = traces(c, 20, seed=7)
    for j, start in enumerate(draw_starts(c.starts, 20, seed=7)):
        logged = pytorch_run(start, rate=c.rate, tolerance=c.tolerance)
        assert abs(len(logged) - 1 - runs.epochs[j]) <= 1  # single precision
        np.testing.assert_allclose(logged[:10], runs.states[:10, :, j], atol=1e-6)


def test_a_start_is_three_numbers():
    with pytest.raises(ValueError, match="finite parameters"):
        pytorch_run([0.1, np.inf, 0.0], rate=0.1, tolerance=1e-7)
