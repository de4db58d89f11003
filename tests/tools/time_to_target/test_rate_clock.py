"""Tests of ``tools.time_to_target.rate_clock``: a run whose learning rate changes, told and not told."""

import math

import numpy as np
import pytest
import torch

from trainphys.errors import NotIdentifiable
from trainphys.tools.time_to_target.forecast import FLOOR, PLAN, time_to_target
from trainphys.tools.time_to_target.rate_clock import rate_clock

SHAPES = {
    "cosine": lambda p: (1 + np.cos(np.pi * p)) / 2,
    "linear": lambda p: 1 - p,
    "drops": lambda p: np.where(p < 0.3, 1.0, 0.2),
    "warm-up": lambda p: np.minimum(1.0, 10 * p + 0.01),
    "restarts": lambda p: (1 + np.cos(np.pi * (3 * p % 1))) / 2,
}
LOOKS = 200


def run(name: str, exponent: float) -> tuple[np.ndarray, np.ndarray]:
    """Rates, and losses that follow a law in the sum of the rates, update by update."""
    rates = 0.3 * SHAPES[name](np.arange(LOOKS) / LOOKS)
    clock = rates[0] + np.append(0.0, np.cumsum(rates[:-1]))
    x = np.log(clock) if exponent == 0 else (clock**exponent - 1) / exponent
    return rates, np.exp(-0.3 * x)


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("exponent", [0.0, 0.5, 1.0])
def test_a_run_with_a_schedule_is_forecast_by_the_sum_of_its_rates(name, exponent) -> None:
    rates, losses = run(name, exponent)
    target = float(losses[150])
    found = time_to_target(losses[:100], target, rates=rates, every=5.0)
    assert found.value == pytest.approx(5 * 51, rel=0.01)
    assert found.low < 5 * 51 < found.high
    assert found.exponent == pytest.approx(exponent, abs=1e-3)


def test_a_constant_rate_changes_nothing() -> None:
    history = (1 + np.arange(60.0)) ** -0.5 * np.exp(0.02 * np.random.default_rng(0).standard_normal(60))
    plain, told = (time_to_target(history, 0.11, rates=rates) for rates in (None, np.full(1000, 0.25)))
    for name in ("value", "low", "high", "spread"):
        assert getattr(told, name) == pytest.approx(getattr(plain, name))


def test_a_plan_that_ends_too_early_is_refused_and_an_upper_end_may_lie_beyond_it() -> None:
    rates, losses = run("linear", 1.0)
    noisy = losses * np.exp(0.01 * np.random.default_rng(1).standard_normal(LOOKS))
    with pytest.raises(NotIdentifiable, match="expected planned rates that reach the target, got 100 losses"):
        time_to_target(noisy[:100], 0.9 * float(losses[-1]), rates=rates)
    late = time_to_target(noisy[:100], float(losses[190]), rates=rates)
    assert late.low < 91 < late.high == late.high_if_reached == math.inf
    assert late.no_upper_end == PLAN
    assert str(late).endswith("\nno upper end: the planned rates end before the upper end of the interval")


def test_a_plan_that_ends_and_a_floor_that_fits_better_are_both_named() -> None:
    seen = 2 * np.arange(1.0, 101.0) ** -0.5 * np.exp(0.03 * np.random.default_rng(20).standard_normal(100))
    long, short = (time_to_target(seen, 0.15, rates=np.ones(looks)) for looks in (2000, 190))
    assert long.no_upper_end == FLOOR
    assert short.no_upper_end == f"{FLOOR}; {PLAN}"
    assert long.high_if_reached < short.high_if_reached == math.inf


def test_the_clock_by_hand() -> None:
    clock = rate_clock([0.0, 1.0, 2.0, 0.0, 4.0, 4.0], 3)
    assert clock.times.tolist() == [1.0, 1.0, 2.0, 4.0, 4.0, 8.0]
    assert clock.seen.tolist() == [1.0, 1.0, 2.0]
    assert clock.looks_left(3.0) == 1.0  # two of two: one mean look is 2 / 3
    assert clock.looks_left(6.0) == pytest.approx(2.5)
    assert clock.looks_left(9.1) == math.inf


def test_a_rule_for_rates_is_no_list_of_them() -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    for rule in (lambda k: 0.1, torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 50)):
        with pytest.raises(ValueError, match=r"rates themselves, got .*such as \[rate\(k\) for k in range\(looks\)\]"):
            time_to_target(0.9 ** np.arange(40), 1e-4, rates=rule)


@pytest.mark.parametrize(
    "rates", [np.ones(40), np.ones((50, 1)), np.append(np.zeros(39), np.ones(20)), [-0.1] * 50, [math.nan] * 50]
)
def test_rates_that_make_no_clock_are_refused(rates) -> None:
    with pytest.raises(
        ValueError, match=r"learning rate at each of 40 looks and at those to come|rates >= 0 and finite|at rest"
    ):
        time_to_target(0.9 ** np.arange(40), 1e-4, rates=rates)
