"""Whether the laws of document A agree with one another: every pair that speaks of the same quantity, with SymPy."""

import functools
import itertools
import math
from dataclasses import dataclass
from typing import Any

import sympy as sp

from trainphys.checks import positive

ALPHA, LIMIT = sp.symbols("alpha alpha_crit", positive=True)
EXPONENT = sp.Symbol("x", real=True)  # the learning rate goes as alpha**x

_ROOT = sp.sqrt(ALPHA)
_FRONTIER = sp.exp(ALPHA - 1) / ALPHA  # time times efficiency of section 2
_CAPPED = sp.Min(1, 1 / ALPHA)
_TIME_7 = sp.Max(1 / _ROOT, sp.exp(ALPHA / LIMIT - 1))
_EFFICIENCY_7 = sp.Min(1 / ALPHA, sp.exp(1 - ALPHA / LIMIT))


@dataclass(frozen=True, slots=True)
class ClaimedLaw:
    """What sections say of a quantity, over its value at alpha = 1; ``claimed`` if they say it outright."""

    quantity: str
    sections: str
    expression: Any
    claimed: bool

    @property
    def scaled(self) -> bool:
        """Whether it depends on how the learning rate goes with the batch."""
        return EXPONENT in self.expression.free_symbols

    def value(self, alpha: float, exponent: float = 0.0, critical_alpha: float = 10.0) -> float:
        """The law at one alpha, with the learning rate of an update as ``alpha**exponent``."""
        positive(alpha=alpha, critical_alpha=critical_alpha)
        values = {ALPHA: sp.Float(alpha, 30), EXPONENT: exponent, LIMIT: sp.Float(critical_alpha, 30)}
        return float(sp.N(self.expression.subs(values), 20))


@dataclass(frozen=True, slots=True)
class Pair:
    """Two laws for one quantity, and the factor by which the second exceeds the first."""

    first: ClaimedLaw
    second: ClaimedLaw

    @property
    def ratio(self) -> Any:
        return self.second.expression / self.first.expression

    @property
    def scaled(self) -> bool:
        """Whether the factor depends on how the learning rate goes with the batch."""
        return EXPONENT in self.ratio.free_symbols

    @property
    def name(self) -> str:
        return f"{self.first.quantity}: {self.first.sections} | {self.second.sections}"


def laws_of_the_document() -> tuple[ClaimedLaw, ...]:
    r"""The document's laws for time, efficiency, power, learning rate, temperature and momentum.

    Implied laws use energy = power * time, efficiency = 1 / energy, no barrier, and the noise temperature
    $T\propto\eta/(B(1-\beta))$ of stochastic gradient descent. The implied learning rate is the one at which sections 1
    and 4 give the same time.

    Source: document A; the temperature is that of Smith et al. (2018) and Mandt et al. (2017).

    >>> [law.sections for law in laws_of_the_document() if law.quantity == "time" and law.claimed]
    ['1', '4', '7', '8.1']
    """
    return (
        ClaimedLaw("time", "1", ALPHA ** (sp.Rational(1, 2) - EXPONENT), True),
        ClaimedLaw("time", "2+1", _FRONTIER / _CAPPED, False),
        ClaimedLaw("time", "4", 1 / _ROOT, True),
        ClaimedLaw("time", "7", _TIME_7, True),
        ClaimedLaw("time", "8.1", ALPHA, True),
        ClaimedLaw("efficiency", "1", _CAPPED, True),
        ClaimedLaw("efficiency", "4", 1 / ALPHA, True),
        ClaimedLaw("efficiency", "7", _EFFICIENCY_7, True),
        ClaimedLaw("efficiency", "2+4", _FRONTIER * _ROOT, False),
        ClaimedLaw("efficiency", "4+8.2", 1 / _ROOT, False),
        ClaimedLaw("power", "8.2", ALPHA, True),
        ClaimedLaw("power", "4", ALPHA * _ROOT, False),
        ClaimedLaw("power", "7", 1 / (_TIME_7 * _EFFICIENCY_7), False),
        ClaimedLaw("learning rate", "6.2", 1 / _ROOT, True),
        ClaimedLaw("learning rate", "3.2", 1 / ALPHA, False),
        ClaimedLaw("learning rate", "1+4", ALPHA, False),
        ClaimedLaw("temperature", "6.1", _ROOT, True),
        ClaimedLaw("temperature", "noise", ALPHA ** (EXPONENT - 1), False),
        ClaimedLaw("temperature", "noise+6.3", ALPHA ** (EXPONENT - sp.Rational(1, 2)), False),
        ClaimedLaw("1 - momentum", "6.3", 1 / _ROOT, True),
        ClaimedLaw("1 - momentum", "6.1+noise", ALPHA ** (EXPONENT - sp.Rational(3, 2)), False),
        ClaimedLaw("1 - momentum", "8.3", ALPHA, False),
    )


def pairs() -> tuple[Pair, ...]:
    """Every two laws of one quantity of which at least one is stated outright.

    >>> len({pair.name for pair in pairs()}) == len(pairs())
    True
    """
    both = itertools.combinations(laws_of_the_document(), 2)
    return tuple(Pair(a, b) for a, b in both if a.quantity == b.quantity and (a.claimed or b.claimed))


@functools.cache
def agreeing_exponent(pair: Pair) -> float | None:
    """The learning rate's exponent at which two laws agree for every alpha; NaN when any will do, None when none does.

    >>> (pair,) = [p for p in pairs() if p.name == "time: 1 | 4"]
    >>> agreeing_exponent(pair)
    1.0
    """
    exponent = sp.simplify(ALPHA * sp.diff(sp.log(pair.ratio), ALPHA))
    if ALPHA in exponent.free_symbols or LIMIT in exponent.free_symbols or exponent.has(sp.Heaviside):
        return None
    if exponent == 0:
        return math.nan
    found = sp.solve(exponent, EXPONENT) if pair.scaled else []
    return float(found[0]) if found else None
