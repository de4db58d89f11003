"""Tests of ``simulate.langevin``."""

import math

import numba as nb
import numpy as np
import pytest

from tests.simulate import twins
from trainphys.ensemble import stream
from trainphys.laws.gaussian_well import euler_temperature, variance_lag
from trainphys.simulate.fokker_planck import evolve
from trainphys.simulate.langevin import langevin
from trainphys.systems.coolings import Exponential, quench
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import Custom, double_well, harmonic


@nb.njit
def _steep(x, parameters):  # type: ignore[no-untyped-def]
    return parameters[0] * np.sinh(x)


COSH = Custom(value=lambda x: 2.0 * np.cosh(x), slope=_steep, parameters=(2.0,))


def test_bits_do_not_depend_on_threads_blocks_or_records() -> None:
    times, start = np.linspace(0, 1, 102), np.linspace(-2, 2, 1300)
    runs = [
        langevin(double_well(1.0), start, quench(0.4), times, stream(0, "bits"), threads=threads)
        for threads in (1, 2, 5)
    ]
    assert all((run.states == runs[0].states).all() for run in runs)
    recorded = langevin(double_well(1.0), start, quench(0.4), times, stream(0, "bits"), record=[0, 1, 50, 101])
    assert (recorded.states[0] == start).all()
    assert (recorded.states[-1] == runs[0].states[0]).all()
    np.testing.assert_array_equal(recorded.times, times[[0, 1, 50, 101]])
    # the first particles of a larger ensemble are the particles of a smaller one
    fewer = langevin(double_well(1.0), start[:600], quench(0.4), times, stream(0, "bits"))
    assert (fewer.states[0] == runs[0].states[0][:600]).all()


def test_coordinates_are_independent_and_each_has_its_loss() -> None:
    n = 40_000
    times = np.linspace(0, 4, 401)
    states = langevin([harmonic(1.0), harmonic(4.0)], np.ones((n, 2)), quench(0.5), times, stream(3, "d")).states[0]
    for column, k in ((0, 1.0), (1, 4.0)):
        expected = (1 - k * 0.01) ** 400  # mean of the Euler chain
        assert abs(states[:, column].mean() - expected) < 5 * states[:, column].std() / math.sqrt(n)
    assert abs(np.corrcoef(states.T)[0, 1]) < 5 / math.sqrt(n)


def test_ornstein_uhlenbeck_mean_and_variance_with_their_step_bias() -> None:
    n, k, eta, T, dt, steps = 200_000, 2.0, 0.5, 0.8, 0.2, 12
    factor = 1 - eta * k * dt
    hot = euler_temperature(T, eta, k, dt)
    states = langevin(harmonic(k), np.full(n, 1.5), quench(T, eta), dt * np.arange(steps + 1), stream(4, "ou")).states[
        0
    ]
    mean, variance = 1.5 * factor**steps, hot / k * (1 - factor ** (2 * steps))
    assert abs(states.mean() - mean) < 5 * math.sqrt(variance / n)
    assert abs(states.var() - variance) < 5 * variance * math.sqrt(2 / n)
    # and the test would notice the bias: the continuous process has another variance
    assert abs(states.var() - T / k * (1 - math.exp(-2 * eta * k * dt * steps))) > 10 * variance * math.sqrt(2 / n)


def test_variance_under_a_cooling_schedule_follows_its_law() -> None:
    n, schedule = 200_000, Exponential(1.0, 1.5, mobility_tau=3.0)
    times = np.linspace(0, 4, 4001)
    start = stream(5, "start").standard_normal(n)
    states = langevin(harmonic(1.0), start, schedule, times, stream(5, "cool")).states[0]
    expected = float(variance_lag(1.0, schedule, times)[-1] * schedule.temperature(4.0))
    assert abs((states**2).mean() - expected) < expected * (5 * math.sqrt(2 / n) + 1e-3)  # dt = 1e-3, weak order one


def test_weak_order_one_in_an_anharmonic_well() -> None:
    n, T = 400_000, 0.5
    x = np.linspace(-4, 4, 20_001)
    weight = np.exp(-2.0 * np.cosh(x) / T)
    exact = float((weight * x**2).sum() / weight.sum())
    error = []
    for task, dt in enumerate((0.2, 0.1)):
        times = dt * np.arange(round(6 / dt) + 1)
        states = langevin(COSH, np.zeros(n), quench(T), times, stream(6, "order", task)).states[0]
        error.append((states**2).mean() - exact)
    standard_error = exact * math.sqrt(2 / n)
    order = math.log2(error[0] / error[1])
    spread = standard_error / math.log(2) * math.hypot(1 / error[0], 1 / error[1])
    assert abs(order - 1) < 5 * spread + 0.2  # 0.2: the next order at these steps
    assert 5 * spread < 0.5


def test_bad_input() -> None:
    rng, times = np.random.default_rng(0), [0.0, 0.1]
    with pytest.raises(ValueError, match="expected start of shape"):
        langevin([harmonic(), harmonic()], np.zeros(3), quench(1.0), times, rng)
    with pytest.raises(ValueError, match="one family"):
        langevin([harmonic(), COSH], np.zeros((3, 2)), quench(1.0), times, rng)
    with pytest.raises(ValueError, match="increasing times"):
        langevin(harmonic(), np.zeros(3), quench(1.0), [0.0, 0.0], rng)
    with pytest.raises(ValueError, match="increasing indices"):
        langevin(harmonic(), np.zeros(3), quench(1.0), times, rng, record=[2])
    with pytest.raises(FloatingPointError, match="shorter steps"):
        langevin(double_well(1.0), np.full(3, 50.0), quench(1.0), np.arange(20.0), rng)


