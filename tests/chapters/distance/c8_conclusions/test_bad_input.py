"""Input that makes no sense is refused in chapter C8's room."""

import numpy as np
import pytest

from trainphys.chapters.distance.c8_conclusions.laws import line_share_epochs
from trainphys.chapters.distance.c8_conclusions.simple_models import own_minimum
from trainphys.chapters.distance.c8_conclusions.slowness import (
    as_far,
    saving_by_start,
    slowness_by_group,
    slowness_by_parameter,
)
from trainphys.chapters.distance.c8_conclusions.two_sided import train_two_sided

LAW = {"rate": 0.1, "tolerance": 1e-7}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: own_minimum(np.array([0.1, np.inf, 0.0])), "finite parameters"),
        (lambda: slowness_by_parameter((0.0, 1.0), rate=0.1, runs=100, seed=0), "input scales > 0"),
        (lambda: saving_by_start("pytorch", rate=0, runs=1000, seed=0), "rate"),
        (lambda: slowness_by_group("pytorch", rate=0.1, runs=20, seed=0), "ordinary starts"),
        (lambda: as_far(np.ones(30), np.full(30, np.inf), [1.0]), "finite epochs"),
        (lambda: line_share_epochs(0.1, 2.5), "whole epochs"),
        (lambda: train_two_sided(np.full((1, 2, 3), np.nan), max_epochs=5, **LAW), "finite starts"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
