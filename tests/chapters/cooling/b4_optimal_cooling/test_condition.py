"""Tests of ``chapters.cooling.b4_optimal_cooling.condition``."""

import math

import numpy as np
import pytest

from tests.simulate import twins
from trainphys.chapters.cooling.b4_optimal_cooling.condition import (
    Snapshot,
    _look,
    condition_of,
    met_share,
    slowest_rate,
    snapshot,
)
from trainphys.estimate import Estimate
from trainphys.laws.slow_cooling import pointwise_share, quasistatic_ratio
from trainphys.laws.two_wells import hopping_rate
from trainphys.systems.coolings import Exponential, quench
from trainphys.systems.grid import Grid
from trainphys.systems.losses import double_well, harmonic


def test_snapshot_of_a_trailing_well():
    one = snapshot(harmonic(2.0), Exponential(1.0, 2.0), 4.0)
    y = 1 / (1 - 1 / 8)
    assert one.ratio.value == pytest.approx(float(quasistatic_ratio(y)), rel=2e-3)
    assert one.apart.value == pytest.approx((y - 1 - np.log(y)) / 2, rel=1e-2)
    assert one.rate_within == pytest.approx(2.0, rel=1e-3)
    assert met_share(one, 0.1).value == pytest.approx(float(pointwise_share(y, 0.1)), abs=0.02)
    many = condition_of([one], 20, np.random.default_rng(0), 20_000)
    assert abs(many.ratio.value - float(quasistatic_ratio(y, 20))) < 5 * many.ratio.stderr
    assert many.apart.value == pytest.approx(20 * one.apart.value)


def test_wells_apart_are_settled_within():
    loss = double_well(1.0, 0.5)
    one = snapshot(loss, quench(0.1), 5.0, top=loss.stationary_points()[1])
    assert one.apart_within.value < 1e-3 < 1 < one.apart.value
    grid = Grid.around(loss, 1.0, 800)
    between = slowest_rate(loss, 0.1, 1.0, grid, np.ones(grid.cells, bool))
    assert between < 1e-3 < one.rate_within
    assert between == pytest.approx(hopping_rate(loss, 0.1).rate, rel=0.02)


def test_both_sides_of_the_test_are_those_of_a_loop_over_cells():
    """Change from the records on either side of the moment, shift from slope and differences of ln p, parts by well."""
    loss, schedule, (cells, steps) = (
        double_well(1.0, 0.5),
        Exponential(1.0, 0.9, mobility_start=1.3, mobility_tau=0.7),
        (12, 4),
    )
    top, grid = loss.stationary_points()[1], Grid.around(loss, 1.0, cells)
    T, eta = lambda t: math.exp(-t / 0.9), lambda t: 1.3 * math.exp(-t / 0.7)
    w, x = grid.width, [float(v) for v in grid.centres]
    heights = [float(loss.value(v)) for v in x]
    path = twins.density_path(
        twins.boltzmann_of(heights, w, 1.0), heights, w, T, eta, [0.1 * n for n in range(6)], second=True
    )
    before, p, after = ([max(v, 2.3e-308) for v in path[n]] for n in (3, 4, 5))
    share, change, shift, (ratio, apart, within) = _look(loss, schedule, 0.4, top, grid, steps)
    logs = [math.log(v) for v in p]
    ends = [(max(i - 1, 0), min(i + 1, cells - 1)) for i in range(cells)]
    slope = [float(loss.value(v + w / 2) - loss.value(v - w / 2)) / w for v in x]
    change_slow = [math.log(b / a) / 0.2 for a, b in zip(before, after, strict=True)]
    shift_slow = [eta(0.4) * s * (logs[k] - logs[j]) / ((k - j) * w) for s, (j, k) in zip(slope, ends, strict=True)]
    inner = slice(2, cells - 2)  # second-order steps leave nothing certain at the walls
    assert change[inner] == pytest.approx(change_slow[inner], rel=1e-6)
    assert shift[inner] == pytest.approx(shift_slow[inner], rel=1e-6)
    above, below = (sum(a * w * abs(v) for a, v in zip(p, side, strict=True)) for side in (change_slow, shift_slow))
    assert ratio == pytest.approx(above / below, rel=1e-5)
    rest = twins.boltzmann_of(heights, w, T(0.4))
    assert apart == pytest.approx(twins.divergence_of(p, rest, w), rel=1e-8)
    parts = 0.0
    for well in ([i for i in range(cells) if x[i] < top], [i for i in range(cells) if x[i] >= top]):
        ours, theirs = sum(p[i] for i in well), sum(rest[i] for i in well)
        parts += sum(p[i] * w * math.log(p[i] / ours * theirs / rest[i]) for i in well)
    assert within == pytest.approx(parts, rel=1e-8)
    assert share == pytest.approx([a * w for a in p])


