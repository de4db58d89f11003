"""Tests of ``laws.heavy_tails``."""

import numpy as np
import pytest
from scipy.integrate import quad

from trainphys.laws.heavy_tails import (
    einstein_ratio,
    multiplicative_variance,
    stable_width,
    tail_index,
    tail_share,
)
from trainphys.laws.temperature import stationary_temperature


def test_tail_indices_solve_their_equations():
    k, c0, c1 = 0.1, 2.0, 3.0  # eta / 2B = k
    for rule, shift in (("ito", 1.0), ("stratonovich", 0.5), ("anti-ito", 0.0)):
        power = -1 / (2 * k * c1) - shift
        beyond, all_of_it = (quad(lambda x, a=power: (c0 + c1 * x * x) ** a, low, np.inf)[0] for low in (1.5, 0))
        share = beyond / all_of_it
        index = tail_index(2 * k, 1, 1.0, c1, rule)
        assert float(tail_share(1.5, index, c0, c1)) == pytest.approx(share, rel=1e-6)


def test_variance_and_width_repeat_themselves_under_an_update():
    eta, batch, h, c0, c1 = 0.3, 4, 1.5, 0.8, 0.6
    v = multiplicative_variance(eta, batch, h, c0, c1)
    assert (1 - eta * h) ** 2 * v + eta**2 * (c0 + c1 * v) / batch == pytest.approx(v)
    for rate, alpha in ((0.3, 1.3), (1.2, 0.7)):  # before and past the minimum
        w = float(stable_width(rate, h, alpha, scale=0.4))
        assert (abs(1 - rate * h) * w) ** alpha + (rate * 0.4) ** alpha == pytest.approx(w**alpha)


def test_diffusion_of_one_update_and_of_many_over_mobility_and_temperature():
    """Without slope an update adds noise of variance eta^2 c, and the velocity carries it on 1 / (1 - mu) times."""
    eta, h, mu, c = 0.4, 1.5, 0.6, 2.0
    T = float(stationary_temperature(eta, 1, c, momentum=mu, curvature=h))
    once, long = eta**2 * c / 2, eta**2 * c / (1 - mu) ** 2 / 2
    assert float(einstein_ratio(eta, h, mu, over="long")) == pytest.approx(long / (eta * T))
    assert float(einstein_ratio(eta, h, mu)) == pytest.approx(long / (eta * T))
    assert float(einstein_ratio(eta, h, 0.0, over="update")) == pytest.approx(
        eta**2 * c / 2 / (eta * float(stationary_temperature(eta, 1, c, curvature=h)))
    )
    assert float(einstein_ratio(eta, h, mu, over="update")) == pytest.approx(once / (eta * T))
