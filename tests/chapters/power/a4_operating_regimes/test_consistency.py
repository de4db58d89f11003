"""Tests of ``chapters.power.a4_operating_regimes.consistency``."""

import math

import numpy as np
import pytest

from trainphys.chapters.power.a4_operating_regimes import consistency
from trainphys.chapters.power.shared.claimed import claimed_time


def test_pairs_agree_exactly_under_their_exponent_and_nowhere_else():
    for pair in consistency.pairs():
        assert consistency.factor(pair, 1.0, 0.3) == pytest.approx(1.0)
        exponent = consistency.agreeing_exponent(pair)
        if exponent is not None and not math.isnan(exponent):
            for alpha in (0.2, 7.0):
                assert consistency.factor(pair, alpha, exponent) == pytest.approx(1.0)
                assert consistency.factor(pair, alpha, exponent + 0.5) != pytest.approx(1.0)


def test_factors_cover_every_pair_and_rule():
    rows = list(consistency.factors((1.0, 2.0)))
    assert len(rows) == sum(4 if pair.scaled else 1 for pair in consistency.pairs())
    (four_seven,) = [f for pair, _, f in rows if pair.name == "time: 4 | 7"]
    assert four_seven == pytest.approx(tuple(claimed_time([1.0, 2.0], 10.0) * np.sqrt([1.0, 2.0])))
