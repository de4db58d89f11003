"""Numbers in the precision of the parameters, wherever a tool is called from and whatever casts a model holds."""

import functools
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import Any, ParamSpec, TypeVar

import torch
from numpy.typing import ArrayLike
from torch import Tensor
from torch.nn.utils import parametrize
from torch.overrides import TorchFunctionMode

from trainphys.arrays import Array
from trainphys.checks import numbers

P = ParamSpec("P")
R = TypeVar("R")
DEVICES = "cpu", "cuda", "mps", "xpu"


def full_precision(tool: Callable[P, R]) -> Callable[P, R]:
    """A tool that computes outside inference mode, autocast, ``torch.compile`` and ``parametrize.cached``.

    >>> with torch.autocast("cpu"):
    ...     full_precision(torch.mm)(torch.ones(1, 1), torch.ones(1, 1)).dtype
    torch.float32
    """

    @functools.wraps(tool)
    def alone(*arguments: P.args, **settings: P.kwargs) -> R:
        with torch.inference_mode(False), no_autocast(), _eager(), _uncached():
            return tool(*arguments, **settings)

    return alone


def _eager() -> AbstractContextManager[Any]:
    """Code as it was written, also where a part of a model is compiled: what that makes has no second derivatives."""
    return torch.compiler.set_stance("force_eager") if "torch._dynamo" in sys.modules else nullcontext()


@contextmanager
def _uncached() -> Iterator[None]:
    """Parametrizations that compute anew: kept results are of other parameters."""
    kept = parametrize._cache_enabled, parametrize._cache
    parametrize._cache_enabled, parametrize._cache = 0, {}
    try:
        yield
    finally:
        parametrize._cache_enabled, parametrize._cache = kept


def no_autocast() -> ExitStack:
    """Autocast off for a while, on each device where it is on."""
    off = ExitStack()
    for device in DEVICES:
        if torch.is_autocast_enabled(device):
            off.enter_context(torch.autocast(device, enabled=False))
    return off


def no_inference(tensor: Tensor) -> Tensor:
    """A tensor made in inference mode as one that can be differentiated; any other as it is."""
    return tensor.clone() if tensor.is_inference() else tensor


def flat_doubles(**given: ArrayLike | Tensor) -> Array:
    """A vector of torch, of NumPy or of numbers as a flat array in double precision.

    >>> flat_doubles(start=torch.ones(1, 2, requires_grad=True))
    array([1., 1.])
    """
    plain = {name: x.detach().cpu().double().numpy() if isinstance(x, Tensor) else x for name, x in given.items()}
    return numbers(**plain)[0].ravel()


class Precision:
    """Lets a model compute as its parameters are: autocast inside of it is switched off, other casts are refused.

    The first pass is looked at, operation by operation; later ones cost nothing more, unless there is an autocast.

    Raises:
        ValueError: numbers that depend on the parameters are cast to less than single precision.
    """

    def __init__(self) -> None:
        self._looked, self._casts = False, False
        self.holds = False  # fixed what depends on the parameters

    def __call__(self, compute: Callable[[], Any]) -> Any:
        if self._looked:
            with NoAutocastInside() if self._casts else nullcontext():
                return compute()
        with Lowered() as seen:
            found = compute()
        if seen.autocast:
            self._casts = True
            with NoAutocastInside(), Lowered() as seen:
                found = compute()
        if seen.kind is not None:
            raise ValueError(
                f"expected a model and a loss that compute in the precision of the parameters, got {seen.kind} on the "
                "way to the loss: take that cast out for this measurement"
            )
        self._looked, self.holds = True, seen.holds
        return found


class Lowered(TorchFunctionMode):
    """Notes what is cast to less than single precision on the way from the parameters to the loss, or held fixed.

    >>> weight = torch.ones(1, requires_grad=True)
    >>> with Lowered() as seen:
    ...     _ = weight.bfloat16() + 1
    >>> seen.kind, seen.autocast, seen.holds
    (torch.bfloat16, False, False)
    >>> with Lowered() as seen:
    ...     _ = weight * weight.detach()
    >>> seen.holds
    True
    """

    def __init__(self) -> None:
        super().__init__()
        self.kind: torch.dtype | None = None
        self.autocast = False
        self.holds = False

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        found = func(*args, **(kwargs or {}))
        for x in found if isinstance(found, (tuple, list)) else (found,):
            if isinstance(x, Tensor) and x.requires_grad and x.is_floating_point() and x.element_size() < 4:
                self.kind = x.dtype
                self.autocast |= any(torch.is_autocast_enabled(device) for device in DEVICES)
            number = isinstance(x, float) or (isinstance(x, Tensor) and x.is_floating_point() and not x.requires_grad)
            if number and not re.search("^new_|_like$", getattr(func, "__name__", "")):  # take shape and kind alone
                self.holds |= _any_derived((*args, *(kwargs or {}).values()))
        return found


def _any_derived(given: Iterable[Any]) -> bool:
    """Whether a tensor that depends on the parameters is among what an operation was given."""
    parts = (x if isinstance(x, (tuple, list)) else (x,) for x in given)
    return any(isinstance(x, Tensor) and x.requires_grad for part in parts for x in part)


class NoAutocastInside(TorchFunctionMode):
    """Each operation without autocast, also where the code around it has switched it on."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        with no_autocast():
            return func(*args, **(kwargs or {}))
