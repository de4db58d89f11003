"""Networks side by side against torch one at a time; the sweep's search, its repeatability, and its fits."""

import functools
from dataclasses import replace

import numpy as np
import pytest

from trainphys.chapters.power.shared import batch_sweep
from trainphys.chapters.power.shared.batch_sweep import PERCEPTRON, SOFTMAX, NotBracketed, measured_steps, tuned
from trainphys.chapters.power.shared.claimed import CLAIMED_SAMPLES, CLAIMED_TIME, claimed_efficiency, claimed_time
from trainphys.ensemble import sweep
from trainphys.estimate import Estimate
from trainphys.laws.batch_size import steps_to_target as law
from trainphys.tools.batch_size import bounds
from trainphys.tools.batch_size.fit import PLAIN_STEPS, STEPS, bootstrap, fit, held_out

EASY = replace(SOFTMAX, target_loss=0.4)


def test_runs_do_not_depend_on_their_company_or_on_when_they_are_first_looked_at():
    rates = np.array([4.0, 6.0])
    together = measured_steps(EASY, 8, rates, runs=4, seed=1, patience=50)
    alone = measured_steps(EASY, 8, rates[1:], runs=4, seed=1, patience=50)
    late = measured_steps(EASY, 8, rates[1:], runs=4, seed=1, patience=50, first_look=10_000)
    assert np.allclose(together[1], alone[0], rtol=1e-3)
    assert np.array_equal(alone, late)
    assert not np.array_equal(alone, measured_steps(EASY, 8, rates[1:], runs=4, seed=2, patience=50))


def test_exact_gradient_repeats_itself():
    steps = measured_steps(EASY, 0, np.array([5.0]), runs=3, seed=0)
    assert np.ptp(steps) < 1e-5  # a matrix product may round its first and its last replica differently


def test_the_search_brackets_the_optimum_from_a_bad_start():
    for start in (3.0, 400.0):
        rates, tried = tuned(replace(EASY, learning_rate=start), 64, runs=4, seed=0)
        best = int(np.argmin(tried.mean(axis=1)))
        assert 0 < best < len(rates) - 1
        assert 5 < rates[best] < 60


def test_an_optimum_at_the_edge_is_an_error():
    with pytest.raises(NotBracketed, match="inside"):
        tuned(replace(EASY, learning_rate=0.3), 64, runs=2, seed=0, widenings=1)


def test_the_sweep_is_the_same_for_any_number_of_workers():
    task = functools.partial(batch_sweep._sweep_point, EASY, 2, 3)
    one, two = (sweep(task, [16, 64], seed=0, workers=w, progress=False) for w in (1, 2))
    for a, b in zip(one, two, strict=True):
        assert a.learning_rates == b.learning_rates
        assert a.steps.tobytes() == b.steps.tobytes()


@pytest.mark.slow
def test_small_batches_scale_perfectly_and_large_ones_saturate():
    points = batch_sweep.batch_size_sweep(
        workload=replace(PERCEPTRON, target_loss=0.2), batch_sizes=(4, 8, 512, 1024), tuning_runs=4, runs=32, seed=0
    )
    small, twice, large, largest = (p.mean() for p in points)
    gain, saturated = bounds.ratio(small, twice), bounds.ratio(large, largest)
    assert abs(gain.value - 2) < 5 * gain.stderr
    assert gain.value > 2**0.5 + 5 * gain.stderr
    assert 0.9 < saturated.value < 1.4


BATCH = 2.0 ** np.arange(11)


@pytest.mark.parametrize(
    ("which", "values", "truth"),
    [
        (STEPS, law(BATCH, 30, 60, 1.8), (30, 60, 1.8)),
        (PLAIN_STEPS, law(BATCH, 30, 60), (30, 60)),
        (CLAIMED_TIME, 500 * claimed_time(BATCH / 20, 8.0), (500, 20, 8.0)),
        (CLAIMED_SAMPLES, 500 / claimed_efficiency(BATCH / 50, 3.0), (500, 50, 3.0)),
    ],
)
def test_each_law_is_recovered_from_its_own_curve(which, values, truth):
    found = fit(which, BATCH, values)
    assert found.values == pytest.approx(truth, rel=1e-3)
    assert found.rms < 1e-4
    assert held_out(which, BATCH, values)[3:8] == pytest.approx(values[3:8], rel=1e-2)


def test_the_claimed_law_cannot_imitate_perfect_scaling():
    assert fit(CLAIMED_TIME, BATCH, law(BATCH, 30, 60)).rms > 0.3


def test_bootstrap_interval_covers_the_truth_and_follows_the_seed():
    rng = np.random.default_rng(0)
    runs = [m * rng.lognormal(0, 0.1, 40) for m in law(BATCH, 30, 60, 1.8)]
    draws = bootstrap(STEPS, BATCH, runs, draws=40, seed=1)
    low, high = np.quantile(draws, [0.001, 0.999], axis=0)
    assert np.all(low < (30.5, 62, 1.9))
    assert np.all(high > (29.5, 58, 1.7))
    assert np.array_equal(draws[:3], bootstrap(STEPS, BATCH, runs, draws=3, seed=1))


def test_fits_refuse_what_they_cannot_fit():
    with pytest.raises(ValueError, match="points or more"):
        fit(STEPS, [1.0, 2.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="never reach"):
        fit(STEPS, BATCH, np.full(11, np.inf))


def test_bounds_order_and_errors_add():
    fewest, samples = Estimate(20.0, 0.2, 30, 29), Estimate(4000.0, 40.0, 90, 89)
    for batch in (1, 100, 200, 300, 10_000):
        low = bounds.fewest_steps_bound(fewest, samples, batch)
        high = bounds.most_steps_bound(fewest, samples, batch)
        assert low.value < high.value <= 2 * low.value
        assert high.stderr >= low.stderr
    rng = np.random.default_rng(1)
    quotients = rng.normal(8, 0.2, 20_000) / rng.normal(4, 0.1, 20_000)
    assert bounds.ratio(Estimate(8, 0.2, 9), Estimate(4, 0.1, 9)).stderr == pytest.approx(quotients.std(), rel=0.03)


def test_scaling_exponent_has_the_error_of_repeated_fits():
    rng, sizes = np.random.default_rng(2), [1.0, 2.0, 4.0, 8.0]
    values = [Estimate(100 / s, 1 / s, 50, 49) for s in sizes]
    found = bounds.scaling_exponent(sizes, values)
    assert found.value == pytest.approx(-1)
    assert found.dof == pytest.approx(4 * 49, rel=0.5)
    noisy = np.log(
        [[v.value + v.stderr * z for v, z in zip(values, row, strict=True)] for row in rng.normal(size=(4000, 4))]
    )
    assert found.stderr == pytest.approx(np.polyfit(np.log(sizes), noisy.T, 1)[0].std(), rel=0.05)
    with pytest.raises(ValueError, match="two batch sizes"):
        bounds.scaling_exponent([2.0], values[:1])
    with pytest.raises(ValueError, match="each of the steps"):
        bounds.samples_at_small_batch([], [])
