"""Tests of ``chapters.power.a8_operating_point.operating_rules``."""

import math

import numpy as np
import pytest

from tests.tools.batch_size.test_operating_point import SIZES, made
from trainphys.chapters.power.a8_operating_point.operating_rules import (
    simulated_batch_rule_edge,
    simulated_linear_rule_edge,
    smallest_batch_in_time,
)
from trainphys.chapters.power.shared.mean_square_runs import simulated_mean_square_limit
from trainphys.ensemble import stream
from trainphys.estimate import Estimate
from trainphys.laws.batch_size import (
    alpha_for_stability,
    batch_fraction_for_least_energy,
    batch_fraction_for_power,
    batch_fraction_for_time,
    steps_to_target,
)
from trainphys.tools.batch_size.energy import PowerModel
from trainphys.tools.batch_size.limits import MaxSlowdown, TimeLimit
from trainphys.tools.batch_size.operating_point import operating_point
from trainphys.tools.batch_size.step_time import StepTime


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda: operating_point(made(), TimeLimit(0.0)), "limit > 0"),
        (lambda: operating_point(made(), MaxSlowdown(0.9)), "slowdown >= 1"),
        (lambda: made(batch_sizes=SIZES[:4]), "five batch sizes"),
        (lambda: made(learning_rates=(0.1,)), "one for each"),
        (lambda: StepTime(-1.0), "fixed_s >= 0"),
        (lambda: PowerModel(0.0, 0.0), "powers, not both 0"),
        (lambda: batch_fraction_for_time(0.4), "no batch size"),
        (lambda: batch_fraction_for_power(0.2, 0.3), "idle machine"),
        (lambda: batch_fraction_for_power(2.0, 1.0), "static_share < 1"),
        (lambda: batch_fraction_for_least_energy(-0.1), "static_share < 1"),
        (lambda: alpha_for_stability(2.0, 0.1, -1.0), "noise_at_critical"),
    ],
)
def test_wrong_input_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        change()


def test_rules_invert_the_laws():
    for p in (0.8, 1.0, 1.7):
        for limit in (0.8, 1.0, 2.5):
            if 2 * limit**p > 1:
                alpha = batch_fraction_for_time(limit, p)
                assert float(steps_to_target(alpha, 1, 1, p) / steps_to_target(1.0, 1, 1, p)) == pytest.approx(limit)
    assert 0.3 + 0.7 * batch_fraction_for_power(2.2, 0.3) == pytest.approx(2.2)
    grid = np.geomspace(0.01, 100, 100_001)
    joules = (0.6 + 0.4 * grid) * steps_to_target(grid, 1, 1, 1.5)
    assert batch_fraction_for_least_energy(0.6, 1.5) == pytest.approx(grid[joules.argmin()], rel=1e-3)
    edge = simulated_linear_rule_edge(0.1, 2.0)
    assert abs(edge.value - alpha_for_stability(2.0, 0.2)) < edge.tolerance()


def test_the_edge_on_batches_is_the_mean_square_limit():
    found = simulated_batch_rule_edge(damping=0.4, critical_batch=6, dimension=2, numbers=400_000, seed=1)
    assert abs(found.value - alpha_for_stability(2.0, 0.4, 3 / 6)) < found.tolerance()
    assert found.tolerance() < 0.03 * found.value


def test_the_smallest_batch_in_time_has_the_error_of_repeated_measurements():
    sizes, rng = 2.0 ** np.arange(9), np.random.default_rng(3)
    truth = steps_to_target(sizes, 20, 16, 1.4)
    steps = [Estimate(float(s), 0.01 * float(s), 50) for s in truth]
    found = smallest_batch_in_time(sizes, steps, 16.0, 1.5)
    assert found.value == pytest.approx(batch_fraction_for_time(1.5, 1.4), rel=0.02)
    again = [
        smallest_batch_in_time(
            sizes, [Estimate(s.value + s.stderr * z, s.stderr, 50) for s, z in zip(steps, row, strict=True)], 16.0, 1.5
        )
        for row in rng.normal(size=(300, 9))
    ]
    assert found.stderr == pytest.approx(np.std([a.value for a in again]), rel=0.2)


def test_the_edge_on_batches_is_that_of_trying_each_size():
    """Batches of one number: the margin of each size from its own draws, size after size until it is below one."""
    numbers, damping, critical = 60_000, 0.3, 9

    def margin(batch):
        rng, above, below = stream(3, "mean-square-limit", batch), 0.0, 0.0
        for row in rng.standard_normal((numbers // batch, batch)).tolist():
            seen = sum(x * x for x in row) / batch
            above, below = above + seen, below + seen * seen
        return 2 * above / below * critical / batch / damping

    low = 1
    while margin(low + 1) > 1:
        low += 1
    sizes = [int(0.9 * low), int(1.1 * low) + 1]

    def crossing(near):
        share = math.log(near[0]) / math.log(near[0] / near[1])
        return sizes[0] * (sizes[1] / sizes[0]) ** share / critical

    found = simulated_batch_rule_edge(damping=damping, critical_batch=critical, dimension=1, numbers=numbers, seed=3)
    near = [margin(b) for b in sizes]
    assert found.value == pytest.approx(crossing(near))
    moved = 0.0  # what an error of each limit moves the crossing by
    for k, b in enumerate(sizes):
        limit = simulated_mean_square_limit(batch_size=b, dimension=1, numbers=numbers, seed=3)
        other = [m * (1 + 1e-4) if i == k else m for i, m in enumerate(near)]
        moved += ((crossing(other) - crossing(near)) / 1e-4 * limit.stderr / limit.value) ** 2
    assert found.stderr == pytest.approx(math.sqrt(moved), rel=1e-3)
