"""Tests of ``xor.equivalences``."""

import pytest

from trainphys.xor.configurations import Configuration, traces
from trainphys.xor.equivalences import change_tolerance, delayed_tolerance, equivalent_rate, rate_from_spread
from trainphys.xor.starts import draw_starts
from trainphys.xor.trajectories import train


def test_equivalent_loops_count_equal_epochs():
    def epochs(rate, tolerance, **choices):
        return traces(Configuration("", "normal, zero bias", rate, tolerance, **choices), 500, seed=1).epochs

    base = epochs(0.13, 1e-6)
    assert (epochs(0.13, change_tolerance(1e-6, 0.13).item(), stop="change") == base).mean() > 0.99
    later = epochs(0.13, delayed_tolerance(1e-6, 0.13, 3).item())
    assert (later - base == 3).mean() > 0.99
    start = draw_starts("normal, zero bias", 500, seed=1)
    wide = train(start / 2.5, rate=0.13 / 2.5**2, tolerance=1e-6, max_epochs=100, scales=(2.5, 2.5))
    assert equivalent_rate(0.13 / 2.5**2, 2.5) == pytest.approx(0.13)
    assert (wide.epochs == base).mean() > 0.99


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: equivalent_rate(0.1, 0), "inputs > 0"),
        (lambda: delayed_tolerance(1e-7, 0.6, 1), "rate in"),
        (lambda: delayed_tolerance(1, 0.1, -1e6), "delayed_tolerance > 0 and finite"),
        (lambda: change_tolerance(0, 0.1), "tolerance"),
        (lambda: rate_from_spread(0.05, 1), "variance_beyond_rounding > 0"),
    ],
)
def test_wrong_input_says_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()