def test_many_coordinates_are_drawn_one_by_one():
    """Two coordinates, two copies of each: changes and shifts are summed before their sizes are taken."""
    some = [
        Snapshot(np.array([0.2, 0.5, 0.3]), np.array([1.0, -2.0, 0.5]), np.array([3.0, -1.0, 2.0]),
                 Estimate(1.0, 0.1, 1), Estimate(0.4, 0.01, 1), Estimate(0.1, 0.02, 1), 2.0),
        Snapshot(np.array([0.6, 0.4]), np.array([-1.0, 2.0]), np.array([0.5, -2.0]),
                 Estimate(2.0, 0.1, 1), Estimate(0.5, 0.03, 1), Estimate(0.2, 0.01, 1), 1.5),
    ]  # fmt: skip
    found, rng = condition_of(some, 2, np.random.default_rng(3), samples=7), np.random.default_rng(3)
    change, shift = [0.0] * 7, [0.0] * 7
    for one in (some[0], some[0], some[1], some[1]):
        for k, u in enumerate(rng.random(7).tolist()):
            cell = next(i for i in range(len(one.share)) if sum(one.share[: i + 1]) >= u)
            change[k] += float(one.change[cell])
            shift[k] += float(one.shift[cell])
    below = sum(map(abs, shift))
    assert found.ratio.value == pytest.approx(sum(map(abs, change)) / below)
    assert found.stiffness == pytest.approx(below / 7 / 1.5)
    assert (found.apart.value, found.apart.stderr) == pytest.approx((1.8, 0.08))
    assert (found.apart_within.value, found.apart_within.stderr) == pytest.approx((0.6, 0.06))
    alone = condition_of(some[:1], 1, np.random.default_rng(0))
    assert alone.ratio == some[0].ratio
    assert alone.stiffness == pytest.approx((0.2 * 3 + 0.5 * 1 + 0.3 * 2) / 2.0)
    # |change| <= |shift| in cells 0 and 2; both borders of cell 1 are counted as the error
    assert met_share(some[0], 1.0).value == pytest.approx(0.5)


@pytest.mark.parametrize("side", ["left", "right", "both"])
def test_the_slowest_rate_is_that_of_a_dying_difference(side):
    """Implicit steps of the walk between the walls of one part, taken until each shrinks the difference alike."""
    loss, grid, T, eta = double_well(0.8, 0.3), Grid(-1.9, 1.9, 14), 0.3, 1.7
    part = {"left": grid.centres < 0, "right": grid.centres >= 0, "both": np.ones(14, bool)}[side]
    heights = [0.8 * (x * x - 1) ** 2 - 0.15 * x for x, kept in zip(grid.centres.tolist(), part, strict=True) if kept]
    g = twins.generator(heights, grid.width, T, eta)
    left, h = [float(i == 0) - float(i == len(heights) - 1) for i in range(len(heights))], 3.0
    for _ in range(60):
        after = twins.implicit(g, h, left)
        shrunk = sum(map(abs, after)) / sum(map(abs, left))
        rounding = sum(after) / len(after)  # no mass may creep in: it alone would stay
        left = [a - rounding for a in after]
    assert slowest_rate(loss, T, eta, grid, part) == pytest.approx((1 / shrunk - 1) / h, rel=1e-8)


def test_empty_cells_are_left_out_of_the_slowest_rate_and_must_not_part_the_rest():
    """Up a steep wall a walk alone is fast; where cells between two wells are empty, there is no rate."""
    wide, near = Grid(-6.0, 6.0, 60), Grid(-2.0, 2.0, 20)
    rates = [slowest_rate(harmonic(2.0), 0.2, 1.0, g, np.ones(g.cells, bool)) for g in (wide, near)]
    assert rates[0] == pytest.approx(rates[1], rel=1e-4)
    grid = Grid(-1.8, 1.8, 36)
    with pytest.raises(ValueError, match="barrier is too high"):
        slowest_rate(double_well(1.0), 0.02, 1.0, grid, np.ones(36, bool))
