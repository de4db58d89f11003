"""A row of evidence: what a chapter hands to ``Claim.compare``, spelt once so that a wrong key is found at once."""

from __future__ import annotations

from typing import Literal, TypedDict

from trainphys.estimate import Estimate

Relation = Literal["==", "<=", ">="]
Scalar = str | int | float | bool


class Tolerance(TypedDict, total=False):
    """What a prediction claims of its own precision, and why."""

    rtol: float
    rtol_reason: str


class _Optional(Tolerance, total=False):
    stated: float | None
    corrected: float | None
    relation: Relation
    condition: bool | None
    reading: str
    weak_because: str


class Row(_Optional):
    """Arguments of one comparison."""

    at: dict[str, Scalar]
    measured: Estimate
