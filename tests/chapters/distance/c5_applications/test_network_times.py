"""Tests of ``chapters.distance.c5_applications.network_times``."""

import numpy as np
import pytest

from trainphys.chapters.distance.c5_applications.network_times import crossing_times, network_runs


def test_crossing_times_of_exponentials_are_exact() -> None:
    t = np.arange(30.0)[:, None]
    rates = np.array([0.1, 0.3, 0.01])
    found = crossing_times(2 * np.exp(-rates * t), 1.0)
    assert found[:2] == pytest.approx(np.log(2) / rates[:2])
    assert np.isinf(found[2])
    assert crossing_times(np.full((3, 1), 0.5), 1.0).tolist() == [0.0]


def test_networks_are_ranked_and_trained_as_asked() -> None:
    runs = network_runs("digits", kept=3, random=4, seed=0)
    again = network_runs("digits", kept=3, random=4, seed=0)
    assert np.array_equal(runs.kept_curves, again.kept_curves)
    assert runs.start_loss[runs.kept].max() <= np.delete(runs.start_loss, runs.kept).min()
    assert runs.kept_curves[0] == pytest.approx(runs.start_loss[runs.kept], rel=1e-5)
    assert runs.random_curves[0] == pytest.approx(runs.start_loss[runs.random], rel=1e-5)
    assert (runs.random_curves[-1] < 0.6).all()
