"""Applications of the distance: selection of starts, time to a target, decisions; closed forms and second methods."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize, stats

from trainphys.chapters.distance.c5_applications.allocation import (
    TRAP_DISTANCE,
    captured,
    captured_over_correlation,
    decisions,
    forecast_from_start,
)
from trainphys.chapters.distance.c5_applications.backtest import back_test, model_curves, spectrum_curves
from trainphys.chapters.distance.c5_applications.calibration_runs import calibration_tests, group_widenings
from trainphys.chapters.distance.c5_applications.network_times import crossing_times, network_runs
from trainphys.chapters.distance.c5_applications.recorded_runs import Plan, gradient_norms, record, recorded_task
from trainphys.chapters.distance.c5_applications.smart_starts import (
    LARGE_BIAS,
    loss_tolerance,
    not_slower,
    ranked_runs,
    selection_law,
    starts_of,
    yield_ratio,
)
from trainphys.chapters.distance.c5_applications.successive_halving import halving_search, successive_halving
from trainphys.laws.selection import (
    concordance,
    largest_saving,
    ranking_price,
    saving_by_selection,
    selection_intensity,
)
from trainphys.laws.steps_from_gradient import epochs_from_loss
from trainphys.tools.time_to_target.forecast import WIDENINGS, RemainingSteps, time_to_target, widening_from_runs
from trainphys.tools.time_to_target.loss_tails import EXPONENTS, fit_laws, outlook
from trainphys.tools.time_to_target.refusals import NotIdentifiable, tails_agree_within
from trainphys.workloads.datasets import digits_split
from trainphys.workloads.replicas import Replicas
from trainphys.xor.configurations import RECONSTRUCTED, Configuration
from trainphys.xor.landscape import loss, solution
from trainphys.xor.trajectories import train

PLAIN = Configuration("plain", "pytorch", 0.1, 1e-7)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9])
def test_selection_intensity_is_the_mean_of_the_best_share(share: float) -> None:
    mean, _ = integrate.quad(lambda z: z * stats.norm.pdf(z), -12, stats.norm.ppf(share))
    assert selection_intensity(share) == pytest.approx(-mean / share, rel=1e-8)


def test_breeders_equation_sheppard_and_captured_share_on_normal_pairs() -> None:
    rng, rho, n = np.random.default_rng(3), 0.4, 200_000
    score = rng.standard_normal(n)
    time = 10 + 0.5 * (rho * score + math.sqrt(1 - rho**2) * rng.standard_normal(n))
    kept = time[score <= np.quantile(score, 0.1)]
    saved = 1 - kept.mean() / time.mean()
    error = time.std() / time.mean() / math.sqrt(len(kept))
    assert abs(saved - saving_by_selection(rho, 0.05, 0.1)) < 5 * error
    assert saved < largest_saving(0.05, 0.1)
    half = n // 2
    right = ((score[:half] < score[half:]) == (time[:half] < time[half:])).mean()
    assert abs(right - concordance(rho)) < 5 * 0.5 / math.sqrt(half)
    found = captured(score[:20_000], time[:20_000], seed=0, rivals=8)
    assert abs(found.value - rho) < 5 * found.stderr


@given(st.lists(st.floats(0.1, 100), min_size=10, max_size=40), st.integers(1, 9))
def test_no_ranking_saves_more_than_cauchy_schwarz_allows(times: list[float], kept: int) -> None:
    t = np.sort(times)
    share = kept / len(t)
    saved = 1 - t[:kept].mean() / t.mean()
    assert saved <= largest_saving(t.std() / t.mean(), share) + 1e-9


def test_captured_by_order_statistics_equals_the_mean_over_drawn_groups() -> None:
    rng = np.random.default_rng(0)
    score, time = rng.standard_normal(40), rng.exponential(size=40)
    time += 0.3 * score - min(0, (0.3 * score).min())
    groups = np.array([rng.choice(40, 4, replace=False) for _ in range(40_000)])
    chosen = time[groups[np.arange(len(groups)), score[groups].argmin(axis=1)]]
    direct = (time.mean() - chosen.mean()) / (time.mean() - time[groups].min(axis=1).mean())
    assert captured(score, time, seed=0, rivals=4).value == pytest.approx(direct, abs=0.02)


def test_epochs_from_loss_counts_what_training_takes() -> None:
    start = starts_of("pytorch", 500, seed=1)
    runs = train(start, rate=0.13, tolerance=1e-6, max_epochs=80)
    counted = epochs_from_loss(loss(start.T), rate=0.13, tolerance=1e-6)
    assert (counted[runs.converged] == runs.epochs[runs.converged]).all()
    low = loss(start.T) < 0.25
    assert runs.converged[low].all()
    assert (loss(runs.last)[~runs.converged] > 0.25 - 1e-9).all()


def test_ranking_price_counts_forward_passes() -> None:
    assert ranking_price(0.1, 0.5) == pytest.approx(10 * 0.5 / 3)


def test_ranked_runs_agree_with_the_law_without_training() -> None:
    for c in (PLAIN, Configuration("normal", "normal", 0.1, 1e-7), RECONSTRUCTED[0]):
        own, other = ranked_runs(c, 8000, seed=2), ranked_runs(c, 4000, seed=3)
        law = selection_law(c, seed=4, price=2.0, draws=100_000)
        found = yield_ratio(own.epochs[own.kept], other.epochs, price=2.0, cap=c.max_epochs)
        assert abs(found.value - law.yields) < 5 * math.hypot(found.stderr, 0.01 * law.yields)
        assert own.trapped.mean() == pytest.approx(law.trapped_before, abs=0.03)
        pairs = not_slower(own.epochs[own.kept], own.epochs[~own.kept], seed=0)
        assert abs(pairs.value - law.not_slower) < 5 * pairs.stderr + 0.01


def test_a_low_loss_can_choose_the_traps() -> None:
    own = ranked_runs(Configuration("biased", LARGE_BIAS, 0.1, 1e-7), 2000, seed=0)
    assert own.trapped[own.kept].mean() > own.trapped.mean()
    none = yield_ratio(np.full(20, np.inf), np.array([3.0, np.inf]), price=1.0, cap=10)
    assert none.value == 0
    assert none.stderr > 0


def test_a_stop_on_the_change_is_a_stop_on_a_loss() -> None:
    c = RECONSTRUCTED[0]
    start = starts_of(c.starts, 50, seed=0)
    states = train(start, rate=c.rate, tolerance=1e-300, max_epochs=100).states
    height = loss(states.transpose(1, 0, 2))
    change = np.abs(np.diff(height, axis=0))
    solved = height[-1] < 0.1
    by_change = (change < c.tolerance).argmax(axis=0) + 1
    by_loss = (height < loss_tolerance(c)).argmax(axis=0)
    assert (by_change == by_loss)[solved].all()


def test_the_trap_lies_at_the_stated_distance_and_decides_the_line() -> None:
    trap = np.array([0.0, 0.0, 0.5])
    assert np.linalg.norm(trap - solution(trap)) == pytest.approx(TRAP_DISTANCE)
    near, far = decisions(PLAIN, 2000, seed=0), decisions(Configuration("far", "normal", 0.1, 1e-7), 2000, seed=0)
    assert near.mean_start < TRAP_DISTANCE < far.mean_start
    assert near.by_line.value == near.by_loss.value == far.by_loss.value == 1
    assert abs(far.by_line.value - far.law) < 5 * math.hypot(far.by_line.stderr, 0.016)


def test_first_states_are_forecast_worse_than_all_states() -> None:
    pooled, own = forecast_from_start(RECONSTRUCTED[1], 3000, seed=0)
    assert pooled.value < own.value < 0.9666


def test_crossing_times_of_exponentials_are_exact() -> None:
    t = np.arange(30.0)[:, None]
    rates = np.array([0.1, 0.3, 0.01])
    found = crossing_times(2 * np.exp(-rates * t), 1.0)
    assert found[:2] == pytest.approx(np.log(2) / rates[:2])
    assert np.isinf(found[2])
    assert crossing_times(np.full((3, 1), 0.5), 1.0).tolist() == [0.0]


def test_successive_halving_counts_what_it_drops() -> None:
    curves = np.linspace(1, 0, 9)[:, None] * np.array([1.0, 2.0, 3.0, 0.5])
    assert successive_halving(curves, 1) == (3, 2 * 1 + 1 * 2)


def test_scikit_learns_halving_search_keeps_and_spends_what_the_plain_rule_does() -> None:
    rng = np.random.default_rng(2)
    for _ in range(10):
        curves = np.exp(-np.arange(40.0)[:, None] * rng.uniform(0.02, 0.1, 8)) * rng.uniform(0.9, 1.1, (40, 8))
        assert halving_search(curves, 4) == successive_halving(curves, 4)


def test_the_secured_share_is_the_correlation_and_pairing_shrinks_its_error() -> None:
    rng, rho, n = np.random.default_rng(4), 0.3, 3000
    score = rng.standard_normal(n)
    time = 10 + rho * score + math.sqrt(1 - rho**2) * rng.standard_normal(n)
    ratio, share = captured_over_correlation(score, time, seed=0), captured(score, time, seed=0)
    assert abs(ratio.value - 1) < 4 * ratio.stderr
    assert ratio.stderr < share.stderr / rho


def test_recorded_norms_are_those_of_automatic_differentiation() -> None:
    split, rng = digits_split(), np.random.default_rng(0)
    nets = Replicas((64, 5, 10), rng, 3, momentum=0.5)
    before = [w.clone() for w in nets.weights]
    found = gradient_norms(nets, split.inputs[:200], split.labels[:200])
    assert all(torch.equal(one, other) for one, other in zip(before, nets.weights, strict=True))
    for i in range(3):
        parts = [p[i].clone().requires_grad_(True) for p in (*nets.weights, *nets.biases)]
        hidden = torch.tanh(split.inputs[:200] @ parts[0] + parts[2])
        torch.nn.functional.cross_entropy(hidden @ parts[1] + parts[3], split.labels[:200]).backward()
        square = sum(float((p.grad**2).sum()) for p in parts)
        assert found[i] == pytest.approx(math.sqrt(square), rel=1e-4)


def test_recorded_runs_repeat_and_fall() -> None:
    one, two = (recorded_task("digits", runs=4, seed=1, looks=25) for _ in range(2))
    assert np.array_equal(one.curves, two.curves)
    assert (one.curves[-1] < 0.5 * one.curves[0]).all()
    split = digits_split()
    plan = Plan((64, 4, 10), 16, 2, 3)
    assert record(split.inputs, split.labels, plan, np.full(2, 0.1), np.random.default_rng(0)).norms.shape == (4, 2)


def test_networks_are_ranked_and_trained_as_asked() -> None:
    runs = network_runs("digits", kept=3, random=4, seed=0)
    again = network_runs("digits", kept=3, random=4, seed=0)
    assert np.array_equal(runs.kept_curves, again.kept_curves)
    assert runs.start_loss[runs.kept].max() <= np.delete(runs.start_loss, runs.kept).min()
    assert runs.kept_curves[0] == pytest.approx(runs.start_loss[runs.kept], rel=1e-5)
    assert runs.random_curves[0] == pytest.approx(runs.start_loss[runs.random], rel=1e-5)
    assert (runs.random_curves[-1] < 0.6).all()


@settings(deadline=None)
@given(st.floats(0.02, 0.3), st.floats(0.5, 6.0), st.integers(24, 80))
def test_a_geometric_tail_is_known_exactly(rate: float, depth: float, seen: int) -> None:
    target = math.exp(-rate * (seen - 1) - depth)
    left = time_to_target(np.exp(-rate * np.arange(seen)), target)
    assert left.tail == "geometric"
    assert left.value == pytest.approx(depth / rate, rel=1e-6)
    assert left.low < left.value < left.high


@settings(deadline=None)
@given(st.floats(0.3, 3.0), st.floats(1.5, 20.0), st.integers(30, 200))
def test_a_power_law_tail_is_known_exactly(alpha: float, factor: float, seen: int) -> None:
    left = time_to_target(np.arange(1.0, seen + 1) ** -alpha, (factor * seen) ** -alpha)
    assert left.tail == "power law"
    assert left.value == pytest.approx((factor - 1) * seen, rel=1e-6)


def test_steps_between_losses_scale_the_answer() -> None:
    history = 0.5 * 0.9 ** np.arange(40)
    one, ten = time_to_target(history, 1e-4), time_to_target(history, 1e-4, every=10)
    assert (10 * one.value, 10 * one.low, 10 * one.high) == pytest.approx((ten.value, ten.low, ten.high))


def test_gradient_norms_settle_what_noise_hides() -> None:
    rng, t = np.random.default_rng(5), np.arange(60.0)
    history = np.exp(-0.02 * t + 0.05 * rng.standard_normal(60))
    with pytest.raises(NotIdentifiable) as refusal:
        time_to_target(history, 0.01)
    geometric, power = refusal.value.estimate
    assert geometric < power
    assert 0.01 < refusal.value.needed_loss < history[-1] * 2
    left = time_to_target(history, 0.01, gradient_norms=np.sqrt(history))
    assert left.tail == "geometric"


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
    assert refusal.value.needed_history == 80


def test_a_target_that_is_reached_needs_nothing() -> None:
    left = time_to_target(0.5 * 0.9 ** np.arange(40), 0.4)
    assert (left.value, left.tail) == (0.0, "reached")


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


@settings(deadline=None)
@given(st.sampled_from(EXPONENTS.tolist()), st.floats(0.5, 4.0), st.integers(40, 160))
def test_a_tail_between_the_two_is_known_as_well(p: float, rate: float, seen: int) -> None:
    t = np.arange(1.0, seen + 1) / seen

    def coordinate(time: np.ndarray) -> np.ndarray:
        return np.log(time) if p == 0 else (time**p - 1) / p

    left = time_to_target(np.exp(-rate * coordinate(t)), float(np.exp(-rate * coordinate(np.array(1.5)))))
    assert left.value == pytest.approx(0.5 * seen, rel=1e-4)
    assert left.exponent == pytest.approx(p, abs=1e-3)


def test_the_outlook_leaves_out_laws_that_level_off() -> None:
    laws = fit_laws(0.01 * np.random.default_rng(0).standard_normal(30) - np.log(np.arange(1.0, 31.0)))
    far = outlook(laws, -12.0)
    assert far.never > 0
    assert math.isinf(far.by_law[0])
    assert math.isfinite(far.log_steps)


def test_the_shipped_widths_are_those_of_the_calibration_runs() -> None:
    """Fresh runs of six kinds: the worst kind needs the shipped width, within the scatter of a 90th percentile."""
    found = calibration_tests(seed=17, runs=300)
    needed = group_widenings(found)
    assert all(0.65 * width < needed[group] < 1.2 * width for group, width in WIDENINGS.items())
    for test in found.values():
        held = test.coverage()
        assert held.value > 0.9 - 4 * math.sqrt(0.09 / held.n)


@pytest.mark.parametrize("norms", [False, True])
def test_intervals_cover_runs_that_had_no_part_in_the_calibration(norms: bool) -> None:
    recorded = recorded_task("digits", runs=80, seed=3, looks=60)
    found = back_test(recorded.curves, norms=recorded.norms if norms else None, seed=3)
    assert found.coverage().value > 0.9 - 4 * math.sqrt(0.09 / len(found.truth))
    assert found.refused < 8


def test_intervals_cover_and_can_be_calibrated() -> None:
    curves = spectrum_curves(300, seed=9)
    found = back_test(curves, seed=9)
    assert found.tails["power law"] + found.tails["between"] > 0.9 * len(found.truth)
    assert found.coverage().value > 0.9 - 4 * math.sqrt(0.09 / len(found.truth))
    own = found.own_coverage()
    assert abs(own.value - 0.9) < 5 * own.stderr
    exact = back_test(model_curves(RECONSTRUCTED[1], 50, 0), 1e-7, seed=0)
    assert exact.coverage().value == 1.0
    assert exact.refused == 0
    assert exact.misses().max() < 0.05


def test_conformal_width_is_the_order_statistic() -> None:
    scores = np.random.default_rng(1).permutation(np.arange(1.0, 20.0))
    forecasts = [RemainingSteps(10.0, 9.0, 11.0, "geometric", 0.1, 3.0)] * 19
    assert widening_from_runs(forecasts, 10 * np.exp(0.1 * scores), level=0.9) == pytest.approx(18.0)


@pytest.mark.parametrize(
    "call",
    [
        lambda: selection_intensity(0.0),
        lambda: saving_by_selection(1.2, 0.1, 0.1),
        lambda: saving_by_selection(0.2, -0.1, 0.1),
        lambda: largest_saving(-0.1, 0.1),
        lambda: concordance(-1.1),
        lambda: ranking_price(0.1, 0.0),
        lambda: epochs_from_loss(0.0, rate=0.1, tolerance=1e-7),
        lambda: epochs_from_loss(0.1, rate=0.5, tolerance=1e-7),
        lambda: starts_of("no such kind", 3, 0),
        lambda: ranked_runs(PLAIN, 3, 0),
        lambda: selection_law(RECONSTRUCTED[2], 0),
        lambda: yield_ratio(np.ones(3), np.full(3, np.inf), price=0.0, cap=5.0),
        lambda: captured(np.ones(3), np.ones(3), 0),
        lambda: successive_halving(np.ones((9, 3)), 1),
        lambda: halving_search(np.ones((9, 3)), 1),
        lambda: captured_over_correlation(np.ones(3), np.ones(3), 0),
        lambda: group_widenings({}),
        lambda: crossing_times(np.zeros((3, 2)), 1.0),
        lambda: network_runs("faces", kept=2, random=2, seed=0),  # type: ignore[arg-type]
        lambda: back_test(np.ones((30, 2)), 0.5, seed=0),
        lambda: recorded_task("faces", runs=2, seed=0),
        lambda: time_to_target([1.0, 0.9], 0.1),
        lambda: time_to_target(np.zeros(40), 0.1),
        lambda: time_to_target(0.9 ** np.arange(40), -0.1),
        lambda: time_to_target(0.9 ** np.arange(40), 1e-4, gradient_norms=[1.0]),
        lambda: tails_agree_within(1.0),
        lambda: widening_from_runs([], []),
    ],
)
def test_wrong_input_says_what_was_expected(call) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match="expected"):
        call()
