"""Single updates, closing times, escapes, the frontier, margins, and whether the document's laws agree."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from trainphys.chapters.power.a1_basic_relations.closing_time import (
    claimed_closing_time,
    descent_losses,
    neglected_term,
)
from trainphys.chapters.power.a1_basic_relations.digits_updates import digits_best_decrease, digits_descent
from trainphys.chapters.power.a1_basic_relations.escape_runs import simulated_basin_quality, simulated_escape_time
from trainphys.chapters.power.a1_basic_relations.update_quality import simulated_best_quality
from trainphys.chapters.power.a2_pareto_frontier.frontier import claimed_product, measured_elasticity_ratio
from trainphys.chapters.power.a4_operating_regimes import consistency
from trainphys.chapters.power.a4_operating_regimes.mean_square_runs import simulated_mean_square_limit
from trainphys.chapters.power.shared.claimed import claimed_time
from trainphys.chapters.power.shared.law_table import CAPPED_SAMPLES, SECTION_2, SECTION_4, SECTION_8, score, section_1
from trainphys.ensemble import stream
from trainphys.estimate import Estimate
from trainphys.laws.batch_size import (
    best_expected_decrease,
    elasticity_ratio,
    noise_batch_size,
    product_of_time_and_efficiency,
    sample_efficiency,
    steps_to_target,
    update_quality,
)
from trainphys.laws.escape import basin_quality, kramers_time, mean_escape_time
from trainphys.laws.stability import mean_square_limit, stability_margin
from trainphys.systems.noisy_quadratic import NoisyQuadratic, power_law_quadratic
from trainphys.tools.batch_size.fit import PLAIN_STEPS, STEPS, fit

MODEL = power_law_quadratic(16)


def near(found: Estimate, expected: float, sigmas: float = 5.0) -> bool:
    return abs(found.value - expected) <= sigmas * found.stderr


@given(rate=st.floats(1e-3, 1.0), batch=st.floats(0.1, 1e3))
def test_quality_is_the_model_s_own_first_update(rate, batch):
    decrease = MODEL.initial_loss() - MODEL.expected_loss(1, rate, batch)
    squared = sum(c**2 for c in MODEL.curvature)
    assert update_quality(MODEL, rate, batch) == pytest.approx(decrease / (rate * squared), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("batch", [0.5, 3.0, 50.0])
def test_best_quality_is_the_top_over_learning_rates(batch):
    rates = np.linspace(1e-3, 1.99, 20_001)
    top = lambda b: max(r * update_quality(MODEL, r, b) for r in rates)  # noqa: E731
    assert best_expected_decrease(batch, noise_batch_size(MODEL)) == pytest.approx(top(batch) / top(np.inf), rel=1e-5)
    (found,) = simulated_best_quality(model=MODEL, batch_sizes=(batch,), replicas=8000, seed=1)
    assert near(found, best_expected_decrease(batch, noise_batch_size(MODEL)))


def test_simulated_quality_has_an_honest_error():
    found = [simulated_best_quality(model=MODEL, batch_sizes=(1.0,), replicas=400, seed=s)[0] for s in range(60)]
    spread = np.std([f.value for f in found], ddof=1)
    assert np.mean([f.stderr for f in found]) == pytest.approx(spread, rel=0.35)


def test_first_order_law_is_the_limit_of_descent_and_its_error_the_neglected_term():
    h = np.array(MODEL.curvature)
    squared, along = float((h**2).sum()), float((h**3).sum())
    excess = []
    for rate in (1e-3, 5e-4):
        losses = descent_losses(lambda p: 0.5 * h @ p**2, lambda p: h * p, np.ones(16), rate, 20)
        gap = losses[0] - losses[-1]
        excess.append(20 / claimed_closing_time(gap, rate, squared) - 1)
        assert excess[-1] == pytest.approx(neglected_term(gap, rate, squared, along), rel=0.05)
    assert excess[0] / excess[1] == pytest.approx(2.0, rel=0.05)  # first order


def test_digits_start_at_ln_ten_and_descend():
    run = digits_descent(learning_rate=0.01, updates=3)
    assert run.losses[0] == pytest.approx(math.log(10), rel=1e-6)
    assert run.losses[0] - run.losses[1] == pytest.approx(0.01 * run.squared_gradient, rel=2e-3)


def test_digits_best_decrease_rises_with_the_batch():
    small, large = digits_best_decrease(batch_sizes=(4, 256), warm_up=3, replicas=16, seed=0)
    assert 0 < small.value < large.value < 1.05


@pytest.mark.parametrize("barrier", [0.5, 2.0, 8.0])
def test_escape_time_by_a_second_quadrature(barrier):
    inner = lambda y: quad(lambda z: math.exp(-barrier * (z * z - 1) ** 2), -4, y)[0]  # noqa: E731
    value = barrier * quad(lambda y: math.exp(barrier * (y * y - 1) ** 2) * inner(y), -1, 1)[0]
    assert mean_escape_time(barrier) == pytest.approx(value, rel=1e-6)


def test_escape_tends_to_kramers_and_walkers_to_the_integral():
    excess = [mean_escape_time(b) / kramers_time(b) - 1 for b in (20.0, 40.0)]
    assert excess[0] / excess[1] == pytest.approx(2, rel=0.1)
    assert near(simulated_escape_time(barrier=1.0, replicas=3000, seed=3), mean_escape_time(1.0))


def test_basin_quality_is_the_mean_of_simulated_updates():
    found = simulated_basin_quality(position=-1.4, barrier=3.0, learning_rate=0.02, replicas=40_000, seed=0)
    assert near(found, basin_quality(-1.4, 3.0, 0.02))


@given(alpha=st.floats(1e-3, 1e3), p=st.floats(0.5, 6))
def test_price_of_time_is_alpha_to_the_sharpness(alpha, p):
    step = 1 + 1e-4
    times = [float(steps_to_target(alpha * f, 1.0, 1.0, p)) for f in (1 / step, step)]
    if 1e-3 < alpha**p < 1e3:  # beyond, one of the slopes is lost in rounding
        assert elasticity_ratio(times[0], times[1], step**2) == pytest.approx(alpha**p, rel=1e-3)


def test_frontier_closed_forms():
    assert claimed_product(np.array([0.5, 1.0, 2.0])).argmin() == 1
    steps, batch = float(steps_to_target(50.0, 20.0, 100.0, 1.7)), 50.0
    share = float(sample_efficiency(batch, 100.0, 1.7))
    assert product_of_time_and_efficiency(batch, 2000.0) == pytest.approx(steps * share)


def test_error_of_the_elasticity_by_resampling():
    rng = stream(0, "test")
    draws = [elasticity_ratio(200 + 2 * a, 120 + b, 4.0) for a, b in rng.standard_normal((4000, 2))]
    found = measured_elasticity_ratio(Estimate(200.0, 2.0, 9), Estimate(120.0, 1.0, 9), 4.0)
    assert found.stderr == pytest.approx(np.std(draws), rel=0.06)


@pytest.mark.parametrize(("batch", "dimension"), [(1, 1), (3, 2), (20, 4)])
def test_mean_square_limit_is_measured(batch, dimension):
    found = simulated_mean_square_limit(batch_size=batch, dimension=dimension, numbers=600_000, seed=2)
    assert near(found, mean_square_limit(batch, dimension))


def test_squared_error_grows_above_the_limit_and_falls_below():
    rng, growth = stream(1, "ensemble"), {}
    for share in (0.8, 1.2):
        theta = np.tile([1.0, 0.0], (40_000, 1))
        for _ in range(3):
            inputs = rng.standard_normal((40_000, 5, 2))
            slope = np.einsum("kbi,kb->ki", inputs, np.einsum("kbi,ki->kb", inputs, theta)) / 5
            theta = theta - share * mean_square_limit(5, 2) * slope
        growth[share] = float((theta**2).sum(axis=1).mean())
    assert growth[0.8] < 1 < growth[1.2]


@given(x=st.floats(0.05, 0.95))
def test_margin_is_greatest_where_its_derivative_says(x):
    alpha = (1 - x) / x
    around = [stability_margin(alpha * f, x) for f in (0.9, 1.0, 1.1)]
    assert np.argmax(around) == 1
    assert stability_margin(1.0, x) == 1.0


def test_pairs_agree_exactly_under_their_exponent_and_nowhere_else():
    for pair in consistency.pairs():
        assert consistency.factor(pair, 1.0, 0.3) == pytest.approx(1.0)
        exponent = consistency.agreeing_exponent(pair)
        if exponent is not None and not math.isnan(exponent):
            for alpha in (0.2, 7.0):
                assert consistency.factor(pair, alpha, exponent) == pytest.approx(1.0)
                assert consistency.factor(pair, alpha, exponent + 0.5) != pytest.approx(1.0)


def test_factors_cover_every_pair_and_rule():
    rows = list(consistency.factors((1.0, 2.0)))
    assert len(rows) == sum(4 if pair.scaled else 1 for pair in consistency.pairs())
    (four_seven,) = [f for pair, _, f in rows if pair.name == "time: 4 | 7"]
    assert four_seven == pytest.approx(tuple(claimed_time([1.0, 2.0], 10.0) * np.sqrt([1.0, 2.0])))


@pytest.mark.parametrize(
    ("law", "values"),
    [(SECTION_2, (30.0, 200.0)), (SECTION_4, (50.0,)), (SECTION_8, (2.0,)), (CAPPED_SAMPLES, (900.0, 40.0))],
)
def test_fits_find_the_constants_of_their_own_curve(law, values):
    b = 2.0 ** np.arange(10)
    assert fit(law, b, law.curve(b, np.array(values))).values == pytest.approx(values, rel=1e-5)


def test_score_prefers_the_law_behind_the_data():
    b = 2.0 ** np.arange(9)
    points = [Estimate(float(steps_to_target(x, 20.0, 60.0, 2.0)) * 1.0, 0.1, 50) for x in b]
    found = {
        law.name: score("made up", law, b.tolist(), points, draws=6, seed=0) for law in (STEPS, PLAIN_STEPS, SECTION_4)
    }
    errors = [s.held_out_error for s in found.values()]
    assert errors == sorted(errors)
    best = found[STEPS.name]
    assert best.critical_low <= best.critical_batch_size <= best.critical_high
    assert best.critical_batch_size == pytest.approx(60, rel=0.05)
    assert section_1([1.0, 4.0], [1.0, 2.0]).curve(np.array([1.0, 4.0]), np.array([3.0])).tolist() == [3.0, 3.0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: update_quality(MODEL, 0.0, 1.0), "learning_rate"),
        (lambda: best_expected_decrease(-1.0, 1.0), "batch_size > 0"),
        (lambda: claimed_closing_time(1.0, 0.0, 1.0), "gap >= 0"),
        (lambda: neglected_term(-1.0, 0.1, 1.0, 1.0), "gap >= 0"),
        (lambda: descent_losses(lambda p: 0.0, lambda p: p, np.ones(1), -1.0, 2), "learning_rate > 0"),
        (lambda: digits_descent(learning_rate=-1.0, updates=1), "learning_rate, updates > 0"),
        (lambda: mean_escape_time(1000.0), "barrier between"),
        (lambda: basin_quality(1.0, 1.0, 0.1), "slope"),
        (lambda: claimed_product(0.0), "alpha > 0"),
        (lambda: product_of_time_and_efficiency(0.0, 1.0), "batch_size, samples > 0"),
        (lambda: elasticity_ratio(1.0, 2.0, 4.0), "falling updates"),
        (lambda: mean_square_limit(1.0, 0), "positive arguments"),
        (lambda: stability_margin(0.0, 0.5), "alpha > 0"),
        (lambda: simulated_mean_square_limit(batch_size=100, dimension=10, numbers=1000, seed=0), "100 batches"),
        (lambda: consistency.factor(consistency.pairs()[0], -1.0), "alpha, critical_alpha > 0"),
        (lambda: score("x", STEPS, [1.0, 2.0], [Estimate(1.0, 0.1, 9)] * 2, draws=9, seed=0), "more batch sizes"),
    ],
)
def test_wrong_input_is_told_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_noise_scale_is_zero_without_noise():
    assert noise_batch_size(NoisyQuadratic((1.0, 2.0), (0.0, 0.0))) == 0.0
