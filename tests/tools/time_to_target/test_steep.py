"""Tests of ``tools.time_to_target.steep``: losses that fall faster and faster."""

import math

import numpy as np
import pytest
from scipy.stats import linregress

from trainphys.errors import NotIdentifiable
from trainphys.tools.time_to_target.forecast import time_to_target
from trainphys.tools.time_to_target.loss_tails import fit_laws
from trainphys.tools.time_to_target.steep import EXPONENTS, steeper


def test_a_steep_law_is_a_line_of_least_squares() -> None:
    t, rng = np.arange(1.0, 121.0) / 120, np.random.default_rng(3)
    y = -1.5 * t**2 + 0.02 * rng.standard_normal(120)
    best = (math.inf, 0.0)
    for p in EXPONENTS:
        x = ((t**p - 1) / p)[60:]
        line = linregress(x, y[60:])
        residuals = y[60:] - line.intercept - line.slope * x
        level = line.intercept + math.log(np.exp(residuals).mean())
        ahead = (level + 4.0) / -line.slope
        best = min(best, ((residuals**2).sum(), 120 * ((1 + p * ahead) ** (1 / p) - 1)))
    assert steeper(y, fit_laws(y), -4.0).looks_left == pytest.approx(best[1])


@pytest.mark.parametrize("power", [1.5, 2.0, 3.0])
@pytest.mark.parametrize("scatter", [0.0, 0.01, 0.03])
def test_a_curve_that_ends_in_a_finite_time_is_held_or_refused(power, scatter) -> None:
    """As under a rate that falls in a straight line to zero and is not told; by slower laws it takes twice as long."""
    for seed in range(10):
        noise = np.exp(scatter * np.random.default_rng([seed]).standard_normal(200))
        history = (1 - np.arange(200) / 300) ** power * noise
        try:
            left = time_to_target(history, (1 - 270 / 300) ** power)
        except NotIdentifiable:
            continue
        assert left.low <= 71 <= left.high


def test_a_curve_that_falls_ever_faster_is_refused_where_the_tails_are_far_too_slow() -> None:
    noise = np.exp(0.01 * np.random.default_rng(0).standard_normal(200))
    with pytest.raises(
        NotIdentifiable, match=r"falls faster and faster: .* losses to the target rather than"
    ) as refusal:
        time_to_target((1 - np.arange(200) / 300) ** 1.5 * noise, (1 - 290 / 300) ** 1.5)
    plain, steep = refusal.value.estimate
    assert 91 < steep < plain / 2


def test_a_geometric_tail_is_not_taken_for_a_steep_one() -> None:
    gains = []
    for seed in range(40):
        y = -np.arange(150) / 40 + 0.03 * np.random.default_rng(seed).standard_normal(150)
        gains.append(steeper(y, fit_laws(y), -6.0).gain)
    assert np.quantile(gains, 0.9) < 1.0
    assert steeper(np.arange(40.0) / 10, fit_laws(np.arange(40.0) / 10), -1.0).gain == -math.inf
