"""Tests of ``chapters.distance.c9_reproduction.identification``."""

from dataclasses import replace

import numpy as np
import pytest

from trainphys.chapters.distance.c9_reproduction.identification import (
    best_of_each,
    epoch_rate,
    finalists,
    fit_of,
    not_excluded,
    ranked,
    recover,
)
from trainphys.chapters.distance.shared.replicates import replicate_reports
from trainphys.xor.configurations import RECONSTRUCTED, Configuration


def test_search_finds_the_named_configuration_and_does_not_exclude_it(bank, made):
    order, _, score = ranked(bank)
    assert (np.diff(score[order]) >= 0).all()
    kept = [replace(c, name="") for c in not_excluded(bank)]
    assert replace(RECONSTRUCTED[1], name="") in kept
    best = best_of_each(bank, 3)
    assert len({c.name for c in best}) == 3
    final = finalists(best, 40, seed=0)
    assert [f[2].score for f in final] == sorted(f[2].score for f in final)
    known = recover(bank, RECONSTRUCTED[1], made)
    assert known.right["inputs"] > 0.7
    assert known.chance(0.0) == 1.0
    assert known.chance(1e9) < 0.01
    assert recover(bank, RECONSTRUCTED[1], made, without=RECONSTRUCTED[1].starts).right["starts"] == 0.0


def test_rate_of_an_epoch():
    assert epoch_rate(Configuration("", "pytorch", 0.4, 1e-7, 0.5)) == pytest.approx(0.1)


def test_named_configurations_fit_and_a_wrong_one_does_not():
    for c in RECONSTRUCTED:
        fit = fit_of(replicate_reports(c, 120, seed=11))
        assert fit.chance > 0.02
        assert np.abs(fit.miss).max() < 3.5
    wrong = fit_of(replicate_reports(Configuration("", "pytorch", 0.1, 1e-7), 60, seed=11))
    assert wrong.chance < 0.02
    assert wrong.square > 30
