"""Tests of ``tools.batch_size.new_run``."""

import numpy as np
import pytest
from scipy.optimize import curve_fit
from scipy.stats import t as student

from tests.tools.batch_size.test_operating_point import LAW, SIZES, made
from trainphys.estimate import Estimate
from trainphys.laws.batch_size import steps_to_target
from trainphys.tools.batch_size.new_run import predicted_steps, updates_as_measured

RUNS = 50


def law(batch, *logarithms):
    return np.log(steps_to_target(batch, *np.exp(logarithms)))


@pytest.mark.filterwarnings("ignore:The law misses")
@pytest.mark.parametrize("error", [0.0, 1e-3, 0.03, 0.3])
def test_the_interval_is_that_of_a_regression_and_of_one_run(error):
    """Half width from scipy's covariance, of the residuals or of the errors where these are larger, and one run's."""
    noisy = steps_to_target(SIZES, **LAW) * np.random.default_rng(3).lognormal(0, 0.1, len(SIZES))
    sweep = made(steps=tuple(Estimate(float(s), error * float(s), RUNS) for s in noisy))
    known = {"sigma": np.full(len(SIZES), error), "absolute_sigma": True} if error > 0.1 else {}
    x, covariance = curve_fit(law, SIZES, np.log(noisy), p0=np.log(list(LAW.values())), **known)
    square = max(error**2, ((law(SIZES, *x) - np.log(noisy)) ** 2).sum() / (len(SIZES) - 3))
    for batch in (4.0, 90.0, 2048.0):
        slope = np.array([(law(batch, *(x + h)) - law(batch, *(x - h))) / 2e-4 for h in 1e-4 * np.eye(3)])
        of_law, of_run = square + slope @ covariance @ slope, (RUNS - 1) * error**2
        dof = (of_law + of_run) ** 2 / (of_law**2 / (len(SIZES) - 3) + of_run**2 / (len(SIZES) * (RUNS - 1)))
        width = student.ppf(0.975, dof) * np.sqrt(of_law + of_run)
        [found] = predicted_steps(sweep, batch)
        assert found.value == pytest.approx(np.exp(law(batch, *x)), rel=1e-4)
        assert np.log([found.high / found.value, found.value / found.low]) == pytest.approx([width] * 2, rel=1e-3)


@pytest.mark.parametrize("beyond", [2, 100_000, np.inf, [64, 3.9], [2048.5]])
def test_nothing_is_predicted_beyond_the_sweep(beyond):
    with pytest.raises(ValueError, match=r"batch sizes within the sweep, 4 to 2048, got .*: the law says nothing"):
        predicted_steps(made(), beyond)
    assert len(predicted_steps(made(), [4, 90, 2048])) == 3


@pytest.mark.filterwarnings("ignore:The law misses")
@pytest.mark.parametrize("runs", [1, 3, 20])
def test_nineteen_of_twenty_single_runs_fall_into_their_interval(runs):
    """However many runs are behind the means: they tell where the law lies, and one run scatters as before."""
    rng, held = np.random.default_rng([5, runs]), []
    for sweep in range(200):
        truth = steps_to_target(SIZES, **LAW)[:, None] * rng.lognormal(0, 0.1, (len(SIZES), runs + 1))
        k = 1 + sweep % (len(SIZES) - 2)
        rest = np.delete(np.arange(len(SIZES)), k)
        means = [Estimate.from_samples(r[:runs]) if runs > 1 else float(r[0]) for r in truth[rest]]
        known = made(batch_sizes=tuple(np.array(SIZES)[rest]), steps=tuple(means), learning_rates=(0.1,) * len(rest))
        [guess] = predicted_steps(known, SIZES[k])
        held.append(guess.low <= truth[k, -1] <= guess.high)
    assert 0.95 - 3 * np.sqrt(0.95 * 0.05 / 200) <= np.mean(held) < 1.0


def test_a_run_where_runs_were_made_scatters_about_their_mean():
    sweep = made(steps=tuple(Estimate(float(s), 0.05 * float(s), 4) for s in steps_to_target(SIZES, **LAW)))
    found = updates_as_measured(sweep)
    assert found.value == pytest.approx(sweep.updates())
    assert found.variance == pytest.approx(np.full(10, 0.1**2 * (1 + 1 / 4)))
    assert found.dof.tolist() == [30.0] * 10


def test_where_no_run_was_repeated_the_residuals_hold_the_scatter():
    noisy = steps_to_target(SIZES, **LAW) * np.random.default_rng(4).lognormal(0, 0.1, len(SIZES))
    found = updates_as_measured(made(steps=tuple(noisy.tolist())))
    x, _ = curve_fit(law, SIZES, np.log(noisy), p0=np.log(list(LAW.values())))
    square = ((law(SIZES, *x) - np.log(noisy)) ** 2).sum() / (len(SIZES) - 3)
    assert found.variance == pytest.approx(np.full(10, 2 * square), rel=1e-6)
    assert found.dof.tolist() == [7.0] * 10
