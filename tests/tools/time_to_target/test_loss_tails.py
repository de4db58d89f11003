"""Tests of ``tools.time_to_target.loss_tails``."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainphys.tools.time_to_target.forecast import time_to_target
from trainphys.tools.time_to_target.loss_tails import EXPONENTS, fit_laws, outlook


@given(st.sampled_from(EXPONENTS.tolist()), st.floats(0.5, 4.0), st.integers(40, 160))
def test_a_tail_between_the_two_is_known_as_well(p: float, rate: float, seen: int) -> None:
    t = np.arange(1.0, seen + 1) / seen

    def coordinate(time: np.ndarray) -> np.ndarray:
        return np.log(time) if p == 0 else (time**p - 1) / p

    left = time_to_target(np.exp(-rate * coordinate(t)), float(np.exp(-rate * coordinate(np.array(1.5)))))
    assert left.value == pytest.approx(0.5 * seen, rel=1e-4)
    assert left.exponent == pytest.approx(p, abs=1e-3)


def test_the_outlook_leaves_out_laws_that_level_off() -> None:
    laws = fit_laws(0.01 * np.random.default_rng(0).standard_normal(30) - np.log(np.arange(1.0, 31.0)))
    far = outlook(laws, -12.0)
    assert far.never > 0
    assert math.isinf(far.by_law[0])
    assert math.isfinite(far.log_steps)
