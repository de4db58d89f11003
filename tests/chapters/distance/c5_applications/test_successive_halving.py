"""Tests of ``chapters.distance.c5_applications.successive_halving``."""

import numpy as np

from trainphys.chapters.distance.c5_applications.successive_halving import halving_search


def successive_halving(curves: np.ndarray, first: int) -> tuple[int, int]:
    """The plain rule: train all rivals, drop the worse half by loss, give the rest twice as long, until one is left.

    Source: Jamieson and Talwalkar (2016), algorithm 1, with the budget growing from rung to rung.
    """
    alive, wasted, cut = np.arange(curves.shape[1]), 0, first
    while len(alive) > 1:
        order = alive[np.argsort(curves[cut, alive], kind="stable")]
        alive, dropped = order[: len(order) // 2], order[len(order) // 2 :]
        wasted += cut * len(dropped)
        cut *= 2
    return int(alive[0]), wasted


def test_successive_halving_counts_what_it_drops() -> None:
    curves = np.linspace(1, 0, 9)[:, None] * np.array([1.0, 2.0, 3.0, 0.5])
    assert successive_halving(curves, 1) == (3, 2 * 1 + 1 * 2)


def test_scikit_learns_halving_search_keeps_and_spends_what_the_plain_rule_does() -> None:
    rng = np.random.default_rng(2)
    for _ in range(10):
        curves = np.exp(-np.arange(40.0)[:, None] * rng.uniform(0.02, 0.1, 8)) * rng.uniform(0.9, 1.1, (40, 8))
        assert halving_search(curves, 4) == successive_halving(curves, 4)
