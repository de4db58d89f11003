"""Tests of ``systems.noisy_quadratic`` and ``systems.input_scales``."""

import math

import pytest

from trainphys.systems.input_scales import widths
from trainphys.systems.noisy_quadratic import NoisyQuadratic, power_law_quadratic


def test_initial_loss_and_spectrum() -> None:
    assert NoisyQuadratic((1.0, 3.0), (0.0, 0.0), start=2.0).initial_loss() == 8.0
    usual = power_law_quadratic()
    assert (len(usual.curvature), usual.curvature[-1], usual.start) == (64, 1 / 64, 1.0)
    assert usual.noise == usual.curvature


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: NoisyQuadratic((1.0,), (1.0, 2.0)), "as many noises as curvatures, got 2 and 1"),
        (lambda: NoisyQuadratic((), ()), "got 0 and 0"),
        (lambda: NoisyQuadratic((0.0,), (1.0,)), "curvature > 0"),
        (lambda: NoisyQuadratic((1.0,), (-1e-9,)), "noise >= 0"),
        (lambda: NoisyQuadratic((1.0,), (1.0,), start=0.0), "start > 0"),
        *(
            (lambda c=c: widths(c), r"two finite input scales > 0, got .*: give half widths")
            for c in ((1.0,), (1.0, 0.0), (1.0, math.inf), (math.nan, 1.0), (1.0, 1.0, 1.0))
        ),
    ],
)
def test_what_is_no_model_is_refused(call, reason):
    with pytest.raises(ValueError, match=reason):
        call()
