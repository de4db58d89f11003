"""One call for a model in training: how stable, how noisy, how hot, and what that suggests."""

import time
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.utils.data import DataLoader
from tqdm import tqdm

from trainphys.checks import above_zero, at_least, positive
from trainphys.tools.gradients.noise_scale import whole_number
from trainphys.tools.models.batches import Batches, Data
from trainphys.tools.models.model_loss import Loss, ModelLoss
from trainphys.tools.models.tool import tool
from trainphys.tools.probe import advice
from trainphys.tools.probe.curvature import Curvature
from trainphys.tools.probe.mean_square import mean_square_limit
from trainphys.tools.probe.measured import scale, temperature
from trainphys.tools.probe.result import Probe
from trainphys.tools.probe.undisturbed import undisturbed
from trainphys.tools.probe.updates import check_holds, has_known_limit, settings, unwrapped
from trainphys.tools.probe.values import Refused, given, refused_alone

EVALUATED = "the model was in training mode and measured in evaluation mode: no dropout, running statistics of batches"
# A bias before batch normalisation has no gradient in training mode, so that Adam's moments there are nearly zero.
OTHER_MODE = (
    "expected moments and curvature of one mode, got moments of batch normalisation in training mode and a curvature "
    "in evaluation mode, where other directions are flat: train with these layers in evaluation mode, or with GroupNorm"
)


@tool
def probe(
    model: nn.Module,
    loss: Loss,
    data: Data,
    optimizer: Any,
    *,
    batch_size: int | None = None,
    population: int | None = None,
    most_products: int = 200,
    tolerance: float = 1e-3,
    relative_error: float = 0.25,
    chunk: int = 256,
    progress: bool = False,
) -> Probe:
    r"""Stability, noise and temperature of a run at the parameters of the moment, and what they suggest.

    The margin is $2(1+\beta)/\eta(\lambda_{\max}+w)$ for SGD with learning rate $\eta$, momentum $\beta$ and weight
    decay w. Nesterov's momentum, groups of parameters, Adam and AdamW have theirs, Adam's preconditioner held fixed.
    Noise scale and temperature are those of ``noise_scale`` and ``sgd_temperature``. A value that cannot be had is a
    ``Refused`` with its reason, and the others are given. Model, optimizer and random states are left as they were; a
    model in training mode is measured in evaluation mode.

    Args:
        model, loss, data: as for ``noise_scale``: a sample of what is trained on, or all of it.
        optimizer: of torch, or one that holds such an one as ``optimizer``; it trains all trainable parameters.
        batch_size: samples behind one update; where gradients are accumulated, those of all its batches. By default
            the samples of a batch of the ``DataLoader``.
        population: number of training samples behind ``data``; None for a stream without end. With all of them given
            the values are those of the set, and the intervals hold numerical errors alone.
        most_products: of the Hessian with a vector, for each of at most two largest eigenvalues.
        tolerance: as for ``sharpness``.
        relative_error: largest standard error over value that is accepted of noise scale and temperature.
        chunk: samples that are looked at at once.
        progress: whether to show a bar.

    Raises:
        ValueError: arguments in another order, a model, loss or data that no tool can take, or parameters that the
            optimizer does not hold.

    Source: see ``sharpness``, ``noise_scale`` and ``sgd_temperature``; Cohen et al. (2022) for Adam.

    >>> x = torch.tensor([[2.0], [2.0], [-2.0], [-2.0]])  # loss mean of (2 w - t)^2, curvature 8
    >>> model = nn.Linear(1, 1, bias=False)
    >>> _ = model.weight.data.zero_()
    >>> sgd = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.5)
    >>> found = probe(model, nn.MSELoss(), (x, x + torch.tensor([[1.0], [-1.0], [1.0], [-1.0]])), sgd,
    ...               batch_size=2, population=4)
    >>> round(found.sharpness.value, 4), round(found.margin.value, 4), round(found.noise_scale.value, 4)
    (8.0, 7.5, 0.25)
    """
    start = time.perf_counter()
    at_least(1, most_products=most_products, chunk=chunk)
    above_zero(relative_error=relative_error)
    positive(tolerance=tolerance)
    population = whole_number(population)
    optimizer, of, batch_size = checked(model, loss, data, optimizer, batch_size)
    how = settings(optimizer)
    adaptive = has_known_limit(optimizer) and not how.is_sgd
    normalised = adaptive and any(isinstance(m, _BatchNorm) and m.training for m in of.model.modules())
    with (
        undisturbed(of.model) as training,
        tqdm(total=2 * most_products, unit="product", leave=False, disable=not progress) as bar,
    ):
        mean, sizes = _mean_loss(of, Batches(data, like=of.at), population)
        batch_size = _loaded(data, sizes) if batch_size is None else batch_size
        noise_scale, noise = scale(of, loss, data, population, relative_error, chunk)
        curved = Curvature(of, loss, data, population, tolerance, most_products, passed=bar.update)
        sharpness = refused_alone(curved.largest)
        margin = Refused(OTHER_MODE) if normalised else refused_alone(lambda: curved.margin(optimizer, sharpness))
        hot = refused_alone(lambda: temperature(noise, how, batch_size, population, relative_error))
        batches = refused_alone(lambda: mean_square_limit(of, loss, data, how, batch_size, population))
    excess = refused_alone(lambda: of.at.numel() / 2 * given(hot, "temperature"))
    return Probe(
        loss=mean,
        sharpness=sharpness,
        margin=margin,
        largest_learning_rate=refused_alone(lambda: _one_rate(how.learning_rate) * given(margin, "margin")),
        mean_square_limit=batches,
        noise_scale=noise_scale,
        temperature=hot,
        excess_loss=excess,
        advice={
            "learning rate": advice.on_learning_rate(how, margin, batches),
            "batch size": advice.on_batch_size(how, noise_scale, batch_size),
            "cooling": advice.on_cooling(how, excess),
        },
        optimizer=str(how),
        learning_rate=how.learning_rate,
        batch_size=batch_size,
        samples=sum(sizes),
        parameters=of.at.numel(),
        notes=(EVALUATED,) if training else (),
        products=curved.products,
        seconds=time.perf_counter() - start,
    )


