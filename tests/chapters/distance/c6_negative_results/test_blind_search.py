"""Tests of ``chapters.distance.c6_negative_results.blind_search``."""

import pytest

from trainphys.chapters.distance.c6_negative_results.blind_search import noticed_share
from trainphys.xor.configurations import Configuration, traces


def test_the_search_is_blind_to_traps_but_not_to_slowness():
    stopped = Configuration("change", "pytorch", 0.1, 1e-7, stop="change")
    assert noticed_share(stopped, 20, 0).value == 0.0
    assert noticed_share(stopped, 20, 0, delay=1e-9).value > 0.0  # rounding to whole epochs is noticed


def test_a_search_that_keeps_lost_runs_notices_the_trapped_and_nobody_else():
    for stop in ("loss", "change"):
        stopped = Configuration(stop, "pytorch", 0.1, 1e-7, stop=stop)
        assert noticed_share(stopped, 20, 0, keep_lost=True).value == 1.0
    free = Configuration("free", "pytorch, zero bias", 0.1, 1e-7)  # no start is trapped
    assert noticed_share(free, 20, 0, keep_lost=True).value == 0.0


def on_the_line(x, known):
    """Epochs of the nearest run on either side of a distance, joined by a straight line; None where one is missing."""
    near = sorted(known)
    below, above = [k for k in near if k[0] <= x], [k for k in near if k[0] > x]
    if not below or not above:
        return None
    (a, n), (b, m) = below[-1], above[0]
    return n + (x - a) / (b - a) * (m - n)


@pytest.mark.parametrize(("keep_lost", "delay"), [(False, 0.0), (False, 0.1), (True, 34.0), (True, 36.0)])
def test_reports_are_searched_as_by_a_loop(keep_lost, delay):
    c = Configuration("change", "pytorch", 0.1, 1e-6, stop="change", max_epochs=70)
    runs, kept = traces(c, 3 * 3 * 100, 2), []
    for start, last, n, stopped in zip(
        runs.states[0].T.tolist(), runs.last.T.tolist(), runs.epochs.tolist(), runs.converged.tolist(), strict=True
    ):
        arrived = stopped and abs(last[0] - last[1]) > abs(last[2])
        side = 0.5 if start[0] >= start[1] else -0.5
        goal = [side, -side, 0.0] if keep_lost else last
        epochs = n if arrived or not keep_lost else 70
        if (stopped or keep_lost) and epochs:
            far = sum((a - b) ** 2 for a, b in zip(start, goal, strict=True)) ** 0.5
            kept.append((far, epochs, abs(start[0] - start[1]) <= abs(start[2]), arrived))
    known = [(far, epochs) for far, epochs, _, arrived in kept[300:] if arrived or not keep_lost]
    noticed = 0
    for report in (kept[:100], kept[100:200], kept[200:300]):
        told = [(epochs, on_the_line(far, known)) for far, epochs, trapped, _ in report if trapped]
        late = [epochs - expected for epochs, expected in told if expected is not None]
        noticed += bool(late) and sum(late) / len(late) > delay
    found = noticed_share(c, 3, 2, keep_lost=keep_lost, delay=delay)
    assert (found.value, found.n) == (noticed / 3, 3)
