"""Tests of ``systems.losses``."""

import math

import numpy as np
import pytest

from trainphys.systems.losses import Custom, Quartic, double_well, harmonic, level_wells, wells

TILTED = Quartic((0.3, -0.4, -2.0, 0.1, 1.0))


def test_slope_is_the_derivative_of_the_value() -> None:
    x = np.linspace(-2, 2, 41)
    c = TILTED.parameters
    slope = [TILTED.slope(place, c) for place in x]
    np.testing.assert_allclose(slope, (TILTED.value(x + 1e-5) - TILTED.value(x - 1e-5)) / 2e-5, atol=1e-7)


def test_wells_by_a_scan() -> None:
    x = np.linspace(-2, 2, 400_001)
    loss, found = TILTED.value(x), wells(TILTED)
    left, right = x < found.top, x > found.top
    between = (x > found.upper) & (x < found.lower)
    assert found.upper == pytest.approx(x[left][loss[left].argmin()], abs=2e-5)
    assert found.lower == pytest.approx(x[right][loss[right].argmin()], abs=2e-5)
    assert found.top == pytest.approx(x[between][loss[between].argmax()], abs=2e-5)
    assert found.barrier == pytest.approx(loss[between].max() - loss[left].min())
    assert found.gap == pytest.approx(loss[left].min() - loss[right].min())
    assert TILTED.minimum() == pytest.approx(loss.min())
    assert TILTED.stationary_points() == [found.upper, found.top, found.lower]


def test_one_well_has_one_stationary_point() -> None:
    assert harmonic(3.0).stationary_points() == [0.0]
    assert Quartic((0, 0, 1, 0, 1)).stationary_points() == [0.0]  # the other two are complex


def test_wells_of_one_barrier_and_curvature() -> None:
    loss, h = level_wells(0.7, 3.0), 1e-4
    found = wells(loss)
    assert (found.barrier, found.gap, -found.upper) == pytest.approx((0.7, 0.0, found.lower), abs=1e-12)
    for x in (found.upper, found.lower):
        curvature = (loss.value(x + h) - 2 * loss.value(x) + loss.value(x - h)) / h**2
        assert float(curvature) == pytest.approx(3.0, rel=1e-5)
    assert float(harmonic(3.0).value(2.0)) == 6.0
    assert wells(double_well(2.0, 0.01)).gap == pytest.approx(0.01, rel=1e-3)


LARGEST = 16 * 2.0 / (3 * math.sqrt(3))


def test_the_upper_well_is_there_up_to_the_largest_gap() -> None:
    assert len(double_well(2.0, 0.999 * LARGEST).stationary_points()) == 3
    beyond = Quartic((2.0, -1.001 * LARGEST / 2, -4.0, 0.0, 2.0))
    assert len(beyond.stationary_points()) == 1
    assert Custom(np.square, None).parameters == ()


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: Quartic((1.0, 2.0)), "5 coefficients, got 2: write the missing ones as 0"),
        *(
            (lambda c=c: Quartic(c), r"grows on both sides, got coefficients .*: make the x\^4 term positive")
            for c in ((0, 0, 1, 0, -1), (0, 0, 1, 1, 0), (0, 0, 0, 0, 0), (0, 0, -1, 0, 0))
        ),
        (lambda: harmonic(0.0), "curvature > 0"),
        (lambda: double_well(0.0), "barrier > 0"),
        (lambda: double_well(2.0, -1e-9), "0 <= gap < 6.16, got -1e-09: keep two wells"),
        (lambda: double_well(2.0, LARGEST), "keep two wells"),
        (lambda: level_wells(0.0, 1.0), "barrier > 0"),
        (lambda: level_wells(1.0, 0.0), "curvature > 0"),
        (lambda: wells(harmonic()), r"two wells, got stationary points \[0.0\]"),
        (lambda: wells(Quartic((0.3, 0.4, -2.0, 0.1, 1.0))), "lower minimum on the right: mirror the loss"),
    ],
)
def test_what_is_no_such_loss_is_refused(call, reason):
    with pytest.raises(ValueError, match=reason):
        call()
