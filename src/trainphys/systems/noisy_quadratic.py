"""The noisy quadratic model: gradient descent on a quadratic loss with gradient noise, solved exactly in the mean."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq, minimize_scalar

from trainphys.arrays import Array
from trainphys.checks import above_zero, inside, not_below, positive


@dataclass(frozen=True, slots=True)
class TunedSteps:
    """Fewest updates to the target, the learning rate that gives them, and whether it is inside the range searched."""

    steps: float
    learning_rate: float
    bracketed: bool


@dataclass(frozen=True, slots=True)
class NoisyQuadratic:
    r"""Loss $\frac12\sum_ih_i\theta_i^2$; a gradient of batch $B$ is $h_i\theta_i$ with noise of variance $c_i/B$.

    Args:
        curvature: $h_i$ > 0, shape (modes,), loss per squared parameter.
        noise: $c_i$ >= 0, shape (modes,), variance of a single sample's gradient.
        start: standard deviation of every $\theta_i$ at the start, mean 0.

    Source: Zhang et al. (2019).
    """

    curvature: tuple[float, ...]
    noise: tuple[float, ...]
    start: float = 1.0

    def __post_init__(self) -> None:
        if len(self.curvature) != len(self.noise) or not self.curvature:
            raise ValueError(f"expected as many noises as curvatures, got {len(self.noise)} and {len(self.curvature)}")
        positive(curvature=self.curvature, start=self.start)
        not_below(0, noise=self.noise)

    @property
    def stability_limit(self) -> float:
        r"""Learning rate $2/\max h$ beyond which the mean itself diverges."""
        return 2 / max(self.curvature)

    def initial_loss(self) -> float:
        return 0.5 * self.start**2 * sum(self.curvature)

    def expected_loss(self, steps: float, learning_rate: float, batch_size: float) -> float:
        r"""Mean loss after a number of updates: the solution of $m\leftarrow(1-\eta h)^2m+\eta^2c/B$.

        $m=\operatorname{E}\theta_i^2$ is $m_s=v+(m_0-v)(1-\eta h)^{2s}$ with the stationary $v=\eta c/[Bh(2-\eta h)]$;
        between whole numbers of updates the formula interpolates. An infinite batch gives the exact gradient.

        >>> NoisyQuadratic((1.0,), (0.0,)).expected_loss(1, 0.5, 1)
        0.125
        """
        decay, stationary, h = self._modes(learning_rate, batch_size)
        return float(0.5 * np.sum(h * (stationary + (self.start**2 - stationary) * decay**steps)))

    def steps(self, learning_rate: float, batch_size: float, target_loss: float) -> float:
        """Updates until the mean loss is down at the target; infinity when it never gets there.

        >>> round(NoisyQuadratic((1.0,), (0.0,)).steps(0.5, 1, 0.125), 9)
        1.0
        """
        inside(0, self.initial_loss(), target_loss=target_loss)
        if not 0 < learning_rate < self.stability_limit:
            return np.inf
        _, stationary, h = self._modes(learning_rate, batch_size)
        if 0.5 * np.sum(h * stationary) >= target_loss:
            return np.inf
        late = 1.0
        while self.expected_loss(late, learning_rate, batch_size) > target_loss:
            late *= 2
        excess = lambda s: self.expected_loss(s, learning_rate, batch_size) - target_loss  # noqa: E731
        return float(brentq(excess, 0.0, late, xtol=1e-12, rtol=1e-12))

    def tuned(self, batch_size: float, target_loss: float, points: int = 120) -> TunedSteps:
        """Fewest updates over all constant learning rates: a logarithmic scan, then a bounded search about its best."""
        # The noise floor is eta tr(c)/4B at least: rates above the one where it meets the target never arrive.
        noise = sum(self.noise) / batch_size
        ceiling = min(self.stability_limit, 4 * target_loss / noise if noise > 0 else np.inf)
        rates = ceiling * np.geomspace(1e-3, 1 - 1e-9, points)
        counts = [self.steps(rate, batch_size, target_loss) for rate in rates]
        best = int(np.argmin(counts))
        inside = 0 < best < points - 1 and np.isfinite(counts[best])
        low, high = rates[max(best - 1, 0)], rates[min(best + 1, points - 1)]
        found = minimize_scalar(
            lambda x: min(self.steps(np.exp(x), batch_size, target_loss), 1e30),
            bounds=(np.log(low), np.log(high)),
            method="bounded",
            options={"xatol": 1e-8},
        )
        return TunedSteps(float(found.fun), float(np.exp(found.x)), bool(inside))

    def _modes(self, learning_rate: float, batch_size: float) -> tuple[Array, Array, Array]:
        if not 0 < learning_rate < self.stability_limit:
            raise ValueError(f"expected 0 < learning_rate < {self.stability_limit}, got {learning_rate}: it diverges")
        above_zero(batch_size=batch_size)
        h, c = np.array(self.curvature), np.array(self.noise)
        stationary = learning_rate * c / (batch_size * h * (2 - learning_rate * h))
        return (1 - learning_rate * h) ** 2, stationary, h


def power_law_quadratic(modes: int = 64) -> NoisyQuadratic:
    r"""The model's usual spectrum: $h_i=c_i=1/i$, so that the noise has the curvature's shape.

    Source: Zhang et al. (2019).

    >>> power_law_quadratic(2).curvature
    (1.0, 0.5)
    """
    h = tuple(1.0 / i for i in range(1, modes + 1))
    return NoisyQuadratic(curvature=h, noise=h)
