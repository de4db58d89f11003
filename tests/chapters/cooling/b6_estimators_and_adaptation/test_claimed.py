"""Tests of ``chapters.cooling.b6_estimators_and_adaptation.claimed``."""

import pytest

from trainphys.chapters.cooling.b6_estimators_and_adaptation.claimed import claimed_initial_temperature
from trainphys.ensemble import stream


def test_claimed_estimates_change_with_the_unit_of_the_parameters():
    g = stream(0, "gradients").standard_normal((50, 3)) + 1
    assert claimed_initial_temperature(g / 10) == pytest.approx(claimed_initial_temperature(g) / 10)
    with pytest.raises(ValueError, match="two gradients"):
        claimed_initial_temperature([[1.0]])
