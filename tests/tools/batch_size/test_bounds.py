"""Tests of ``tools.batch_size.bounds``."""

import numpy as np
import pytest

from trainphys.estimate import Estimate
from trainphys.tools.batch_size import bounds


def test_scaling_exponent_has_the_error_of_repeated_fits():
    rng, sizes = np.random.default_rng(2), [1.0, 2.0, 4.0, 8.0]
    values = [Estimate(100 / s, 1 / s, 50, 49) for s in sizes]
    found = bounds.scaling_exponent(sizes, values)
    assert found.value == pytest.approx(-1)
    assert found.dof == pytest.approx(4 * 49, rel=0.5)
    noisy = np.log(
        [[v.value + v.stderr * z for v, z in zip(values, row, strict=True)] for row in rng.normal(size=(4000, 4))]
    )
    assert found.stderr == pytest.approx(np.polyfit(np.log(sizes), noisy.T, 1)[0].std(), rel=0.05)


def test_values_without_their_batch_size_are_refused():
    one, two = [Estimate(8.0, 0.1, 9)], [Estimate(8.0, 0.1, 9), Estimate(4.0, 0.1, 9)]
    for sizes, values in (([2.0], one), ([2.0, 2.0], two), ([1.0, 2.0], one), ([1.0, 2.0, 4.0], two)):
        with pytest.raises(ValueError, match="at two batch sizes or more, got"):
            bounds.scaling_exponent(sizes, values)
    for sizes, values in (([], []), ([1.0, 2.0], one), ([1.0], two)):
        with pytest.raises(ValueError, match=f"each of the steps, got {len(sizes)} and {len(values)}"):
            bounds.samples_at_small_batch(sizes, values)
