"""Tests of ``tools.batch_size.fitted_law``: the numbers of the law, and how far they are settled."""

import math

import numpy as np
import pytest
from scipy.optimize import curve_fit
from scipy.stats import t as student

from tests.tools.batch_size.test_operating_point import LAW, SIZES, made
from trainphys.estimate import Estimate
from trainphys.laws.batch_size import steps_to_target
from trainphys.tools.batch_size.fitted_law import fitted_law
from trainphys.tools.batch_size.measured import Measured
from trainphys.tools.batch_size.operating_point import operating_point


def law(batch, *logarithms):
    return np.log(steps_to_target(batch, *np.exp(logarithms)))


def test_the_numbers_are_those_of_a_regression():
    noisy = steps_to_target(SIZES, **LAW) * np.random.default_rng(3).lognormal(0, 0.1, len(SIZES))
    x, covariance = curve_fit(law, SIZES, np.log(noisy), p0=np.log(list(LAW.values())))
    found = fitted_law(made(steps=tuple(noisy.tolist())))
    for i, one in enumerate((found.minimum_steps, found.critical_batch_size, found.sharpness)):
        width = student.ppf(0.975, len(SIZES) - 3) * math.sqrt(covariance[i, i])
        assert one.value == pytest.approx(math.exp(x[i]), rel=1e-3)
        assert np.log([one.high / one.value, one.value / one.low]) == pytest.approx([width] * 2, rel=1e-2)


@pytest.mark.parametrize(("runs", "noise"), [(1, 0.1), (4, 0.05)])
def test_the_critical_batch_size_lies_in_its_interval_nineteen_times_in_twenty(runs, noise):
    rng, held, ends = np.random.default_rng([6, runs]), [], []
    for _ in range(100):
        truth = {
            "minimum_steps": 100.0,
            "critical_batch_size": 2 ** rng.uniform(4, 9),
            "sharpness": rng.uniform(0.7, 2.5),
        }
        steps = steps_to_target(SIZES, **truth)[:, None] * rng.lognormal(0, noise, (len(SIZES), runs))
        means = tuple(Estimate.from_samples(r) if runs > 1 else float(r[0]) for r in steps)
        found = fitted_law(Measured(SIZES, means)).critical_batch_size
        held.append(found.low <= truth["critical_batch_size"] <= found.high)
        ends.append(found.high / found.value)
    assert np.mean(held) > 0.95 - 3 * math.sqrt(0.95 * 0.05 / 100)
    assert np.median(ends) < 2


@pytest.mark.filterwarnings("error")
def test_a_sweep_beyond_the_critical_size_does_not_settle_it_and_says_so():
    level = tuple((100 * np.random.default_rng(1).lognormal(0, 0.02, 10) * np.linspace(1.01, 1, 10)).tolist())
    found = fitted_law(Measured(SIZES, level))
    assert found.critical_batch_size.high > 10 * found.critical_batch_size.value
    assert found.minimum_steps.high < 1.2 * found.minimum_steps.value
    point = operating_point(made(steps=level))
    assert "critical batch not settled by this sweep" in str(point)


def test_a_choice_says_the_critical_batch_size():
    point = operating_point(made())
    assert point.law == fitted_law(made())
    assert point.law.critical_batch_size.value == pytest.approx(LAW["critical_batch_size"], rel=0.05)
    low, high = point.law.critical_batch_size.low, point.law.critical_batch_size.high
    assert f"by the law, 95% sure of {low:.3g} to {high:.3g}" in str(point)
