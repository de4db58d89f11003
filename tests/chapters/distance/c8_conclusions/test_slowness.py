"""Tests of ``chapters.distance.c8_conclusions.slowness``."""

import math

import numpy as np
import pytest

from tests.xor.test_trajectory_kernels import reference
from trainphys.chapters.distance.c8_conclusions.laws import (
    epochs_of_nearest_over_all,
    free_unit_factor,
    line_share_epochs,
)
from trainphys.chapters.distance.c8_conclusions.slowness import (
    BRIEF,
    NEIGHBOURS,
    _epochs_taken,
    as_far,
    saving_by_start,
    slowness_by_group,
    slowness_by_parameter,
    trapped_share_that_converges,
)
from trainphys.chapters.distance.c8_conclusions.straightness import held_out_share
from trainphys.chapters.distance.c8_conclusions.two_sided import train_two_sided
from trainphys.ensemble import stream
from trainphys.laws.contraction import contraction_factor, epochs_between
from trainphys.laws.straight_line import line_share, slowdown_limit
from trainphys.xor.starts import draw_starts


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


def plain_runs(starts, rate, most, method="full-batch", seed=0):
    """Epochs to a loss of 1e-4 (infinite if more), distance to the solution, whether in the cone, error, start."""
    rows = []
    for r, start in enumerate(starts.tolist()):
        path = reference(start, rate=rate, tolerance=1e-4, max_epochs=most, method=method, seed=seed, run=r)
        side = 0.5 if start[0] >= start[1] else -0.5
        error = [start[0] - side, start[1] + side, start[2]]
        inside = abs(start[0] - start[1]) > abs(start[2])
        arrived = sum((abs(v) - t) ** 2 for v, t in zip(outputs(path[-1]), (0, 1, 1, 0), strict=True)) / 4 < 1e-4
        rows.append((len(path) - 1 if arrived else math.inf, math.hypot(*error), inside, error, start))
    return rows


def outputs(theta):
    return [theta[0] * x + theta[1] * y + theta[2] for x in (-1, 1) for y in (-1, 1)]


def test_groups_are_those_of_single_runs():
    rows = plain_runs(draw_starts("uniform", 2000, 2), 0.1, 92)
    known = [(d, n) for n, d, inside, *_ in rows[::2] if inside]
    belongs = {
        "near the ridge": lambda e, w: abs(w[0] - w[1]) - abs(w[2]) < 0.1,
        "weights of one sign": lambda e, w: w[0] * w[1] > 0,
        "error in the bias": lambda e, w: e[2] ** 2 > 0.7 * sum(v * v for v in e),
        "error in a weight": lambda e, w: e[1] ** 2 > 0.7 * sum(v * v for v in e),
    }
    found, kept = slowness_by_group("uniform", rate=0.1, runs=2000, seed=2, tolerance=1e-4), 0
    for name, rule in belongs.items():
        group = [(n, d) for n, d, inside, e, w in rows[1::2] if inside and rule(e, w)]
        if len(group) < 100:
            assert name not in found
            continue
        kept += 1
        nearest = [sorted(known, key=lambda k, d=d: abs(k[0] - d))[:NEIGHBOURS] for _, d in group]
        assert found[name].epochs.value == pytest.approx(sum(n for n, _ in group) / len(group))
        assert found[name].distance == pytest.approx([d for _, d in group])
        expected = sum(n for near in nearest for _, n in near) / NEIGHBOURS / len(group)
        assert found[name].as_far == pytest.approx(expected, rel=1e-6)
    assert kept


def test_savings_are_those_of_single_runs():
    """By a hundred parts of ten: the nearest start of each is kept; a trap costs what the longest run takes."""
    saved = saving_by_start("uniform, small bias", rate=0.1, runs=1000, seed=2, tolerance=1e-4)
    rows = plain_runs(draw_starts("uniform, small bias", 1000, 2), 0.1, 92)
    cap = max(n for n, *_ in rows if n < math.inf)
    assert any(n == math.inf for n, *_ in rows)
    for part in range(100):
        ten = [(d, n) for n, d, *_ in rows[10 * part : 10 * part + 10]]
        solved = [(d, n) for d, n in ten if n < math.inf]
        d, n = min(ten)
        every = sum(n for _, n in solved) / len(solved)
        lost = (10 / len(solved) - 1) * cap
        assert saved["all"][part] == pytest.approx(every)
        assert (saved["nearest"][part], saved["d_nearest"][part]) == pytest.approx((n, d))
        assert saved["trapped"][part] == pytest.approx(lost)
        assert saved["share"][part] == pytest.approx((every - n) / (every - n + lost), nan_ok=True)
        assert saved["d_all"][part] == pytest.approx(sum(d for d, _ in solved) / len(solved))


def test_epochs_by_parameter_are_those_of_single_runs():
    found, c = slowness_by_parameter((0.7, 1.0), rate=0.1, runs=20, seed=3, tolerance=1e-4), (0.7, 1.0)
    distance = stream(3, "distances").uniform(0.05, 0.35, 20).tolist()
    for axis in range(3):
        starts = [[0.5 / 0.7 + d * (axis == 0), -0.5 + d * (axis == 1), d * (axis == 2)] for d in distance]
        counts = [len(reference(s, rate=0.1, tolerance=1e-4, max_epochs=500, scales=c)) - 1 for s in starts]
        assert found[axis].value == pytest.approx(sum(counts) / 20)


def test_runs_on_single_samples_are_given_up_when_patience_ends():
    starts = draw_starts("uniform", 30, 4)
    slow = [row[0] for row in plain_runs(starts, 0.1, round(BRIEF / 0.1), "per-sample", 6)]
    assert math.inf in slow
    assert _epochs_taken(starts, 0.1, 1e-4, "per-sample", 6).tolist() == slow


def test_trapped_starts_that_arrive_are_counted_one_by_one():
    rows = plain_runs(draw_starts("normal", 100, 4), 0.6, 60)
    outside = [n for n, _, inside, *_ in rows if not inside]
    found = trapped_share_that_converges("normal", rate=0.6, runs=100, seed=4, tolerance=1e-4)
    assert (found.value, found.n) == (sum(n < math.inf for n in outside) / len(outside), len(outside))
