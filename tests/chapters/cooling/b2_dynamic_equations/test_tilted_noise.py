"""Tests of ``chapters.cooling.b2_dynamic_equations.tilted_noise``."""

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
