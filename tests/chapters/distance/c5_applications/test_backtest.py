"""Tests of ``chapters.distance.c5_applications.backtest``."""

import math
from dataclasses import replace

import numpy as np
import pytest

from trainphys.chapters.distance.c5_applications.backtest import back_test, model_curves, never_reached, spectrum_curves
from trainphys.ensemble import stream
from trainphys.errors import NotIdentifiable
from trainphys.tools.time_to_target.forecast import time_to_target
from trainphys.tools.time_to_target.history import SHORTEST
from trainphys.xor.configurations import RECONSTRUCTED


def test_intervals_cover_and_can_be_calibrated() -> None:
    curves, clean = spectrum_curves(300, seed=9), spectrum_curves(300, seed=9, noise=0.0)
    found = back_test(curves, clean=clean, seed=9)
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


def test_answers_about_a_target_that_is_never_reached_are_counted(monkeypatch) -> None:
    """Four runs: one is refused, one has no upper end, and two have one; each is shown its first looks alone."""
    plain, seen = time_to_target(0.9 ** np.arange(40), 1e-4), []

    def forecast(run, target):
        seen.append((len(run), target))
        if run[0] == 1:
            raise NotIdentifiable("no")
        return replace(plain, no_upper_end="a floor" if run[0] == 2 else "")

    monkeypatch.setattr("trainphys.chapters.distance.c5_applications.backtest.time_to_target", forecast)
    found = never_reached(np.arange(1.0, 5.0) * np.ones((50, 4)), 0.1, seen=30)
    assert found == {"refused": 1, "without an end": 1, "with an end": 2}
    assert seen == [(30, 0.1)] * 4


@pytest.mark.parametrize("target", [None, 0.01])
def test_runs_are_stopped_and_timed_as_by_a_loop(target) -> None:
    """A look drawn before the end, a later loss as the target, and the looks that are still to go from the stop."""
    curves = spectrum_curves(30, seed=4, looks=120, noise=0.0) / 3
    found, rng, slow, refused = back_test(curves, target, seed=6), stream(6, "back-test"), [], 0
    for run in curves.T.tolist():
        crossing = lambda aim, run=run: next(  # noqa: E731
            (n - math.log(aim / run[n]) / math.log(run[n - 1] / run[n]) for n in range(120) if run[n] < aim), math.inf
        )
        last = 118 if target is None else crossing(target)
        if not SHORTEST + 2 <= last < math.inf:
            continue
        seen, aim = int(rng.integers(SHORTEST, int(last))), target
        if target is None:
            later = seen + int((119 - seen) ** rng.uniform())
            aim = math.sqrt(run[later - 1] * run[later])
        try:
            time_to_target(run[:seen], aim)
            slow.append(crossing(aim) - (seen - 1))
        except NotIdentifiable:
            refused += 1
    assert len(slow) > 3
    assert found.refused == refused
    assert found.truth == pytest.approx(slow)
    held = sum(f.low <= t <= f.high for f, t in zip(found.forecasts, slow, strict=True))
    assert found.coverage().value == held / len(slow)


def test_targets_and_times_of_runs_seen_through_noise_are_those_without_it() -> None:
    clean = spectrum_curves(20, seed=4, noise=0.0)
    curves = clean * np.exp(0.02 * np.random.default_rng(0).standard_normal(clean.shape))
    seen, exact = back_test(curves, clean=clean, seed=6), back_test(clean, seed=6)
    assert set(seen.truth) & set(exact.truth)  # the same questions, where both were answered
    assert [f.value for f in seen.forecasts] != [f.value for f in exact.forecasts]
    with pytest.raises(ValueError, match="clean > 0"):
        back_test(curves, clean=-clean, seed=6)


def test_spectra_are_sums_over_modes() -> None:
    """One run of the noisy record with half a cosine, every mode by itself, step by step."""
    found, rng = spectrum_curves(2, seed=4, looks=5, noise=0.1, cosine=True, floor=0.2), stream(4, "spectrum")
    size, noise = rng.chisquare(1, (1000, 2)), rng.standard_normal((5, 2))
    for run in (0, 1):
        clock = 0.0
        for n in range(5):
            total = sum(size[j - 1, run] * j**-2.5 * (1 - j**-1.5 / 2) ** (2 * clock) for j in range(1, 1001))
            assert found[n, run] == pytest.approx((0.2 + total) * math.exp(0.1 * noise[n, run]))
            clock += (1 + math.cos(math.pi * n / 5)) / 2
