"""What each tool does around its own work: it says how it is called, and leaves random numbers as they were."""

import functools
import inspect
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

import numpy as np
import torch
from torch import nn
from torch.nn.parameter import is_lazy

from trainphys.tools.models.precision import full_precision

P = ParamSpec("P")
R = TypeVar("R")


def asked(call: Callable[P, R]) -> Callable[P, R]:
    """A call that says in words what it takes when it is given something else.

    >>> asked(lambda model, loss, data: None)(1, 2, 3, 4)
    Traceback (most recent call last):
    ValueError: expected <lambda>(model, loss, data), got too many positional arguments: give inputs and targets as \
one pair, settings by name
    """
    form = inspect.signature(call)

    @functools.wraps(call)
    def bound(*arguments: P.args, **settings: P.kwargs) -> R:
        try:
            form.bind(*arguments, **settings)
        except TypeError as error:
            raise ValueError(
                f"expected {_shown(call.__qualname__, form)}, got {str(error).removeprefix('got ')}: give inputs and "
                "targets as one pair, settings by name"
            ) from None
        return call(*arguments, **settings)

    return bound


def _shown(name: str, form: inspect.Signature) -> str:
    needed = [p.name for p in form.parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD and p.name != "self"]
    more = ["..."] if any(p.kind is p.KEYWORD_ONLY for p in form.parameters.values()) else []
    return f"{name.removesuffix('.__init__')}({', '.join([*needed, *more])})"


def tool(measure: Callable[P, R]) -> Callable[P, R]:
    """A tool on model, loss and data: called in words, in full precision, random states and buffers left alone."""
    whole = full_precision(measure)

    @functools.wraps(measure)
    def alone(*arguments: P.args, **settings: P.kwargs) -> R:
        model = settings["model"] if "model" in settings else arguments[0]
        data = settings["data"] if "data" in settings else arguments[2]
        with random_states_kept(data), buffers_kept(model):
            return whole(*arguments, **settings)

    return asked(alone)


@contextmanager
def buffers_kept(model: Any) -> Iterator[None]:
    """Buffers come back: a checkpoint that computes again in a backward pass writes into those of the model itself.

    Those that are empty until a first call are empty again.
    """
    modules = list(model.modules()) if isinstance(model, nn.Module) else []
    found = model.buffers() if modules else ()
    empty = [(m._buffers, name) for m in modules for name, b in m._buffers.items() if b is None]
    kept = [(b, b.clone()) for b in found if not (is_lazy(b) or b.is_meta or b.is_inference())]
    try:
        yield
    finally:
        for buffers, name in empty:
            buffers[name] = None
        with torch.no_grad():
            for buffer, before in kept:
                buffer.copy_(before)


@contextmanager
def random_states_kept(data: Any) -> Iterator[None]:
    """Random states come back: those of all libraries, and that of a loader's own generator.

    >>> before = torch.get_rng_state()
    >>> with random_states_kept(None):
    ...     _ = torch.rand(1)
    >>> torch.equal(torch.get_rng_state(), before)
    True
    """
    source = None if isinstance(data, Mapping) else data  # whose attributes may be its keys
    holders = [source, *(getattr(source, name, None) for name in ("sampler", "batch_sampler"))]
    holders.append(getattr(holders[-1], "sampler", None))
    generators = [g for g in (getattr(one, "generator", None) for one in holders) if isinstance(g, torch.Generator)]
    states = [g.get_state() for g in generators]
    python, array = random.getstate(), np.random.get_state()  # noqa: NPY002
    used = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]  # else nobody has drawn there
    try:
        with torch.random.fork_rng(devices=range(torch.cuda.device_count() if used else 0)):
            yield
    finally:
        random.setstate(python)
        np.random.set_state(array)  # noqa: NPY002
        for generator, state in zip(generators, states, strict=True):
            generator.set_state(state)
