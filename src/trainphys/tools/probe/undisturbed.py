"""A model measured in the middle of its training and left as it was."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn


@contextmanager
def undisturbed(model: nn.Module, data: Any) -> Iterator[bool]:
    """Evaluation mode for a while; modes and random states come back. Gives whether the mode makes a difference.

    >>> model, before = nn.Dropout(), torch.get_rng_state()
    >>> with undisturbed(model, None) as trained:
    ...     _ = torch.rand(1)
    >>> trained, model.training, torch.equal(torch.get_rng_state(), before)
    (True, True, True)
    """
    modes = {module: module.training for module in model.modules()}
    generators = [g for g in (getattr(data, "generator", None), _of_sampler(data)) if isinstance(g, torch.Generator)]
    states = [g.get_state() for g in generators]
    python, array = random.getstate(), np.random.get_state()  # noqa: NPY002
    try:
        with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
            model.eval()
            yield any(mode and _differs(module) for module, mode in modes.items())
    finally:
        random.setstate(python)
        np.random.set_state(array)  # noqa: NPY002
        for generator, state in zip(generators, states, strict=True):
            generator.set_state(state)
        for module, mode in modes.items():
            module.training = mode


def _differs(module: nn.Module) -> bool:
    """Whether a module may give something else in training mode; one that torch does not know may."""
    known = type(module).__module__.startswith("torch.nn")
    kinds = (nn.modules.dropout._DropoutNd, nn.modules.batchnorm._NormBase, nn.RReLU)
    return not known or isinstance(module, kinds) or bool(getattr(module, "dropout", 0.0))


def _of_sampler(data: Any) -> Any:
    return getattr(getattr(data, "sampler", None), "generator", None)
