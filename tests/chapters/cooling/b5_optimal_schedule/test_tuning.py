"""Tests of ``chapters.cooling.b5_optimal_schedule.tuning``."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from trainphys.chapters.cooling.b5_optimal_schedule.failures import final_failure
from trainphys.chapters.cooling.b5_optimal_schedule.shaped_cooling import contestant
from trainphys.chapters.cooling.b5_optimal_schedule.tuning import tuned_exponential_then_quench, tuned_failure
from trainphys.simulate.success import failure
from trainphys.systems.losses import double_well


def test_tuned_ends_are_no_worse_than_given_ones() -> None:
    loss = double_well(1.0, 0.5)
    for name in ("exponential", "linear", "quench", "constant"):
        assert tuned_failure(name, loss, 50.0, 0.3)[1].value < final_failure(
            loss, contestant(name, 1.0, 0.05, 50.0), 0.3
        ).value * (1.001)


def test_a_last_quench_helps_the_tuned_exponential() -> None:
    loss = double_well(1.0, 0.5)
    run, failed = tuned_exponential_then_quench(loss, 50.0, 0.3, 0.05)
    assert failed.value < tuned_failure("exponential", loss, 50.0, 0.3)[1].value
    assert float(run.temperature(50.0)) == pytest.approx(0.05)
    assert float(run.temperature(48.0)) > 0.1


LOSS, WITHIN = double_well(0.8, 0.35), 0.25


def fails(start, end, shape, duration):
    """Failures of a shape of progress between two temperatures, on the grid of the search."""
    run = SimpleNamespace(
        temperature=lambda t: np.array([shape(start, end, p) for p in np.ravel(t) / duration]).reshape(np.shape(t)),
        mobility=lambda t: np.ones(np.shape(t)),
    )
    return failure(LOSS, run, duration, WITHIN, 1.0, 160, 160)


SHAPES = {
    "exponential": lambda a, b, p: a * (b / a) ** p,
    "linear": lambda a, b, p: a + (b - a) * p,
    "inverse time": lambda a, b, p: a / (1 + (a / b - 1) * p),
    "step": lambda a, b, p: a * (b / a) ** (min(math.floor(3 * p), 2) / 2),
    "constant": lambda a, b, p: a,
    "quench": lambda a, b, p: b,
}


@pytest.mark.parametrize(("name", "duration"), [*((name, 25.0) for name in SHAPES), ("step", 500.0)])
def test_the_search_finds_what_trying_every_pair_of_ends_finds(name, duration) -> None:
    """Temperatures a quarter apart from 0.01 to 2, the end no hotter than the start; some have two valleys."""
    shape, tried = SHAPES[name], [0.01 * 1.25**i for i in range(24)]
    starts = tried[-1:] if name == "quench" else tried
    ends = tried[:1] if name == "constant" else tried
    least = min(fails(a, b, shape, duration) for a in starts for b in ends if b <= a)
    run, found = tuned_failure(name, LOSS, duration, WITHIN)
    ours = fails(run.start, float(run.temperature(duration)), shape, duration)
    assert 0.98 * least < ours < 1.001 * least
    fine, coarse = (failure(LOSS, run, duration, WITHIN, 1.0, 600 // k, 1000 // k) for k in (1, 2))
    assert (found.value, found.tolerance()) == pytest.approx((fine, abs(fine - coarse)))


@pytest.mark.parametrize("end", [0.06, 0.4])
def test_the_search_before_a_quench_finds_what_trying_finds(end) -> None:
    """The exponential comes down to no less than the end, which binds at 0.4."""
    tried = [0.06 * 1.25**i for i in range(16)]
    shape = lambda a, b, p: a * (b / a) ** (p / 0.97) if p <= 0.97 else end  # noqa: E731
    least = min(fails(a, max(b, end), shape, 25.0) for a in tried for b in tried if b <= a)
    run, _ = tuned_exponential_then_quench(LOSS, 25.0, WITHIN, end)
    ours = fails(run.start, float(run.temperature(0.97 * 25.0)), shape, 25.0)
    assert 0.98 * least < ours < 1.001 * least
    assert ours == pytest.approx(failure(LOSS, run, 25.0, WITHIN, 1.0, 160, 160), rel=1e-6)
