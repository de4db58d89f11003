"""Cooling by thermometer: the learning rate that keeps a measured temperature on a falling course."""

import math
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from trainphys.checks import at_least, inside, not_below, numbers, one, positive, within
from trainphys.estimate import Estimate


@dataclass(slots=True)
class AdaptiveCooling:
    r"""Learning-rate factor that makes the measured temperature follow $T^*(s)=T_0\,r^{\,s}$, $s$ the progress from 0 to 1.

    The temperature of SGD is proportional to the learning rate times the gradient noise. The noise changes during
    training; the factor makes up for it,
    $$f\leftarrow\min\!\left(1,\;f\,\Big(\frac{T^*}{\bar T}\Big)^{g}\right),$$
    with $\bar T$ a running mean of the measured temperature, corrected for the changes of $f$ since. It never
    exceeds one: the base learning rate is the largest that is known to be stable. While the noise does not change, the
    temperature lies behind its course by a factor $r^{-(1/g-1)/N}$ in N calls.

    Args:
        updates: calls of ``update`` in the whole run, >= 1; the temperature reaches $rT_0$ at the last.
        ratio: $r=T_f/T_0$, between 0 and 1.
        start: $T_0>0$, in units of the loss. By default it is not the first measurement, but set at the call that
            completes the first tenth, so that the first transient does not count: the course is laid through the
            running mean $\bar T$ of that moment. With s the progress then, 0.1 from some ten calls on,
            $T_0=\bar T\,r^{-s}$, and the end is at $\bar T\,r^{1-s}$, for r = 0.01 1.6 times as hot as $r\bar T$. To
            end at r times a temperature, give it as ``start``.
        memory: weight of the past in the running mean of the temperature over the factor, 0 <= memory < 1.
        gain: $0<g\le1$, share of the remaining error (in logarithms) that one call corrects.
        largest_change: largest factor by which one call may change the learning rate, > 1; by default 1.2, and where
            the calls are too few for the course in such steps, as much as it needs.

    Raises:
        ValueError: an argument out of range, or a ``largest_change`` that does not reach the end of the course in these calls.

    Warns:
        UserWarning: after a tenth of the calls, at the full learning rate, the temperature is far below the course:
            ``start`` is too high, and the rule waits for the course to come down.

    >>> cooling = AdaptiveCooling(updates=2, ratio=0.01, start=1.0, memory=0.0, gain=1.0, largest_change=100.0)
    >>> round(cooling.update(1.0), 12)  # measured at full learning rate; half way the course is at 0.1
    0.1
    >>> round(cooling.update(0.1), 12)
    0.01
    >>> cooling = AdaptiveCooling(updates=100, ratio=0.01, gain=1.0)  # no start: nine tenths of the course are left
    >>> factors = [cooling.update(3.0 * cooling.factor) for _ in range(100)]
    >>> round(factors[-1], 4), round(0.01**0.9, 4)
    (0.0158, 0.0158)
    """  # noqa: E501

    updates: int
    ratio: float = 0.01
    start: float | None = None
    memory: float = 0.9
    gain: float = 0.5
    largest_change: float | None = None
    factor: float = 1.0
    calls: int = 0
    mean: float = 0.0
    weight: float = 0.0

    def __post_init__(self) -> None:
        at_least(1, updates=self.updates)
        at_least(0, calls=self.calls)
        self.updates, self.calls = int(self.updates), int(self.calls)
        for name in ("ratio", "start", "memory", "gain", "largest_change", "factor", "mean", "weight"):
            value = getattr(self, name)
            if value is not None or name not in ("start", "largest_change"):
                setattr(self, name, one(**{name: value})[0])  # a state of NumPy's numbers is no plain file
        inside(0, 1, ratio=self.ratio)
        if self.start is not None:
            positive(start=self.start)
        if not (0 <= self.memory < 1 and 0 < self.gain <= 1):
            raise ValueError(f"expected 0 <= memory < 1 and 0 < gain <= 1, got {self.memory} and {self.gain}")
        positive(factor=self.factor)
        within(0, 1, factor=self.factor, weight=self.weight)
        not_below(0, mean=self.mean)
        if self.largest_change is not None:
            inside(1, math.inf, largest_change=self.largest_change)
            if self.largest_change < self._needed() * (1 - 1e-9):
                raise ValueError(
                    f"expected largest_change >= {self._needed():.4g} for a course to {self.ratio:g} in {self.updates} "
                    f"calls with gain {self.gain:g}, got {self.largest_change:g}: measure more often, or leave it out"
                )

    def _needed(self) -> float:
        """Fall of the course in one call, or the factor by which the rule lags behind it if that is more."""
        return float(self.ratio ** (-max(1.0, 1.0 / self.gain - 1.0) / self.updates))

    def _bound(self) -> float:
        return max(1.2, self._needed()) if self.largest_change is None else self.largest_change

    def target(self) -> float:
        """Temperature that the course asks for now; ``math.inf`` while the start is not yet known."""
        if self.start is None:
            return math.inf
        return float(self.start * self.ratio ** min(1.0, self.calls / self.updates))

    def update(self, temperature: float | Estimate) -> float:
        """Take one measurement, made at the present factor, and return the factor for the next updates.

        Args:
            temperature: measured temperature >= 0, a number or with its error (single measurements may be noisy).

        Raises:
            ValueError: a temperature that is negative or not finite.
        """
        [measured] = numbers(temperature=temperature.value if isinstance(temperature, Estimate) else temperature)
        if measured.size != 1 or not 0 <= measured < math.inf:
            raise ValueError(f"expected a finite temperature >= 0, got {temperature}: stop a run that diverges")
        temperature = float(measured.item())
        self.calls += 1
        self.mean = self.memory * self.mean + (1 - self.memory) * temperature / self.factor
        self.weight = self.memory * self.weight + (1 - self.memory)
        now = self.factor * self.mean / self.weight  # the noise of late, at the present factor
        if self.start is None and self.calls >= self.updates / 10 and now > 0:
            self.start = now / self.factor / self.ratio ** min(1.0, self.calls / self.updates)
        if now == 0 or self.start is None:
            return self.factor
        if self.calls == math.ceil(self.updates / 10) and self.factor == 1 and self.target() > self._bound() * now:
            waits = self.updates * math.log(self.start / now) / -math.log(self.ratio)
            warnings.warn(
                f"the start {self.start:.3g} is above the temperature {now:.3g} at the full learning rate: nothing is "
                f"cooled in the first {min(self.updates, math.floor(waits))} of {self.updates} calls; leave start out",
                stacklevel=2,
            )
        change = min(self._bound(), max(1 / self._bound(), (self.target() / now) ** self.gain))
        self.factor = min(1.0, self.factor * change)
        return self.factor

    def state_dict(self) -> dict[str, float | int | None]:
        """Everything that the rule knows; ``load_state_dict`` continues bit for bit."""
        return asdict(self)

    def load_state_dict(self, state: dict[str, float | int | None]) -> None:
        """Take over the state of a run with the same settings.

        Raises:
            ValueError: keys that are missing or unknown, values out of range, or other settings.
        """
        own = asdict(self)
        if keys_of(state) != set(own):
            raise ValueError(f"expected the keys {sorted(own)}, got {sorted(keys_of(state))}: take state_dict()")
        other = asdict(AdaptiveCooling(**state))  # type: ignore[arg-type]
        settings = ["gain", "largest_change", "memory", "ratio", "updates"]
        if self.start is not None and self.calls == 0:
            settings.append("start")  # given, not measured
        differ = [key for key in settings if own[key] != other[key]]
        if differ:
            raise ValueError(f"expected a state with the same {', '.join(differ)}: make the rule with those of the run")
        for key, value in other.items():
            setattr(self, key, value)


def keys_of(state: object) -> set[str]:
    """Of a state that was kept.

    >>> keys_of(None)
    Traceback (most recent call last):
    ValueError: expected a dictionary of the state, got NoneType: take state_dict()
    """
    if not isinstance(state, Mapping):
        raise ValueError(f"expected a dictionary of the state, got {type(state).__name__}: take state_dict()")
    return set(map(str, state))
