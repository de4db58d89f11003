"""Tests of ``chapters.cooling.b3_quenching_and_annealing.spacings``."""

import math

import numpy as np
import pytest
from scipy import stats

from trainphys.chapters.cooling.b3_quenching_and_annealing.entropy_terms import density_terms
from trainphys.chapters.cooling.b3_quenching_and_annealing.fluctuation import integral_fluctuation, path_entropy
from trainphys.chapters.cooling.b3_quenching_and_annealing.laws import gaussian_terms
from trainphys.chapters.cooling.b3_quenching_and_annealing.linear_ensemble import entropy_of_cloud, linear_paths
from trainphys.chapters.cooling.b3_quenching_and_annealing.spacings import produced_by_particles, spacing_entropy
from trainphys.laws.entropy_rate import entropy_rates_after_jump, entropy_rates_in_well
from trainphys.simulate.langevin import Ensemble
from trainphys.systems.coolings import Exponential, quench
from trainphys.systems.grid import Grid
from trainphys.systems.losses import double_well, harmonic


def test_spacings_find_entropies_of_any_shape() -> None:
    rng = np.random.default_rng(3)
    for samples, law in (
        (rng.standard_normal(200_000) * 3, stats.norm.entropy(scale=3)),
        (rng.exponential(size=200_000), 1.0),
        (np.concatenate([rng.normal(-9, 1, 100_000), rng.normal(9, 1, 100_000)]), stats.norm.entropy() + np.log(2)),
    ):
        for spacing in (1, 8):
            assert abs(spacing_entropy(samples, spacing) - float(law)) < 5 * 1.5 / np.sqrt(200_000)
    assert entropy_of_cloud(rng.standard_normal((200_000, 2)) * 3) == pytest.approx(
        2 * stats.norm.entropy(scale=3), abs=0.02
    )


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: entropy_rates_in_well(0.0, 1.0, 1.0), "lag"),
        (lambda: entropy_rates_in_well(1.0, 1.0, 1.0, -1.0), "pull >= 0"),
        (lambda: entropy_rates_after_jump(1.0, 0.0, 1.0), "mean_laplacian > 0"),
        (lambda: gaussian_terms(np.eye(2), np.eye(2), [0, 0], np.zeros((2, 2))), "positive definite covariance"),
        (lambda: density_terms(harmonic(), [1.0, -1.0], 1.0, 1.0, Grid(0, 1, 2)), "density >= 0"),
        (lambda: spacing_entropy(np.zeros(100)), "all different"),
        (lambda: spacing_entropy([1.0, 2.0]), "more particles"),
        (lambda: produced_by_particles(Ensemble(np.zeros(2), np.zeros((2, 10))), harmonic(), quench(1.0)), "shape"),
        (lambda: linear_paths(1.0, 1.0, np.zeros((5, 1)), 1.0, 3, np.random.default_rng(0)), "even steps"),
    ],
)
def test_bad_input_is_named(call, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=words):
        call()


@pytest.mark.parametrize("spacing", [1, 3])
def test_entropy_of_spacings_is_that_of_a_loop_over_gaps(spacing: int) -> None:
    x = sorted(np.random.default_rng(1).normal(size=40).tolist())
    euler, n = 0.5772156649015329, 40
    psi = -euler + sum(1 / k for k in range(1, spacing))  # the digamma function of a whole number
    logs = [math.log((n + 1) * (x[i + spacing] - x[i])) for i in range(n - spacing)]
    assert spacing_entropy(x[::-1], spacing) == pytest.approx(sum(logs) / len(logs) - psi)


def test_production_of_particles_is_that_of_a_loop_over_particles() -> None:
    """Heat with the mean of 1/T at both ends of each record; the entropy of the cloud at its end and at its start."""
    times, schedule = np.array([0.1, 0.2, 0.5]), Exponential(0.9, 0.6)
    x = np.random.default_rng(2).normal(size=(3, 200)) * [[1.0], [0.8], [0.5]]
    found = produced_by_particles(Ensemble(times, x), double_well(1.0, 0.5), schedule, groups=2)
    loss = lambda v: (v * v - 1) ** 2 - 0.25 * v  # noqa: E731
    beta, medium = [math.exp(t / 0.6) / 0.9 for t in times.tolist()], 0.0
    for n in range(2):
        for a, b in zip(x[n].tolist(), x[n + 1].tolist(), strict=True):
            medium -= (beta[n] + beta[n + 1]) / 2 * (loss(b) - loss(a)) / 200
    system = spacing_entropy(x[2]) - spacing_entropy(x[0])
    assert [f.value for f in found] == pytest.approx([medium + system, medium, system])


def test_path_entropy_is_that_of_single_trajectories() -> None:
    times, schedule, grid = np.array([0.1, 0.2, 0.5]), Exponential(0.9, 0.6), Grid(-2.0, 2.0, 8)
    x = np.random.default_rng(2).uniform(-1.6, 1.6, (3, 5))
    start, end = [0.1, 0.2, 0.3, 0.6, 0.4, 0.2, 0.1, 0.1], [0.05, 0.1, 0.5, 0.9, 0.3, 0.1, 0.03, 0.02]
    found = path_entropy(Ensemble(times, x), double_well(1.0, 0.5), schedule, start, end, grid)
    loss = lambda v: (v * v - 1) ** 2 - 0.25 * v  # noqa: E731
    beta = [math.exp(t / 0.6) / 0.9 for t in times.tolist()]

    def log_density(p, v):
        k = min(int((v + 1.75) / 0.5), 6)
        share = (v + 1.75 - 0.5 * k) / 0.5
        return (1 - share) * math.log(p[k]) + share * math.log(p[k + 1])

    slow = []
    for a, b, c in x.T.tolist():
        heat = -(beta[0] + beta[1]) / 2 * (loss(b) - loss(a)) - (beta[1] + beta[2]) / 2 * (loss(c) - loss(b))
        slow.append(log_density(start, a) - log_density(end, c) + heat)
    assert found == pytest.approx(slow)
    assert integral_fluctuation(found).value == pytest.approx(sum(math.exp(-s) for s in slow) / 5)
