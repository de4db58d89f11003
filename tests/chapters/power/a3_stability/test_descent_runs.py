"""Tests of ``chapters.power.a3_stability.descent_runs``."""

import math

import numpy as np
import pytest

from trainphys.chapters.power.a3_stability.claimed import flow_rate
from trainphys.chapters.power.a3_stability.descent_runs import (
    damping_found,
    descents_that_shrink,
    flows_that_shrink,
    growth_rate,
    largest_momentum_found,
    largest_step_found,
    random_hessian,
)
from trainphys.laws.stability import growth_factor


@pytest.mark.parametrize(("a", "b"), [(0.3, 0.0), (1.0, 0.5), (2.7, 0.5), (3.4, 0.5)])
def test_measured_growth_is_the_eigenvalue(a, b):
    curvatures = (0.3, 1.0)
    found = growth_rate(random_hessian(curvatures, 1), a, b, seed=2, updates=8000)
    expected = math.log(growth_factor(a * np.array(curvatures), b).max())
    assert abs(found.value - expected) <= found.tolerance()


def test_largest_step_and_momentum_by_running():
    step = largest_step_found(random_hessian((0.4, 2.0), 3), 0.5, seed=1)
    assert abs(step.value - 1.5) <= step.tolerance()
    assert step.stderr < 0.01
    momentum = largest_momentum_found(1.0, seed=1)
    assert abs(momentum.value - 1.0) <= momentum.tolerance()


def test_shares_of_random_systems_against_eigenvalues():
    matrices = np.random.default_rng(0).standard_normal((500, 3, 3))
    found = flows_that_shrink(matrices, seed=0)
    exact = np.array([flow_rate(m) < 0 for m in matrices])
    assert np.mean(found == exact) > 0.99
    steps = np.linspace(0.01, 5.99, 400)
    assert np.mean(descents_that_shrink(steps, 0.5, seed=0) == (steps < 3)) > 0.98


def test_damping_is_one_minus_momentum():
    found = damping_found(0.7, 4, replicas=200, updates=2000, seed=0)
    assert abs(found.value - 0.3) < 6 * found.stderr + 4 / 2000