@pytest.mark.parametrize(
    ("losses", "start", "times", "got"),
    [
        (double_well(1.0, 0.3), np.ones(2000), [0.0, 10.0], r"[\d.e+]+ relaxation times: .* np.linspace\(0, 10, steps"),
        (
            double_well(1.0, 0.3),
            np.zeros(2000),
            [0.0, 1.0, 2.0],
            ".* relaxation times",
        ),  # from the top, which is not stiff
        (harmonic(4.0), np.zeros(9), [0.0, 0.2501], "1 relaxation times"),
        ([harmonic(0.1), harmonic(8.0)], np.zeros((9, 2)), [1.0, 1.5], "4 relaxation times"),
    ],
)
def test_moments_to_look_at_are_not_taken_for_steps(losses, start, times, got) -> None:
    """``[0, 10]`` as in scipy's ``solve_ivp``: here it would be one step far across the well."""
    with pytest.raises(ValueError, match=f"expected steps shorter than the relaxation time, got some of {got}"):
        langevin(losses, start, quench(0.5), times, stream(0, "long"))


def test_a_step_of_less_than_a_relaxation_time_is_taken() -> None:
    x = langevin(harmonic(4.0), np.zeros(9), quench(0.5), [0.0, 0.2499], stream(0, "long")).states
    assert np.isfinite(x).all()
    wild = langevin(harmonic(4.0), np.zeros(9), quench(0.5, 0.1), [0.0, 2.0], stream(0, "long")).states
    assert np.isfinite(wild).all()  # a tenth of the mobility makes it ten times as long


@pytest.mark.parametrize("start", [[math.nan], [0.0, math.inf]])
def test_states_to_start_from_are_finite(start: list[float]) -> None:
    with pytest.raises(ValueError, match="finite states"):
        langevin(harmonic(1.0), start, quench(1.0), [0.0, 0.1], stream(0, "bad"))


def test_records_are_whole_numbers() -> None:
    with pytest.raises(ValueError, match="increasing indices"):
        langevin(harmonic(1.0), [0.0], quench(1.0), [0.0, 0.1], stream(0, "bad"), record=[0.5])


@pytest.mark.parametrize("threads", [1, 3])
def test_particles_move_as_one_alone_does(threads: int) -> None:
    """Two coordinates with losses of their own, more than one block, uneven steps from a late start, all recorded."""
    schedule = Exponential(0.7, 0.5, mobility_start=1.3, mobility_tau=0.8)
    times = [0.4, 0.41, 0.44, 0.45, 0.49, 0.5, 0.53]
    start = np.linspace(-1.5, 1.5, 2 * 1100).reshape(1100, 2)
    losses, pulls = [double_well(1.0, 0.5), harmonic(3.0)], [lambda x: 4 * x * (x * x - 1) - 0.25, lambda x: 3 * x]
    run = langevin(losses, start, schedule, times, stream(1, "twin"), record=[0, 1, 4, 6], threads=threads)
    key = int(stream(1, "twin").integers(2**64, dtype=np.uint64))
    T, eta = lambda t: 0.7 * math.exp(-t / 0.5), lambda t: 1.3 * math.exp(-t / 0.8)
    for coordinate, pull in enumerate(pulls):
        for i in (0, 1, 366, 367, 1023, 1024, 1099):
            noise = twins.normals_of(key, coordinate * 1100 + i, 6)
            path = twins.particle(float(start[i, coordinate]), pull, T, eta, times, noise)
            np.testing.assert_allclose(run.states[:, i, coordinate], [path[k] for k in (0, 1, 4, 6)], rtol=1e-11)
    assert run.times.tolist() == [0.4, 0.41, 0.49, 0.53]


class Backwards:
    """A schedule of one's own, with a sign that is wrong."""

    def __init__(self, temperature: float, mobility: float) -> None:
        self.values = temperature, mobility

    def temperature(self, t):  # type: ignore[no-untyped-def]
        return self.values[0]

    def mobility(self, t):  # type: ignore[no-untyped-def]
        return self.values[1]


@pytest.mark.parametrize(("values", "words"), [((1.0, -1.0), "mobilities >= 0"), ((-1.0, 1.0), "temperatures >=? 0")])
def test_a_schedule_runs_forwards(values, words) -> None:
    grid = Grid(-6.0, 6.0, 100)
    times, rng = np.linspace(0, 1, 101), np.random.default_rng(0)
    with pytest.raises(ValueError, match=f"expected {words}"):
        langevin(harmonic(), [1.0], Backwards(*values), times, rng)
    with pytest.raises(ValueError, match=f"expected {words}"):
        evolve(harmonic(), boltzmann(harmonic(), 1.0, grid), Backwards(*values), times, grid)
    still = evolve(harmonic(), boltzmann(harmonic(), 1.0, grid), Backwards(1.0, 1.0), times, grid).density[0]
    np.testing.assert_allclose(still, boltzmann(harmonic(), 1.0, grid), atol=1e-12)
    with pytest.raises(ValueError, match="whole number threads >= 1, got 0"):
        langevin(harmonic(), [1.0], quench(1.0), times, rng, threads=0)