def _mean_loss(of: ModelLoss, batches: Batches, population: int | None) -> tuple[float, list[int]]:
    """And the number of samples in each batch."""
    total, sizes = 0.0, list[int]()
    for n, batch in batches:
        if not sizes:
            of.check_not_random(batch)
        total += n * float(of(of.trained, batch))
        sizes.append(n)
    samples = sum(sizes)
    if population is not None and not (isinstance(population, int) and population >= samples):
        raise ValueError(f"expected a population of at least the {samples} samples given, got {population}: count all")
    return total / samples, sizes


def _loaded(data: Data, sizes: list[int]) -> int | None:
    """Samples of a loader's batches, None where they are not known or vary.

    They are those that were met: what the loader calls its batch size may be batches of a set of batches. A single
    batch may be smaller because there are no more samples.
    """
    if not isinstance(data, DataLoader):
        return None
    said, most = data.batch_size or getattr(data.batch_sampler, "batch_size", None), max(sizes)
    if said is None or said == most or (len(sizes) == 1 and most < said):
        return said
    return most if 2 * sizes.count(most) >= len(sizes) else None  # the last ones of each worker may be smaller


def _one_rate(rate: float | None) -> float:
    if rate is None:
        raise ValueError("expected one learning rate, got groups that differ: multiply each by the margin")
    return rate


def checked(
    model: nn.Module, loss: Loss, data: Data, optimizer: Any, batch_size: int | None
) -> tuple[torch.optim.Optimizer, ModelLoss, int | None]:
    """The optimizer of torch, the model's loss, and the batch size if it is given.

    Raises:
        ValueError: what no field could be measured with.
    """
    of, optimizer = ModelLoss(model, loss), unwrapped(optimizer)
    Batches(data, like=of.at)
    check_holds(optimizer, [p for p in of.model.parameters() if p.requires_grad])
    if batch_size is None:
        return optimizer, of, None
    at_least(1, batch_size=batch_size)
    return optimizer, of, int(batch_size)
