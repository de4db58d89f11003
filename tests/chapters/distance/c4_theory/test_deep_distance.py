"""Tests of ``chapters.distance.c4_theory.deep_distance``."""

import numpy as np
import pytest
from scipy import optimize

from trainphys.chapters.distance.c4_theory import deep_distance as deep
from trainphys.chapters.distance.c4_theory.deep_distance import digits_inputs, train_deep
from trainphys.laws.steps_from_gradient import fewest_epochs


def test_deep_gradients_descend_and_rows_fit():
    runs = train_deep(runs=4, seed=0, rate=0.03, target=0.5, width=16, max_epochs=1200)
    for r in np.unique(runs.run):
        one = runs.run == r
        assert (np.diff(runs.remaining[one]) == -1).all()
        assert runs.remaining[one][-1] == 1
        firm = runs.efficiency[one] > 0
        bound = fewest_epochs(runs.distance[one][firm], runs.drop[one][firm], runs.efficiency[one][firm])
        assert (bound <= runs.remaining[one][firm] * (1 + 1e-9)).all()


def test_deep_gradient_is_a_difference_of_the_loss():
    x, y = digits_inputs(30, "standardised")
    rng = np.random.default_rng(8)
    layers = [rng.normal(size=(1, *shape)) for shape in ((12, 5), (5, 5), (5, 10))]

    def height(flat):
        parts = np.split(flat, np.cumsum([60, 25]))
        ws = [p.reshape(w.shape) for p, w in zip(parts, layers, strict=True)]
        return (deep._forward(ws, x, y)[1] ** 2).sum() / len(x)

    flat = np.concatenate([w.ravel() for w in layers])
    values, error = deep._forward(layers, x, y)
    found = np.concatenate([g.ravel() for g in deep._gradients(layers, values, 2 * error / len(x), False)])
    slow = optimize.approx_fprime(flat, height, 1e-6)
    assert found == pytest.approx(slow, rel=1e-3, abs=1e-3)
