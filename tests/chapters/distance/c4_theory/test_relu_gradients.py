"""Tests of ``chapters.distance.c4_theory.relu_gradients``."""

import numpy as np
import pytest

from trainphys.chapters.distance.c4_theory.relu_gradients import gradient_products, unit_slopes


@pytest.mark.parametrize("level", [0, 1, 2])
def test_gradient_of_a_weight_is_signal_times_input(level):
    found = gradient_products(level, networks=5, seed=0)
    assert found.single == pytest.approx(1.0, abs=1e-6)
    assert found.mean_share == pytest.approx(1.0, abs=1e-9)
    assert (found.batch_share < 1).all()


def test_slopes_of_units_are_those_of_differences():
    weights = np.random.default_rng(7).normal(size=(3, 50))
    s = np.array([[a, b, 1.0] for a in (-1, 1) for b in (-1, 1)]) @ weights
    h = 1e-6
    for unit, f in {
        "|s|": np.abs,
        "tanh": np.tanh,
        "ReLU": lambda x: np.maximum(x, 0),
        "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    }.items():
        assert unit_slopes(unit, weights) == pytest.approx(np.abs(f(s + h) - f(s - h)) / (2 * h), abs=1e-6)
    assert unit_slopes("|s|", np.zeros((3, 1))).max() == 0.0
