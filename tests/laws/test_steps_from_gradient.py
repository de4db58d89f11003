"""Tests of ``laws.steps_from_gradient``."""

import numpy as np
import pytest

from trainphys.laws.steps_from_gradient import fewest_epochs


def test_no_path_is_shorter_than_the_bound():
    rng = np.random.default_rng(4)
    for _ in range(50):
        steps, drops = rng.normal(size=(7, 3)), rng.uniform(0.1, 1.0, 7)
        kappa = (drops / (steps**2).sum(axis=1)).min()
        assert fewest_epochs(np.linalg.norm(steps.sum(axis=0)), drops.sum(), kappa) <= 7 + 1e-9
    assert fewest_epochs(7.0, 3.5, 0.5).item() == pytest.approx(7.0)  # seven equal unit steps on a line: equality
