"""Tests of ``tools.time_to_target.rate_noise``: losses that gradient noise holds up, with a rate that falls."""

import math

import numpy as np
import pytest

from trainphys.errors import NotIdentifiable
from trainphys.tools.time_to_target.floors import Floored, Opinions, gain_over
from trainphys.tools.time_to_target.forecast import FLOOR, time_to_target
from trainphys.tools.time_to_target.loss_tails import EXPONENTS, fit_laws
from trainphys.tools.time_to_target.rate_clock import rate_clock
from trainphys.tools.time_to_target.rate_noise import SHARES, held_up, looks_until, without

LOOKS = 300
ETA = 0.5 * (1 + np.cos(np.pi * np.arange(LOOKS) / LOOKS)) / 2
CLOCK = ETA[0] + np.append(0.0, np.cumsum(ETA[:-1]))
SEEN = 200


def losses(c: float, scatter: float = 0.0, floor: float = 0.0) -> np.ndarray:
    """A geometric descent by the sum of the rates, and c times the rate."""
    noise = np.exp(scatter * np.random.default_rng(0).standard_normal(LOOKS))
    return (np.exp(-CLOCK / 25) + c * ETA + floor) * noise


def shares(seen: np.ndarray):
    clock, y = rate_clock(ETA, len(seen)), np.log(seen)
    return held_up(y, fit_laws(y, None, clock.seen), clock)


@pytest.mark.parametrize("scatter", [0.0, 0.02])
def test_the_part_that_goes_with_the_rate_is_found(scatter) -> None:
    found = shares(losses(0.4, scatter)[:SEEN])
    assert found.open[0] == pytest.approx(0.4, abs=0.03)  # a step of the shares is 0.02
    assert found.gain > 4
    assert max(abs(c - 0.4) for c in found.open) < 0.1


def test_what_noise_holds_up_is_weighed_by_the_residuals_of_its_own_lines() -> None:
    """Of ln L, by the lines of ln D through ln(L - c rate): not through the mean behind them, which lies above."""
    seen = losses(0.4, 0.3)[:SEEN]
    clock, y = rate_clock(ETA, SEEN), np.log(seen)
    laws, first, found = fit_laws(y, None, clock.seen), SEEN // 2, []
    most = (seen / ETA[:SEEN]).min()
    for c in SHARES * most:
        lines = fit_laws(np.log(seen - c * ETA[:SEEN]), None, clock.seen)
        for k, p in enumerate(EXPONENTS):
            t = clock.seen[first:] / clock.seen[-1]
            x = np.log(t) if p == 0 else (t**p - 1) / p
            slope, height = np.polyfit(x, np.log(seen - c * ETA[:SEEN])[first:], 1)
            residuals = y[first:] - np.log(np.exp(height + slope * x) + c * ETA[first:SEEN])
            if lines.rate[k] > 0:
                found.append(((residuals**2).sum(), residuals))
    power, residuals = min(found, key=lambda one: one[0])
    assert held_up(y, laws, clock).gain == pytest.approx(gain_over(float(power), residuals, laws), abs=1e-6)


def test_a_descent_alone_is_not_held_up() -> None:
    assert shares(losses(0.0)[:SEEN]).gain < 0
    assert shares(losses(0.0)[:SEEN]).open == ()
    assert shares(losses(0.0, 0.02)[:SEEN]).gain < 1


@pytest.mark.parametrize("at", [220, 250, 280])
@pytest.mark.parametrize("scatter", [0.0, 0.03])
def test_the_target_is_where_descent_and_noise_together_meet_it(at, scatter) -> None:
    """By the sum of the rates alone it would be much later, or never."""
    curve = losses(0.4)
    found = time_to_target(losses(0.4, scatter)[:SEEN], float(curve[at]), rates=ETA, every=5.0)
    truth = 5 * (at + 1 - SEEN)
    assert found.low <= truth <= found.high
    assert found.value == pytest.approx(truth, rel=0.03 if scatter == 0 else 0.25, abs=5.0)  # a loss each 5 steps
    assert math.isfinite(found.high) or at == 280


def test_a_target_below_what_the_plan_leaves_is_refused() -> None:
    with pytest.raises(NotIdentifiable, match="plan more steps, or rates that stay up longer"):
        time_to_target(losses(0.4)[:SEEN], 0.5 * float(losses(0.4)[-1]), rates=ETA)


@pytest.mark.parametrize(("less", "doubtful"), [(1.0, True), (1.7, False)])
def test_a_floor_that_fits_nearly_as_well_leaves_no_upper_end(monkeypatch, less, doubtful) -> None:
    """What lies under a loss may fall with the rate, or stay: within the 1.35 nats of an interval of 90 %."""
    seen = losses(0.4)[:SEEN]
    gain = shares(seen).gain
    second = Floored(0.05, gain - less, math.inf, gain - less)
    monkeypatch.setattr("trainphys.tools.time_to_target.forecast.opinions", lambda *_: Opinions(second, second))
    found = time_to_target(seen, float(losses(0.4)[250]), rates=ETA)
    assert (FLOOR in found.no_upper_end) == doubtful


def test_a_floor_that_fits_better_than_noise_is_the_likelier_story(monkeypatch) -> None:
    seen = losses(0.4)[:SEEN]
    likelier = shares(seen).gain + 0.1
    found = Floored(0.05, likelier, math.inf, likelier)
    monkeypatch.setattr("trainphys.tools.time_to_target.forecast.opinions", lambda *_: Opinions(found, found))
    with pytest.raises(NotIdentifiable, match=r"fits better above a floor of 0\.05"):
        time_to_target(seen, float(losses(0.4)[250]), rates=ETA)


def test_norms_speak_of_the_descent_alone() -> None:
    """The gradient of the loss is not that of what noise holds up: with norms the laws stand alone."""
    seen = losses(0.4)[:SEEN]
    plain = losses(0.0)[:SEEN]
    with pytest.raises(NotIdentifiable):
        time_to_target(seen, float(losses(0.4)[280]), rates=ETA, gradient_norms=np.sqrt(plain))


def test_looks_to_a_place_in_the_plan() -> None:
    clock = rate_clock(np.ones(500), 100)
    for place in (100, 101, 137, 499):
        assert looks_until(lambda look, place=place: look >= place, clock) == place - 99
    assert looks_until(lambda look: False, clock) == math.inf


def test_what_is_left_without_the_noise() -> None:
    clock = rate_clock(ETA, SEEN)
    y = np.log(losses(0.4)[:SEEN])
    np.testing.assert_allclose(without(y, 0.4, clock), -CLOCK[:SEEN] / 25)


def test_a_plan_may_begin_at_rest() -> None:
    """Rates of zero let no time pass; what comes after them counts."""
    curve, rest = losses(0.4), np.zeros(10)
    rates = np.concatenate([ETA[:SEEN], rest, ETA[SEEN:]])
    found = time_to_target(curve[:SEEN], float(curve[250]), rates=rates)
    assert found.value == pytest.approx(61, abs=2)
    with pytest.raises(NotIdentifiable, match="a plan that ends above it"):
        time_to_target(curve[:SEEN], float(curve[250]), rates=np.concatenate([ETA[:SEEN], rest]))
