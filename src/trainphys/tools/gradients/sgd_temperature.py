"""Temperature of SGD on a model of one's own, from per-sample gradients, with a standard error or a refusal."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn

from trainphys.checks import above_zero, at_least, positive
from trainphys.errors import NotIdentifiable
from trainphys.tools.gradients.noise_scale import FEWEST, covariance_trace, needs, unseen_share, whole_number
from trainphys.tools.gradients.per_sample import gradient_spread, gradients_along
from trainphys.tools.models.batches import Data
from trainphys.tools.models.model_loss import Loss, check_model
from trainphys.tools.models.precision import flat_doubles
from trainphys.tools.models.tool import tool


@dataclass(frozen=True, slots=True)
class SgdTemperature:
    """Temperature of SGD at the parameters of the moment, in units of the loss, per parameter."""

    value: float
    stderr: float
    samples: int
    parameters: int
    gradient_noise: float  # trace of the covariance of one sample's gradient

    def __str__(self) -> str:
        return f"{self.value:.4g} +- {self.stderr:.2g} ({self.samples:,} samples)"

    def __float__(self) -> float:
        return self.value


@tool
def sgd_temperature(
    model: nn.Module,
    loss: Loss,
    data: Data,
    *,
    learning_rate: float,
    batch_size: int,
    momentum: float = 0.0,
    population: int | None = None,
    replacement: bool = True,
    direction: ArrayLike | Tensor | None = None,
    curvature: float = 0.0,
    relative_error: float = 0.2,
    chunk: int = 256,
) -> SgdTemperature:
    r"""Temperature of SGD at the model's present parameters, $T=\frac{\eta\operatorname{tr}C}{2B(1-\mu)\,d}$.

    C is the covariance of the gradient of one sample over the population; its trace is the mean of $|g_n-\bar g|^2$,
    freed of bias, and the standard error is that of the influence function, $|g_n-\bar g|^2-\operatorname{tr}C$. T says
    what the noise would hold a mode at, not that the run is stationary. The model is not changed.

    Args:
        model, loss, data: as for ``gradient_covariance_trace``.
        learning_rate: $\eta>0$.
        batch_size: B >= 1, the samples behind one update: where gradients are accumulated, those of all its batches.
        momentum: $0\le\mu<1$, as in ``torch.optim.SGD`` without dampening.
        population: number N of training samples behind ``data``; None for a stream without end. With all N given the
            value is exact and its error zero.
        replacement: whether batches are drawn with replacement; without it C shrinks by $(N-B)/(N-1)$.
        direction: flat vector over the trainable parameters: temperature along it alone, such as the ``vector`` of
            ``sharpness``.
        curvature: $\lambda$ along ``direction``, for the correction $(1+\mu)/(1+\mu-\eta\lambda/2)$ of long
            steps.
        relative_error: largest standard error over value that is accepted.
        chunk: samples that are looked at at once.

    Raises:
        ValueError: an argument out of range, or as ``gradient_covariance_trace``.
        NotIdentifiable: a relative error above ``relative_error``, or fewer than 30 samples.

    Source: Mandt et al. (2017) for the law; the correction of long steps is derived in the chapter on estimators.

    >>> model = nn.Linear(1, 1, bias=False, dtype=torch.float64)
    >>> _ = model.weight.data.zero_()
    >>> x, y = torch.ones(40, 1, dtype=torch.float64), torch.tensor([[-1.0], [1.0]], dtype=torch.float64).repeat(20, 1)
    >>> half_square = lambda z, t: ((z - t) ** 2).mean() / 2  # gradients -1 and 1
    >>> found = sgd_temperature(model, half_square, (x, y), learning_rate=0.1, batch_size=5, population=40)
    >>> round(found.value, 12), found.stderr  # all of the set: its covariance is one
    (0.01, 0.0)
    """
    above_zero(relative_error=relative_error)
    learning_rate, momentum, curvature = _checked(learning_rate, batch_size, momentum, curvature)
    batch_size, population = int(batch_size), whole_number(population)
    apart, count = _squared_distances(model, loss, data, direction, chunk)
    n = len(apart)
    _check_draws(n, batch_size, population, replacement)
    trace, error = covariance_trace(apart, population)
    scale = learning_rate / (2 * batch_size * (1 - momentum) * count)
    scale *= (1 + momentum) / (1 + momentum - learning_rate * curvature / 2)
    if not replacement and population is not None:
        scale *= (population - batch_size) / (population - 1)
    found = SgdTemperature(scale * trace, scale * error, n, count, trace)
    enough = FEWEST if population is None else min(FEWEST, population)
    if n < enough or error > relative_error * trace:
        wanted = n * (error / (relative_error * trace)) ** 2 if trace > 0 and math.isfinite(error) else 0.0
        if population is not None:  # the unseen share shrinks too
            unseen = unseen_share(n, population)
            wanted = wanted / unseen / (1 + wanted / unseen / population) if unseen else 0.0
        needed = max(enough, math.ceil(wanted))
        raise NotIdentifiable(
            f"expected a relative error below {relative_error:g}, got {found.value:.3g} +- {found.stderr:.2g} from "
            f"{n} samples: {needs(needed, n, population)}",
            found,
            needed_samples=needed,
        )
    return found


def _squared_distances(
    model: nn.Module, loss: Loss, data: Data, direction: ArrayLike | Tensor | None, chunk: int
) -> tuple[Tensor, int]:
    """Of each sample's gradient from the mean, in all parameters or along a direction; and how many these are."""
    if direction is None:
        spread = gradient_spread(model, loss, data, chunk=chunk)
        return spread.squared_distances, spread.parameters
    check_model(model, loss)
    size = sum(p.numel() for p in model.parameters() if p.requires_grad)
    way = torch.from_numpy(flat_doubles(direction=direction))
    if way.numel() != size or not (bool(torch.isfinite(way).all()) and bool(way.any())):
        raise ValueError(
            f"expected a direction over all {size} trainable parameters, finite and not zero, got {way.numel()} "
            "numbers: give the vector of sharpness, say"
        )
    along = gradients_along(model, loss, data, way / way.norm(), chunk=chunk)
    return (along - along.mean()) ** 2, 1


