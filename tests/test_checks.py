"""Each check refuses what it is for, and says what was expected, what was given, and the cure."""

import math
from functools import partial

import numpy as np
import pytest

from trainphys import checks

REFUSED = {
    checks.one: ([[0.1], [0.1, 0.2], None], "expected one number x, got", "call it once for each"),
    checks.spectrum: ([[], [[1.0]]], "expected x, one or of shape .d,., got", "the eigenvalues alone"),
    checks.finite: ([math.nan, math.inf], "expected finite x, got", "leave out"),
    checks.positive: (
        [0.0, -1.0, math.nan, math.inf, [1.0, 0.0]],
        "expected x > 0 and finite, got",
        "sign and its unit",
    ),
    checks.above_zero: ([0.0, -1.0, math.nan], "expected x > 0, got", "sign and its unit"),
    partial(checks.not_below, 2): ([1.9, math.nan, math.inf], "expected x >= 2 and finite, got", "sign and its unit"),
    partial(checks.inside, 0, 1): ([0.0, 1.0, math.nan], r"expected x in \(0, 1\), got", "left out"),
    partial(checks.within, 0, 1): ([-0.1, 1.1, math.nan], r"expected x in \[0, 1\], got", "are allowed"),
    partial(checks.at_least, 2): ([1, 2.0, "2", None], "expected a whole number x >= 2, got", "give an int"),
}


@pytest.mark.parametrize(("check", "bad"), [(check, bad) for check, (values, *_) in REFUSED.items() for bad in values])
def test_a_refusal_says_what_was_expected_and_given_and_the_cure(check, bad):
    _, expected, cure = REFUSED[check]
    with pytest.raises(ValueError, match=f"{expected} .*: .*{cure}") as refusal:
        check(x=bad)
    assert repr(bad) in str(refusal.value) or check is checks.spectrum


def test_what_passes_comes_back_as_arrays_in_order():
    a, b = checks.positive(a=1, b=[1, 2])
    assert a.dtype == b.dtype == float
    assert (a.shape, b.tolist()) == ((), [1.0, 2.0])
    assert [x.tolist() for x in checks.above_zero(limit=math.inf)] == [math.inf]
    assert [x.tolist() for x in checks.within(0, 1, share=[0.0, 1.0])] == [[0.0, 1.0]]
    checks.at_least(2, runs=np.int64(2))


def test_a_tensor_with_a_gradient_is_refused_and_no_value_fills_the_screen():
    torch = pytest.importorskip("torch")
    with pytest.raises(ValueError, match=r"expected real numbers x, got tensor\(1\., requires_grad=True\): convert"):
        checks.numbers(x=torch.ones((), requires_grad=True))
    with pytest.raises(ValueError, match="expected a whole number x >= 1") as refusal:
        checks.at_least(1, x=list(range(1000)))
    assert len(str(refusal.value)) < 200


def test_a_long_array_is_named_by_its_shape():
    with pytest.raises(ValueError, match=r"got 6 numbers of shape \(2, 3\)"):
        checks.finite(x=np.full((2, 3), np.nan))


@pytest.mark.parametrize(("size", "words"), [(4, r"\[nan, nan, nan, nan\]"), (5, r"5 numbers of shape \(5,\)")])
def test_up_to_four_numbers_are_shown(size, words):
    with pytest.raises(ValueError, match=f"got {words}: "):
        checks.finite(x=[math.nan] * size)
