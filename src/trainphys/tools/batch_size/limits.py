"""What a batch size is chosen for: the second argument of ``operating_point``."""

from dataclasses import dataclass
from typing import ClassVar

# What has to be known of a run, and the columns of a table that tell it: one group of them is enough.
COLUMNS: dict[str, tuple[tuple[str, ...], ...]] = {
    "seconds": (("time_s",), ("step_time_s",)),
    "watts": (("power_W",), ("energy_J", "time_s"), ("energy_J", "step_time_s")),
    "joules": (("energy_J",), ("power_W", "time_s"), ("power_W", "step_time_s")),
}


@dataclass(frozen=True, slots=True)
class Fastest:
    """Least time."""

    needs: ClassVar[tuple[str, ...]] = ("seconds",)


@dataclass(frozen=True, slots=True)
class LeastEnergy:
    """Fewest joules."""

    needs: ClassVar[tuple[str, ...]] = ("joules",)


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """Fewest joules among those whose predicted time is at most this, at the upper end of its interval."""

    seconds: float
    needs: ClassVar[tuple[str, ...]] = ("seconds", "joules")


@dataclass(frozen=True, slots=True)
class PowerLimit:
    """Least time among those that draw at most this."""

    watts: float
    needs: ClassVar[tuple[str, ...]] = ("seconds", "watts")


@dataclass(frozen=True, slots=True)
class MaxSlowdown:
    """Fewest joules among those predicted to take at most this many times the least time."""

    factor: float
    needs: ClassVar[tuple[str, ...]] = ("seconds", "joules")


Limit = Fastest | LeastEnergy | TimeLimit | PowerLimit | MaxSlowdown
FASTEST = Fastest()
