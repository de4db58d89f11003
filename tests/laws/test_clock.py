"""Tests of ``laws.clock``."""

import numpy as np
import pytest

from trainphys.laws.clock import updates_clock
from trainphys.systems.coolings import Exponential, OnClock


def test_clock_refuses_what_is_never_reached():
    with pytest.raises(ValueError, match="falls too fast"):
        OnClock(Exponential(1.0, 1.0, 1.0, 2.0)).time(2.5)
    np.testing.assert_allclose(updates_clock([0.1, 0.2]), [0, 0.1, 0.3])
