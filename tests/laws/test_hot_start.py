"""Tests of ``laws.hot_start``."""

import pytest

from trainphys.laws.cooling_plan import freezing_temperature
from trainphys.laws.hot_start import best_start
from trainphys.laws.two_wells import hopping_rate, upper_share
from trainphys.systems.coolings import cooling
from trainphys.systems.losses import double_well, harmonic


def test_neighbouring_starts_leave_more_in_the_upper_well() -> None:
    loss, duration, end = double_well(1.0, 0.5), 200.0, 0.05
    first = hopping_rate(loss, 1.0).upper_share
    start = best_start(loss, duration, end)
    left = [upper_share(loss, cooling(f * start, end, duration), [0.0, duration], first)[-1] for f in (0.9, 1.0, 1.1)]
    assert left[1] < min(left[0], left[2])


@pytest.mark.parametrize("duration", [100.0, 1000.0])
def test_it_lies_above_freezing(duration: float) -> None:
    loss = double_well(2.0, 1.0)
    assert 1.0 < best_start(loss, duration, 0.05) / freezing_temperature(loss, duration / 3) < 2.0


def test_it_scales_with_the_unit_of_loss() -> None:
    one, other = double_well(1.0, 0.5), double_well(3.0, 1.5)
    assert best_start(other, 100.0, 0.15, rest=3.0, mobility=1 / 3) == pytest.approx(
        3 * best_start(one, 100.0, 0.05), rel=1e-3
    )


def test_bad_input_is_refused() -> None:
    for call in (lambda: best_start(harmonic(), 0.0, 0.1), lambda: best_start(double_well(1.0, 0.5), 10.0, 2.0)):
        with pytest.raises(ValueError, match=r"expected .* got .*"):
            call()


def test_a_colder_end_asks_for_a_hotter_start_but_never_jumps() -> None:
    starts = [best_start(double_well(1.0, 0.5), 1000.0, end) for end in (0.05, 0.01, 1e-3, 1e-4)]
    assert starts == sorted(starts)
    assert starts[-1] < 2 * starts[0]
    with pytest.raises(ValueError, match="mobility > 0"):
        best_start(harmonic(), 1.0, 0.1, mobility=-1.0)
    with pytest.raises(ValueError, match="expected one well below the other"):
        best_start(double_well(1.0), 1000.0, 0.05)