def _checked(learning_rate: float, batch_size: int, momentum: float, curvature: float) -> tuple[float, float, float]:
    """Rate, momentum and curvature as plain numbers."""
    eta, mu, bent = (
        _one(**given) for given in ({"learning_rate": learning_rate}, {"momentum": momentum}, {"curvature": curvature})
    )
    positive(learning_rate=eta)
    at_least(1, batch_size=batch_size)
    if not 0 <= mu < 1:
        raise ValueError(f"expected 0 <= momentum < 1, got {mu}: give it as torch.optim.SGD takes it")
    if not 0 <= eta * bent < 2 * (1 + mu):
        raise ValueError(f"expected 0 <= curvature < 2 (1 + momentum) / learning_rate, got {bent}: SGD diverges")
    return eta, mu, bent


def _one(**given: float) -> float:
    found = flat_doubles(**given)
    if found.size != 1:
        raise ValueError(f"expected one {' '.join(given)}, got {found.size}: call this for each")
    return float(found[0])


def _check_draws(n: int, batch_size: int, population: int | None, replacement: bool) -> None:
    if population is not None and not (isinstance(population, int) and population >= max(n, 2)):
        least = f"the {n} samples given" if n > 1 else "2"
        raise ValueError(f"expected a population of at least {least}, got {population}: count them all")
    if not replacement and population is None:
        raise ValueError(
            "expected the population that batches are drawn from without replacement, got None: give the number of "
            "samples that are trained on"
        )
    if not replacement and population is not None and batch_size > population:
        raise ValueError(
            f"expected at most the population, {population}, as the size of batches drawn without replacement, got "
            f"{batch_size}: check both numbers, or give replacement=True"
        )
