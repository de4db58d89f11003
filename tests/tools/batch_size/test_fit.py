"""Tests of ``tools.batch_size.fit``."""

import numpy as np
import pytest

from tests.chapters.power.shared.test_claimed import BATCH
from trainphys.tools.batch_size.fit import STEPS, fit


def test_fits_refuse_what_they_cannot_fit():
    with pytest.raises(ValueError, match="points or more"):
        fit(STEPS, [1.0, 2.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="never reach"):
        fit(STEPS, BATCH, np.full(11, np.inf))
