"""Tests of ``xor.starts``."""

import numpy as np
import pytest

from trainphys.xor.landscape import solvable
from trainphys.xor.starts import DRAWS, draw_starts


def test_trapped_share_of_the_starts():
    n = 40_000
    for kind, share in (("pytorch", 5 / 12), ("normal", 2 / np.pi * np.arctan(np.sqrt(0.5))), ("xavier", 0.0)):
        trapped = (~solvable(draw_starts(kind, n, 1).T)).mean()
        assert abs(trapped - share) <= 5 * np.sqrt(share * (1 - share) / n)


@pytest.mark.parametrize("kind", list(DRAWS))
def test_starts_have_the_moments_of_their_kind(kind):
    x = draw_starts(kind, 40_000, 3)
    name, _, suffix = kind.partition(", ")
    spread = {"pytorch": 0.5 / 3, "xavier": 2 / 3, "xavier normal": 2 / 3, "kaiming": 1, "uniform": 1 / 3}
    variance = {**spread, "normal": 1, "half normal": 0.25, "small normal": 0.01}[name]
    assert x.shape == (40_000, 3)
    np.testing.assert_allclose(x.mean(axis=0), 0, atol=5 / 200)
    np.testing.assert_allclose(x[:, :2].var(axis=0), variance, rtol=5 * np.sqrt(2 / 40_000))
    small = {"pytorch": 0.05**2 / 3, "uniform": 0.1**2 / 3, "half normal": 0.1**2}.get(name, 0.0)
    plain = 0.0 if name.startswith(("xavier", "kaiming")) else variance
    bias = {"": plain, "zero bias": 0.0, "small bias": small, "pytorch bias": 0.5 / 3}[suffix]
    np.testing.assert_allclose(x[:, 2].var(), bias, rtol=5 * np.sqrt(2 / 40_000))
    with pytest.raises(ValueError, match="expected one of"):
        draw_starts("cauchy", 1, 0)
