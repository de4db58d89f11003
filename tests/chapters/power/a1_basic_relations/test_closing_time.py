"""Tests of ``chapters.power.a1_basic_relations.closing_time``."""

import numpy as np
import pytest

from tests.chapters.power.a1_basic_relations.test_update_quality import MODEL
from trainphys.chapters.power.a1_basic_relations.closing_time import descent_losses, expected_fall, noisy_gap
from trainphys.chapters.power.shared.law_table import score
from trainphys.ensemble import stream
from trainphys.estimate import Estimate
from trainphys.laws.batch_size import product_of_time_and_efficiency, updates_saved
from trainphys.laws.escape import basin_quality, mean_escape_time
from trainphys.laws.noisy_quadratic import expected_loss
from trainphys.laws.one_update import best_expected_decrease, update_quality
from trainphys.laws.stability import mean_square_limit, stability_margin
from trainphys.systems.noisy_quadratic import NoisyQuadratic
from trainphys.tools.batch_size.fit import STEPS


def test_first_order_law_is_the_limit_of_descent_and_its_error_half_the_expected_fall():
    h = np.array(MODEL.curvature)
    squared, along = float((h**2).sum()), float((h**3).sum())
    excess = []
    for rate in (1e-3, 5e-4):
        losses = descent_losses(lambda p: 0.5 * h @ p**2, lambda p: h * p, np.ones(16), rate, 20)
        gap = losses[0] - losses[-1]
        excess.append(20 * rate * squared / gap - 1)
        assert excess[-1] == pytest.approx(expected_fall(gap, squared, along) / 2, rel=0.05)
    assert excess[0] / excess[1] == pytest.approx(2.0, rel=0.05)  # first order


def test_noisy_gap_is_that_of_the_moments():
    found = noisy_gap(model=MODEL, learning_rate=0.1, batch_size=2.0, updates=5, pairs=4000, seed=0)
    expected = MODEL.initial_loss() - expected_loss(MODEL, 5, 0.1, 2.0)
    assert abs(found.value - expected) < 5 * found.stderr < 0.05 * expected


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: update_quality(MODEL, 0.0, 1.0), "learning_rate"),
        (lambda: best_expected_decrease(-1.0, 1.0), "batch_size > 0"),
        (lambda: mean_escape_time(1000.0), r"barrier in \[0.1, 500\]"),
        (lambda: basin_quality(1.0, 1.0, 0.1), "slope"),
        (lambda: product_of_time_and_efficiency(0.0, 1.0), "batch_size > 0"),
        (lambda: updates_saved(0.0, 1.0), "batch_size > 0"),
        (lambda: mean_square_limit(1.0, 0), "dimension > 0"),
        (lambda: stability_margin(0.0, 0.5), "alpha > 0"),
        (lambda: score("x", STEPS, [1.0, 2.0], [Estimate(1.0, 0.1, 9)] * 2, draws=9, seed=0), "more batch sizes"),
    ],
)
def test_wrong_input_is_told_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_noisy_gap_is_that_of_single_pairs():
    model, rng = NoisyQuadratic((1.5, 0.4), (0.7, 0.3)), stream(2, "noisy-gap", 2000)
    kicks, total = [rng.standard_normal((3, 2)).tolist() for _ in range(4)], 0.0
    for pair in range(3):
        for sign in (1, -1):
            theta = [1.0, 1.0]
            for n in range(4):
                for i, (h, c) in enumerate(((1.5, 0.7), (0.4, 0.3))):
                    theta[i] -= 0.2 * (h * theta[i] + sign * (c / 2.0) ** 0.5 * kicks[n][pair][i])
            total += (1.9 / 2 - (1.5 * theta[0] ** 2 + 0.4 * theta[1] ** 2) / 2) / 6
    found = noisy_gap(model=model, learning_rate=0.2, batch_size=2.0, updates=4, pairs=3, seed=2)
    assert found.value == pytest.approx(total)
