"""Tests of ``simulate.minibatch_sgd``."""

import numpy as np
import pytest

from trainphys.laws.temperature import mode_product, stationary_temperature
from trainphys.simulate.minibatch_sgd import descend, noise_level, stationary_modes, tilted_quadratic
from trainphys.workloads.softmax_regression import softmax_digits


def test_inverse_covariance_as_preconditioner_makes_temperatures_equal():
    h, c = np.array([0.5, 1.0, 2.0]), np.diag([4.0, 0.5, 1.0])
    run = stationary_modes(
        tilted_quadratic(h, c),
        0.01,
        4,
        6000,
        200,
        np.random.default_rng(2),
        burn_in=2000,
        preconditioner=np.linalg.inv(c),
    )
    np.testing.assert_allclose(run.noise, np.eye(3), atol=1e-9)
    for mode in range(3):
        found = run.temperature([mode])
        assert (
            abs(found.value - stationary_temperature(0.01, 4, 1.0, curvature=run.curvature[mode])) < found.tolerance()
        )


def test_measured_noise_is_that_of_the_data():
    model = tilted_quadratic([1.0, 2.0], [[3.0, 1.0], [1.0, 2.0]])
    level = noise_level(model, [0.0, 0.0], 4, 40_000, np.random.default_rng(0))
    assert abs(level.value - 5.0) < level.tolerance()


def test_descend_without_noise_is_gradient_descent():
    model = tilted_quadratic([1.0, 2.0], 1e-12 * np.eye(2))
    last = descend(model, [0.1, 0.2], [3, 1], [[1.0, 1.0]], np.random.default_rng(0))
    np.testing.assert_allclose(last, [[0.9 * 0.8, 0.8 * 0.6]], atol=1e-5)


def test_wrong_input_is_refused():
    with pytest.raises(ValueError, match="pool"):
        softmax_digits(pool=3)
    with pytest.raises(ValueError, match="label_noise in"):
        softmax_digits(label_noise=2.0)
    with pytest.raises(ValueError, match="ridge"):
        softmax_digits(ridge=0.0)
    with pytest.raises(ValueError, match="parameters"):
        softmax_digits().loss([1.0])
    with pytest.raises(ValueError, match="diverges"):
        stationary_temperature(1.0, 1, 1.0, curvature=2.0)
    with pytest.raises(ValueError, match="diverges"):
        mode_product(1.0, 1, 1.0, 2.5, 0.1)
    with pytest.raises(ValueError, match="batch_size"):
        mode_product(0.1, 0, 1.0, 1.0, 1.0)
    with pytest.raises(ValueError, match="samples"):
        tilted_quadratic([1.0, 1.0], np.eye(2), samples=2)
    with pytest.raises(ValueError, match="multiple"):
        stationary_modes(tilted_quadratic([1.0], [[1.0]]), 0.1, 1, 15, 2, np.random.default_rng(0), burn_in=0, every=10)
    with pytest.raises(ValueError, match="longer"):
        descend(tilted_quadratic([1.0], [[1.0]]), [0.1], [1, 2], [[0.0]], np.random.default_rng(0))
