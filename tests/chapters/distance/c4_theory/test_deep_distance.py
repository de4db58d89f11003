"""Tests of ``chapters.distance.c4_theory.deep_distance``."""

import numpy as np
import pytest
import torch
from scipy import optimize

from trainphys.chapters.distance.c4_theory.deep_distance import digits_inputs, losses_and_steps, train_deep
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
    x, y = (torch.from_numpy(v) for v in digits_inputs(30, "standardised"))
    rng = np.random.default_rng(8)
    layers = [torch.from_numpy(rng.normal(size=(1, *shape))) for shape in ((12, 5), (5, 5), (5, 10))]

    def height(flat):
        parts = np.split(flat, np.cumsum([60, 25]))
        ws = [torch.from_numpy(p).reshape(w.shape) for p, w in zip(parts, layers, strict=True)]
        return losses_and_steps(ws, x, y, normalise=False)[0][0]

    found = np.concatenate([g.ravel() for g in losses_and_steps(layers, x, y, normalise=False)[1]])
    slow = optimize.approx_fprime(np.concatenate([w.ravel() for w in layers]), height, 1e-6)
    assert found == pytest.approx(slow, rel=1e-3, abs=1e-3)


def test_normalised_steps_have_the_size_of_the_error():
    x, y = (torch.from_numpy(v) for v in digits_inputs(30, "whitened"))
    rng = np.random.default_rng(9)
    layers = [torch.from_numpy(rng.normal(size=(2, *shape))) for shape in ((12, 5), (5, 5), (5, 10))]
    one = losses_and_steps(layers, x, y, normalise=True)[1]
    scaled = [layers[0] * 3.0, layers[1], layers[2] / 3.0]  # the same function: signals and inputs change by three
    other = losses_and_steps(scaled, x, y, normalise=True)[1]
    for mine, theirs in zip(one, other, strict=True):
        torch.testing.assert_close(mine, theirs)
