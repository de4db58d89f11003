"""Input that makes no sense is refused in chapter C4's room."""

import numpy as np
import pytest

from trainphys.chapters.distance.c4_theory.heavy_ball import train_heavy_ball
from trainphys.chapters.distance.c4_theory.stationary_points import critical_points


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: train_heavy_ball([[np.nan, 0, 0]], rate=0.1, momentum=0.1, epochs=2), "finite parameters"),
        (lambda: critical_points((1.0, np.inf)), "input scales > 0"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
