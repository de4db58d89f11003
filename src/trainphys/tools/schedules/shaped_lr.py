"""Any shape as a PyTorch learning-rate scheduler that resumes bit for bit."""

import math
from collections.abc import Callable
from typing import Any

from numpy.typing import ArrayLike
from torch import zeros
from torch.optim import SGD, Optimizer
from torch.optim.lr_scheduler import ExponentialLR, LRScheduler

from trainphys.checks import at_least, positive
from trainphys.tools.schedules.shapes import exponential_decay


class ShapedLR(LRScheduler):
    r"""Learning rate $\eta_0f(n/N)$ after n of N updates, for any function f of progress.

    The rate is a function of n alone, never of the rate before it, so a run that is stopped and resumed takes the same
    rates, bit for bit. After N updates the last rate stays.

    Args:
        optimizer: its learning rates are the $\eta_0$.
        total_steps: N >= 1, calls of ``step`` in the whole run.
        shape: f, from progress 0..1 to a factor; one of ``tools.schedules.shapes`` gets its end by ``partial``.
        last_epoch: updates done so far, -1 for a new run; rather resume by ``load_state_dict``.

    Raises:
        ValueError: fewer than one step, or a state of a run of another length.

    >>> import torch
    >>> optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    >>> scheduler = ShapedLR(optimizer, total_steps=2)
    >>> rates = [scheduler.get_last_lr()[0]]
    >>> for _ in range(2):
    ...     optimizer.step()
    ...     scheduler.step()
    ...     rates.append(scheduler.get_last_lr()[0])
    >>> [round(rate, 6) for rate in rates]
    [0.5, 0.05, 0.005]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        total_steps: int,
        shape: Callable[[ArrayLike], ArrayLike] = exponential_decay,
        last_epoch: int = -1,
    ) -> None:
        at_least(1, total_steps=total_steps)
        self.total_steps = int(total_steps)
        self.shape = shape
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """Rates of the parameter groups after ``last_epoch`` updates."""
        progress = min(max(self.last_epoch, 0) / self.total_steps, 1.0)
        factor = float(self.shape(progress))  # type: ignore[arg-type]
        return [base * factor for base in self.base_lrs]

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimizer and the shape, which is code: give the same one when you resume."""
        return {key: value for key, value in super().state_dict().items() if key != "shape"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Resume, and set the optimizer's rates too, so that it does not matter which of the two is loaded first."""
        if state_dict["total_steps"] != self.total_steps:
            raise ValueError(
                f"expected the state of a run of {self.total_steps} steps, got one of {state_dict['total_steps']}: "
                "make the scheduler with the same total_steps"
            )
        super().load_state_dict(state_dict)
        for group, rate in zip(self.optimizer.param_groups, self.get_lr(), strict=True):
            group["lr"] = rate
        self._last_lr = self.get_lr()


def torch_exponential_fall(tau: float, updates: int) -> float:
    r"""Last learning rate over the first of PyTorch's ``ExponentialLR``, which multiplies by $e^{-1/\tau}$ each time.

    >>> round(torch_exponential_fall(10.0, 10), 12) == round(math.exp(-1), 12)
    True
    """
    positive(tau=tau)
    at_least(1, updates=updates)
    optimizer = SGD([zeros(1, requires_grad=True)], lr=1.0)
    scheduler = ExponentialLR(optimizer, math.exp(-1 / tau))
    for _ in range(updates):
        optimizer.step()
        scheduler.step()
    return float(scheduler.get_last_lr()[0])
