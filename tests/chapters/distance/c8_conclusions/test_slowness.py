"""Tests of ``chapters.distance.c8_conclusions.slowness``."""

import numpy as np
import pytest

from trainphys.chapters.distance.c8_conclusions.laws import (
    epochs_of_nearest_over_all,
    free_unit_factor,
    line_share_epochs,
)
from trainphys.chapters.distance.c8_conclusions.slowness import (
    NEIGHBOURS,
    as_far,
    saving_by_start,
    slowness_by_group,
    slowness_by_parameter,
    trapped_share_that_converges,
)
from trainphys.chapters.distance.c8_conclusions.straightness import held_out_share
from trainphys.chapters.distance.c8_conclusions.two_sided import train_two_sided
from trainphys.laws.contraction import contraction_factor, epochs_between
from trainphys.laws.straight_line import line_share, slowdown_limit


def test_slowness_by_parameter_counts_to_the_end():
    w1, _, b = slowness_by_parameter((0.2, 1.0), rate=0.1, runs=4000, seed=0)
    for found, scale in ((w1, 0.2), (b, 1.0)):  # mean of ln d over (0.05, 0.35); rounding up adds a half
        mean_log = (0.35 * np.log(0.35) - 0.05 * np.log(0.05)) / 0.3 - 1
        law = (mean_log + np.log(scale / np.sqrt(1e-7))) / -np.log(contraction_factor(0.1, scale)) + 0.5
        assert abs(found.value - law) < 5 * found.stderr
    with pytest.raises(ValueError, match="smaller steps"):
        slowness_by_parameter((1.0, 1.0), rate=2, runs=20, seed=0)


@pytest.mark.parametrize("rate", [0.01, 0.001])
def test_slowness_by_group_has_its_groups_at_every_rate(rate):
    found = slowness_by_group("uniform", rate=rate, runs=4000, seed=1)
    fast = slowness_by_group("uniform", rate=0.1, runs=4000, seed=1)
    assert (
        set(found) == set(fast) == {"near the ridge", "weights of one sign", "error in the bias", "error in a weight"}
    )
    for name, (epochs, *_) in found.items():  # a time is ln d over -ln k, rounded up
        whole = (epochs.value - 0.5) * -np.log(contraction_factor(rate))
        assert whole == pytest.approx((fast[name][0].value - 0.5) * -np.log(contraction_factor(0.1)), rel=0.01)


def test_saving_by_start_runs_to_a_small_tolerance():
    saved = saving_by_start("uniform", rate=0.1, runs=2000, seed=0, tolerance=1e-30)
    assert saved["all"].mean() == pytest.approx(saving_by_start("uniform", rate=0.1, runs=2000, seed=0)["all"].mean()
                                                + 23 * np.log(10) / 2 / -np.log(0.8), abs=1)  # fmt: skip


def test_as_far_takes_the_nearest():
    rng = np.random.default_rng(0)
    distance, epochs, asked = rng.exponential(size=400), rng.normal(size=400), rng.uniform(-1, 6, 50)
    nearest = np.argsort(np.abs(distance - asked[:, None]), axis=1)[:, :NEIGHBOURS]
    assert as_far(distance, epochs, asked) == pytest.approx(epochs[nearest].mean(axis=1))


def test_ordinary_starts_are_as_slow_as_their_distance():
    for measured, expected, _ in slowness_by_group("pytorch", rate=0.1, runs=4000, seed=1).values():
        assert abs(measured.value - expected) < 0.1
    one, other, _ = slowness_by_parameter((1.0, 0.5), rate=0.1, runs=200, seed=0)
    assert other.value > 3 * one.value


def test_savings_are_those_of_the_law():
    saved = saving_by_start("uniform, zero bias", rate=0.1, runs=5000, seed=0)
    assert (saved["trapped"] == 0).all()
    np.testing.assert_allclose(saved["share"], 1.0)
    gain = saved["all"] - saved["nearest"]
    assert gain.mean() == pytest.approx(5.7, abs=5 * gain.std() / np.sqrt(len(gain)) + 0.1)


def test_the_law_of_the_nearest_is_what_runs_take():
    law = epochs_of_nearest_over_all("uniform, zero bias", rate=0.1, tolerance=1e-7, runs=5000, seed=1)
    saved = saving_by_start("uniform, zero bias", rate=0.1, runs=5000, seed=0)
    assert saved["nearest"].mean() / saved["all"].mean() == pytest.approx(law, rel=0.01)


def test_full_batch_leaves_no_trap():
    assert trapped_share_that_converges("pytorch", rate=0.1, runs=2000, seed=0, tolerance=1e-7).value == 0.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: epochs_between(0.5, 0.1), "ratios >= 1"),
        (lambda: line_share(1.0), "slow-downs > 1"),
        (lambda: line_share_epochs(0.5, 3), "rate in .0, 0.5."),
        (lambda: slowdown_limit(1.0), "share in"),
        (lambda: held_out_share(np.arange(2), np.ones(2), np.ones(2), seed=0), "two runs"),
        (lambda: free_unit_factor(4, 0.1), "1 to 3 active"),
        (lambda: train_two_sided(np.zeros((2, 3)), rate=0.1, tolerance=1.0, max_epochs=1), "expected starts"),
        (lambda: as_far([1.0], [1.0], [1.0]), "reference runs"),
    ],
)
def test_bad_input_names_its_cure(call, message):
    with pytest.raises(ValueError, match=message):
        call()
