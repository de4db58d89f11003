"""How noisy the gradient of one sample is: trace of its covariance, and the batch size that this asks for."""

import math
from dataclasses import dataclass
from operator import index

from torch import Tensor, nn

from trainphys.checks import above_zero
from trainphys.errors import NotIdentifiable
from trainphys.tools.gradients.per_sample import GradientSpread, gradient_spread
from trainphys.tools.models.batches import Data
from trainphys.tools.models.model_loss import Loss
from trainphys.tools.models.tool import tool

FEWEST = 30  # samples below which the spread of a heavy-tailed gradient norm is itself unknown


@dataclass(frozen=True, slots=True)
class GradientNoise:
    r"""Covariance $\Sigma$ of the gradient of one sample, and the mean gradient, at the parameters of the moment.

    Attributes:
        trace: $\operatorname{tr}\Sigma$, squared loss per squared parameter.
        stderr: standard error of the trace, from the spread over samples.
        squared_gradient: $\lvert G\rvert^2$ without bias: the noise that the mean of few samples holds is taken off. It
            may therefore be negative, where the gradient is small and cannot be told from zero.
        squared_gradient_stderr: its standard error, not too small: it takes all noise to lie along one direction.
        samples: behind it.
        parameters: trainable ones.
    """

    trace: float
    stderr: float
    squared_gradient: float
    squared_gradient_stderr: float
    samples: int
    parameters: int

    def __str__(self) -> str:
        return (
            f"trace {self.trace:.4g} +- {self.stderr:.2g}, squared gradient {self.squared_gradient:.4g} +- "
            f"{self.squared_gradient_stderr:.2g} ({self.samples:,} samples)"
        )

    def __float__(self) -> float:
        return self.trace


@dataclass(frozen=True, slots=True)
class NoiseScale:
    r"""The batch size $B=\operatorname{tr}\Sigma/\lvert G\rvert^2$ at which noise and gradient are equally long."""

    value: float
    stderr: float
    noise: GradientNoise

    def __str__(self) -> str:
        return f"{self.value:.4g} +- {self.stderr:.2g} ({self.noise.samples:,} samples)"

    def __float__(self) -> float:
        return self.value


@tool
def gradient_covariance_trace(
    model: nn.Module, loss: Loss, data: Data, *, population: int | None = None, chunk: int = 256
) -> GradientNoise:
    r"""Trace of the covariance of one sample's gradient, $\operatorname{tr}\Sigma=\operatorname{E}\lvert g-G\rvert^2$.

    Without bias: with Bessel's factor for a stream without end; for a set of N samples $\Sigma$ is the mean over the
    set, whether all of them are given or some. The standard error is that of the influence function,
    $\lvert g_n-\bar g\rvert^2-\operatorname{tr}\Sigma$.

    Args:
        model: any deterministic module without batch statistics. It is not changed.
        loss: mean loss of a batch, such as ``torch.nn.functional.cross_entropy``; otherwise as for ``sharpness``.
        data: as for ``sharpness``, drawn at random from what is trained on.
            A loader is gone through two or three times.
        population: number of samples behind ``data``; None for a stream without end. With all of them given, the value
            is that of the set and its error zero.
        chunk: samples that are looked at at once, for models that are not a stack of Linear layers.

    Raises:
        ValueError: fewer than two samples, a population smaller than the data, a loss that is not the mean of its
            samples' losses (a sum, class weights, targets left out, samples that depend on each other), not one target
            for each input, a random model, samples that change from pass to pass, nothing to train, or gradients that
            are not finite.

    Source: McCandlish et al. (2018), "An empirical model of large-batch training", appendix A, for the correction of
    $\lvert G\rvert^2$; the standard errors by linearisation.

    >>> import torch
    >>> model = nn.Linear(1, 1, bias=False)
    >>> _ = model.weight.data.fill_(1.0)
    >>> data = torch.tensor([[1.0], [2.0]]), torch.tensor([[1.0], [0.0]])  # gradients 0 and 8
    >>> found = gradient_covariance_trace(model, nn.MSELoss(), data, population=2)
    >>> found.trace, found.stderr, found.squared_gradient
    (16.0, 0.0, 16.0)
    """
    population = whole_number(population)
    spread = gradient_spread(model, loss, data, chunk=chunk)
    _check_population(len(spread.along_mean), population)
    return _noise(spread, population)


