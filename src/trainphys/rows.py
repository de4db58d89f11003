"""A row of evidence: what a chapter hands to ``Claim.compare``, spelt once so that a wrong key is found at once."""

from typing import Literal, NotRequired, TypedDict

from trainphys.estimate import Estimate

Relation = Literal["==", "<=", ">="]
Scalar = str | int | float | bool


class Row(TypedDict):
    """One comparison."""

    quantity: str  # what was measured, in words, with its unit: "updates to the target", "divergence (nats)"
    at: dict[str, Scalar]  # the conditions, in words: {"batch size": 64}
    measured: Estimate  # what an independent computation found
    stated: NotRequired[float | None]  # what the document's law, as printed, predicts there
    corrected: NotRequired[float | None]  # what our law, as printed, predicts there; must agree at every condition
    reference: NotRequired[float | None]  # an exact solution that is not the printed law: it tests the measurement
    not_stated: NotRequired[str]  # why the document's law is not tested here; required when there is no ``stated``
    not_corrected: NotRequired[str]  # why our law is not tested here; required when there is no ``corrected``
    fitted: NotRequired[bool]  # our law was fitted to this very measurement: it is shown, and agrees with nothing
    relation: NotRequired[Relation]  # of the measurement to the prediction; ">=" for a claimed lower bound
    rtol: NotRequired[float]  # a law's own claim to precision, or a solver's relative error
    rtol_reason: NotRequired[str]  # where rtol comes from; required when it is not zero
    reading: NotRequired[str]  # name of the reading tested, when the text allows several
    beyond: NotRequired[bool]  # outside the setting for which the document makes the claim
    weak_because: NotRequired[str]  # why a check that would not notice 10 % cannot be stronger
