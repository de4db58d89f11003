"""Tests of ``chapters.cooling.b6_estimators_and_adaptation.claimed``."""

import numpy as np
import pytest

from trainphys.chapters.cooling.b6_estimators_and_adaptation.claimed import (
    claimed_final_temperature,
    claimed_initial_temperature,
)
from trainphys.ensemble import stream


def test_claimed_estimates_change_with_the_unit_of_the_parameters():
    g = stream(0, "gradients").standard_normal((50, 3)) + 1
    assert claimed_initial_temperature(g / 10) == pytest.approx(claimed_initial_temperature(g) / 10)
    per = claimed_initial_temperature(g, per_parameter=True)
    assert per == pytest.approx(g.var(axis=0, ddof=1).mean() / np.abs(g).mean())
    assert claimed_final_temperature(np.diag([-1.0, 2.0])) == -1.0
    with pytest.raises(ValueError, match="two gradients"):
        claimed_initial_temperature([[1.0]])
