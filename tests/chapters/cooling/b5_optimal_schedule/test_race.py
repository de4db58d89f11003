"""Tests of ``chapters.cooling.b5_optimal_schedule.race``."""

import math

import numpy as np
import pytest

from trainphys.chapters.cooling.b5_optimal_schedule import race
from trainphys.chapters.cooling.b5_optimal_schedule.race import SETTINGS, corrugated, landscapes, race_table
from trainphys.estimate import Estimate


def test_many_basins_have_their_lowest_in_the_middle() -> None:
    x = np.linspace(-3, 3, 601)
    loss = corrugated(0.1, 0.25, 2.0).value(x)
    inner = (loss[1:-1] < loss[:-2]) & (loss[1:-1] < loss[2:])
    assert inner.sum() == 3
    assert x[loss.argmin()] == pytest.approx(0.0, abs=1e-9)


def test_every_shape_runs_on_every_landscape_as_long_as_its_setting_says(monkeypatch) -> None:
    """On an equal clock a run lasts as long as the mobility, the root of the temperature, takes to that clock."""
    seen = []

    def ran(loss, schedule, tolerance, hot, cells, steps):
        at = [0.0, 0.5 * schedule.duration, schedule.duration]
        row = *schedule.temperature(at).tolist(), *schedule.mobility(at).tolist()
        seen.append((loss, schedule.duration, tolerance, hot, row))
        return Estimate.from_solver(float(len(seen)), 0.5)

    monkeypatch.setattr(race, "final_failure", ran)
    rows = race_table(budgets=(3.0, 7.0))
    assert [row["failure"] for row in rows] == list(range(1, 241))
    assert {row["error"] for row in rows} == {0.5}
    middle = {
        "exponential": 0.05**0.5, "constant": 1.0, "linear": 0.525, "cosine": 0.525, "step": 0.05**0.5,
        "inverse time": 2 / 21, "quench": 0.05,
    }  # fmt: skip
    clocks = {
        "exponential": (1 - 0.05**0.5) / (0.5 * math.log(20)), "constant": 1.0, "linear": (1 - 0.05**1.5) / 1.425,
        "quench": 0.05**0.5, "step": (1 + 0.05**0.25 + 0.05**0.5) / 3,
        "inverse time": 2 * (20**0.5 - 1) / 19,
    }  # fmt: skip
    within = {"one basin": 0.15, "many basins": 0.15, "barrier 0.38": 0.15, "barrier 0.76": 0.3, "barrier 1.5": 0.6}
    for row, (_, duration, tolerance, hot, run) in zip(rows, seen, strict=True):
        name, tie = row["shape"], 0.0 if row["setting"] == "constant mobility" else 0.5
        first, last = 0.05 if name == "quench" else 1.0, 1.0 if name == "constant" else 0.05
        assert (hot, tolerance) == (1.0, pytest.approx(within[row["landscape"].removeprefix("two wells, ")]))
        assert run == pytest.approx([*run[:3], *(T**tie for T in run[:3])])
        assert (run[0], run[2]) == pytest.approx((first, last))
        if name in middle:
            assert run[1] == pytest.approx(middle[name])
        if not row["setting"].endswith("equal clock"):
            assert duration == row["budget"]
        elif name in clocks:
            assert duration == pytest.approx(row["budget"] / clocks[name], rel=1e-3)
    assert {(row["landscape"], row["setting"], row["budget"]) for row in rows} == {
        (land, setting, t) for land in landscapes() for setting in SETTINGS for t in (3.0, 7.0)
    }
    x = np.array([-1.0, 0.3, 2.0])
    for (loss, *_), (own, _) in zip(seen[::48], landscapes().values(), strict=True):
        assert loss.value(x) == pytest.approx(own.value(x))
