"""A formula is printed as it is computed: the same order, the same brackets."""

import ast

import numpy as np
import pytest

from trainphys.book import formulas

NAMES = {"a": "A", "b": r"\beta", "c": "c_0"}
PRINTED = {
    "a + b * c": r"A + \beta\,c_0",
    "(a + b) * c": r"\left(A + \beta\right)\,c_0",
    "a * (b + c)": r"A\,\left(\beta + c_0\right)",
    "a - (b - c)": r"A - \left(\beta - c_0\right)",
    "a - b - c": r"A - \beta - c_0",
    "(a - b) + c": r"A - \beta + c_0",
    "a * b / c": r"\frac{A\,\beta}{c_0}",
    "a / (b / c)": r"\frac{A}{\frac{\beta}{c_0}}",
    "a * 2": r"A\cdot 2",
    "2 * a": r"2\,A",
    "-a * b": r"-A\,\beta",
    "a * -b": r"A\,\left(-\beta\right)",
    "a - -b": r"A - \left(-\beta\right)",
    "-(-a)": r"-\left(-A\right)",
    "-a**2": r"-A^{2}",
    "(-a)**2": r"\left(-A\right)^{2}",
    "-(a * b)": r"-A\,\beta",
    "-(a + b)": r"-\left(A + \beta\right)",
    "a + -b": r"A + \left(-\beta\right)",
    "-a + b": r"-A + \beta",
    "a**2": "A^{2}",
    "(a * b)**2": r"\left(A\,\beta\right)^{2}",
    "(a / b)**c": r"\left(\frac{A}{\beta}\right)^{c_0}",
    "(a**b)**c": r"\left(A^{\beta}\right)^{c_0}",
    "a**(b + c)": r"A^{\beta + c_0}",
    "sqrt(a + b) * c": r"\sqrt{A + \beta}\,c_0",
    "sqrt(a)**3": r"\sqrt{A}^{3}",
    "exp(-a)": "e^{-A}",
    "exp(a)**2": r"\left(e^{A}\right)^{2}",
    "exp(a) * b": r"e^{A}\,\beta",
    "abs(a - b)**2": r"\left|A - \beta\right|^{2}",
    "log(a) / log(2)": r"\frac{\ln\left(A\right)}{\ln\left(2\right)}",
    "max(a, b) + tanh(c)": r"\max\left(A, \beta\right) + \tanh\left(c_0\right)",
    "min(1, pi * a)": r"\min\left(1, \pi\,A\right)",
    "1e-7 * a": r"1e-07\,A",
}
VALUES = {"a": 0.7, "b": 1.9, "c": 2.3}


@pytest.mark.parametrize("text", PRINTED)
def test_brackets_stand_where_the_order_needs_them(text):
    assert formulas.latex({"symbols": NAMES, "formula": {"a": text}}) == f"A = {PRINTED[text]}"


@pytest.mark.parametrize("text", PRINTED)
def test_a_formula_is_computed_as_it_is_written(text):
    names = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
    used = {name: value for name, value in VALUES.items() if name in names}
    maths = {name: getattr(np, name, None) for name in ("sqrt", "exp", "log", "abs", "tanh", "pi")}
    wanted = eval(text, {**maths, "min": min, "max": max}, dict(VALUES))
    assert formulas.evaluate({"id": "X", "formula": {"a": text}}, "a", used) == pytest.approx(wanted, rel=1e-14)


def test_several_formulas_stand_side_by_side_and_a_claim_may_have_none():
    two = {"symbols": NAMES, "formula": {"a": " b + c ", "b": "c"}}
    assert formulas.latex(two) == r"A = \beta + c_0,\qquad \beta = c_0"
    assert formulas.latex({"latex": "x"}) == "x"
    assert formulas.latex({}) == ""


def test_arrays_are_taken_element_by_element():
    found = formulas.evaluate({"id": "X", "formula": {"a": "min(b, 2) / c"}}, "a", {"b": [1, 2, 3], "c": 2})
    np.testing.assert_array_equal(found, [0.5, 1.0, 1.0])
    assert found.dtype == float
    one = formulas.evaluate({"id": "X", "formula": {"a": "b"}}, "a", {"b": np.array(3)})
    assert type(one) is float


@pytest.mark.parametrize(
    ("symbol", "values", "message"),
    [
        ("z", {}, "expected a symbol with a formula in X, got 'z'"),
        ("a", {"b": 1}, r"expected values of \['b', 'c'\] for a of X, got \['b'\]"),
        ("a", {"b": 1, "c": 2, "d": 3}, r"got \['b', 'c', 'd'\]"),
    ],
)
def test_a_symbol_or_a_value_that_is_not_the_formulas_is_refused(symbol, values, message):
    with pytest.raises(ValueError, match=message):
        formulas.evaluate({"id": "X", "formula": {"a": "exp(b) * pi + c"}}, symbol, values)
    with pytest.raises(ValueError, match="with a formula"):
        formulas.evaluate({"id": "X", "latex": "x"}, "a", {})


@pytest.mark.parametrize("text", ["a % b", "a if b else c", "'a'", "a.b", "not a"])
def test_what_cannot_be_printed_is_refused(text):
    with pytest.raises(ValueError, match=r"expected .* numbers, names and min, max"):
        formulas.latex({"symbols": NAMES, "formula": {"a": text}})
