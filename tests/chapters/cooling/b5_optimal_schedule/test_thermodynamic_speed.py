"""Tests of ``chapters.cooling.b5_optimal_schedule.thermodynamic_speed``."""

import math

import numpy as np
import pytest

from trainphys.chapters.cooling.b5_optimal_schedule.shaped_cooling import contestant
from trainphys.chapters.cooling.b5_optimal_schedule.thermodynamic_speed import best_staircase, measured_slow_entropy
from trainphys.laws.optimal_schedules import least_entropy_produced
from trainphys.laws.thermodynamic_length import constant_speed_schedule, slow_entropy, thermodynamic_length
from trainphys.systems.losses import double_well, harmonic


def test_staircase_tends_to_the_exact_least_entropy() -> None:
    exact = float(least_entropy_produced(1.0, 0.2, 6.0, 1.0))
    excess = [best_staircase(1.0, 0.2, 6.0, 1.0, n)[1] - exact for n in (5, 10, 20)]
    assert excess[0] > excess[1] > excess[2] > 0
    assert excess[1] / excess[2] == pytest.approx(4.0, rel=0.05)  # second order in the height of the steps
    temperatures, found, geometric = best_staircase(1.0, 0.2, 6.0, 1.0, 8)
    assert found == pytest.approx(geometric, rel=1e-7)
    assert np.diff(np.log(temperatures)) == pytest.approx(math.log(0.2) / 8, rel=1e-4)


def test_thermodynamic_length_bounds_every_schedule() -> None:
    loss = double_well(1.0, 0.5)
    least = thermodynamic_length(loss, 1.0, 0.2) ** 2
    for name in ("exponential", "linear", "cosine", "inverse time"):
        assert slow_entropy(loss, contestant(name, 1.0, 0.2, 1.0), 1.0) > least
    best = constant_speed_schedule(loss, 1.0, 0.2, 100.0)
    assert 100.0 * slow_entropy(loss, best, 100.0) == pytest.approx(least, rel=2e-3)


def test_a_run_too_short_for_slow_cooling_is_refused() -> None:
    """Down to 0.05 in this time the exponential produces less entropy: jumps between the wells freeze on the way."""
    with pytest.raises(ValueError, match=r"duration of at least 1\.2[0-9]e\+05"):
        constant_speed_schedule(double_well(1.0, 0.5), 1.0, 0.05, 100.0)


def test_slow_entropy_against_the_density() -> None:
    found = measured_slow_entropy(harmonic(2.0), lambda d: contestant("linear", 1.0, 0.1, d), 20.0)
    law = slow_entropy(harmonic(2.0), contestant("linear", 1.0, 0.1, 1.0), 1.0)
    assert found.value == pytest.approx(law, rel=0.01)


def produced(temperatures, k, start, end, duration):
    """Entropy of a staircase in a quadratic well, level by level; the spread it ends with."""
    u, heat = start, 0.0
    for T in temperatures:
        after = T + (u - T) * math.exp(-2 * k * duration / len(temperatures))
        u, heat = after, heat + (u - after) / (2 * T)
    return math.log(u / start) / 2 + heat, u


@pytest.mark.parametrize(("k", "start", "end", "duration"), [(1.0, 1.0, 0.2, 6.0), (0.6, 1.4, 0.5, 1.5)])
def test_the_staircase_is_that_of_trying_every_first_temperature(k, start, end, duration) -> None:
    """Two levels: the second is what brings the spread to its end, found by halving."""
    least = math.inf
    for n in range(1, 4000):
        first, low, high = start * n / 4000, 0.0, start
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (middle, high) if produced((first, middle), k, start, end, duration)[1] < end else (low, middle)
        if low > 1e-6:
            least = min(least, produced((first, low), k, start, end, duration)[0])
    temperatures, found, geometric = best_staircase(start, end, duration, k, 2)
    again, last = produced(temperatures.tolist(), k, start, end, duration)
    assert last == pytest.approx(end)
    assert found == pytest.approx(again) == pytest.approx(least, rel=1e-5)
    ratio, kept = math.sqrt(end / start), math.exp(-k * duration)
    steps = [start * (ratio - kept) / (1 - kept) * r for r in (1, ratio)]
    entropy, last = produced(steps, k, start, end, duration)
    assert last == pytest.approx(end)
    assert geometric == pytest.approx(entropy)


def test_slow_entropy_is_that_of_a_moving_variance() -> None:
    """Production of a Gaussian and the divergence that is left, by Runge and Kutta's rule, at three durations."""
    k, start, end, tie = 1.6, 0.9, 0.3, 0.5

    def entropy(duration):
        T = lambda t: start + (end - start) * t / duration  # noqa: E731
        eta = lambda t: (T(t) / start) ** tie  # noqa: E731
        change = lambda t, s: 2 * eta(t) * (T(t) - k * s)  # noqa: E731
        rate = lambda t, s: eta(t) * (T(t) / s - k) ** 2 * s / T(t)  # noqa: E731
        s, total, h = start / k, 0.0, duration / 2000
        for n in range(2000):
            t = n * h
            k1 = change(t, s)
            k2 = change(t + h / 2, s + h / 2 * k1)
            k3 = change(t + h / 2, s + h / 2 * k2)
            k4 = change(t + h, s + h * k3)
            middle = s + h / 2 * k2
            after = s + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
            total += h / 6 * (rate(t, s) + 4 * rate(t + h / 2, middle) + rate(t + h, after))
            s = after
        return total + (k * s / end - 1 - math.log(k * s / end)) / 2

    scaled = [m * 6.0 * entropy(m * 6.0) for m in (1, 2, 4)]
    found = measured_slow_entropy(harmonic(k), lambda d: contestant("linear", start, end, d, tie), 6.0)
    assert found.value == pytest.approx(2 * scaled[2] - scaled[1], rel=2e-3)
    assert found.tolerance() == pytest.approx(abs(2 * scaled[2] - 3 * scaled[1] + scaled[0]), rel=0.1)
