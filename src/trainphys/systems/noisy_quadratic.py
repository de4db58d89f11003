"""The noisy quadratic model: a quadratic loss with gradient noise, one curvature and one noise a mode."""

from dataclasses import dataclass

from trainphys.checks import not_below, positive


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
        if len(self.curvature) != len(self.noise) or not len(self.curvature):
            raise ValueError(f"expected as many noises as curvatures, got {len(self.noise)} and {len(self.curvature)}")
        positive(curvature=self.curvature, start=self.start)
        not_below(0, noise=self.noise)

    def initial_loss(self) -> float:
        r"""Mean loss at the start, $\frac12\sum_ih_i\theta_0^2$."""
        return 0.5 * self.start**2 * sum(self.curvature)


def power_law_quadratic(modes: int = 64) -> NoisyQuadratic:
    r"""The model's usual spectrum: $h_i=c_i=1/i$, so that the noise has the curvature's shape.

    Source: Zhang et al. (2019).

    >>> power_law_quadratic(2).curvature
    (1.0, 0.5)
    """
    h = tuple(1.0 / i for i in range(1, modes + 1))
    return NoisyQuadratic(curvature=h, noise=h)
