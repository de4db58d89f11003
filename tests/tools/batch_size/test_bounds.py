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
    with pytest.raises(ValueError, match="two batch sizes"):
        bounds.scaling_exponent([2.0], values[:1])
    with pytest.raises(ValueError, match="each of the steps"):
        bounds.samples_at_small_batch([], [])
