"""Tests of ``chapters.distance.shared.features``."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainphys.chapters.distance.shared.features import GROUPS, NAMES, columns_of, feature_table
from trainphys.laws.steps_from_gradient import epochs_from_gradient
from trainphys.xor.configurations import Configuration, report_rows
from trainphys.xor.landscape import gradient, solvable
from trainphys.xor.run_records import Records
from trainphys.xor.staircase import effective_tolerance, epochs_from_bias_ratio, epochs_from_last_distance


def test_features_are_eighteen_and_follow_the_formulas():
    state, goal = np.array([[0.3], [-0.2], [0.5]]), np.array([[0.5], [-0.5], [0.1]])
    row = dict(zip(NAMES, feature_table(Records(np.zeros(1, int), state, goal, np.ones(1, int)))[0], strict=True))
    assert len(NAMES) == 18
    assert row["L1"] == pytest.approx(0.2 + 0.3 + 0.4)
    cosine = 1 - (0.15 + 0.1 + 0.05) / np.sqrt((0.09 + 0.04 + 0.25) * (0.25 + 0.25 + 0.01))
    assert row["cosine"] == pytest.approx(cosine)
    assert row["p2_ratio"] == pytest.approx(5.0, rel=1e-6)
    assert row["log|p1_diff|"] == pytest.approx(np.log(0.3 + 1e-8))
    assert row["p0 x p2"] == pytest.approx(-0.08)
    assert columns_of(*GROUPS) == list(range(18))


@settings(max_examples=10)
@given(
    st.sampled_from(["uniform, zero bias", "pytorch"]),
    st.sampled_from([0.05, 0.2]),
    st.sampled_from(["loss", "change"]),
)
def test_staircase_counts_every_state_of_real_runs(starts, rate, stop):
    plain = Configuration("plain", starts, rate, 1e-6, logging="one step more", stop=stop, max_epochs=200)
    rows, law = report_rows(plain, seed=3), {"rate": rate, "tolerance": effective_tolerance(plain)}
    assert np.array_equal(epochs_from_last_distance(rows.l2, **law), rows.remaining)
    slope = np.linalg.norm(gradient(rows.state), axis=0)
    assert np.array_equal(epochs_from_gradient(slope, **law), rows.remaining)
    clear = solvable(rows.state) & (np.abs(rows.goal[2]) > 1e-5)
    ratio = feature_table(rows)[clear, NAMES.index("p2_ratio")]
    assert np.allclose(epochs_from_bias_ratio(ratio, rate=rate), rows.remaining[clear], atol=0.02)


def test_unknown_groups_and_states_at_the_origin_are_refused():
    with pytest.raises(ValueError, match="expected groups among"):
        columns_of("colours")
    with pytest.raises(ValueError, match="no state at the origin"):
        feature_table(Records(np.zeros(1, int), np.zeros((3, 1)), np.ones((3, 1)), np.ones(1, int)))
