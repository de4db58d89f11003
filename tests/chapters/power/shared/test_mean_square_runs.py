"""Tests of ``chapters.power.shared.mean_square_runs``."""

import pytest

from tests.chapters.power.a1_basic_relations.test_escape_runs import near
from trainphys.chapters.power.shared.mean_square_runs import simulated_mean_square_limit
from trainphys.laws.stability import mean_square_limit


@pytest.mark.parametrize(("batch", "dimension"), [(1, 1), (3, 2), (20, 4)])
def test_mean_square_limit_is_measured(batch, dimension):
    found = simulated_mean_square_limit(batch_size=batch, dimension=dimension, numbers=600_000, seed=2)
    assert near(found, mean_square_limit(batch, dimension))


def test_too_few_numbers_are_refused():
    with pytest.raises(ValueError, match="100 batches"):
        simulated_mean_square_limit(batch_size=100, dimension=10, numbers=1000, seed=0)
