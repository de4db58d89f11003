"""Tests of ``chapters.distance.shared.protocols``."""

import numpy as np
import pytest
from sklearn.metrics import r2_score

from tests.chapters.distance.shared.test_regressors import RUN, TABLE, TARGET
from trainphys.chapters.distance.shared.protocols import PROTOCOLS, splits, variance_explained


def test_score_is_scikit_learns():
    assert variance_explained(TARGET, TABLE[:, 0]) == pytest.approx(r2_score(TARGET, TABLE[:, 0]))
    with pytest.raises(ValueError, match="spread_of_observations > 0"):
        variance_explained([1.0, 1.0], [1.0, 1.0])
    with pytest.raises(ValueError, match="expected as many predictions"):
        variance_explained([1.0, 2.0], [1.0])


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_splits_judge_every_row_once_and_runs_held_out_are_new(protocol):
    parts = splits(RUN, protocol, 4, seed=1)
    assert sorted(np.concatenate([judge for _, judge in parts]).tolist()) == list(range(120))
    if protocol == "runs held out":
        assert all(not set(RUN[fit]) & set(RUN[judge]) for fit, judge in parts)
    if protocol == "rows held out":
        assert all(set(RUN[judge]) <= set(RUN[fit]) for fit, judge in parts)
    with pytest.raises(ValueError, match="expected a protocol"):
        splits(RUN, "folds", 4, seed=1)
