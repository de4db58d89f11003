"""A claim as a chapter sees it: confront predictions with measurements, then ask for the verdict."""

from __future__ import annotations

from typing import Any

from IPython.display import display

from trainphys.book import cards, project
from trainphys.book.evidence import Comparison, Relation, Scalar, compare, verdict_of
from trainphys.estimate import Estimate

CLAIM_MIME = "application/vnd.trainphys.claim+json"


class Claim:
    """One claim of the inventory, with the evidence that a chapter gathers for it.

    Args:
        claim_id: id in ``book/claims``, such as ``"B7.1c"``.

    Raises:
        KeyError: no such claim.
    """

    def __init__(self, claim_id: str) -> None:
        known = project.claims(project.root())
        if claim_id not in known:
            raise KeyError(
                f"expected the id of a claim in book/claims, got {claim_id!r}: such as {next(iter(known))!r}"
            )
        self.entry = {"id": claim_id}  # no more: a chapter is not run again when the texts of its claims change
        self.comparisons: list[Comparison] = []
        self._word = ""

    def compare(
        self,
        *,
        at: dict[str, Scalar],
        measured: Estimate,
        stated: float | None = None,
        corrected: float | None = None,
        relation: Relation = "==",
        rtol: float = 0.0,
        rtol_reason: str = "",
        condition: bool | None = None,
        reading: str = "",
        weak_because: str = "",
    ) -> Comparison:
        """Confront predictions with a measurement at named conditions.

        Args:
            at: the conditions, named.
            measured: what an independent computation found.
            stated: what the document predicts there.
            corrected: what our law predicts there; must agree at every condition.
            relation: of the measurement to the prediction; ``">="`` for a claimed lower bound.
            rtol: a law's own claim to precision, or a solver's relative error.
            rtol_reason: where ``rtol`` comes from; required when it is not zero.
            condition: for claims that hold under a condition: whether it is met here.
            reading: name of the reading tested, when the text allows several.
            weak_because: why a check that would not notice 10 % cannot be stronger.

        Returns:
            The comparison, for plots and prose.
        """
        found = compare(
            at,
            measured,
            stated=stated,
            corrected=corrected,
            relation=relation,
            rtol=rtol,
            rtol_reason=rtol_reason,
            condition=condition,
            reading=reading,
            weak_because=weak_because,
        )
        self.comparisons.append(found)
        return found

    def definition(self, *, fixes: str, leaves_open: str) -> None:
        """Declare that the claim fixes the meaning of something, and say what it leaves open: nothing to test."""
        self._word = "definition"
        self._note = f"It fixes {fixes}. It leaves open {leaves_open}."

    def completed_by(self, addition: str) -> None:
        """Declare that the claim cannot be tested as written; the comparisons then test this charitable completion."""
        self._word = "underspecified"
        self._note = f"Completed by {addition}."

    _note = ""

    def verdict(self) -> None:
        """Compute the verdict from the comparisons, show it as a card, and record it for the ledger."""
        word = self._word or verdict_of(self.comparisons)
        record = self.record(word)
        bundle = {CLAIM_MIME: record, "text/markdown": cards.card(record)}
        display(bundle, raw=True)  # type: ignore[no-untyped-call]

    def record(self, word: str) -> dict[str, Any]:
        return {
            "id": self.entry["id"],
            "verdict": word,
            "note": self._note,
            "evidence": [c.as_json() for c in self.comparisons],
        }
