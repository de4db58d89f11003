"""Tests of ``chapters.distance.c6_negative_results.blind_search``."""

from trainphys.chapters.distance.c6_negative_results.blind_search import noticed_share
from trainphys.xor.configurations import Configuration


def test_the_search_is_blind_to_traps_but_not_to_slowness():
    stopped = Configuration("change", "pytorch", 0.1, 1e-7, stop="change")
    assert noticed_share(stopped, 20, 0).value == 0.0
    assert noticed_share(stopped, 20, 0, delay=1e-9).value > 0.0  # rounding to whole epochs is noticed
