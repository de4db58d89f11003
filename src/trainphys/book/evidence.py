"""One rule of agreement for the whole book: what a comparison allows, and what it would have noticed."""

import math
from dataclasses import asdict, dataclass
from typing import Any

from trainphys.estimate import Estimate
from trainphys.rows import Relation, Scalar

TEETH = 0.10  # a check that would not notice 10 % must say why
# 95 % power: the deviation that is noticed lies this many standard errors beyond the tolerance.
POWER_QUANTILE = 1.6448536269514722
SYMBOLS = frozenset(("alpha", "beta", "gamma", "delta", "epsilon", "eps", "eta", "theta", "kappa", "lambda", "mu"))
SYMBOLS |= frozenset(("rho", "sigma", "tau", "phi", "psi", "omega"))


@dataclass(frozen=True, slots=True)
class Comparison:
    """One confrontation of predictions with a measurement at named conditions; JSON-ready through ``as_json``."""

    quantity: str
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
    reference: float | None
    not_stated: str
    not_corrected: str
    fitted: bool
    agrees_stated: bool | None
    agrees_corrected: bool | None
    agrees_reference: bool | None
    detectable: float | None
    reading: str
    beyond: bool
    weak_because: str

    def _ipython_display_(self) -> None:
        """A comparison that ends a cell is no output: the card shows it."""

    def as_json(self) -> dict[str, Any]:
        return {key: _finite(value) for key, value in asdict(self).items()}


def compare(
    quantity: str,
    at: dict[str, Scalar],
    measured: Estimate,
    *,
    stated: float | None = None,
    corrected: float | None = None,
    reference: float | None = None,
    not_stated: str = "",
    not_corrected: str = "",
    fitted: bool = False,
    relation: Relation = "==",
    rtol: float = 0.0,
    rtol_reason: str = "",
    reading: str = "",
    beyond: bool = False,
    weak_because: str = "",
) -> Comparison:
    """Decide agreement: ``|measured - predicted| <= k stderr + rtol |predicted|``, one-sided for inequalities."""
    stated, corrected, reference = (None if x is None else float(x) for x in (stated, corrected, reference))
    rtol = float(rtol)
    _check_words(quantity, at)
    for law, value, reason in (("stated", stated, not_stated), ("corrected", corrected, not_corrected)):
        if value is not None and reason:
            raise ValueError(f"expected {law}= or not_{law}=, got both at {at}")
    if stated is None and corrected is None and reference is None:
        raise ValueError("expected a prediction, got none: give stated=, corrected=, reference= or several of them")
    if relation not in ("==", "<=", ">="):
        raise ValueError(f"expected relation '==', '<=' or '>=', got {relation!r}")
    if rtol < 0 or (rtol > 0 and not rtol_reason.strip()):
        raise ValueError(f"expected rtol >= 0 with its reason, got rtol={rtol}, rtol_reason={rtol_reason!r}")
    if measured.stderr == 0 and rtol == 0 and relation == "==":
        raise ValueError("expected an error bar, got stderr = 0 and rtol = 0: state the solver's error as rtol")
    tolerance = measured.tolerance()

    def agreeing(predicted: float | None) -> bool | None:
        return agrees(measured.value, predicted, tolerance, rtol, relation)

    return Comparison(
        quantity=quantity,
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
        reference=reference,
        not_stated=not_stated,
        not_corrected=not_corrected,
        fitted=bool(fitted),
        agrees_stated=agreeing(stated),
        agrees_corrected=None if fitted else agreeing(corrected),
        agrees_reference=agreeing(reference),
        detectable=detectable(next(x for x in (corrected, stated, reference) if x is not None), measured, rtol),
        reading=reading,
        beyond=bool(beyond),
        weak_because=weak_because,
    )


def _check_words(quantity: str, at: dict[str, Scalar]) -> None:
    """A reader meets these words on the card, without the chapter's symbols at hand."""
    if len(quantity.split("(")[0].strip()) < 3:
        raise ValueError(f"expected what is measured, in words with its unit, got quantity={quantity!r}")
    for key in at:
        if len(key) < 3 or "_" in key or "=" in key or SYMBOLS & set(key.lower().replace("/", " ").split()):
            raise ValueError(f"expected conditions in words such as 'batch size', got {key!r}")


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


def _plain(value: Any) -> Scalar:
    """NumPy scalars as Python's own, so that the record is the same wherever it is read."""
    value = value.item() if hasattr(value, "item") else value
    if not isinstance(value, (str, int, float, bool)):
        raise ValueError(f"expected a text or a number in at=, got {value!r}")
    return value


def _finite(value: Any) -> Any:
    """JSON has no infinity: spell it."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
