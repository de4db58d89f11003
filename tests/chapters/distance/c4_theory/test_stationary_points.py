"""Tests of ``chapters.distance.c4_theory.stationary_points``."""

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from trainphys.chapters.distance.c4_theory.stationary_points import critical_points
from trainphys.systems.input_scales import widths
from trainphys.xor.landscape import gradient

MEETS = 1e-12  # in units of the output: a slope that comes so near to the steepest is there
# Slopes of max(|p|, |b|) in (u1, u2, b): p, -p, b, -b.
SLOPES = np.array([[1.0, -1.0, 0.0], [-1.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, -1.0]])


def least_slope(parameters, scales=(1.0, 1.0)):
    """Length, in (u1, u2, b), of the shortest vector in the hull of the slopes that meet at a point: 0 where critical.

    With one slope s of max(|p|, |b|) it is 2 |u - s/2|.
    """
    u = np.asarray(parameters) * np.array([*widths(scales), 1.0])
    height = SLOPES @ u
    active = SLOPES[height >= height.max() - MEETS]
    # All slopes lie in one plane, so the nearest point of their hull lies on a corner, an edge or a triangle.
    parts = (part for size in (1, 2, 3) for part in combinations(active, size))
    return min(_shortest(2.0 * u, np.array(part)) for part in parts)


def _shortest(bowl, slopes):
    """Distance of the bowl's slope from the plane through some slopes; infinite when its foot is not between them."""
    first, sides = bowl - slopes[0], (slopes[0] - slopes[1:]).T  # the rest is first + sides @ share
    share = np.linalg.lstsq(sides, -first)[0]
    if (share < 0).any() or share.sum() > 1:
        return math.inf
    return math.hypot(*(first + sides @ share))


@pytest.mark.parametrize("w1", [0.9, 2e4, 1e5, 1e10, 1e200])
def test_one_slope_has_a_closed_least_norm(w1):
    assert least_slope([w1, 0.1, 0.2]) == pytest.approx(2 * np.hypot(w1 - 0.5, np.hypot(0.6, 0.2)), rel=1e-14)


@pytest.mark.parametrize("point", [(0.4, 0.1, 0.3), (0.2, 0.2, 0.0), (-0.3, 0.5, 0.8), (0, 0, 0), (0.3, -0.1, -0.4)])
def test_the_least_slope_of_a_ridge_is_what_a_minimiser_finds(point):
    u = np.array(point, dtype=float)
    active = SLOPES[SLOPES @ u > (SLOPES @ u).max() - 1e-12]
    assert len(active) > 1
    found = optimize.minimize(
        lambda share: ((2 * u - share @ active) ** 2).sum(),
        np.full(len(active), 1 / len(active)),
        bounds=[(0, 1)] * len(active),
        constraints={"type": "eq", "fun": lambda share: share.sum() - 1},
        options={"ftol": 1e-15},
    )
    assert least_slope(u) == pytest.approx(found.fun**0.5, abs=1e-6)


parameters = st.lists(st.floats(-2, 2, allow_subnormal=False), min_size=3, max_size=3)


@pytest.mark.parametrize("scales", [(1.0, 1.0), (0.5, 2.0)])
def test_every_critical_point_has_no_slope_and_stated_height(scales):
    heights = {"solution": 0.0, "trap": 0.25, "pass": 1 / 3, "summit": 0.5}
    points = critical_points(scales)
    assert len({p.parameters for p in points}) == 9
    for point in points:
        assert least_slope(point.parameters, scales) < 1e-6
        assert point.loss == pytest.approx(heights[point.kind], abs=1e-12)


@settings(max_examples=50)
@given(parameters)
def test_off_the_ridge_the_least_slope_is_the_gradient(theta):
    if abs(abs(theta[0] - theta[1]) - abs(theta[2])) > 1e-6:
        assert least_slope(theta) == pytest.approx(np.linalg.norm(gradient(theta)), abs=1e-6)


def test_no_other_point_is_critical():
    """Descending the least slope from many places on a ridge ends at one of the nine points, or leaves the ridge."""
    known = np.array([p.parameters for p in critical_points()])
    for t in np.linspace(-1, 1, 41):  # the ridge p = b with w1 + w2 = 0, where the bowl is lowest
        point = np.array([t / 2, -t / 2, t])
        near = np.linalg.norm(known - point, axis=1).min() < 1e-3
        assert near or least_slope(point) > 1e-3
