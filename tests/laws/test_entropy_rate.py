"""Tests of ``laws.entropy_rate``."""

import numpy as np
import pytest

from trainphys.laws.entropy_rate import EntropyTerms, entropy_rates_after_jump, entropy_rates_in_well
from trainphys.laws.gaussian_well import entropy_production


def test_terms_are_plain_numbers_or_arrays() -> None:
    many = entropy_rates_in_well([1.0, 2.0], 1.0, 1.0)
    assert isinstance(many, EntropyTerms)
    np.testing.assert_allclose(many.total, [0.0, 0.5])


def test_rates_of_a_well_are_those_of_its_lag() -> None:
    terms = entropy_rates_in_well(2.5, 0.3, 4.0)
    assert [terms.total, terms.medium, terms.system] == pytest.approx(
        [float(x) for x in entropy_production(2.5, 0.3, 4.0)]
    )
    pulled = entropy_rates_in_well(2.5, 0.3, 4.0, pull=0.7)
    assert pulled.total - terms.total == pytest.approx(0.3 * 4.0 * 0.7)
    assert pulled.quench_number == pytest.approx(2.5 + 0.7)
    assert pulled.peakedness == pytest.approx(1 / 2.5)


def test_a_jump_of_the_bath_is_a_lag_of_the_spread() -> None:
    jump, lag = entropy_rates_after_jump(2.5, 4.0, 0.3), entropy_rates_in_well(2.5, 0.3, 4.0)
    assert (jump.drift, jump.spread, jump.curvature) == pytest.approx((lag.drift, lag.spread, lag.curvature))
