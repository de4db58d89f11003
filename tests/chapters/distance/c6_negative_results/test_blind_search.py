"""Tests of ``chapters.distance.c6_negative_results.blind_search``."""

from trainphys.chapters.distance.c6_negative_results.blind_search import noticed_share
from trainphys.xor.configurations import Configuration


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
