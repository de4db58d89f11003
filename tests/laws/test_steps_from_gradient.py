"""Tests of ``laws.steps_from_gradient``."""

import numpy as np
import pytest

from trainphys.laws.contraction import epochs_from_error
from trainphys.laws.steps_from_gradient import (
    end_loss,
    epochs_from_gradient,
    epochs_from_gradient_vector,
    epochs_from_loss,
    fewest_epochs,
    gradient_norm_from_loss,
    step_length,
)


def test_no_path_is_shorter_than_the_bound():
    rng = np.random.default_rng(4)
    for _ in range(50):
        steps, drops = rng.normal(size=(7, 3)), rng.uniform(0.1, 1.0, 7)
        kappa = (drops / (steps**2).sum(axis=1)).min()
        assert fewest_epochs(np.linalg.norm(steps.sum(axis=0)), drops.sum(), kappa) <= 7 + 1e-9
    assert fewest_epochs(7.0, 3.5, 0.5).item() == pytest.approx(7.0)  # seven equal unit steps on a line: equality


def test_loss_and_gradient_tell_the_end_and_the_time():
    """A cone is a quadratic: error e, half widths c, and a loss at its bottom."""
    rng = np.random.default_rng(0)
    e, c = rng.normal(size=(3, 40)), np.array([0.5, 0.8, 1.0])[:, None]
    loss, gradient = 0.25 + (c**2 * e**2).sum(axis=0), 2 * c**2 * e
    scales = (0.5, 0.8)
    assert end_loss(loss, gradient, scales) == pytest.approx(np.full(40, 0.25))
    law = {"rate": 0.1, "tolerance": 1e-6}
    found = epochs_from_gradient_vector(gradient, scales=scales, **law)
    assert found.tolist() == epochs_from_error(e, scales=scales, **law).tolist()


def test_distance_loss_and_gradient_say_the_same_on_inputs_of_one_width():
    e, law = np.array([0.3, -0.2, 0.5]), {"rate": 0.1, "tolerance": 1e-6}
    loss, gradient = (e**2).sum(), 2 * e
    norm = float(gradient_norm_from_loss(loss + 0.25, 0.25))
    assert norm == pytest.approx(np.linalg.norm(gradient))
    assert float(step_length(np.linalg.norm(e), 0.1)) == pytest.approx(0.1 * norm)
    counts = [epochs_from_loss(loss, **law), epochs_from_gradient(norm, **law), epochs_from_error(e, **law)]
    assert len({int(n) for n in counts}) == 1
