"""Tests of ``chapters.power.a3_stability.claimed``."""

import math

import numpy as np
import pytest
import torch

from trainphys.chapters.power.a3_stability.claimed import claimed_matrix, flow_rate, trace_determinant_says_stable
from trainphys.chapters.power.a3_stability.descent_runs import random_hessian
from trainphys.laws.stability import (
    growth_factor,
    largest_mean_square_step,
    largest_stable_step,
    least_damping,
)
from trainphys.tools.curvature.sharpness import largest_eigenpair


def test_three_readings_of_the_claimed_matrix():
    hessian = random_hessian((0.5, 2.0), 0)
    assert flow_rate(claimed_matrix(hessian, 0.1, 0.3)) == pytest.approx(2.0)
    assert flow_rate(claimed_matrix(hessian, 0.1, 0.3, "descent sign")) == pytest.approx(-0.3)
    weak = flow_rate(claimed_matrix(hessian, 1e-2, 1e-3, "oscillator"))
    assert weak == pytest.approx(math.log(growth_factor(1e-2 * np.array([0.5, 2.0]), 1 - 1e-3).max()), rel=1e-3)
    assert not trace_determinant_says_stable(claimed_matrix(2.0, 0.1, 0.3))
    saddle = claimed_matrix(-np.eye(2), 0.1, 0.3, "oscillator")
    assert trace_determinant_says_stable(saddle)
    assert flow_rate(saddle) > 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: largest_stable_step(-1.0), "curvature > 0"),
        (lambda: largest_stable_step(1.0, 1.0), "momentum"),
        (lambda: largest_mean_square_step(1.0, -1.0), "batch_size"),
        (lambda: largest_mean_square_step([1.0, -1.0], 4), "curvatures"),
        (lambda: least_damping(4.5, 20), "some momentum"),
        (lambda: claimed_matrix(1.0, 1.0, 1.0, "other"), "oscillator"),
        (lambda: largest_eigenpair(lambda x: (x**2).sum(), torch.ones(2, 2)), "flatten"),
        (lambda: largest_eigenpair(lambda x: (x**2).sum(), torch.full((3,), math.nan)), "diverged"),
    ],
)
def test_bad_input_says_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()
