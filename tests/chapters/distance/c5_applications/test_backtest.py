"""Tests of ``chapters.distance.c5_applications.backtest``."""

import math

import pytest

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


def test_runs_are_asked_where_told_and_schedules_and_floors_are_in_the_curves() -> None:
    plain = spectrum_curves(40, seed=9, noise=0.0)
    found = back_test(plain, seed=9, ask=(0.25, 0.95))
    assert found.truth + 99 == pytest.approx(379.5, abs=0.6)  # the target lies between two looks
    slow = spectrum_curves(40, seed=9, noise=0.0, cosine=True)
    assert (slow[1] == plain[1]).all()  # the first step has the full rate
    assert slow[-1] == pytest.approx(plain[200], rel=1e-2)  # half of the way at last
    assert spectrum_curves(40, seed=9, noise=0.0, floor=0.5) == pytest.approx(plain + 0.5)
