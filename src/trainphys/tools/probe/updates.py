"""What an optimizer makes of a small deviation from a minimum: its rates, its decay, its momentum, and its limit."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import SGD, Adam, AdamW, Optimizer

Part = tuple[Tensor, Tensor, float]  # of R, of S, and the momentum
KNOWN = SGD, Adam, AdamW


@dataclass(frozen=True, slots=True)
class Updates:
    r"""One update near a minimum, $\theta\leftarrow\theta-v$ with a velocity of momentum $\beta$, along the parameters.

    It is stable while the largest eigenvalue of $K=R^{1/2}HR^{1/2}+S$ is below $2(1+\beta)$. With rates $\eta$ and
    decays w the diagonals are

    | | R | S |
    |---|---|---|
    | SGD, dampening $\tau$ | $(1-\tau)\eta$ | $Rw$ |
    | SGD, Nesterov | $(1+2\beta)\eta$ | $Rw$ |
    | Adam | $(1-\beta)P$ | $Rw$ |
    | AdamW | $(1-\beta)P$ | $(1+\beta)\eta w$ |

    with $P=\eta/[(1-\beta^t)(\sqrt{v/(1-\beta_2^t)}+\epsilon)]$ held fixed. All of K is in proportion to the rates, so
    that $2(1+\beta)/\lambda_{\max}(K)$ is the factor by which they may grow.
    """

    rates: Tensor  # R, flat
    shifts: Tensor  # S, flat
    momentum: float

    @property
    def uniform(self) -> tuple[float, float] | None:
        """R and S where they are the same for all parameters."""
        rate, shift = self.rates[0], self.shifts[0]
        same = bool((self.rates == rate).all() & (self.shifts == shift).all())
        return (float(rate), float(shift)) if same else None

    @property
    def limit(self) -> float:
        return 2 * (1 + self.momentum)


@dataclass(frozen=True, slots=True)
class Settings:
    """An optimizer as it is set: its class, and what its groups of parameters share (None: they differ)."""

    name: str
    is_sgd: bool  # of torch itself: another may hold its momentum under a name of its own
    learning_rate: float | None
    momentum: float | None
    nesterov: bool
    dampening: float | None
    weight_decay: float | None

    def __str__(self) -> str:
        rate = "rates that differ" if self.learning_rate is None else f"learning rate {self.learning_rate:.4g}"
        parts = [rate]
        if self.is_sgd and self.momentum:
            parts.append(f"{'Nesterov ' if self.nesterov else ''}momentum {self.momentum:.4g}")
        if self.weight_decay:
            parts.append(f"weight decay {self.weight_decay:.4g}")
        return f"{self.name} ({', '.join(parts)})"


def unwrapped(optimizer: Any) -> Optimizer:
    """The optimizer of torch inside those of other libraries.

    Raises:
        ValueError: there is none.
    """
    while not isinstance(optimizer, Optimizer) or type(optimizer).__module__.partition(".")[0] != "torch":
        inner = getattr(optimizer, "optimizer", None)
        if inner is None:
            break
        optimizer = inner
    if not isinstance(optimizer, Optimizer):
        got = type(optimizer).__name__
        raise ValueError(
            f"expected a torch.optim.Optimizer, got {got}: give model, loss, data, optimizer in this order, inputs and "
            "targets as one pair"
        )
    return optimizer


def settings(optimizer: Optimizer) -> Settings:
    """What the groups of an optimizer share.

    >>> print(settings(SGD([torch.zeros(1, requires_grad=True)], lr=0.1, momentum=0.9)))
    SGD (learning rate 0.1, momentum 0.9)
    """
    groups = optimizer.param_groups

    def shared(key: str) -> float | None:
        found = {float(group.get(key, 0.0)) for group in groups}
        return found.pop() if len(found) == 1 else None

    nesterov = any(group.get("nesterov", False) for group in groups)
    kind = _name(optimizer), type(optimizer) is SGD
    return Settings(*kind, shared("lr"), shared("momentum"), nesterov, shared("dampening"), shared("weight_decay"))


def _name(optimizer: Optimizer) -> str:
    """Of its class, with its module where that of torch has the same name."""
    kind = type(optimizer)
    namesake = any(kind.__name__ == known.__name__ and kind is not known for known in KNOWN)
    return f"{kind.__module__}.{kind.__name__}" if namesake else kind.__name__


def has_known_limit(optimizer: Optimizer) -> bool:
    """Whether ``updates`` knows optimizers of this kind."""
    return type(optimizer) in KNOWN


def check_holds(optimizer: Optimizer, parameters: list[nn.Parameter]) -> None:
    """Refuse trainable parameters that the optimizer does not train."""
    held = {id(p) for group in optimizer.param_groups for p in group["params"]}
    left = sum(id(p) not in held for p in parameters)
    if left:
        raise ValueError(
            f"expected all {len(parameters)} trainable parameters in the optimizer, got {left} that are not: "
            "add them, or set requires_grad=False"
        )


def updates(optimizer: Optimizer, parameters: list[nn.Parameter]) -> Updates:
    """Rates, decays and momentum of an optimizer, in the order of a model's trainable parameters.

    Raises:
        ValueError: another optimizer than SGD, Adam and AdamW, ascent, momenta that differ, or no moments yet.

    Source: Polyak (1964) for momentum; Cohen et al. (2021), "Gradient descent on neural networks typically occurs at
    the edge of stability", for Nesterov's; Cohen et al. (2022), "Adaptive gradient methods at the edge of stability",
    for Adam with its preconditioner held fixed; decays by the same argument.

    >>> weight = nn.Parameter(torch.zeros(1))
    >>> found = updates(SGD([weight], lr=0.1, momentum=0.5, weight_decay=0.25), [weight])
    >>> [round(number, 4) for number in (*found.uniform, found.limit)]
    [0.1, 0.025, 3.0]
    """
    if not has_known_limit(optimizer):
        raise ValueError(f"expected SGD, Adam or AdamW, got {_name(optimizer)}: its limit is not known here")
    one: Callable[..., Part] = _of_sgd if type(optimizer) is SGD else _of_adam
    decoupled = {"decoupled_weight_decay": type(optimizer) is AdamW}
    groups = {id(p): {**decoupled, **group} for group in optimizer.param_groups for p in group["params"]}
    if any(group.get("maximize", False) for group in optimizer.param_groups):
        raise ValueError(
            "expected descent, got maximize=True: give the negative loss, and for this measurement set maximize=False "
            "in each of the optimizer's param_groups"
        )
    parts = [one(p, groups[id(p)], optimizer.state.get(p, {})) for p in parameters]
    momenta = {part[2] for part in parts}
    if len(momenta) > 1:
        raise ValueError(f"expected one momentum, got {sorted(momenta)}: a single limit needs one")
    if not -1 < max(momenta) < 1:
        raise ValueError(f"expected a momentum below 1, got {max(momenta):g}: no learning rate is stable")
    _check_finite(parts, optimizer)
    rates = torch.cat([part[0].expand_as(p).flatten() for part, p in zip(parts, parameters, strict=True)])
    shifts = torch.cat([part[1].expand_as(p).flatten() for part, p in zip(parts, parameters, strict=True)])
    return Updates(rates.detach(), shifts.detach(), momenta.pop())


def _check_finite(parts: list[Part], optimizer: Optimizer) -> None:
    """Refuse rates and decays that no stable update has."""
    if not all(bool((torch.isfinite(x) & (x >= 0)).all()) for part in parts for x in part[:2]):
        groups = optimizer.param_groups
        got = " and ".join(f"{float(group['lr']):g} and {float(group['weight_decay']):g}" for group in groups)
        raise ValueError(
            f"expected finite learning rates and weight decays, 0 or more, got {got}: look at the optimizer, its "
            "scheduler, a dampening above 1 or an eps of 0"
        )


def _of_sgd(p: Tensor, group: dict[str, Any], _: Any) -> Part:
    beta = float(group["momentum"])
    gain = 1 + 2 * beta if group["nesterov"] else 1 - float(group["dampening"]) * (beta != 0)
    if gain == 0:
        raise ValueError(
            f"expected a dampening below 1, got {float(group['dampening']):g}: no gradient enters, lower it"
        )
    rate = p.new_tensor(gain * float(group["lr"]))
    return rate, rate * float(group["weight_decay"]), beta


def _of_adam(p: Tensor, group: dict[str, Any], state: Any) -> Part:
    if "exp_avg_sq" not in state or not float(state["step"]) > 0:
        raise ValueError(
            "expected moments of all trainable parameters, got some without: call this after some steps, and set "
            "requires_grad=False where no gradient comes"
        )
    beta, beta2 = (float(b) for b in group["betas"])
    eta, decay, steps = float(group["lr"]), float(group["weight_decay"]), float(state["step"])
    second = state["max_exp_avg_sq" if group["amsgrad"] else "exp_avg_sq"] / (1 - beta2**steps)
    rate = (1 - beta) * eta / (1 - beta**steps) / (second.sqrt() + float(group["eps"]))
    return rate, p.new_tensor((1 + beta) * eta * decay) if group["decoupled_weight_decay"] else rate * decay, beta
