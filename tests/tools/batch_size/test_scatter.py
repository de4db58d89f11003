"""Tests of ``tools.batch_size.scatter``."""

import numpy as np
import pytest

from trainphys.estimate import Estimate
from trainphys.tools.batch_size.scatter import scatter, values


def test_the_scatter_of_single_runs_is_pooled_over_the_sizes():
    """A loop over the runs themselves, each over the mean of its size."""
    rng = np.random.default_rng(1)
    runs = [100 * 2.0**-k * rng.lognormal(0, 0.1, size) for k, size in enumerate((2, 5, 9, 3))]
    squares = sum(((r / one.mean() - 1) ** 2) for one in runs for r in one)
    freedom = sum(len(one) - 1 for one in runs)
    found = scatter([*(Estimate.from_samples(one) for one in runs), 7.0])
    assert (found.variance, found.dof) == pytest.approx((squares / freedom, freedom))
    assert found.runs.tolist() == [2, 5, 9, 3, 1]
    assert found.known


def test_single_runs_alone_do_not_say_how_they_scatter():
    found = scatter([1.0, 2.0])
    assert (found.variance, found.dof, found.known) == (0.0, 0.0, False)
    assert values([1.0, Estimate(2.0, 0.1, 3)]).tolist() == [1.0, 2.0]
