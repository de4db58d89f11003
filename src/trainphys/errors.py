"""What this package raises beside ``ValueError``: each error carries what was found, and what would settle it."""

from typing import Any


class TrainphysError(Exception):
    """Every error of this package's own."""


class NotIdentifiable(TrainphysError, ValueError):
    """The data do not settle the value.

    Attributes:
        estimate: what they give, with its error where it has one.
        needed_samples: how many samples, products or losses would settle it; None when no number would.
        needed_loss: loss below which a forecast would settle; None where it is not a forecast.
    """

    def __init__(
        self,
        message: str,
        estimate: Any = None,
        *,
        needed_samples: int | None = None,
        needed_loss: float | None = None,
    ) -> None:
        super().__init__(message)
        self.estimate, self.needed_samples, self.needed_loss = estimate, needed_samples, needed_loss


class NotConverged(TrainphysError, RuntimeError):
    """An iteration used up its steps; ``estimate`` is where it stood."""

    def __init__(self, message: str, estimate: Any = None) -> None:
        super().__init__(message)
        self.estimate = estimate


class NotBracketed(TrainphysError, RuntimeError):
    """The best of those tried lies at their edge, so it may not be the best."""


class Infeasible(TrainphysError, ValueError):
    """Nothing keeps the limit; ``closest`` comes nearest to it."""

    def __init__(self, message: str, closest: Any = None) -> None:
        super().__init__(message)
        self.closest = closest


class ClusterLost(TrainphysError, ConnectionError):
    """The scheduler vanished, or was never there. Finished tasks are kept; the same call goes on with the rest."""
