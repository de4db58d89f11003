"""Tests of ``tools.batch_size.fit``."""

import numpy as np
import pytest

from tests.chapters.power.shared.test_claimed import BATCH
from trainphys.laws.batch_size import steps_to_target as law
from trainphys.tools.batch_size.fit import STEPS, bootstrap, fit


def test_bootstrap_interval_covers_the_truth_and_follows_the_seed():
    rng = np.random.default_rng(0)
    runs = [m * rng.lognormal(0, 0.1, 40) for m in law(BATCH, 30, 60, 1.8)]
    draws = bootstrap(STEPS, BATCH, runs, draws=40, seed=1)
    low, high = np.quantile(draws, [0.001, 0.999], axis=0)
    assert np.all(low < (30.5, 62, 1.9))
    assert np.all(high > (29.5, 58, 1.7))
    assert np.array_equal(draws[:3], bootstrap(STEPS, BATCH, runs, draws=3, seed=1))


def test_fits_refuse_what_they_cannot_fit():
    with pytest.raises(ValueError, match="points or more"):
        fit(STEPS, [1.0, 2.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="never reach"):
        fit(STEPS, BATCH, np.full(11, np.inf))
