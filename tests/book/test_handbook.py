"""What the page of surviving laws says of each: where it was tested, how far off it was, what its code returns."""

import math

import numpy as np

from tests.book.by_hand import row
from trainphys.book.site import handbook
from trainphys.book.site.handbook import output, ranges


def at(**conditions):
    return {"at": conditions}


def test_a_law_says_how_far_off_it_was_at_most_and_where():
    rows = [
        row(0.98, 5.0, corrected=1.0, rtol=0.1, rtol_reason="a law to a tenth", at={"batch size": 4}),
        row(2.2, 5.0, corrected=2.0, rtol=0.1, rtol_reason="a law to a tenth", at={"batch size": 64}),
        row(9.0, 1.0, at={"batch size": 4096}),  # tests the document alone
    ]
    assert handbook.tested(rows, {}) == "2 comparisons, off by 10.0% at most; batch size 4 to 64."
    assert handbook.tested(rows[:1], {}) == "1 comparison, off by 2.0% at most; batch size 4."


def test_where_there_is_no_law_of_ours_the_documents_agreeing_rows_count():
    rows = [row(1.0, 1.0), row(1.02, 1.0, stderr=0.01, at={"gap": 0.2}), row(1.0, 2.0, at={"gap": 0.9})]
    assert handbook.tested(rows, {}) == "2 comparisons, off by 2.0% at most; gap 0.01 to 0.2."
    fit = row(1.0, 1.0, corrected=3.0, fitted=True)
    assert handbook.tested([fit], {}) == "1 comparison, off by less than 0.05%; gap 0.01."


def test_bounds_zeros_and_infinities_have_no_relative_error():
    rows = [
        row(1.0, None, corrected=3.0, relation="<="),
        row(0.0, None, corrected=0.0),
        row(1.0, None, corrected=math.inf, relation="<="),
    ]
    assert handbook.tested(rows, {}) == "3 comparisons; gap 0.01."


def test_ranges_of_numbers_and_kinds():
    def said(*rows):
        return ranges(list(rows), {"in_words": {"budget": "time budget"}})

    assert said(at(gap=0.5, noise="even"), at(gap=0.1, noise="odd"), at(gap=0.2, noise="even")) == (
        "gap 0.1 to 0.5; noise: even or odd"
    )
    assert said(at(step=7), at(step=7)) == "step 7"
    assert said(*(at(kind=str(n)) for n in range(5))) == "kind: 5 kinds"
    assert said(*(at(kind=str(n)) for n in range(4))) == "kind: 0, 1, 2 or 3"
    assert said(at(loss="two wells, gap 1"), at(loss="one")) == "loss: “two wells, gap 1” or one"
    assert said(at(fixed=True), at(fixed=False)) == "fixed: yes or no"
    assert said(at(a=1, b=2, c=3, d=4)) == "a 1; b 2; c 3"
    assert said(at(rate=1e-5), at(rate=2500.0)) == "rate 1 × 10⁻⁵ to 2,500"
    assert said(at(budget=5), at(budget=20)) == "time budget 5 to 20"
    assert said() == ""


def test_code_is_shown_with_what_it_returns_rounded():
    code = "import math\nfrom math import sqrt\nsqrt(2)\nmath.pi * 1e6\n(sqrt(2), 'x')\n[1, 2]\n"
    assert output(code) == "1.414\n3.142 × 10⁶\n1.414, x\n[1, 2]"
    assert output("import numpy as np\nnp.array([1 / 3, 2.0])\nnp.float64(1 / 3)") == "[0.3333 2.    ]\n0.3333"
    assert output("import numpy as np\nnp.arange(99)") == "[ 0  1  2 ... 96 97 98]"
    assert output("'a' * 301") == "a" * 300 + " ..."
    assert output("'a' * 299") == "a" * 299
    assert np.get_printoptions()["precision"] == 8


def test_a_call_may_go_over_several_lines():
    assert output("max(\n    1,\n    2,\n)\nmin(1, 2)") == "2\n1"
