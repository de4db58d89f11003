"""Tests of ``chapters.power.shared.mean_square_runs``."""

import pytest

from tests.chapters.power.a1_basic_relations.test_escape_runs import near
from trainphys.chapters.power.shared.mean_square_runs import simulated_mean_square_limit
from trainphys.ensemble import stream
from trainphys.laws.stability import mean_square_limit


@pytest.mark.parametrize(("batch", "dimension"), [(1, 1), (3, 2), (20, 4)])
def test_mean_square_limit_is_measured(batch, dimension):
    found = simulated_mean_square_limit(batch_size=batch, dimension=dimension, numbers=600_000, seed=2)
    assert near(found, mean_square_limit(batch, dimension))


def test_too_few_numbers_are_refused():
    with pytest.raises(ValueError, match="100 batches"):
        simulated_mean_square_limit(batch_size=100, dimension=10, numbers=1000, seed=0)


def test_the_limit_is_that_of_single_batches():
    """Growth of the first unit vector on each drawn batch, input by input; five numbers a batch of two."""
    found, rng = (
        simulated_mean_square_limit(batch_size=2, dimension=3, numbers=720, seed=4),
        stream(4, "mean-square-limit", 2),
    )
    first = second = 0.0
    for inputs in rng.standard_normal((120, 2, 3)).tolist():
        seen = [sum(x[0] * x[i] for x in inputs) / 2 for i in range(3)]
        first, second = first + seen[0], second + sum(v * v for v in seen)
    assert found.value == pytest.approx(2 * first / second)
