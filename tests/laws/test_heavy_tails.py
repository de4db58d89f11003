"""Tests of ``laws.heavy_tails``."""

import numpy as np
import pytest
from scipy.integrate import quad

from trainphys.laws.heavy_tails import tail_index, tail_share


def test_tail_indices_solve_their_equations():
    k, c0, c1 = 0.1, 2.0, 3.0  # eta / 2B = k
    for rule, shift in (("ito", 1.0), ("stratonovich", 0.5), ("anti-ito", 0.0)):
        power = -1 / (2 * k * c1) - shift
        beyond, all_of_it = (quad(lambda x, a=power: (c0 + c1 * x * x) ** a, low, np.inf)[0] for low in (1.5, 0))
        share = beyond / all_of_it
        index = tail_index(2 * k, 1, 1.0, c1, rule)
        assert float(tail_share(1.5, index, c0, c1)) == pytest.approx(share, rel=1e-6)
