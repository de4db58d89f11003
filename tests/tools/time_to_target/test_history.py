"""Tests of ``tools.time_to_target.history``."""

import math

import numpy as np
import pytest
import torch

from trainphys import time_to_target
from trainphys.tools.time_to_target.history import without_outliers

HISTORY = 0.5 * 0.9 ** np.arange(40)


@pytest.mark.parametrize(
    ("where", "value", "message"),
    [
        (
            [10],
            math.nan,
            r"got nan at index 10 of 40 \(in all 1 such\): put the mean .* there, or leave it out and give steps$",
        ),
        ([3, 10], math.inf, r"got inf at index 3 of 40 \(in all 2 such\): put the mean"),
        (range(25, 40), math.nan, r"got nan at index 25 of 40 .in all 15 such.: the run failed there.*history\[:25\]$"),
        ([39], math.inf, r"got inf at index 39 of 40 .*history\[:39\]$"),
        ([7, 9], -1.0, r"got -1 at index 7 of 40 \(in all 2 such\): subtract a smaller floor from losses and target$"),
    ],
)
def test_the_first_loss_that_is_none_is_named_with_its_cure(where, value, message):
    history = HISTORY.copy()
    history[list(where)] = value
    with pytest.raises(ValueError, match=message):
        time_to_target(history, 1e-4)


def test_losses_are_taken_as_a_training_loop_has_them():
    known = time_to_target(HISTORY, 1e-4)
    tensors = [torch.tensor(x, requires_grad=True) * 1 for x in HISTORY]
    for history in (tensors, tuple(tensors), torch.stack(tensors), list(HISTORY)):
        assert time_to_target(history, 1e-4) == known
    half = torch.tensor(HISTORY).bfloat16()
    assert time_to_target(half, 1e-4) == time_to_target(half.double().numpy(), 1e-4)
    norms = HISTORY**0.5
    with_norms = time_to_target(HISTORY, 1e-4, gradient_norms=norms)
    assert time_to_target(HISTORY, 1e-4, gradient_norms=torch.tensor(norms, requires_grad=True)) == with_norms


def test_a_masked_loss_is_not_taken_for_one_that_was_measured():
    masked = np.ma.masked_array(HISTORY, mask=np.arange(40) == 7)
    with pytest.raises(ValueError, match="got nan at index 7 of 40"):
        time_to_target(masked, 1e-4)


@pytest.mark.parametrize(
    "call",
    [
        lambda: time_to_target(list(enumerate(HISTORY)), 1e-4),
        lambda: time_to_target(1e-4, HISTORY),
        lambda: time_to_target(HISTORY[:, None], 1e-4),
    ],
)
def test_a_history_of_another_shape_is_told_what_it_is_made_of(call):
    with pytest.raises(ValueError, match=r"one loss after the other .* without their steps, and history, target in"):
        call()


def test_one_loss_far_off_its_neighbours_moves_no_forecast():
    for factor in (0.05, 20.0):
        for seed in range(20):
            rng = np.random.default_rng(seed)
            seen = 0.97 ** np.arange(120) * np.exp(0.02 * rng.standard_normal(120))
            off = seen.copy()
            off[rng.integers(60, 119)] *= factor
            one, other = time_to_target(seen, 1e-3), time_to_target(off, 1e-3)
            assert math.log(other.value / one.value) == pytest.approx(0, abs=0.05)
            assert other.high / other.low < 1.5 * one.high / one.low
            assert other.asked[0].tolist() == pytest.approx(off.tolist())  # what is drawn is what was given


def test_outliers_are_a_factor_two_and_ten_times_the_noise_off():
    rng = np.random.default_rng(2)
    y = -0.01 * np.arange(200) + 0.02 * rng.standard_normal(200)
    for far, moved in ((0.6, False), (-0.6, False), (0.8, True), (-0.8, True)):
        off = y.copy()
        off[50] += far
        assert (without_outliers(off)[50] != off[50]) == moved, far
        assert (np.delete(without_outliers(off), 50) == np.delete(y, 50)).all()
    noisy = y + 0.3 * rng.standard_normal(200)  # within its noise nothing is far
    assert (without_outliers(noisy) == noisy).all()


def test_falls_steps_and_the_last_loss_are_no_outliers():
    for curve in (-3.0 * np.arange(40), 2.0 * np.arange(40), np.where(np.arange(40) < 20, 0.0, -9.0)):
        assert (without_outliers(curve) == curve).all()
    last = np.append(np.zeros(39), 5.0)
    assert (without_outliers(last) == last).all()
