"""Tests of ``chapters.distance.c7_statistical_details.feature_groups``."""

import pytest

from trainphys.chapters.distance.c7_statistical_details.feature_groups import known_now
from trainphys.chapters.distance.shared.laws import rounding_score
from trainphys.chapters.distance.shared.protocols import variance_explained
from trainphys.chapters.distance.shared.regressors import least_squares
from trainphys.xor.configurations import RECONSTRUCTED, report_rows


def test_the_present_tells_the_time_to_go():
    rows = report_rows(RECONSTRUCTED[1], seed=9)
    table = known_now(rows, 1.0)["logarithms of both"]
    own = variance_explained(rows.remaining, least_squares(table, rows.remaining.astype(float), table))
    assert own == pytest.approx(rounding_score(rows.remaining.var()), abs=3e-4)
