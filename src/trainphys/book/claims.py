"""A claim as a chapter sees it: confront predictions with measurements, then ask for the verdict."""

from typing import Any, Unpack

from IPython.display import display

from trainphys.book import cards, project
from trainphys.book.evidence import Comparison, compare, verdict_of
from trainphys.rows import Row

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

    def compare(self, **row: Unpack[Row]) -> Comparison:
        """Confront predictions with a measurement at named conditions; ``trainphys.rows`` says what each key means.

        Returns:
            The comparison, for plots and prose.
        """
        self.comparisons.append(compare(**row))
        return self.comparisons[-1]

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
