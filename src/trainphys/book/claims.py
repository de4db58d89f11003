"""A claim as a chapter sees it: confront predictions with measurements, then ask for the verdict."""

import importlib
from typing import Any, Unpack

from IPython.display import display

from trainphys.book import formulas, project
from trainphys.book.evidence import Comparison, compare
from trainphys.book.mime import CLAIM_MIME
from trainphys.book.texts import number
from trainphys.rows import Row


class Claim:
    """One claim of the inventory, with the evidence that a chapter gathers for it.

    Args:
        claim_id: id in ``book/claims``, such as ``"B7.1c"``.

    Raises:
        KeyError: no such claim.
    """

    def __init__(self, claim_id: str) -> None:
        known = project.claims(project.sources())
        if claim_id not in known:
            raise KeyError(
                f"expected the id of a claim in book/claims, got {claim_id!r}: such as {next(iter(known))!r}"
            )
        self.id = claim_id
        self.comparisons: list[Comparison] = []
        self._declared = self._note = ""
        self._shown = False

    def stated(self, symbol: str, **values: Any) -> Any:
        """What the document's formula for a symbol, as printed on the card, gives for these values."""
        return formulas.evaluate(project.claims(project.sources())[self.id], symbol, values)

    def compare(self, **row: Unpack[Row]) -> Comparison:
        """Confront predictions with a measurement at named conditions; ``trainphys.rows`` says what each key means.

        Returns:
            The comparison, for plots and prose.

        Raises:
            ValueError: the verdict was given already.
        """
        if self._shown:
            raise ValueError(f"expected comparisons before the verdict, got one more for {self.id}: move it up")
        self.comparisons.append(compare(**row))
        return self.comparisons[-1]

    def definition(self, *, fixes: str, leaves_open: str) -> None:
        """Declare that the claim fixes the meaning of something, and say what it leaves open: nothing to test."""
        self._declared = "definition"
        self._note = f"It fixes {fixes}. It leaves open {leaves_open}."

    def completed_by(self, addition: str, *, predicts: float, another: str, predicts_then: float) -> None:
        """Declare that the claim predicts nothing as written; the comparisons test the kindest completion.

        Args:
            addition: the completion that the text allows and that serves it best; the rows' ``stated`` use it.
            predicts: what it predicts at one condition.
            another: a second completion that the text allows.
            predicts_then: what that predicts at the same condition.

        Raises:
            ValueError: the two predictions differ by less than a tenth: then what is missing does not matter.
        """
        if abs(predicts - predicts_then) <= 0.1 * max(abs(predicts), abs(predicts_then)):
            raise ValueError(f"expected completions of {self.id} that differ, got {predicts} and {predicts_then}")
        self._declared = "underspecified"
        self._note = (
            f"We complete it by {addition}. The text allows {another} as well, which would predict "
            f"{number(float(predicts_then), 3)} where the first predicts {number(float(predicts), 3)}."
        )

    def verdict(self) -> None:
        """Compute the verdict from the comparisons, show it as a card, and record it for the ledger."""
        self._shown = True
        record = self.record()
        # By its name, so that how a card looks is not of the run: Run.notebook writes cards anew from the evidence.
        cards = importlib.import_module("trainphys.book.cards")
        bundle = {CLAIM_MIME: record, "text/markdown": cards.card(record)}
        display(bundle, raw=True)  # type: ignore[no-untyped-call]

    def record(self) -> dict[str, Any]:
        """The evidence alone: its word follows from it and ``book/claims``, and is computed where it is printed."""
        return {
            "id": self.id,
            "declared": self._declared,
            "note": self._note,
            "evidence": [c.as_json() for c in self.comparisons],
        }
