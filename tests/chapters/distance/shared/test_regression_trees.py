"""Tests of ``chapters.distance.shared.regression_trees``: scikit-learn's own estimators are the twins."""

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor
from sklearn.tree import DecisionTreeRegressor

from trainphys.chapters.distance.shared.features import feature_table
from trainphys.chapters.distance.shared.regression_trees import Grower, boosted, forest, forest_importance, one_tree
from trainphys.xor.configurations import RECONSTRUCTED, report_rows

DRAW = np.random.default_rng(8)
# Ties of every kind: whole numbers, a column twice, its mirror image, one that is constant, and one nearly so.
WHOLE = DRAW.integers(0, 6, (150, 3)).astype(float)
TABLE = np.column_stack(
    [WHOLE, DRAW.normal(size=(150, 2)), WHOLE[:, 0], -WHOLE[:, 1], np.ones(150), 1 + 1e-9 * WHOLE[:, 2]]
)
TARGET = np.round(2 * TABLE[:, 0] + TABLE[:, 3] ** 2 + DRAW.normal(size=150))
JUDGE = TABLE + 0.3 * DRAW.normal(size=TABLE.shape)


@pytest.mark.parametrize("leaf", [1, 2, 7])
def test_a_tree_is_scikit_learns(leaf):
    for seed in range(5):
        slow = DecisionTreeRegressor(min_samples_leaf=leaf, random_state=seed).fit(TABLE, TARGET)
        assert one_tree(TABLE, TARGET, JUDGE, leaf=leaf, seed=seed).tolist() == slow.predict(JUDGE).tolist()


def test_a_tree_of_some_depth_on_rows_that_count_several_times_is_scikit_learns():
    grower = Grower(TABLE)
    for seed in range(5):
        drawn = np.random.default_rng(seed).integers(150, size=150)
        found = grower.tree(
            TARGET, np.random.RandomState(seed), weight=np.bincount(drawn, minlength=150) * 1.0, depth=4
        )
        slow = DecisionTreeRegressor(max_depth=4, random_state=seed).fit(TABLE[drawn], TARGET[drawn])
        assert found(JUDGE).tolist() == slow.predict(JUDGE).tolist()
        assert found.gain / found.gain.sum() == pytest.approx(slow.feature_importances_, abs=1e-12)


def test_forests_and_boosting_are_scikit_learns():
    slow = RandomForestRegressor(7, random_state=3).fit(TABLE, TARGET)
    assert forest(TABLE, TARGET, JUDGE, trees=7, seed=3) == pytest.approx(slow.predict(JUDGE), abs=1e-12)
    assert forest_importance(TABLE, TARGET, trees=7, seed=3) == pytest.approx(slow.feature_importances_, abs=1e-12)
    smooth = DRAW.normal(size=(150, 4))  # no ties: sums of residuals differ by their rounding, which would decide one
    gentle = GradientBoostingRegressor(random_state=3).fit(smooth, TARGET)
    assert boosted(smooth, TARGET, -smooth, seed=3) == pytest.approx(gentle.predict(-smooth), abs=1e-9)


def test_boosting_on_a_report_is_scikit_learns():
    rows = report_rows(RECONSTRUCTED[0], seed=2)
    table, target = feature_table(rows), rows.remaining.astype(float)
    judge = rows.run % 5 == 0
    slow = GradientBoostingRegressor(n_estimators=10, random_state=1).fit(table[~judge], target[~judge])
    found = boosted(table[~judge], target[~judge], table, seed=1, trees=10)
    assert found == pytest.approx(slow.predict(table), abs=1e-9)


def test_a_tree_needs_a_target_for_each_row():
    with pytest.raises(ValueError, match="expected 150 targets"):
        one_tree(TABLE, TARGET[1:], JUDGE)
