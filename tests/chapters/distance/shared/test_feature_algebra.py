"""Tests of ``chapters.distance.shared.feature_algebra``."""

import numpy as np
import pytest
from sklearn.metrics import r2_score

from trainphys.chapters.distance.c7_statistical_details.bootstrap_rows import bootstrap_spread
from trainphys.chapters.distance.c7_statistical_details.feature_groups import feature_scores
from trainphys.chapters.distance.shared.feature_algebra import rounding_score, transferred_equation
from trainphys.chapters.distance.shared.model_table import score_tables
from trainphys.laws.steps_from_gradient import epochs_from_gradient, epochs_from_loss
from trainphys.xor.configurations import RECONSTRUCTED
from trainphys.xor.staircase import (
    boosted_residual,
    effective_tolerance,
    epochs_from_bias_ratio,
    epochs_from_last_distance,
    last_distance_step,
)


def test_laws_refuse_what_they_cannot_know():
    assert epochs_from_loss(0.25, rate=0.1, tolerance=1e-7) == epochs_from_gradient(1.0, rate=0.1, tolerance=1e-7)
    for wrong in (
        lambda: epochs_from_last_distance(0.0, rate=0.1, tolerance=1e-7),
        lambda: last_distance_step(0, rate=0.1, tolerance=1e-7),
        lambda: epochs_from_bias_ratio(0.5, rate=0.1),
        lambda: effective_tolerance(RECONSTRUCTED[2]),
        lambda: boosted_residual(1.0, 10, 0.0),
        lambda: rounding_score(0.01),
        lambda: transferred_equation(0, pairs=1),
        lambda: feature_scores(0, sets=1),
        lambda: bootstrap_spread(0, sets=1),
        lambda: score_tables(0, sets=1, slow_sets=(2, 0, 0)),
    ):
        with pytest.raises(ValueError, match="expected"):
            wrong()


def test_rounding_leaves_a_twelfth():
    x = np.random.default_rng(0).uniform(1, 36, 200_000)
    n = np.floor(x) + 1
    assert r2_score(n, x + 0.5) == pytest.approx(
        rounding_score(n.var()), abs=1e-5
    )  # six standard errors of the mean square
