"""Tests of ``chapters.distance.c5_applications.successive_halving``."""

import numpy as np

from trainphys.chapters.distance.c5_applications.successive_halving import halving_search, successive_halving


def test_successive_halving_counts_what_it_drops() -> None:
    curves = np.linspace(1, 0, 9)[:, None] * np.array([1.0, 2.0, 3.0, 0.5])
    assert successive_halving(curves, 1) == (3, 2 * 1 + 1 * 2)


def test_scikit_learns_halving_search_keeps_and_spends_what_the_plain_rule_does() -> None:
    rng = np.random.default_rng(2)
    for _ in range(10):
        curves = np.exp(-np.arange(40.0)[:, None] * rng.uniform(0.02, 0.1, 8)) * rng.uniform(0.9, 1.1, (40, 8))
        assert halving_search(curves, 4) == successive_halving(curves, 4)
