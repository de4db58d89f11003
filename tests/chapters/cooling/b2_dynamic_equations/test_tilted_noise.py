"""Tests of ``chapters.cooling.b2_dynamic_equations.tilted_noise``."""

import math

import numpy as np
import pytest

from trainphys.chapters.cooling.b2_dynamic_equations.tilted_noise import NoiseAxes, resting_density, tilted_updates


def test_particles_and_density_agree_in_two_wells():
    pull, axes = lambda a, b: (2 * a * (a * a - 1), 1.5 * b), NoiseAxes(0.5, 0.05, np.pi / 4)
    still = resting_density(pull, axes, 4.5, 160)
    found = tilted_updates(pull, axes, 0.01, 3000, 500, np.random.default_rng(0), burn_in=1500)
    for name, (i, j) in {"11": (0, 0), "12": (0, 1), "22": (1, 1)}.items():
        assert abs(found[name].value - still.moments[i, j]) < found[name].tolerance() + 0.01 * still.moments[i, j]
    assert abs(found["turning"].value - still.turning) < found["turning"].tolerance()


def test_noise_axes_turn():
    axes = NoiseAxes(0.5, 0.05, np.pi / 4)
    np.testing.assert_allclose(axes.matrix, [[0.275, 0.225], [0.225, 0.275]])
    coarse, fine = (resting_density(lambda a, b: (0.5 * a, 2 * b), axes, 6.5, n) for n in (100, 200))
    np.testing.assert_allclose(fine.moments, [[0.55, 0.18], [0.18, 0.1375]], rtol=0.01)
    exact = (0.5 - 2) * 0.18
    assert (coarse.turning - exact) / (fine.turning - exact) == pytest.approx(4, rel=0.1)
    assert fine.turning == pytest.approx(exact, rel=0.02)


def test_means_at_rest_are_those_of_single_replicas():
    """Two pulls a replica and update, one along each axis of the noise; averages over the updates after the burn-in."""
    axes, eta = NoiseAxes(0.5, 0.05, 0.6), 0.2
    found = tilted_updates(lambda a, b: (2 * a + b, 3 * b), axes, eta, 4, 3, np.random.default_rng(4), burn_in=2)
    rng = np.random.default_rng(4)
    (x, y), sums = rng.uniform(-1, 1, (2, 3)).tolist(), [0.0] * 4
    signs = [(2 * rng.integers(2, size=(2, 3), dtype=np.int8) - 1).tolist() for _ in range(6)]
    c, s, strong, weak = math.cos(0.6), math.sin(0.6), math.sqrt(2 * 0.5 * eta), math.sqrt(2 * 0.05 * eta)
    for r in range(3):
        a, b = x[r], y[r]
        for n in range(6):
            one, other = signs[n][0][r] * strong, signs[n][1][r] * weak
            da, db = c * one - s * other - eta * (2 * a + b), s * one + c * other - eta * 3 * b
            if n >= 2:
                for k, term in enumerate((a * a, a * b, b * b, (a * db - b * da) / eta)):
                    sums[k] += term / 4 / 3
            a, b = a + da, b + db
    assert [found[name].value for name in ("11", "12", "22", "turning")] == pytest.approx(sums)
