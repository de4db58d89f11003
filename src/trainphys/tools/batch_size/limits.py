"""What a batch size is chosen for: the second argument of ``operating_point``."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fastest:
    """Least time."""


@dataclass(frozen=True, slots=True)
class LeastEnergy:
    """Fewest joules."""


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """Fewest joules among those whose predicted time is at most this, at the upper end of its interval."""

    seconds: float


@dataclass(frozen=True, slots=True)
class PowerLimit:
    """Least time among those that draw at most this."""

    watts: float


@dataclass(frozen=True, slots=True)
class MaxSlowdown:
    """Fewest joules among those predicted to take at most this many times the least time."""

    factor: float


Limit = Fastest | LeastEnergy | TimeLimit | PowerLimit | MaxSlowdown
FASTEST = Fastest()
