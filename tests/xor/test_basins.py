"""Tests of ``xor.basins``."""

import numpy as np
import pytest

from trainphys.xor.basins import reaches_solution, trapped_share_by_signs
from trainphys.xor.guarantee import solved_share_uniform
from trainphys.xor.landscape import solvable


@pytest.mark.parametrize("r", [0.1, 0.5, 1.0])
def test_trapped_share_by_signs(r):
    starts = np.random.default_rng(1).uniform(-1, 1, (200_000, 3)) * np.array([1, 1, r])
    same = starts[:, 0] * starts[:, 1] > 0
    trapped = ~solvable(starts.T)
    for flag in (True, False):
        law = trapped_share_by_signs(1.0, r, flag).item()
        found = trapped[same == flag].mean()
        assert abs(found - law) < 5 * np.sqrt(law / 100_000)
    both = trapped_share_by_signs(1.0, r, [True, False]).mean()
    assert both == pytest.approx(1 - solved_share_uniform(1.0, r).item())


def test_a_scale_of_nearly_one_has_the_basins_of_one():
    theta = np.array([[9.9, 0.1], [0.0, -0.1], [5.0, 3.0]])
    assert reaches_solution(theta, 1.0000001).tolist() == reaches_solution(theta, 1.0).tolist() == [True, False]
    assert reaches_solution(theta, 0.9999999).tolist() == [True, False]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: trapped_share_by_signs(1.0, 2.0, True), "bias_over_weight in"),
        (lambda: trapped_share_by_signs(1.0, 1.0, 0.3), "True or False"),
        (lambda: reaches_solution([1.0, 2.0], 1.0), "transpose the array"),
    ],
)
def test_wrong_input_says_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()
