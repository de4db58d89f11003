"""Errors go from worker to caller as they are, with what they carry."""

import pickle

import pytest

from trainphys import errors

RAISED = [
    errors.NotIdentifiable("unsettled", estimate=1.5, needed_samples=40, needed_loss=0.2),
    errors.NotConverged("too few steps", estimate=(1.0, 2.0)),
    errors.NotBracketed("at the edge"),
    errors.Infeasible("no such limit", closest=3.0),
    errors.ClusterLost("gone"),
]


@pytest.mark.parametrize("error", RAISED, ids=lambda error: type(error).__name__)
def test_an_error_survives_pickling(error):
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))
    assert isinstance(error, errors.TrainphysError)


def test_every_error_is_tried_here():
    known = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)}
    assert {type(error) for error in RAISED} == known - {errors.TrainphysError}
