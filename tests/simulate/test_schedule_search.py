"""Tests of ``simulate.schedule_search``."""

import math

import numpy as np
import pytest

from tests.simulate import twins
from trainphys.simulate.schedule_search import follow, optimal_schedule, refined_outcome
from trainphys.systems.coolings import PiecewiseLog, cooling, quench
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import Quartic, double_well, harmonic


def test_stock_taking_of_a_run_converges_at_second_order():
    exact = (0.2 + 0.8 * np.exp(-2.0)) / 2
    errors = [abs(follow(harmonic(), quench(0.2), 1.0, 1.0, n, n).excess_loss - exact) for n in (80, 160, 320)]
    assert 1.7 < np.log2(errors[0] / errors[2]) / 2 < 2.4
    run = follow(double_well(1.0, 0.5), cooling(1.0, 0.2, 5.0), 5.0, 1.0, 600, 1200)
    grid = Grid.around(double_well(1.0, 0.5), 1.0, 4000)
    start = (boltzmann(double_well(1.0, 0.5), 1.0, grid) * double_well(1.0, 0.5).value(grid.centres)).sum() * grid.width
    lost = start - double_well(1.0, 0.5).minimum() - run.excess_loss
    assert run.gradient_work - run.diffusion_work == pytest.approx(lost, rel=5e-3)
    assert run.energy > 0
    assert 0 < run.entropy < run.entropy_to_rest


LOSS = Quartic((0.2, -0.3, -0.5, 0.1, 0.4))


@pytest.mark.parametrize("rest", [None, 0.25])
def test_stock_is_taken_as_by_a_loop_over_records(rest):
    """Mobility and temperature of each moment, five steps, twelve cells, integrals by the trapezoidal rule."""
    schedule = PiecewiseLog((0.0, 0.4, 1.0), (1.1, 0.5, 0.3), (0.7, 1.5, 0.9))
    found = follow(LOSS, schedule, 1.0, 0.8, 12, 5, rest)
    grid = Grid.around(LOSS, 1.1, 12)
    line = lambda a, b, c: lambda t: a * (b / a) ** (t / 0.4) if t <= 0.4 else b * (c / b) ** ((t - 0.4) / 0.6)  # noqa: E731
    T, eta, times, w = line(1.1, 0.5, 0.3), line(0.7, 1.5, 0.9), [0.2 * n for n in range(6)], grid.width
    height = lambda x: 0.2 - 0.3 * x - 0.5 * x**2 + 0.1 * x**3 + 0.4 * x**4  # noqa: E731
    x = [float(v) for v in grid.centres]
    heights = [height(v) for v in x]
    path = twins.density_path(twins.boltzmann_of(heights, w, 0.8), heights, w, T, eta, times, second=True)
    path = [[max(a, 0.0) for a in p] for p in path]  # second-order steps undershoot zero in the tails
    mean = lambda f: [sum(a * f(v) for a, v in zip(p, x, strict=True)) * w for p in path]  # noqa: E731
    loss = mean(height)
    squares = mean(lambda v: ((height(v + w / 2) - height(v - w / 2)) / w) ** 2)
    entropy = [-sum(a * math.log(a) for a in p if a > 0) * w for p in path]
    beta = [1 / T(t) for t in times]
    produced = entropy[5] - entropy[0] - sum((beta[n] + beta[n + 1]) / 2 * (loss[n + 1] - loss[n]) for n in range(5))
    spent = sum((T(times[n]) + T(times[n + 1])) / 2 * (entropy[n + 1] - entropy[n]) for n in range(5))
    work = twins.trapezoid([eta(t) * s for t, s in zip(times, squares, strict=True)], times)
    left = twins.divergence_of(path[5], twins.boltzmann_of(heights, w, 0.3 if rest is None else rest), w)
    assert found.excess_loss == pytest.approx(loss[5] - LOSS.minimum(), rel=1e-9)
    assert found.gradient_work == pytest.approx(work, rel=1e-9)
    assert found.entropy == pytest.approx(produced, rel=1e-8)
    assert found.energy == pytest.approx(spent - (loss[5] - loss[0]), rel=1e-8)
    assert found.entropy_to_rest == pytest.approx(produced + left, rel=1e-8)
    top = sorted(np.polynomial.Polynomial((-0.3, -1.0, 0.3, 1.6)).roots().real)[1]
    whole = sum(p * w for v, p in zip(x, path[5], strict=True) if v + w / 2 <= top)
    cut = sum(p * (top - v + w / 2) for v, p in zip(x, path[5], strict=True) if v - w / 2 < top < v + w / 2)
    assert found.upper_share == pytest.approx(whole + cut, rel=1e-9)


def test_what_diffusion_puts_back_is_the_mean_curvature():
    """In a quadratic well of curvature k it is k times the integral of eta T; four per mille are noticed."""
    schedule = PiecewiseLog((0.0, 1.0), (1.0, 0.2), (1.0, 3.0))
    times = [n / 1000 for n in range(1001)]
    exact = 1.7 * twins.trapezoid([0.2**t * 3.0**t for t in times], times)
    assert follow(harmonic(1.7), schedule, 1.0, 1.0, 200, 400).diffusion_work == pytest.approx(exact, rel=4e-3)


def test_the_search_finds_what_trying_every_schedule_finds():
    well, aim = harmonic(2.0), lambda o: o.entropy_to_rest
    found = optimal_schedule(aim, well, 1.0, 0.1, 1.0, rest=0.1, knots=2, cells=60, steps=30)
    ends = [0.1 * 10 ** (i / 12) for i in range(13)]
    tried = {
        (a, b): aim(follow(well, PiecewiseLog((0.0, 1.0), (a, b), (1.0, 1.0)), 1.0, 1.0, 60, 30, 0.1))
        for a in ends for b in ends
    }  # fmt: skip
    best = min(tried, key=tried.__getitem__)
    assert aim(found.outcome) <= tried[best] < 1.01 * aim(found.outcome)
    assert found.schedule.temperatures == pytest.approx(best, rel=0.22)  # a step of the trial is a factor of 1.21
    again = refined_outcome(aim, well, found.schedule, 1.0, 1.0, 60, 30, 0.1)
    coarse = aim(follow(well, found.schedule, 1.0, 1.0, 30, 15, 0.1))
    assert again.value == pytest.approx(aim(found.outcome), rel=1e-12)
    assert again.tolerance() == pytest.approx(abs(again.value - coarse), rel=1e-9)
