"""Tests of ``laws.contraction``."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.xor.test_landscape import parameters
from trainphys.laws.contraction import contraction_factor, epochs_between, epochs_from_error, epochs_remaining
from trainphys.xor.epoch_counts import count_epochs
from trainphys.xor.landscape import loss
from trainphys.xor.run_records import records
from trainphys.xor.starts import draw_starts
from trainphys.xor.trajectories import train


def test_a_small_error_of_one_width_takes_its_own_time():
    n = epochs_from_error([0.3, 0.0, 0.0], rate=0.1, tolerance=1e-7, scales=(0.2, 1.0))
    reach = count_epochs([[2.8, -0.5, 0.0]], rate=0.1, tolerance=1e-7, max_epochs=10**4, scales=(0.2, 1.0))
    assert n == reach == np.floor(np.log(0.06 / np.sqrt(1e-7)) / -np.log(contraction_factor(0.1, 0.2))) + 1
    assert epochs_remaining(0.3, rate=0.1, tolerance=1e-7) < n
    assert float(loss([2.5, -0.5, 0.0], (0.2, 1.0))) < 1e-30


def test_epochs_between_counts_the_law():
    counts = epochs_remaining(np.array([0.4, 0.4 * 0.8**7]), rate=0.1, tolerance=1e-9)
    assert counts[0] - counts[1] == pytest.approx(float(epochs_between(0.8**-7, 0.1)))


@pytest.mark.parametrize("rate", [0.01, 0.1, 0.3])
def test_epochs_remaining_counts_the_runs_own_epochs(rate):
    rows = records(train(draw_starts("normal", 500, 2), rate=rate, tolerance=1e-6, max_epochs=1500))
    assert (epochs_remaining(rows.l2, rate=rate, tolerance=1e-6) == rows.remaining).all()
    assert (epochs_from_error(rows.error, rate=rate, tolerance=1e-6) == rows.remaining).all()


@given(parameters, st.floats(0.01, 0.45), st.floats(1e-9, 1e-2))
def test_epochs_remaining_from_error_is_the_first_epoch_below(error, rate, tolerance):
    e, c = np.array(error), np.array([0.5, 1.0, 1.0])
    n = int(epochs_from_error(e, rate=rate, tolerance=tolerance, scales=(0.5, 1.0)))
    k = 1 - 2 * rate * c**2

    def left(epochs):
        return (c**2 * e**2 * k ** (2 * epochs)).sum()

    assert left(n) < tolerance
    assert n == 0 or left(n - 1) >= tolerance


def test_a_finished_state_has_no_epochs_left():
    assert epochs_remaining(1e-5, rate=0.1, tolerance=1e-7) == 0
    assert epochs_from_error([1e-5, 0, 0], rate=0.1, tolerance=1e-7) == 0
