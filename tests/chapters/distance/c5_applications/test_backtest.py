"""Tests of ``chapters.distance.c5_applications.backtest``."""

import math

from trainphys.chapters.distance.c5_applications.backtest import back_test, model_curves, spectrum_curves
from trainphys.xor.configurations import RECONSTRUCTED


def test_intervals_cover_and_can_be_calibrated() -> None:
    curves = spectrum_curves(300, seed=9)
    found = back_test(curves, seed=9)
    assert found.tails["power law"] + found.tails["between"] > 0.9 * len(found.truth)
    assert found.coverage().value > 0.9 - 4 * math.sqrt(0.09 / len(found.truth))
    own = found.own_coverage()
    assert abs(own.value - 0.9) < 5 * own.stderr
    exact = back_test(model_curves(RECONSTRUCTED[1], 50, 0), 1e-7, seed=0)
    assert exact.coverage().value == 1.0
    assert exact.refused == 0
    assert exact.misses().max() < 0.05
