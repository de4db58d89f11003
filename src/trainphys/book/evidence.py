"""One rule of agreement for the whole book, and the verdict that follows from the comparisons."""

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from trainphys.estimate import Estimate
from trainphys.rows import Relation, Scalar

VERDICTS = ("holds", "holds-if", "fails", "definition", "underspecified")
PENDING = "pending"
TEETH = 0.10  # a check that would not notice 10 % must say why
# 95 % power: the deviation that is noticed lies this many standard errors beyond the tolerance.
POWER_QUANTILE = 1.6448536269514722


@dataclass(frozen=True, slots=True)
class Comparison:
    """One confrontation of predictions with a measurement at named conditions; JSON-ready through ``as_json``."""

    at: dict[str, Scalar]
    measured: float
    stderr: float
    n: int
    tolerance: float
    rtol: float
    rtol_reason: str
    relation: Relation
    stated: float | None
    corrected: float | None
    agrees_stated: bool | None
    agrees_corrected: bool | None
    detectable: float | None
    condition: bool | None
    reading: str
    weak_because: str

    def _ipython_display_(self) -> None:
        """A comparison that ends a cell is no output: the card shows it."""

    def as_json(self) -> dict[str, Any]:
        return {key: _finite(value) for key, value in asdict(self).items()}


def compare(
    at: dict[str, Scalar],
    measured: Estimate,
    *,
    stated: float | None = None,
    corrected: float | None = None,
    relation: Relation = "==",
    rtol: float = 0.0,
    rtol_reason: str = "",
    condition: bool | None = None,
    reading: str = "",
    weak_because: str = "",
) -> Comparison:
    """Decide agreement: ``|measured - predicted| <= k stderr + rtol |predicted|``, one-sided for inequalities."""
    stated = None if stated is None else float(stated)
    corrected = None if corrected is None else float(corrected)
    rtol = float(rtol)
    if stated is None and corrected is None:
        raise ValueError("expected a prediction, got none: give stated=, corrected= or both")
    if relation not in ("==", "<=", ">="):
        raise ValueError(f"expected relation '==', '<=' or '>=', got {relation!r}")
    if rtol < 0 or (rtol > 0 and not rtol_reason.strip()):
        raise ValueError(f"expected rtol >= 0 with its reason, got rtol={rtol}, rtol_reason={rtol_reason!r}")
    if measured.stderr == 0 and rtol == 0 and relation == "==":
        raise ValueError("expected an error bar, got stderr = 0 and rtol = 0: state the solver's error as rtol")
    tolerance = measured.tolerance()
    anchor = corrected if corrected is not None else stated
    return Comparison(
        at={key: _plain(value) for key, value in at.items()},
        measured=measured.value,
        stderr=measured.stderr,
        n=measured.n,
        tolerance=tolerance,
        rtol=rtol,
        rtol_reason=rtol_reason,
        relation=relation,
        stated=stated,
        corrected=corrected,
        agrees_stated=agrees(measured.value, stated, tolerance, rtol, relation),
        agrees_corrected=agrees(measured.value, corrected, tolerance, rtol, relation),
        detectable=detectable(anchor, measured, rtol),
        condition=None if condition is None else bool(condition),
        reading=reading,
        weak_because=weak_because,
    )


def agrees(measured: float, predicted: float | None, tolerance: float, rtol: float, relation: Relation) -> bool | None:
    """The one rule of agreement; None when nothing was predicted.

    >>> agrees(1.02, 1.0, 0.01, 0.0, "=="), agrees(1.02, 1.0, 0.01, 0.0, ">=")
    (False, True)
    """
    if predicted is None:
        return None
    if math.isnan(predicted):
        return False
    if math.isinf(predicted):
        return {"==": False, "<=": predicted > 0, ">=": predicted < 0}[relation]
    allowed = tolerance + rtol * abs(predicted)
    excess = measured - predicted
    return {"==": abs(excess) <= allowed, "<=": excess <= allowed, ">=": excess >= -allowed}[relation]


def detectable(predicted: float | None, measured: Estimate, rtol: float) -> float | None:
    """Smallest relative error of the prediction that the check notices with 95 % power; None for a prediction of zero.

    >>> round(detectable(1.0, Estimate(1.0, 0.01, 100), 0.0), 4)
    0.0684
    """
    if predicted is None or predicted == 0 or not math.isfinite(predicted):
        return None
    return (measured.tolerance() + POWER_QUANTILE * measured.stderr) / abs(predicted) + rtol


def verdict_of(comparisons: Iterable[Comparison]) -> str:
    """``holds``, ``holds-if`` or ``fails``; with several readings, the verdict of the most favourable one."""
    rows = sorted((c for c in comparisons if c.agrees_stated is not None), key=lambda c: c.reading)
    found = {_verdict_of_reading(list(group)) for _, group in groupby(rows, key=lambda c: c.reading)}
    for word in ("holds", "holds-if", "fails"):
        if word in found:
            return word
    raise ValueError("expected at least one comparison with stated=, got none: nothing was tested")


def _verdict_of_reading(rows: list[Comparison]) -> str:
    if all(row.agrees_stated for row in rows):
        return "holds"
    inside = [row.agrees_stated for row in rows if row.condition is True]
    outside = [row.agrees_stated for row in rows if row.condition is False]
    named = len(inside) + len(outside) == len(rows)
    if named and inside and outside and all(inside) and not any(outside):
        return "holds-if"
    return "fails"


def _plain(value: Any) -> Scalar:
    """NumPy scalars as Python's own, so that the record is the same wherever it is read."""
    value = value.item() if hasattr(value, "item") else value
    if not isinstance(value, (str, int, float, bool)):
        raise ValueError(f"expected a text or a number in at=, got {value!r}")
    return value


def _finite(value: Any) -> Any:
    """JSON has no infinity: spell it."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
