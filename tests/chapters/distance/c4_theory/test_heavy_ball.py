"""Tests of ``chapters.distance.c4_theory.heavy_ball``."""

import numpy as np
import pytest

from trainphys.chapters.distance.c4_theory.heavy_ball import train_heavy_ball
from trainphys.chapters.distance.c4_theory.laws import heavy_ball_errors, heavy_ball_factor
from trainphys.xor.landscape import loss


@pytest.mark.parametrize("momentum", [0.0, 0.3, 0.8])
def test_momentum_multiplies_every_error_alike(momentum):
    starts = np.array([[0.9, -0.4, 0.2], [0.6, -0.5, -0.1]])
    states, losses = train_heavy_ball(starts, rate=0.1, momentum=momentum, epochs=60)
    goal = np.array([0.5, -0.5, 0.0])[:, None]
    r = heavy_ball_errors(0.1, momentum, 60)
    assert states - goal == pytest.approx(r[:, None, None] * (starts.T - goal), abs=1e-12)
    assert losses == pytest.approx(loss(states.transpose(1, 0, 2)))
    matrix = np.array([[1 + momentum - 0.2, -momentum], [1, 0]])
    assert heavy_ball_factor(0.1, momentum) == pytest.approx(np.abs(np.linalg.eigvals(matrix)).max())
