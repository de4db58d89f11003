"""Tests of ``chapters.power.a4_operating_regimes.consistency``."""

import math

import numpy as np
import pytest

from trainphys.chapters.power.a4_operating_regimes import consistency
from trainphys.chapters.power.shared.claimed import claimed_time


def test_pairs_agree_exactly_under_their_exponent_and_nowhere_else():
    for pair in consistency.pairs():
        laws = (pair.first, pair.second)
        assert [law.value(1.0, 0.3) for law in laws] == pytest.approx([1.0, 1.0])
        exponent = consistency.agreeing_exponent(pair)
        if exponent is not None and not math.isnan(exponent):
            for alpha in (0.2, 7.0):
                first, second = (law.value(alpha, exponent) for law in laws)
                assert first == pytest.approx(second)
                first, second = (law.value(alpha, exponent + 0.5) for law in laws)
                assert first != pytest.approx(second)


def test_laws_have_the_values_of_the_document():
    laws = {(law.quantity, law.sections): law for law in consistency.laws_of_the_document()}
    assert laws["time", "7"].value(2.0) == pytest.approx(float(claimed_time(2.0, 10.0)))
    assert laws["time", "1"].value(4.0, 0.5) == pytest.approx(1.0)
    assert laws["efficiency", "4"].value(4.0) == pytest.approx(0.25)
    assert laws["time", "2+1"].value(10.0) == pytest.approx(np.exp(9))
    with pytest.raises(ValueError, match="alpha > 0"):
        laws["time", "4"].value(-1.0)
