"""Tests of ``xor.starts``."""

import zlib

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


PARTS = {  # half width, or standard deviation, of weights and of the bias
    "pytorch": ("uniform", 0.5**0.5, 0.5**0.5),
    "xavier": ("uniform", 2.0**0.5, 0.0),
    "xavier normal": ("normal", (2 / 3) ** 0.5, 0.0),
    "kaiming": ("uniform", 3.0**0.5, 0.0),
    "normal": ("normal", 1.0, 1.0),
    "half normal": ("normal", 0.5, 0.5),
    "small normal": ("normal", 0.1, 0.1),
    "uniform": ("uniform", 1.0, 1.0),
}
BIASES = {"zero bias": {}, "small bias": {"pytorch": 0.05, "uniform": 0.1, "half normal": 0.1}, "pytorch bias": {}}


@pytest.mark.parametrize("kind", list(DRAWS))
def test_starts_are_drawn_number_by_number(kind):
    """Weights run by run, then the biases; a zero bias takes no number, and each kind has a stream of its own."""
    name, _, suffix = kind.partition(", ")
    law, width, bias = PARTS[name]
    bias = BIASES[suffix].get(name, 0.5**0.5 if suffix == "pytorch bias" else 0.0) if suffix else bias
    rng = np.random.default_rng([0, zlib.crc32(f"starts: {kind}".encode()), 9])
    draw = (lambda: 2 * rng.random() - 1) if law == "uniform" else rng.standard_normal
    if kind == "normal":  # three numbers a run
        slow = [[draw(), draw(), draw()] for _ in range(6)]
    else:
        slow = [[width * draw(), width * draw()] for _ in range(6)]
        slow = [[*weights, bias * draw() if bias else 0.0] for weights in slow]
    np.testing.assert_allclose(draw_starts(kind, 6, 9), slow, rtol=1e-12, atol=1e-15)
