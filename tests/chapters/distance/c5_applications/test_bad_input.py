"""Input that makes no sense is refused in chapter C5's room."""

import numpy as np
import pytest

from trainphys.chapters.distance.c5_applications.allocation import captured, decisions
from trainphys.chapters.distance.c5_applications.backtest import back_test
from trainphys.chapters.distance.c5_applications.laws import selection_law
from trainphys.chapters.distance.c5_applications.network_times import crossing_times
from trainphys.chapters.distance.c5_applications.smart_starts import not_slower, ranked_runs
from trainphys.chapters.distance.c5_applications.successive_halving import halving_search
from trainphys.xor.configurations import Configuration

ONE = Configuration("one", "pytorch", 0.1, 1e-7)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: decisions(ONE, 100, 0, epoch=10**4), "up to 100"),
        (lambda: decisions(Configuration("x", "pytorch", 0.1, 1e-7, inputs=0.5), 100, 0), "inputs of one"),
        (lambda: captured(np.full(20, np.nan), np.arange(20.0), 0), "finite score"),
        (lambda: captured(np.arange(20.0), np.ones(20), 0), "nothing to save"),
        (lambda: ranked_runs(ONE, 10, 0, share=0.01), "keeps some starts"),
        (lambda: selection_law(ONE, 0, price=-1.0), "price >= 0"),
        (lambda: not_slower(np.array([np.nan]), np.ones(1), 0), "infinite stands for never"),
        (lambda: back_test(np.ones((40, 2)), seed=0, shortest=19), "shortest >= 20"),
        (lambda: crossing_times(np.array([[np.inf], [1.0]]), 2.0), "curves > 0 and finite"),
        (lambda: halving_search(np.full((4, 2), np.nan), 1), "finite curves"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
