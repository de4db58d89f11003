"""Tests of ``laws.entropy_rate``."""

import numpy as np

from trainphys.laws.entropy_rate import EntropyTerms, entropy_rates_in_well


def test_terms_are_plain_numbers_or_arrays() -> None:
    many = entropy_rates_in_well([1.0, 2.0], 1.0, 1.0)
    assert isinstance(many, EntropyTerms)
    np.testing.assert_allclose(many.total, [0.0, 0.5])
