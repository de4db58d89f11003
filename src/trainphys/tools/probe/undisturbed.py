"""A model measured in the middle of its training and left as it was."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn
from torch.nn.utils.parametrizations import _SpectralNorm
from torch.nn.utils.spectral_norm import SpectralNorm


@contextmanager
def undisturbed(model: nn.Module) -> Iterator[bool]:
    """Evaluation mode for a while; the modes come back. Gives whether the mode makes a difference.

    >>> model = nn.Dropout()
    >>> with undisturbed(model) as trained:
    ...     print(trained, model.training)
    True False
    >>> model.training
    True
    """
    modes = {module: module.training for module in model.modules()}
    try:
        model.eval()
        yield any(mode and _differs(module) for module, mode in modes.items())
    finally:
        for module, mode in modes.items():
            module.training = mode


def _differs(module: nn.Module) -> bool:
    """Whether a module may give something else in training mode; one that torch does not know may."""
    known = type(module).__module__.startswith("torch.nn")
    kinds = (nn.modules.dropout._DropoutNd, nn.modules.batchnorm._NormBase, nn.RReLU, _SpectralNorm, SpectralNorm)
    parts = module, *module._forward_pre_hooks.values()  # the older spectral norm is a hook
    return not known or any(isinstance(p, kinds) for p in parts) or bool(getattr(module, "dropout", 0.0))
