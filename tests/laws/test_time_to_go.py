"""Laws of the time to go, ``laws.contraction`` and ``steps_from_gradient``, count far states and refuse infinities."""

import numpy as np
import pytest

from trainphys.laws.contraction import epochs_from_error, epochs_remaining
from trainphys.laws.steps_from_gradient import (
    end_loss,
    epochs_from_gradient,
    epochs_from_gradient_vector,
    epochs_from_loss,
    gradient_norm_from_loss,
)
from trainphys.laws.straight_line import line_share

LAW = {"rate": 0.1, "tolerance": 1e-7}
TIMES = {
    "distance": epochs_remaining,
    "loss": epochs_from_loss,
    "gradient": epochs_from_gradient,
    "error": lambda x, **law: epochs_from_error([x, 0.0, 0.0], **law),
    "gradient vector": lambda x, **law: epochs_from_gradient_vector([x, 0.0, 0.0], **law),
}


@pytest.mark.parametrize("law", TIMES.values(), ids=TIMES)
def test_a_time_to_go_is_a_number(law):
    for value in (np.nan, np.inf):
        with pytest.raises(ValueError, match="finite"):
            law(value, **LAW)
        with pytest.raises(ValueError, match="tolerance > 0 and finite"):
            law(1.0, rate=0.1, tolerance=value)
        with pytest.raises(ValueError, match="rate"):
            law(1.0, rate=value, tolerance=1e-7)


@pytest.mark.parametrize("law", TIMES.values(), ids=TIMES)
def test_a_far_time_to_go_is_counted(law):
    n = law(1e140, **LAW)
    assert abs(n * -np.log(0.8) / np.log(1e140 / np.sqrt(1e-7)) - 1) < 0.55  # a loss is a squared distance


def test_a_time_past_counting_is_refused():
    with pytest.raises(ValueError, match="past counting"):
        epochs_remaining([1.0, 1e308], **LAW)
    with pytest.raises(ValueError, match="past counting"):
        epochs_from_error([1e200, 0.0, 0.0], **LAW)
    assert epochs_remaining(1e-300, rate=0.1, tolerance=1e300) == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gradient_norm_from_loss(0.3, -1), "end_loss >= 0"),
        (lambda: end_loss(0.1, [0.3, -0.1, 0.05], (0.0, 1.0)), "input scales > 0"),
        (lambda: line_share(np.inf), "finite slow-downs"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_counting_ends_at_the_largest_count():
    slowest = {"rate": 6e-17, "tolerance": 1e-150}  # the smallest rate that moves a number at all
    assert 2**61 < epochs_remaining(1e140, **slowest) < 2**62
    with pytest.raises(ValueError, match="past counting"):
        epochs_remaining(1e150, **slowest)
