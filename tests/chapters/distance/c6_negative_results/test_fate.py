"""Tests of ``chapters.distance.c6_negative_results.fate``."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from trainphys.chapters.distance.c6_negative_results.fate import ordered_pairs
from trainphys.chapters.distance.c6_negative_results.laws import fate_scores
from trainphys.xor.starts import draw_starts
from trainphys.xor.trajectories import train


def test_ordered_pairs_are_the_area_under_the_curve():
    rng = np.random.default_rng(5)
    label = rng.random(40_000) < 0.5
    score = rng.normal(size=40_000) + label
    found = ordered_pairs(score, label, seed=0)
    assert abs(found.value - roc_auc_score(label, score)) < 5 * np.sqrt(0.25 / found.n)
    assert ordered_pairs(np.zeros(20_000), np.arange(20_000) % 2 == 0, seed=1).value == pytest.approx(0.5, abs=0.03)


def test_loss_and_gradient_name_all_trapped_starts():
    starts = draw_starts("normal", 3000, 6)
    trapped = ~train(starts, rate=0.1, tolerance=1e-4, max_epochs=100).converged
    assert ((fate_scores(starts.T)["loss and gradient"] > 0.1) == trapped).all()


def test_labels_of_one_kind_have_no_pairs():
    with pytest.raises(ValueError, match="unlabelled >= 1"):
        ordered_pairs([1.0, 2.0], [True, True], seed=0)
