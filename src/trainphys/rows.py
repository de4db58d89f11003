"""A row of evidence: what a chapter hands to ``Claim.compare``, spelt once so that a wrong key is found at once."""

from typing import Literal, NotRequired, TypedDict

from trainphys.estimate import Estimate

Relation = Literal["==", "<=", ">="]
Scalar = str | int | float | bool


class Row(TypedDict):
    """One comparison."""

    at: dict[str, Scalar]  # the conditions, named
    measured: Estimate  # what an independent computation found
    stated: NotRequired[float | None]  # what the document predicts there
    corrected: NotRequired[float | None]  # what our law predicts there; must agree at every condition
    relation: NotRequired[Relation]  # of the measurement to the prediction; ">=" for a claimed lower bound
    rtol: NotRequired[float]  # a law's own claim to precision, or a solver's relative error
    rtol_reason: NotRequired[str]  # where rtol comes from; required when it is not zero
    condition: NotRequired[bool | None]  # for claims that hold under a condition: whether it is met here
    reading: NotRequired[str]  # name of the reading tested, when the text allows several
    weak_because: NotRequired[str]  # why a check that would not notice 10 % cannot be stronger
