"""Tests of ``simulate.philox``."""

import math
from itertools import pairwise

import numba as nb
import numpy as np
import pytest
from scipy import stats

from tests.simulate.test_langevin import COSH
from trainphys.arrays import Array
from trainphys.ensemble import stream
from trainphys.simulate.langevin import langevin
from trainphys.simulate.philox import _minus_log, _sincos, fill_normals, key_of, philox4x32
from trainphys.systems.coolings import Exponential, quench
from trainphys.systems.losses import double_well


def normals(key: int, lanes: int, steps: int, first_lane: int = 0) -> Array:
    """Normals of all steps, shape (steps, lanes), four steps at a time."""
    z = np.empty((-(-steps // 4), 4, lanes))
    for quad, four in enumerate(z):
        fill_normals(four, np.uint64(key), first_lane, quad)
    return z.reshape(-1, lanes)[:steps]


def reference(slope, start, schedule, times, key):  # type: ignore[no-untyped-def]
    """Euler-Maruyama as one writes it down."""
    x = np.array(start, dtype=float)
    z = normals(key, x.size, len(times) - 1)
    for k, (a, b) in enumerate(pairwise(times)):
        eta, temperature = float(schedule.mobility(a)), float(schedule.temperature(a))
        x = x - eta * (b - a) * slope(x) + math.sqrt(2 * eta * temperature * (b - a)) * z[k]
    return x


@pytest.mark.parametrize("particles", [3, 700])
def test_agrees_with_its_twin_on_uneven_steps(particles: int) -> None:
    schedule = Exponential(0.7, 2.0, mobility_start=1.3, mobility_tau=4.0)
    times = np.cumsum(np.r_[0.0, np.linspace(0.001, 0.02, 37)])
    start = np.linspace(-1.5, 1.5, particles)
    found = langevin(double_well(1.0, 0.5), start, schedule, times, stream(1, "twin"))
    twin = reference(lambda x: 4 * x * (x**2 - 1) - 0.25, start, schedule, times, key_of(stream(1, "twin")))
    np.testing.assert_allclose(found.states[0], twin, rtol=1e-12, atol=1e-12)


def test_custom_losses_agree_with_their_twin() -> None:
    times = np.linspace(0, 0.5, 51)
    found = langevin(COSH, np.zeros(100), quench(0.3), times, stream(2, "twin")).states[0]
    twin = reference(lambda x: 2 * np.sinh(x), np.zeros(100), quench(0.3), times, key_of(stream(2, "twin")))
    np.testing.assert_allclose(found, twin, rtol=1e-11, atol=1e-12)


MASK = 0xFFFFFFFF


def reference_philox(counter: tuple[int, int, int, int], key: tuple[int, int]) -> tuple[int, int, int, int]:
    """Philox4x32-10 in plain integers, after the description in Salmon et al. (2011)."""
    (a, b, c, d), (k, m) = counter, key
    for _ in range(10):
        first, second = a * 0xD2511F53, c * 0xCD9E8D57
        a, b, c, d = (second >> 32) ^ b ^ k, second & MASK, (first >> 32) ^ d ^ m, first & MASK
        k, m = (k + 0x9E3779B9) & MASK, (m + 0xBB67AE85) & MASK
    return a, b, c, d


def reference_normals(key: int, lane: int, quad: int) -> list[float]:
    words = reference_philox((lane & MASK, lane >> 32, quad & MASK, quad >> 32), (key & MASK, key >> 32))
    found = []
    for first, second in (words[:2], words[2:]):
        radius = math.sqrt(-2 * math.log((first + 0.5) / 2**32))
        angle = math.pi / 2 * (second % 2**30 + 0.5) / 2**30  # in the first quadrant; two other bits are signs
        signs = [-1 if second & bit else 1 for bit in (2**31, 2**30)]
        found += [signs[0] * radius * math.sin(angle), signs[1] * radius * math.cos(angle)]
    return found


@nb.njit
def words(counter, key):  # type: ignore[no-untyped-def]
    return philox4x32(counter[0], counter[1], counter[2], counter[3], key[0], key[1])


def call(counter: tuple[int, ...], key: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(w) for w in words(np.array(counter, np.uint64), np.array(key, np.uint64)))


@pytest.mark.parametrize(
    ("fill", "answer"),
    [
        (0, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        (MASK, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    ],
)
def test_known_answers_of_random123(fill: int, answer: tuple[int, ...]) -> None:
    assert call((fill,) * 4, (fill,) * 2) == answer
    assert reference_philox((fill,) * 4, (fill,) * 2) == answer


def test_kernel_agrees_with_its_twin_on_random_counters() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        counter, key = (tuple(int(w) for w in rng.integers(2**32, size=n)) for n in (4, 2))
        assert call(counter, key) == reference_philox(counter, key)


def test_normals_agree_with_the_library_functions() -> None:
    key = 0xDEADBEEF12345678
    found = normals(key, 5, 12, first_lane=2**32 - 2)  # lanes across the border of a word
    expected = [[v for quad in range(3) for v in reference_normals(key, 2**32 - 2 + lane, quad)] for lane in range(5)]
    np.testing.assert_allclose(found, np.array(expected).T, rtol=1e-10, atol=1e-12)


def test_logarithm_and_angles_are_accurate() -> None:
    @nb.njit
    def evaluate(u, x):  # type: ignore[no-untyped-def]
        out = np.empty((3, u.size))
        for i in range(u.size):
            out[0, i] = _minus_log(u[i])
            out[1, i], out[2, i] = _sincos(x[i])
        return out

    u = np.concatenate([np.linspace(2.0**-33, 1 - 2.0**-33, 100_001), 2.0 ** -np.arange(1, 33)])
    x = np.linspace(-np.pi / 4, np.pi / 4, u.size)
    minus_log, sine, cosine = evaluate(u, x)
    np.testing.assert_allclose(minus_log, -np.log(u), rtol=2e-12, atol=0)
    np.testing.assert_allclose(sine, np.sin(x), atol=1e-12)
    np.testing.assert_allclose(cosine, np.cos(x), atol=1e-12)


def test_moments_tails_and_distribution() -> None:
    z = normals(2024, 250_000, 8)
    n = z.size
    # standard errors of the first four moments of a normal sample
    for power, expected, variance in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96)):
        assert abs((z**power).mean() - expected) < 5 * math.sqrt(variance / n)
    assert stats.kstest(z.ravel(), "norm").pvalue > 1e-4  # false alarm once in 10,000 keys; this key is fixed
    beyond = int((np.abs(z) > 4).sum())
    assert stats.binomtest(beyond, n, 2 * stats.norm.sf(4)).pvalue > 1e-4


def test_steps_and_lanes_are_uncorrelated() -> None:
    z = normals(5, 100_000, 8)
    steps = np.corrcoef(z)
    assert np.abs(steps - np.eye(8)).max() < 5 / math.sqrt(100_000)
    assert abs(np.corrcoef(z[:, :-1].ravel(), z[:, 1:].ravel())[0, 1]) < 5 / math.sqrt(z.size)


def test_keys_differ_by_seed_stage_and_task() -> None:
    keys = {key_of(stream(seed, stage, task)) for seed in range(3) for stage in ("a", "b") for task in range(3)}
    assert len(keys) == 18


def test_a_lane_does_not_know_how_many_there_are() -> None:
    assert (normals(7, 10, 8)[:, 4:] == normals(7, 6, 8, first_lane=4)).all()
