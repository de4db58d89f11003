"""A value with its interval, or a refusal with its reason; and advice with where it was tried."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from scipy.special import ndtri, stdtrit

from trainphys.errors import NotConverged
from trainphys.estimate import Estimate


@dataclass(frozen=True, slots=True)
class Refused:
    """Why there is no value, and what would give one."""

    why: str


Value = Estimate | Refused


@dataclass(frozen=True, slots=True)
class Advice:
    """What a probe suggests, and the optimiser, models and range that it was tried on."""

    text: str
    tried: str


def interval(value: Estimate) -> tuple[float, float]:
    """Interval of 95 %, by Student's t.

    >>> low, high = interval(Estimate(1.0, 0.1, 100))
    >>> round(low, 3), round(high, 3)
    (0.804, 1.196)
    """
    sigmas = float(ndtri(0.975) if math.isinf(value.dof) else stdtrit(value.dof, 0.975))
    return value.value - sigmas * value.stderr, value.value + sigmas * value.stderr


def refused_alone(make: Callable[[], Estimate]) -> Value:
    """A value, or why there is none."""
    try:
        return make()
    except (ValueError, NotConverged) as error:
        return Refused(str(error))
    except ArithmeticError as error:
        return Refused(f"expected numbers that doubles can hold, got {error}: look at the scale of loss and rates")


def missing(name: str) -> str:
    """Why there is no value that follows from another one, whose own reason is told once, beside it.

    >>> missing("sharpness")
    'expected the sharpness, got none: see why there'
    """
    return f"expected the {name}, got none: see why there"


def given(value: Value, name: str) -> Estimate:
    """A value that another one needs."""
    if isinstance(value, Refused):
        raise ValueError(missing(name))
    return value
