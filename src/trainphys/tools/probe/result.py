"""What a probe found, printed, drawn and written down."""

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from trainphys.estimate import Estimate
from trainphys.tools.probe import report
from trainphys.tools.probe.values import Advice, Refused, Value, interval

if TYPE_CHECKING:
    from trainphys.tools.axes import Axes


@dataclass(frozen=True, slots=True)
class Probe:
    """A run at the parameters of the moment; ``print``, ``plot`` and ``to_dict`` show it.

    Attributes:
        loss: mean over the data.
        sharpness: largest Hessian eigenvalue, loss per squared parameter.
        margin: factor by which the learning rates may grow until descent with the exact gradient is no longer stable.
        largest_learning_rate: the rate at which that happens.
        mean_square_limit: the rate at which batches make the mean square grow, where a law is shown.
        noise_scale: batch size at which noise and gradient are equally long.
        temperature: of SGD, in units of the loss, per parameter.
        excess_loss: what this temperature keeps the loss above its minimum, at rest in a quadratic valley.
        advice: on ``learning rate``, ``batch size`` and ``cooling``.
        optimizer: as it is set.
        learning_rate: None where groups differ.
        batch_size: samples behind one update; None where not known.
        samples: behind the values.
        parameters: trainable ones.
        notes: what else a reader has to know.
        products: of the Hessian with a vector.
        seconds: it took.
    """

    loss: float
    sharpness: Value
    margin: Value
    largest_learning_rate: Value
    mean_square_limit: Value
    noise_scale: Value
    temperature: Value
    excess_loss: Value
    advice: dict[str, Advice | Refused]
    optimizer: str
    learning_rate: float | None
    batch_size: int | None
    samples: int
    parameters: int
    notes: tuple[str, ...]
    products: int
    seconds: float

    def values(self) -> dict[str, Value]:
        """All that has an interval or was refused."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in found.items() if isinstance(value, Estimate | Refused)}

    def to_dict(self) -> dict[str, Any]:
        """All of it, as JSON has it."""
        plain = {field.name: getattr(self, field.name) for field in fields(self)}
        advice = {about: _plain(one) for about, one in self.advice.items()}
        return {name: _plain(value) for name, value in plain.items()} | {"advice": advice, "notes": list(self.notes)}

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Learning rate over its limit and batch size over the noise scale, with intervals; returns the axes."""
        from trainphys.tools.probe.plots import draw_probe

        return draw_probe(self, ax)

    def __str__(self) -> str:
        return report.as_text(self)

    def _repr_html_(self) -> str:
        return report.as_html(self)


def _plain(value: Any) -> Any:
    match value:
        case Estimate():
            dof = None if math.isinf(value.dof) else value.dof
            plain = {"value": value.value, "stderr": value.stderr, "n": value.n, "dof": dof}
            return plain | {"interval": list(interval(value))}
        case Refused():
            return {"refused": value.why}
        case Advice():
            return {"text": value.text, "tried": value.tried}
        case float() if not math.isfinite(value):  # such as a learning rate that has run away: JSON has no word for it
            return None
    return value
