"""Tests of ``laws.closing_gap``."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from trainphys.laws.closing_gap import updates_to_close
from trainphys.laws.noisy_quadratic import steps_to_loss
from trainphys.systems.noisy_quadratic import NoisyQuadratic


@pytest.mark.parametrize(("rate", "batch"), [(0.02, math.inf), (0.3, 20.0), (1.4, 300.0)])
def test_a_gap_of_the_noisy_quadratic_by_its_own_solution(rate, batch):
    model = NoisyQuadratic((1.0, 0.3, 0.05), (2.0, 0.5, 0.1))
    h, gap = np.array(model.curvature), 0.4
    found = updates_to_close(gap, rate, h, h**2, np.array(model.noise) / batch)
    assert found == pytest.approx(steps_to_loss(model, rate, batch, model.initial_loss() - gap), rel=1e-9)


def test_small_steps_add_up_to_the_integral_along_the_way():
    h, g2, gap = 0.7, 1.6, 0.9
    whole = g2 / (2 * h)
    integral = quad(lambda loss: 1 / (2 * h * loss), whole - gap, whole)[0]
    assert 1e-5 * updates_to_close(gap, 1e-5, h, g2) == pytest.approx(integral, rel=1e-4)


def test_a_gap_that_never_closes():
    assert updates_to_close(0.6, 0.5, 1.0, 1.0) == math.inf
    assert updates_to_close(0.4, 0.5, 1.0, 1.0, noise=1.0) == math.inf


def test_a_step_to_the_minimum_of_one_mode_leaves_the_gap_to_the_other():
    assert 0 < updates_to_close(0.499, 1.0, 1.0, 1.0) < 0.1
    left = 0.25 - 0.1  # of the second mode, whose loss is 1/4 and falls to a quarter in an update
    assert updates_to_close(0.6, 1.0, [1.0, 0.5], [1.0, 0.25]) == pytest.approx(math.log(left / 0.25) / math.log(0.25))
