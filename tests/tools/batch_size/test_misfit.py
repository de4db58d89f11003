"""Tests of ``tools.batch_size.misfit``."""

import numpy as np
import pytest
from scipy.stats import f as fisher

from tests.tools.batch_size.test_measured import v100
from tests.tools.batch_size.test_operating_point import LAW, SIZES, made
from trainphys.estimate import Estimate
from trainphys.laws.batch_size import steps_to_target
from trainphys.tools.batch_size.measured import Measured
from trainphys.tools.batch_size.misfit import LEVEL, misfit
from trainphys.tools.batch_size.new_run import predicted_steps
from trainphys.tools.batch_size.operating_point import operating_point
from trainphys.tools.batch_size.regression import regression

WORDS = r"misses this sweep by more than its runs scatter \(F test, level 0.001\): at .* they took .* times its updates"


def test_a_sweep_that_rises_at_its_end_is_said_to_miss_the_law():
    """Its slope over all sizes is below zero, so it is a sweep; the law can only fall."""
    steps = (600.0, 500.0, 400.0, 300.0, 250.0, 900.0)
    rising = Measured((16, 32, 64, 128, 256, 512), tuple(Estimate(s, 1e-3 * s, 5) for s in steps))
    with pytest.warns(UserWarning, match=WORDS):
        [found] = predicted_steps(rising, 100)
    assert found.high > 5 * found.value
    assert "at 256, 512 they took 0.61, 2.2 times" in misfit(rising)


def test_a_choice_says_where_the_law_misses():
    """Updates five times as many from a size on, as of a rate that was not tuned there."""
    sweep = made(error=0.01)
    worse = tuple(Estimate(k * s.value, k * s.stderr, s.n) for s, k in zip(sweep.steps, [1] * 8 + [5] * 2, strict=True))
    point = operating_point(made(steps=worse))
    said = " ".join(str(point).split())
    assert "1024, 2048 they took" in said
    assert misfit(point.measured) in said
    assert misfit(point.measured) in point._repr_html_()
    assert "misses" not in str(operating_point(sweep))


def test_single_runs_and_small_misses_are_not_judged():
    assert misfit(v100())
    single = Measured(v100().batch_sizes, tuple(v100().updates()))
    assert misfit(single) == ""  # how they scatter is not known
    counts = tuple(Estimate(round(s.value), 0.0, 3) for s in made().steps)  # runs that are all alike, and rounded
    assert misfit(made(steps=counts)) == ""
    many = steps_to_target(SIZES, **LAW) * np.tile([0.95, 1.05], 5)
    for runs, error, said in ((2000, 0.15, False), (2000, 0.01, True), (3, 0.15, False)):
        means = tuple(Estimate(s, error * s / runs**0.5, runs) for s in many)
        assert bool(misfit(made(steps=means))) == said


@pytest.mark.parametrize("runs", [(3,) * 7, (1, *(8,) * 6), (8, *(2,) * 6)])
def test_a_sweep_that_follows_the_law_is_seldom_said_to_miss_it(runs, monkeypatch):
    """At a level of one in twenty, where a hundred sweeps tell: means of few and of many runs."""
    monkeypatch.setattr("trainphys.tools.batch_size.misfit.LEVEL", 0.05)
    rng, said = np.random.default_rng([7, *runs]), 0
    for _ in range(200):
        steps = [s * rng.lognormal(0, 0.2, n) for s, n in zip(steps_to_target(SIZES, **LAW), runs, strict=False)]
        means = tuple(Estimate.from_samples(x) if x.size > 1 else float(x[0]) for x in steps)
        said += bool(misfit(Measured(SIZES[:7], means)))
    assert said <= 200 * (0.05 + 3 * np.sqrt(0.05 * 0.95 / 200))


def test_the_level_is_that_of_an_f_test_where_all_sizes_have_as_many_runs():
    """A wave in the updates, taller from sweep to sweep, is told where Fisher's distribution tells it."""
    runs, error, seen = 2, 0.02, []
    for height in np.linspace(0.02, 0.2, 40):
        wave = steps_to_target(SIZES, **LAW) * np.exp(height * np.cos(np.arange(10.0)))
        sweep = made(steps=tuple(Estimate(s, error * s, runs) for s in wave))
        law = regression(sweep).law
        rest = np.log(wave / law(SIZES))
        sure = fisher.sf((rest @ rest) / 7 / error**2, 7, 10) < LEVEL
        large = (rest @ rest) / 7 > runs * error**2 and abs(rest).max() > np.log(1.05)
        assert bool(misfit(sweep)) == (sure and large)
        seen.append(sure and large)
    assert {True, False} == set(seen)
