"""Tests of ``xor.trajectories``."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.xor.test_landscape import SCALES, parameters
from trainphys.laws.contraction import contraction_factor, epochs_from_error
from trainphys.xor.basins import reaches_solution
from trainphys.xor.landscape import loss, solution, solvable
from trainphys.xor.run_records import records
from trainphys.xor.starts import draw_starts
from trainphys.xor.trajectories import train, train_pieces


@settings(max_examples=100)
@given(parameters, st.floats(0.01, 0.49))
def test_the_cone_of_the_start_decides_where_a_run_ends(theta, rate):
    lead, bias = abs(theta[0] - theta[1]), abs(theta[2])
    if abs(lead - bias) < 1e-6:
        return  # rounding decides on the ridge
    end = train([theta], rate=rate, tolerance=1e-14, max_epochs=4000).last[:, 0]
    expected = solution(theta) if lead > bias else np.array([0.0, 0.0, np.copysign(0.5, theta[2])])
    np.testing.assert_allclose(end, expected, atol=2e-7)


def test_every_epoch_shrinks_the_error_by_the_factor():
    rows = records(train(draw_starts("pytorch", 500, 2), rate=0.13, tolerance=1e-8, max_epochs=100))
    epoch, shrinkage = rows.shrinkage()
    np.testing.assert_allclose(shrinkage, contraction_factor(0.13), rtol=1e-9)
    assert epoch.min() == 0
    assert len(epoch) == len(rows.run) - len(np.unique(rows.run))


@pytest.mark.parametrize("scales", SCALES[1:])
def test_epochs_remaining_from_error_on_other_inputs(scales):
    runs = train(draw_starts("pytorch", 500, 2), rate=0.2, tolerance=1e-6, max_epochs=2000, scales=scales)
    rows = records(runs, scales=scales)
    found = epochs_from_error(rows.error, rate=0.2, tolerance=1e-6, scales=scales)
    assert (found == rows.remaining).mean() > 0.999  # a run may change its cone before it settles


def test_distance_to_the_last_state_and_epochs():
    rows = records(train(draw_starts("pytorch", 300, 0), rate=0.1, tolerance=1e-7, max_epochs=60), goal="last")
    final = np.linalg.norm(rows.goal - solution(rows.goal), axis=0)
    np.testing.assert_allclose(np.log1p(rows.l2 / final) / -np.log(contraction_factor(0.1)), rows.remaining, rtol=1e-6)


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0])
def test_basins_are_those_of_runs_with_small_steps(scale):
    starts = np.random.default_rng(2).normal(size=(1500, 3)) * np.array([2 / scale, 2 / scale, 2])
    rate = 0.004 / max(1.0, scale**2)
    done = train(starts, rate=rate, tolerance=1e-2, max_epochs=4000, scales=(scale, scale))
    assert (reaches_solution(starts.T, scale) != done.converged).mean() < 0.003  # steps are not infinitely small
    cones = (solvable(starts.T, (scale, scale)) != done.converged).mean()
    assert cones > 0.05 if scale != 1.0 else cones < 0.003


@pytest.mark.parametrize("method", ["full-batch", "per-sample"])
def test_pieces_equal_the_whole(method):
    starts = draw_starts("pytorch", 300, 0)
    setting = {"rate": 0.07, "tolerance": 1e-6, "max_epochs": 50, "method": method, "seed": 4}
    whole = train(starts, **setting)
    cuts = (0, 1, 64, 101, 300)
    pieces = [train(starts[a:b], first_run=a, **setting) for a, b in pairwise(cuts)]
    for a, piece in zip(reversed(cuts[:-1]), reversed(pieces), strict=True):
        again = whole.states[:, :, a : a + piece.states.shape[2]]
        assert piece.states.tobytes() == np.ascontiguousarray(again).tobytes()
    assert np.concatenate([p.epochs for p in pieces]).tolist() == whole.epochs.tolist()


def test_a_buffer_gives_the_same_states_and_is_used():
    starts = draw_starts("pytorch", 100, 0)
    buffer = np.full((31, 3, 100), np.nan)
    runs = train(starts, rate=0.1, tolerance=1e-5, max_epochs=30, out=buffer)
    assert runs.states is buffer
    assert (buffer == train(starts, rate=0.1, tolerance=1e-5, max_epochs=30).states).all()


@settings(max_examples=50)
@given(st.lists(st.floats(-3, 3), min_size=3, max_size=3), st.floats(0.01, 0.45))
def test_full_batch_never_raises_the_loss(start, rate):
    runs = train([start], rate=rate, tolerance=1e-9, max_epochs=30)
    losses = loss(runs.states[:, :, 0].T)
    assert (np.diff(losses) <= 1e-12).all()
    assert runs.converged[0] == (losses[-1] < 1e-9)


def test_a_start_at_the_kink_stays_there():
    runs = train([[0.0, 0.0, 0.0]], rate=0.1, tolerance=1e-7, max_epochs=10)
    assert runs.epochs[0] == 10
    assert not runs.converged[0]
    assert (runs.last == 0).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"starts": np.zeros((2, 4))}, "expected finite starts of shape"),
        ({"starts": [[0.0, np.nan, 0.0]]}, "expected finite starts"),
        ({"rate": 0.0}, "expected rate > 0"),
        ({"tolerance": -1.0}, "expected tolerance > 0"),
        ({"scales": (1.0, 0.0)}, "input scales > 0"),
        ({"max_epochs": 0}, "max_epochs >= 1"),
        ({"max_epochs": 2.5}, "max_epochs >= 1"),
        ({"rate": np.inf}, "expected rate > 0 and finite"),
        ({"method": "adam"}, "expected method"),
        ({"seed": -1}, "expected seed and first_run"),
        ({"first_run": 2**64}, "expected seed and first_run"),
        ({"out": np.zeros((6, 3, 1)).tolist()}, "expected out to be"),
        ({"out": np.broadcast_to(0.0, (6, 3, 1))}, "expected out to be a writeable"),
        ({"out": np.empty((3, 3, 3))}, "expected out to be"),
    ],
)
def test_wrong_input_says_what_was_expected(changes, message):
    arguments = {"starts": np.zeros((1, 3)), "rate": 0.1, "tolerance": 1e-7, "max_epochs": 5, **changes}
    with pytest.raises(ValueError, match=message):
        train(arguments.pop("starts"), **arguments)


@pytest.mark.parametrize("method", ["full-batch", "per-sample"])
def test_pieces_of_any_size_have_the_bits_of_the_whole(method):
    starts = draw_starts("normal", 1300, 2)
    setting = {"rate": 0.1, "tolerance": 1e-5, "max_epochs": 50, "method": method, "seed": 4}
    whole = train(starts, first_run=7, **setting)
    for piece in (300, 512, 5000):
        low = 0
        for part in train_pieces(starts, piece=piece, first_run=7, **setting):
            high = low + part.epochs.size
            np.testing.assert_array_equal(part.states, whole.states[:, :, low:high])
            np.testing.assert_array_equal(part.epochs, whole.epochs[low:high])
            np.testing.assert_array_equal(part.converged, whole.converged[low:high])
            low = high
        assert low == 1300


def test_pieces_write_to_one_array():
    pieces = train_pieces(draw_starts("normal", 300, 2), piece=100, rate=0.1, tolerance=1e-5, max_epochs=5)
    assert len({runs.states.ctypes.data for runs in pieces}) == 1
    with pytest.raises(ValueError, match="runs >= 1"):
        next(train_pieces(np.ones((0, 3)), rate=0.1, tolerance=1e-5, max_epochs=5))
    with pytest.raises(ValueError, match="piece >= 1"):
        next(train_pieces(draw_starts("normal", 3, 2), piece=0, rate=0.1, tolerance=1e-5, max_epochs=5))


@pytest.mark.parametrize("method", ["full-batch", "per-sample"])
def test_a_run_that_overflows_has_not_converged(method):
    runs = train([[0.3, 0.1, 0.2]], rate=50.0, tolerance=1e-3, max_epochs=800, method=method)
    assert not np.isfinite(runs.last).all()
    assert not runs.converged.any()
    assert runs.epochs.tolist() == [800]
