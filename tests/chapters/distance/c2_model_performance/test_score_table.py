"""Tests of ``chapters.distance.c2_model_performance.score_table``."""

import numpy as np
import pytest

from trainphys.chapters.distance.c2_model_performance import score_table
from trainphys.chapters.distance.c2_model_performance.score_table import (
    FAST,
    least_squares_scores,
    network_scores,
    score_tables,
    tree_and_kernel_scores,
)


def test_table_joins_its_stages(monkeypatch):
    monkeypatch.setattr(score_table, "HIDDEN", {"neural net, 2 layers": (2,)})
    monkeypatch.setattr(score_table, "NET_EPOCHS", 1)
    fast = [least_squares_scores(1, sets=2, configuration=i) for i in range(3)]
    none = tree_and_kernel_scores(1, sets=0, configuration=0, first_stream=0)
    assert none == ({}, {})
    tables = score_tables(fast, [none] * 3, network_scores(1, (1, 0, 2)))
    for table, nets in zip(tables, (1, 0, 2), strict=True):
        line, square, cube = (table.of(row, "own rows") for row in list(FAST)[:3])
        assert line.min() > 0.9
        assert (square >= line).all()
        assert (cube >= square).all()
        assert len(table.of("neural net, 2 layers", "runs held out")) == nets
        assert len(table.of("random forest", "own rows")) == 0
        with pytest.raises(ValueError, match="expected a model of"):
            table.of("forest", "own rows")
        assert table.deviations.shape == table.spreads.shape == (2,)
        assert (table.error("linear regression", "own rows") < table.spreads).all()
        assert np.isfinite(table.of("exponential", "runs held out")).all()
