"""A document's formula, written once in ``book/claims``: the page prints it, and the chapter computes with it."""

import ast
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": np.minimum,
    "max": np.maximum,
    "sqrt": np.sqrt,
    "exp": np.exp,
    "log": np.log,
    "abs": np.abs,
    "tanh": np.tanh,
}
CONSTANTS = {"pi": (np.pi, r"\pi")}
SUM, SIGN, PRODUCT, POWER, ATOM = range(5)  # how tightly a piece holds together


def latex(entry: Mapping[str, Any]) -> str:
    r"""The formula as the page prints it: made from ``formula``, else the ``latex`` of a claim without one.

    >>> print(latex({"symbols": {"E": "E", "B": "B", "c": "B_c"}, "formula": {"E": "min(1, c / B)"}}))
    E = \min\left(1, \frac{B_c}{B}\right)
    """
    if "formula" not in entry:
        return str(entry.get("latex", ""))
    names = entry["symbols"]
    sides = (f"{names[symbol]} = {_latex(_tree(text), names)[0]}" for symbol, text in entry["formula"].items())
    return r",\qquad ".join(sides)


def evaluate(entry: Mapping[str, Any], symbol: str, values: Mapping[str, Any]) -> Any:
    """The value of a symbol of the formula; arrays are taken element by element.

    Raises:
        ValueError: no formula for the symbol, or not exactly the values that it needs.

    >>> claim = {"id": "X", "symbols": {"E": "E", "B": "B", "c": "B_c"}, "formula": {"E": "min(1, c / B)"}}
    >>> evaluate(claim, "E", {"B": 8, "c": 4})
    0.5
    """
    if symbol not in entry.get("formula", {}):
        raise ValueError(f"expected a symbol with a formula in {entry['id']}, got {symbol!r}: see book/claims")
    tree = _tree(entry["formula"][symbol])
    needed = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - FUNCTIONS.keys() - CONSTANTS.keys()
    if needed != set(values):
        raise ValueError(f"expected values of {sorted(needed)} for {symbol} of {entry['id']}, got {sorted(values)}")
    scope: dict[str, Any] = {name: np.asarray(value, dtype=float) for name, value in values.items()}
    scope |= {name: value for name, (value, _) in CONSTANTS.items()}
    found = eval(compile(tree, entry["id"], "eval"), {"__builtins__": {}, **FUNCTIONS}, scope)
    return np.asarray(found, dtype=float) if np.ndim(found) else float(found)


def _tree(text: str) -> ast.Expression:
    return ast.parse(text.strip(), mode="eval")


def _latex(node: ast.AST, names: Mapping[str, str]) -> tuple[str, int]:
    """LaTeX of an expression in the order in which it was written, and how tightly it holds together."""
    match node:
        case ast.Expression(body):
            return _latex(body, names)
        case ast.Constant(int() | float() as value):
            return f"{value:g}", ATOM
        case ast.Name(name):
            return (CONSTANTS[name][1] if name in CONSTANTS else names[name]), ATOM
        case ast.UnaryOp(ast.USub(), operand):
            return "-" + _held(operand, PRODUCT, names), SIGN
        case ast.BinOp(left, ast.Add() | ast.Sub() as sign, right):
            between = " + " if isinstance(sign, ast.Add) else " - "
            return _held(left, SUM, names) + between + _held(right, PRODUCT, names), SUM
        case ast.BinOp(left, ast.Mult(), right):
            between = r"\cdot " if isinstance(right, ast.Constant) else r"\,"
            return _held(left, SIGN, names) + between + _held(right, PRODUCT, names), PRODUCT
        case ast.BinOp(left, ast.Div(), right):
            return rf"\frac{{{_latex(left, names)[0]}}}{{{_latex(right, names)[0]}}}", PRODUCT
        case ast.BinOp(left, ast.Pow(), right):
            return f"{_held(left, ATOM, names)}^{{{_latex(right, names)[0]}}}", POWER
        case ast.Call(ast.Name(function), arguments):
            return _call(function, [_latex(argument, names)[0] for argument in arguments])
    raise ValueError(f"expected + - * / **, numbers, names and {', '.join(FUNCTIONS)}, got {ast.unparse(node)}")


def _held(node: ast.AST, tightness: int, names: Mapping[str, str]) -> str:
    text, own = _latex(node, names)
    return text if own >= tightness else rf"\left({text}\right)"


def _call(function: str, arguments: list[str]) -> tuple[str, int]:
    inner = ", ".join(arguments)
    match function:
        case "sqrt":
            return rf"\sqrt{{{inner}}}", ATOM
        case "exp":
            return f"e^{{{inner}}}", POWER
        case "abs":
            return rf"\left|{inner}\right|", ATOM
    names = {"log": r"\ln", "min": r"\min", "max": r"\max", "tanh": r"\tanh"}
    return rf"{names[function]}\left({inner}\right)", ATOM
