"""Typed results are found; formulas, names and glued numbers are left alone."""

import pytest

from trainphys.book.lint import number_words, typed_results


@pytest.mark.parametrize(
    "text",
    [
        "The error is 5 %.",
        "It took 34.5 epochs.",
        r"We find $\alpha=0.37$.",
        r"so $r \approx 2$ there",
        "# Heading with 3 results",
        "| 12 | a table |",
    ],
)
def test_found(text):
    assert [line for line, _ in typed_results(f"first line\n\n{text}")] == [3]


@pytest.mark.parametrize(
    "text",
    [
        "In section 7.1, and sections 2.1 and 2.2.",
        "Claim B7.1c holds for L1 and L2 in 2-D.",
        "{glue:text}`x:.2f` and {eq}`eq-1`, {cite:t}`a2018b`.",
        "`f(3)` and [text](page-2.md)",
        "$$ x = 3.5 $$ (eq-power-7-x)",
        r"$\sqrt{2}$, $B=256$",
        "```{code-cell}\nx = 3.5\n```",
        "1. first\n2. second",
        "---\na: 3\n---\ntext",
        "Words.\n\n~~~\nx = 3.5\n~~~\n\n:::{list}\n7 of\n:::\n",
        "<!-- 3 of\nthem -->\n(sec-3)=\ntext",
    ],
)
def test_left_alone(text):
    assert list(typed_results(text)) == []


def test_each_line_is_told_once_as_it_stands_in_their_order():
    text = "one\n  Of 5 and 6 $x$.\n\n$$\n3.5\n$$\n```\n7\n```\n`8`\n\nIt is $\\alpha = 0.3$, $y=2$ of\n9 more\n"
    assert list(typed_results(text)) == [
        (2, "Of 5 and 6 $x$."),
        (12, "It is $\\alpha = 0.3$, $y=2$ of"),
        (13, "9 more"),
    ]


WORDS = {
    "thirteen and seventy of forty-two": ["thirteen", "seventy", "forty-two"],
    "A hundred, thousands, a Million": ["hundred", "thousands", "Million"],
    "by five per cent": ["five per cent"],
    "one-third, an eighth and ten hundredths": ["one-third", "an eighth", "ten hundredths"],
    "two ways, the third, often, nineteenth-century or teenage": [],
    "`twelve` and $eleven$": [],
}


@pytest.mark.parametrize("text", WORDS)
def test_numbers_in_words(text):
    assert number_words(text) == WORDS[text]
