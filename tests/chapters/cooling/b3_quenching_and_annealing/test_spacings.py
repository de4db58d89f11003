"""Tests of ``chapters.cooling.b3_quenching_and_annealing.spacings``."""

import numpy as np
import pytest
from scipy import stats

from trainphys.chapters.cooling.b3_quenching_and_annealing.entropy_terms import density_terms
from trainphys.chapters.cooling.b3_quenching_and_annealing.laws import gaussian_terms
from trainphys.chapters.cooling.b3_quenching_and_annealing.linear_ensemble import entropy_of_cloud, linear_paths
from trainphys.chapters.cooling.b3_quenching_and_annealing.spacings import produced_by_particles, spacing_entropy
from trainphys.laws.entropy_rate import entropy_rates_after_jump, entropy_rates_in_well
from trainphys.simulate.langevin import Ensemble
from trainphys.systems.coolings import quench
from trainphys.systems.grid import Grid
from trainphys.systems.losses import harmonic


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