@tool
def noise_scale(
    model: nn.Module,
    loss: Loss,
    data: Data,
    *,
    population: int | None = None,
    relative_error: float = 0.25,
    chunk: int = 256,
) -> NoiseScale:
    r"""Simple noise scale $B=\operatorname{tr}\Sigma/\lvert G\rvert^2$, with a standard error, or a refusal.

    Args:
        model, loss, data, population, chunk: as for ``gradient_covariance_trace``.
        relative_error: largest standard error over value that is accepted, > 0.

    Raises:
        ValueError: as ``gradient_covariance_trace``, or a relative error that is not positive.
        NotIdentifiable: $\lvert G\rvert^2$ is not above its own noise, or fewer than 30 samples of a larger
            population. Close to a minimum the scale grows without bound, and so do the ``needed_samples``; they are
            None when all samples there are have been given.

    Source: McCandlish et al. (2018), equation 2.9.

    >>> import torch
    >>> model = nn.Linear(1, 1, bias=False)
    >>> _ = model.weight.data.fill_(1.0)
    >>> data = torch.tensor([[1.0], [2.0]]), torch.tensor([[1.0], [0.0]])  # gradients 0 and 8
    >>> noise_scale(model, nn.MSELoss(), data, population=2).value
    1.0
    """
    above_zero(relative_error=relative_error)
    population = whole_number(population)
    spread = gradient_spread(model, loss, data, chunk=chunk)
    n = len(spread.along_mean)
    _check_population(n, population)
    noise = _noise(spread, population)
    found = _scale(spread, noise, population)
    few = n < FEWEST and population != n
    if not math.isfinite(found.value) or found.stderr > relative_error * found.value or few:
        needed = _needed_samples(found, relative_error, population)
        raise NotIdentifiable(
            f"expected a squared gradient clear of its noise, got {noise.squared_gradient:.3g} +- "
            f"{noise.squared_gradient_stderr:.2g} from {n} samples: "
            + (needs(needed, n, population) if needed else "there is no gradient"),
            found,
            needed_samples=needed,
        )
    return found


def whole_number(population: int | None) -> int | None:
    """A population of any integer type, such as a tensor, as an int; what is none stays, to be refused."""
    try:
        return None if population is None else index(population)
    except TypeError:
        return population


def _check_population(n: int, population: int | None) -> None:
    if n < 2 or not (population is None or (isinstance(population, int) and population >= n)):
        raise ValueError(
            f"expected 2 samples or more and a whole population of at least these, or None, got {n} and {population}: "
            "give two or more, and count all that are trained on"
        )


def needs(needed: int, n: int, population: int | None) -> str:
    """The cure when samples are too few."""
    whole = f", or population={n} if these are all that is trained on" if population is None else ""
    return f"give about {needed}{whole}"


def unseen_share(n: int, population: int | None) -> float:
    """Factor of the variance of a mean of n samples, drawn without replacement from a population or a stream (None)."""
    return 1.0 if population is None else (population - n) / (population - 1)


def covariance_trace(squared_distances: Tensor, population: int | None) -> tuple[float, float]:
    r"""Trace of a covariance from the squared distances of n samples to their mean, and its standard error.

    Without bias for the population: a stream without end (None), or a set, whose own covariance has no Bessel factor.

    >>> import torch
    >>> covariance_trace(torch.tensor([16.0, 16.0]), None)[0], covariance_trace(torch.tensor([16.0, 16.0]), 2)[0]
    (32.0, 16.0)
    """
    n, mean = len(squared_distances), float(squared_distances.mean())
    if n < 2:
        return mean, math.inf
    whole = 1.0 if population is None else (population - 1) / population
    error = math.sqrt(float(squared_distances.var(correction=1)) / n * unseen_share(n, population))
    return mean * n / (n - 1) * whole, error


def _noise(spread: GradientSpread, population: int | None) -> GradientNoise:
    n = len(spread.along_mean)
    unseen = unseen_share(n, population)
    trace, error = covariance_trace(spread.squared_distances, population)
    mean_noise = trace / n * unseen  # squared length of the noise that the mean of n samples keeps
    along = 4 * float(spread.along_mean.var(correction=1)) / n * unseen
    squared_error = math.sqrt(along + 2 * mean_noise**2)
    return GradientNoise(trace, error, spread.squared_mean - mean_noise, squared_error, n, spread.parameters)


def _scale(spread: GradientSpread, noise: GradientNoise, population: int | None) -> NoiseScale:
    """The ratio, with the standard error of its influence function and of what the mean keeps of the noise."""
    squared, n = noise.squared_gradient, noise.samples
    if not squared > 0:
        return NoiseScale(math.inf, math.inf, noise)
    value = noise.trace / squared
    influence = (spread.squared_distances - 2 * value * spread.along_mean) / squared
    unseen = unseen_share(n, population)
    second_order = value * noise.trace * unseen / (n * squared)
    return NoiseScale(value, math.sqrt(float(influence.var(correction=1)) / n * unseen + 2 * second_order**2), noise)


def _needed_samples(found: NoiseScale, relative_error: float, population: int | None) -> int | None:
    """Samples at which the error shrinks to what is asked; None when all samples there are have been given."""
    n = found.noise.samples
    if population == n:
        return None
    if math.isfinite(found.stderr) and found.value > 0:
        wanted = n * (found.stderr / (relative_error * found.value)) ** 2
    else:  # no gradient seen: its square is below the noise of the mean, so ten times the samples are a next try
        wanted = 10.0 * n
    wanted = max(FEWEST, math.ceil(wanted))
    return wanted if population is None else min(population, wanted)
