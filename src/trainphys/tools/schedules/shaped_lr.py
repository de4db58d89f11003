"""Any shape as a PyTorch learning-rate scheduler that resumes bit for bit."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import zip_longest
from typing import Any

from numpy.typing import ArrayLike
from torch import Tensor, zeros
from torch.optim import SGD, Optimizer
from torch.optim.lr_scheduler import ExponentialLR, LRScheduler

from trainphys.checks import at_least, not_below, numbers, positive
from trainphys.tools.schedules.adaptive_cooling import keys_of
from trainphys.tools.schedules.shapes import exponential_decay

NESTED = 4  # sequences around each other, each of which takes one off the number of a part that has not begun
Rates = list[tuple[dict[str, Any], Any]]  # groups of an optimizer with a rate of each
LONGEST = 2**53  # steps: beyond it their numbers are no longer exact in double precision


class ShapedLR(LRScheduler):
    r"""Learning rate $\eta_0f(n/N)$ after n of N updates, for any function f of progress.

    It combines with other schedulers as those of PyTorch do (``SequentialLR``, ``ChainedScheduler``, groups added
    later, rates that are tensors). What others do to a rate in between stays: the rate is then multiplied by
    $f(n/N)/f((n-1)/N)$. A zero of f keeps nothing of it: after one the rate is $\eta_0f(n/N)$ again. Alone it is
    that everywhere, bit for bit, also in a run that is stopped and resumed. After N updates the last rate stays.

    Args:
        optimizer: its learning rates are the $\eta_0$.
        total_steps: N >= 1, calls of ``step`` in the whole run.
        shape: f, from progress 0..1 to a factor >= 0; one of ``tools.schedules.shapes`` gets its end by ``partial``.
        last_epoch: number of the last update, counted from 0, of a run whose optimizer state is loaded; -1 for a new
            run. Rather load the states of optimizer and scheduler.

    Raises:
        ValueError: a number of steps that is not whole, a factor that is negative or not finite, or a state with other
            steps or unknown keys.

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
        if not isinstance(optimizer, Optimizer):
            got = type(optimizer).__name__
            raise ValueError(
                f"expected a torch.optim.Optimizer, got {got}: give optimizer, total_steps, shape in this order"
            )
        at_least(1, total_steps=total_steps)
        at_least(-1, last_epoch=last_epoch)
        if total_steps > LONGEST:
            raise ValueError(f"expected total_steps <= 2**53, got {total_steps}: count the updates of one run")
        if not callable(shape):
            raise ValueError(
                f"expected a function of progress as the shape, got {shape!r}: take one of "
                "trainphys.tools.schedules.shapes, such as cosine_decay"
            )
        if last_epoch >= 0 and not all("initial_lr" in group for group in optimizer.param_groups):
            raise ValueError(
                f"expected the first rates in the optimizer for last_epoch={last_epoch}, got none: load the states of "
                "the run's optimizer and scheduler"
            )
        self.total_steps = int(total_steps)
        self.shape = shape
        self._factor(self.total_steps)  # a shape that ends badly is refused before the run
        self._remade: Rates = []
        # a group with a first rate comes from a run: its state may have been loaded before this was made
        found: Rates = [(group, _copied(group["lr"])) for group in optimizer.param_groups if "initial_lr" in group]
        super().__init__(optimizer, int(last_epoch))
        self._made = [(group, rate, _copied(group["lr"])) for group, rate in found]

    def get_lr(self) -> list[Any]:
        """Rates of the parameter groups after ``last_epoch`` updates, from those of the update before."""
        remade, self._remade = self._remade, []
        rates = []
        for group, base in self._groups():
            alone = base is not None and any(group is one and group["lr"] == rate for one, rate in remade)
            rates.append(base * self._factor(self.last_epoch) if alone else self._follow(group["lr"], base))
        return rates

    def _get_closed_form_lr(self) -> list[Any]:
        """Rates as a function of ``last_epoch`` alone: what PyTorch asks for where a sequence comes to this part."""
        factor, self._remade = self._factor(self.last_epoch), []
        return [self._follow(group["lr"], None) if base is None else base * factor for group, base in self._groups()]

    def _groups(self) -> Iterator[tuple[dict[str, Any], Any]]:
        """Each group with its first rate; None for a group that came later."""
        return zip_longest(self.optimizer.param_groups, self.base_lrs[: len(self.optimizer.param_groups)])

    def _follow(self, rate: Any, base: Any) -> Any:
        """The next rate: of this shape alone where the rate before was, else that rate times the fall of the shape."""
        n = self.last_epoch
        if self._step_count == 1 and n > 0:  # made for a run that goes on: its rates are those of the optimizer
            return rate * 1.0
        now, before = self._factor(n), self._factor(n - 1) if n > 0 else 1.0
        if base is not None and (before == 0 or rate == base * before):
            return base * now
        return rate * (now / before if before else now)

    def _factor(self, n: int) -> float:
        progress = min(max(n, 0) / self.total_steps, 1.0)
        try:
            given = self.shape(progress)
        except Exception as error:  # a function of the user's own may raise anything
            raise ValueError(
                f"expected a factor of the shape at progress {progress:g}, got {type(error).__name__}, {error}: it is "
                "a function of one progress, from 0 to 1"
            ) from error
        [found] = numbers(factor_of_the_shape=given.detach().cpu() if isinstance(given, Tensor) else given)
        if found.size != 1:
            raise ValueError(f"expected one factor from the shape, got {found.size}: it is a function of one progress")
        factor = float(found.item())
        if not 0 <= factor < math.inf:
            raise ValueError(
                f"expected a finite factor >= 0 of the shape, got {factor} after {n} steps: mend the shape"
            )
        return factor

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimizer and the shape, which is code: give the same one when you resume."""
        return {key: value for key, value in super().state_dict().items() if key not in ("shape", "_made", "_remade")}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Resume; the rates themselves are in the optimizer's state, and either of the two may be loaded first.

        The optimizer's may also be loaded before the scheduler is made. In a sequence, which then makes its rates anew,
        those of this part are right from the next step on.
        """
        known, keys = set(self.state_dict()), keys_of(state_dict)
        if not {"total_steps", "last_epoch", "base_lrs"} <= keys <= known:
            raise ValueError(f"expected the keys {sorted(known)}, got {sorted(keys)}: take state_dict()")
        if state_dict["last_epoch"] not in range(-NESTED, 0):
            at_least(-1, last_epoch=state_dict["last_epoch"])
        given = state_dict["base_lrs"]
        if not isinstance(given, list | tuple):
            raise ValueError(
                f"expected a list base_lrs, one a group of parameters, got {given!r:.99}: take state_dict()"
            )
        rates = not_below(0, base_lrs=[rate.item() if isinstance(rate, Tensor) else rate for rate in given])[0]
        if rates.size > len(self.optimizer.param_groups):
            raise ValueError(f"expected {len(self.base_lrs)} base_lrs, got {rates.size}: one a group of parameters")
        if state_dict["total_steps"] != self.total_steps:
            raise ValueError(
                f"expected the state of a run of {self.total_steps} steps, got one of {state_dict['total_steps']}: "
                "make the scheduler with the same total_steps"
            )
        if self._step_count == 1:  # no step was made since this was
            self._put_back()
        super().load_state_dict({**state_dict, "last_epoch": int(state_dict["last_epoch"])})

    def _put_back(self) -> None:
        """The rates of an optimizer whose state was loaded before this was made, and has not been since.

        Where the rate is what this made of it, it becomes what was loaded. Where a sequence made it anew, what was
        loaded is lost, and the next rate is that of the shape alone.
        """
        for group, loaded, made in self._made:
            if not any(group is one for one in self.optimizer.param_groups):  # loaded since: its groups are new
                continue
            if self.last_epoch < 0 or group["lr"] != made:  # below 0: a later part of a sequence
                self._remade.append((group, _copied(group["lr"])))
            elif isinstance(group["lr"], Tensor):
                group["lr"].copy_(loaded)
            else:
                group["lr"] = loaded
        self._made = []


def _copied(rate: Any) -> Any:
    return rate.clone() if isinstance(rate, Tensor) else rate


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
