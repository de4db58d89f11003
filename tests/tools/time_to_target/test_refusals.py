"""Tests of ``tools.time_to_target.refusals``."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import optimize

from trainphys.errors import NotIdentifiable
from trainphys.tools.time_to_target.forecast import time_to_target
from trainphys.tools.time_to_target.loss_tails import GEOMETRIC, POWER, fit_laws, outlook
from trainphys.tools.time_to_target.refusals import (
    refuse_reached_by_noise,
    refuse_undecided,
    refuse_unsettled,
    tails_agree_within,
)

LAWS = fit_laws(-0.1 * np.arange(40.0))


@pytest.mark.parametrize(
    ("history", "word"),
    [
        (0.25 + 0.5 * 0.85 ** np.arange(40), "levels off"),  # a trap of the model
        (np.full(40, 0.3), "falling loss"),
        (np.exp(0.01 * np.arange(40)), "falling loss"),
        (1 - 1e-3 * 1.15 ** np.arange(40), "settled rate"),  # leaving a saddle
    ],
)
def test_the_forecast_refuses_what_it_cannot_know(history: np.ndarray, word: str) -> None:
    with pytest.raises(NotIdentifiable, match=word) as refusal:
        time_to_target(history, 1e-3)
    assert (refusal.value.estimate, refusal.value.needed_loss, refusal.value.needed_samples) == (None, None, 80)


def test_both_tails_agree_nearby() -> None:
    root = optimize.brentq(lambda x: math.expm1(x) / x - 2.0, 0.1, 5)
    assert tails_agree_within(2.0) == pytest.approx(root)
    t, found = np.arange(1.0, 25.0), []
    for seed in range(60):
        noisy = np.exp(-0.02 * t + 0.05 * np.random.default_rng(seed).standard_normal(24))
        try:
            found.append(time_to_target(noisy, 0.9 * float(noisy.min())))
        except NotIdentifiable:
            continue
    either = [left for left in found if left.tail == "either"]
    assert either
    assert all(left.low < left.value < left.high for left in either)


def test_tails_agree_from_next_to_nothing_to_anything():
    for excess in (1e-15, 1e-9, 1e-5):
        assert tails_agree_within(1 + excess) == pytest.approx(2 * np.log1p((1 + excess) - 1), rel=1e-5)
    for factor_ in (1.0001, 1.05, 1.106, 1.108, 1.5, 3.0, 1e6, 1e300):
        x = tails_agree_within(factor_)
        assert np.expm1(x) / x == pytest.approx(factor_, rel=1e-10 if factor_ > 1e3 else 1e-13)
    for bad in (1.0, 0.5, math.inf, math.nan):
        with pytest.raises(ValueError, match=r"factor in \(1, inf\)"):
            tails_agree_within(bad)


def changed(name: str, law: int, value: float) -> np.ndarray:
    array = getattr(LAWS, name).copy()
    array[law] = value
    return array


@pytest.mark.parametrize(
    ("name", "law", "fine", "refused", "word"),
    [
        ("rate", 3, 1e-9, 0.0, "a falling loss, got a fall of 0.1 in its"),
        ("bend", POWER, 0.51, 0.5, r"levels off \(bend 0.5\).* wait for 80 losses"),
        ("bend", POWER, 0.51, math.nan, "levels off"),
        ("bend", GEOMETRIC, 1.99, 2.0, r"one that grows \(bend 2\): wait for 80 losses"),
    ],
)
def test_a_rate_has_to_fall_and_to_keep_within_a_factor_two(name, law, fine, refused, word) -> None:
    refuse_unsettled(replace(LAWS, **{name: changed(name, law, fine)}))
    with pytest.raises(NotIdentifiable, match=word) as refusal:
        refuse_unsettled(replace(LAWS, **{name: changed(name, law, refused)}))
    assert refusal.value.needed_samples == 80


def test_a_rate_has_to_be_twice_its_error_at_one_end() -> None:
    errors = 0.51 * LAWS.rate
    for seen in (POWER, GEOMETRIC):
        one = errors.copy()
        one[seen] = 0.49 * LAWS.rate[seen]
        refuse_unsettled(replace(LAWS, rate_error=one))
    with pytest.raises(
        NotIdentifiable, match=r"a fall of 0.1 in its logarithm from loss to loss, with error 0.051: wait for 80 losses"
    ):
        refuse_unsettled(replace(LAWS, rate_error=errors))
    with pytest.raises(NotIdentifiable, match="falling loss"):
        refuse_unsettled(replace(LAWS, rate_error=0.5 * LAWS.rate))


def test_a_target_within_the_noise_is_refused_when_the_law_counts() -> None:
    """Level -3.9 and noise 0.2 of the geometric tail: targets above -4.1 are too near."""
    laws = replace(LAWS, noise=np.full_like(LAWS.noise, 0.2))
    refuse_reached_by_noise(laws, math.exp(-4.11))
    with pytest.raises(
        NotIdentifiable,
        match=r"expected a target below the smoothed loss, got 0\.01.*: it is nearer than the noise; give means",
    ) as refusal:
        refuse_reached_by_noise(laws, math.exp(-4.09))
    assert refusal.value.needed_samples == 41
    for weight, refused in ((0.009, False), (0.011, True)):
        level, evidence = np.full_like(laws.level, 0.0), np.full_like(laws.level, -np.inf)
        level[3], evidence[3], evidence[GEOMETRIC] = -4.0, math.log(weight), math.log(1 - weight)
        if refused:
            with pytest.raises(NotIdentifiable):
                refuse_reached_by_noise(replace(laws, level=level, evidence=evidence), math.exp(-4.1))
        else:
            refuse_reached_by_noise(replace(laws, level=level, evidence=evidence), math.exp(-4.1))


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"never": 0.1}, False),
        ({"never": 0.11}, True),
        ({"between_laws": math.log(1.99)}, False),
        ({"between_laws": math.log(2.01)}, True),
    ],
)
def test_laws_that_disagree_are_refused_with_what_each_tail_says(change, refused) -> None:
    """By its definition the loss that is asked for makes both tails agree within a factor 1.5."""
    found = replace(outlook(LAWS, -8.0), **change)
    if not refused:
        refuse_undecided(LAWS, found, math.exp(-8.0), 10.0)
        return
    with pytest.raises(NotIdentifiable, match="favours one tail, got 410 steps by a geometric tail") as refusal:
        refuse_undecided(LAWS, found, math.exp(-8.0), 10.0)
    geometric, power = refusal.value.estimate
    assert geometric == pytest.approx(410.0)
    alpha = LAWS.rate[POWER]
    level = LAWS.level[POWER]
    assert power == pytest.approx(400 * math.expm1((level + 8.0) / alpha))
    x = (math.log(refusal.value.needed_loss) + 8.0) / alpha
    assert math.expm1(x) / x == pytest.approx(1.5)
    assert str(refusal.value).endswith(
        f"{power:.3g} by a power law and {found.never:.0%} for levelling off: ask again below a loss of "
        f"{refusal.value.needed_loss:.3g} or after 80 losses"
    )
    assert refusal.value.needed_samples == 80
