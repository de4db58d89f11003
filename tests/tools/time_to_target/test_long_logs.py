"""Long logs of ``time_to_target``: means of neighbours stand for their losses."""

import math

import numpy as np
import pytest

from trainphys.errors import NotIdentifiable
from trainphys.tools.time_to_target.forecast import time_to_target
from trainphys.tools.time_to_target.history import ENOUGH, MANY, together
from trainphys.tools.time_to_target.looks import looks
from trainphys.tools.time_to_target.loss_tails import POWER, fit_laws
from trainphys.tools.time_to_target.rate_clock import rate_clock

LONG = 20 * MANY + 7


@pytest.mark.parametrize("every", [1.0, 5.0])
@pytest.mark.parametrize("told", [False, True])
def test_a_long_log_says_what_its_law_says(every, told) -> None:
    """Counted from the last loss, not from the middle of the last mean."""
    t = every * np.arange(1.0, LONG + 1)
    history, target = (t / every) ** -0.5, (1.5 * LONG) ** -0.5
    left = time_to_target(history, target, steps=t) if told else time_to_target(history, target, every=every)
    assert left.value == pytest.approx(0.5 * LONG * every, rel=2e-3)
    assert left.asked[0].shape == (LONG,)  # what is drawn is what was given
    near = time_to_target(history, (LONG + 30.0) ** -0.5, every=every)
    assert near.value == pytest.approx(30 * every, rel=0.02)


def test_a_long_schedule_goes_by_the_sum_of_its_rates() -> None:
    """By the clock of all single looks, which ten thousand losses do without."""
    whole = 2 * LONG
    eta = 0.5 * (1 + np.cos(np.pi * np.arange(whole) / whole))
    clock = rate_clock(eta, LONG).times
    left = time_to_target(
        (clock[:LONG] / clock[0]) ** -0.6, float((clock[int(1.4 * LONG)] / clock[0]) ** -0.6), rates=eta
    )
    assert left.value == pytest.approx(0.4 * LONG, rel=5e-3)


def test_means_stand_in_the_middle_of_their_losses() -> None:
    at = looks(None, 7, 2.0).in_means(3)
    assert at.at.tolist() == [6.0, 12.0]  # of 4, 6, 8 and of 10, 12, 14; the first loss is left over
    clock = rate_clock([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0], 7).in_means(3)
    assert clock.looks == 2
    assert clock.rates.tolist() == [3.0, 6.0, 8.5]  # the plan ends within a mean
    assert clock.times.tolist() == pytest.approx([(2 + 4 + 7) / 3, (11 + 16 + 22) / 3, (29 + 37) / 2])


def test_noisy_losses_are_taken_together_until_their_means_are_quiet_or_few() -> None:
    rng = np.random.default_rng(0)
    for scatter, least, most in ((0.05, MANY, 2 * MANY), (0.3, ENOUGH, MANY), (0.9, ENOUGH, 2 * ENOUGH)):
        y = scatter * rng.standard_normal(4 * MANY + 3)
        assert least <= len(y) // together(y) <= most
    assert together(np.zeros(2 * MANY - 1)) == 1


@pytest.mark.parametrize("shape", [2, 3])
def test_skewed_noise_does_not_pass_for_the_target_reached(shape) -> None:
    """Losses of small batches: the mean of their logarithms lies below the logarithm of their mean."""
    t = np.arange(1.0, 2001.0)
    for seed in range(8):
        seen = t**-0.5 * np.random.default_rng(seed).gamma(shape, 1 / shape, 2000)
        try:
            left = time_to_target(seen, 2500**-0.5)
        except NotIdentifiable:
            continue
        assert left.tail != "reached"


def test_the_level_is_that_of_the_mean_loss() -> None:
    """Of three hundred losses with skewed noise; the mean of their logarithms lies 0.13 lower."""
    t, levels = np.arange(1.0, 301.0), []
    for seed in range(200):
        seen = t**-0.5 * np.random.default_rng(seed).gamma(4, 1 / 4, 300)
        levels.append(fit_laws(np.log(seen)).level[POWER] + 0.5 * math.log(300))
    assert np.mean(levels) == pytest.approx(0.0, abs=4 * np.std(levels) / math.sqrt(200))


def test_a_refusal_counts_losses_not_means() -> None:
    flat = np.exp(0.02 * np.random.default_rng(0).standard_normal(LONG))
    with pytest.raises(NotIdentifiable, match="wait for 20000 losses") as refusal:
        time_to_target(flat, 0.5)
    assert refusal.value.needed_samples == 20000
    t = np.arange(1.0, LONG + 1)
    floor = 0.05 + np.exp(-t / 3000)
    with pytest.raises(NotIdentifiable, match=r"above a floor of 0\.05") as refusal:
        time_to_target(floor, 0.052)
    plain, floored = refusal.value.estimate
    assert floored == pytest.approx(3000 * math.log(1 / 0.002) - LONG, rel=0.2)
    assert plain > 0.2 * floored
