"""Tests of ``chapters.distance.c2_model_performance.relu_regressors``."""

import numpy as np
import pytest

from tests.chapters.distance.shared.test_regressors import TABLE
from trainphys.chapters.distance.c2_model_performance.relu_regressors import relu_networks
from trainphys.chapters.distance.shared.protocols import variance_explained


def test_networks_learn_a_function_and_do_not_depend_on_their_order():
    y = np.abs(TABLE[:, 0])
    settings_ = {"hidden": (16,), "batch": 16, "epochs": 150, "seed": 3}
    one = relu_networks([(TABLE, y, TABLE), (TABLE[:80], y[:80], TABLE[80:])], **settings_)
    assert variance_explained(y, one[0]) > 0.9
    assert one[1].shape == (40,)
    again = relu_networks([(TABLE, y, TABLE), (TABLE[:80], y[:80], TABLE[80:])], **settings_)
    assert np.array_equal(one[0], again[0])
    with pytest.raises(ValueError, match="rows >= 500"):
        relu_networks([(TABLE, y, TABLE)], hidden=(4,), batch=500, epochs=1, seed=0)
