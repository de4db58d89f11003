"""Whether this installation is right: the probe where its answers are known in closed form."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from scipy.linalg import hadamard
from torch import Tensor, nn
from torch.optim import SGD, Adam, Optimizer
from torch.utils.data import DataLoader, TensorDataset

from trainphys.estimate import Estimate
from trainphys.tools.models.tool import random_states_kept
from trainphys.tools.probe.probe import probe
from trainphys.tools.probe.result import Probe

CURVATURES, OFFSETS, NOISE = (4.0, 1.0, 0.5, 0.25), (0.5, -1.0, 2.0, 0.25), 0.75
BATCH, RATE, MOMENTUM, DECAY, SAMPLES = 8, 0.01, 0.9, 0.5, 64
LOADED = 24  # samples of a loader's batches, the last one smaller
UPDATES = 400  # of descent, two per cent beside the limit


@dataclass(frozen=True, slots=True)
class Check:
    """A value of the probe beside the truth."""

    case: str
    quantity: str
    value: str
    truth: str
    passed: bool

    def __str__(self) -> str:
        passed = "ok" if self.passed else "FAILED"
        return f"{self.case:<27}{self.quantity:<16}{self.value:>13}{self.truth:>13}  {passed}"


class Checks(list[Check]):
    """All values beside their truths; ``print`` shows them as a table.

    >>> print(Checks([Check("Linear", "sharpness", "8", "8", True)]))
    case                       quantity                value        truth
    Linear                     sharpness                   8            8  ok
    """

    def __str__(self) -> str:
        return "\n".join([f"{'case':<27}{'quantity':<16}{'value':>13}{'truth':>13}", *map(str, self)])


def self_check(device: str | torch.device = "cpu", dtype: str | torch.dtype = "float32") -> Checks:
    r"""The probe on least squares whose Hessian and gradient covariance are known, on this machine: value and truth.

    Inputs $x_i=\sqrt{h_i}\,s_i$ with columns s of a Hadamard matrix, targets a further column times $\sigma$: the mean
    of $(w\cdot x-t)^2$ has the Hessian $2\operatorname{diag}h$, the gradient $G_i=2h_iw_i$, and the noise
    $\operatorname{tr}\Sigma=4\sum_ih_i(\sum_ih_iw_i^2+\sigma^2)-\lvert G\rvert^2$. One model in three forms takes each
    of the three ways to gradients of samples; the first form also takes a loader that shuffles. The limit is also met
    by the optimizer itself: descent at 0.98 of it shrinks, at 1.02 it grows. ``python -m trainphys check`` prints it
    all, and its exit status is 0 when all is right.

    Args:
        device: of torch: cpu, cuda, cuda:1.
        dtype: float32 or float64.

    Raises:
        ValueError: another precision, or a device that is not there.

    >>> checks = self_check(dtype="float64")
    >>> print(checks[0])
    Linear                     sharpness                   8            8  ok
    >>> all(check.passed for check in checks)
    True
    """
    kind = {"float32": torch.float32, "float64": torch.float64}.get(str(dtype).removeprefix("torch."))
    if kind is None:
        raise ValueError(f"expected float32 or float64, got {dtype}: no tool takes less")
    try:
        where = torch.zeros(0, device=device, dtype=kind)
    except (RuntimeError, AssertionError, TypeError) as error:  # each device says in its own way that it is not there
        said = str(error).partition("\n")[0]
        raise ValueError(f"expected a device that torch has here, got {device!r} ({said}): take cpu") from error
    with random_states_kept(None):  # models that are made draw their first parameters
        checks = [check for name, form in FORMS.items() for check in _of_form(name, form, where, loaded=False)]
        return Checks([*checks, *_of_form("shuffled loader", FORMS["Linear"], where, loaded=True)])


class _Product(nn.Module):
    """A linear map that is no layer of torch."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1, 1, len(CURVATURES)))

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.weight[0].mT


FORMS: dict[str, Callable[[], nn.Module]] = {
    "Linear": lambda: nn.Linear(len(CURVATURES), 1, bias=False),
    "Conv1d": lambda: nn.Sequential(
        nn.Unflatten(1, (1, -1)), nn.Conv1d(1, 1, len(CURVATURES), bias=False), nn.Flatten()
    ),
    "own module": _Product,
}


def _of_form(name: str, form: Callable[[], nn.Module], where: Tensor, loaded: bool) -> Iterator[Check]:
    columns = torch.as_tensor(hadamard(8)[:, 1:6]).repeat(SAMPLES // 8, 1).to(where)
    data = columns[:, :4] * torch.tensor(CURVATURES).to(where).sqrt(), NOISE * columns[:, 4:]
    order = torch.Generator().manual_seed(0)
    loader = DataLoader(TensorDataset(*data), batch_size=LOADED, shuffle=True, generator=order)

    def start() -> nn.Module:
        model = form().to(where)
        for p in model.parameters():
            p.data = torch.tensor(OFFSETS).to(where).view_as(p)
        return model

    def measured(model: nn.Module, optimizer: Optimizer) -> Probe:
        given = loader if loaded else data
        return probe(model, nn.functional.mse_loss, given, optimizer, batch_size=BATCH, population=SAMPLES)

    gradient = [2 * h * w for h, w in zip(CURVATURES, OFFSETS, strict=True)]
    squared, top = sum(g**2 for g in gradient), 2 * max(CURVATURES)
    spread = sum(h * w**2 for h, w in zip(CURVATURES, OFFSETS, strict=True)) + NOISE**2
    noise = 4 * sum(CURVATURES) * spread - squared
    heat = RATE * noise / (2 * BATCH * (1 - MOMENTUM) * len(CURVATURES))
    model = start()
    found = measured(model, SGD(model.parameters(), lr=RATE, momentum=MOMENTUM))
    truths = {"sharpness": top, "margin": 2 * (1 + MOMENTUM) / (RATE * top)}
    truths |= {"noise_scale": noise / squared, "temperature": heat, "excess_loss": 2 * heat}
    yield from (_compared(name, found, quantity, truth, where) for quantity, truth in truths.items())

    model = start()
    nesterov = SGD(model.parameters(), lr=RATE, momentum=MOMENTUM, nesterov=True, weight_decay=DECAY)
    found = measured(model, nesterov)
    limit = 2 * (1 + MOMENTUM) / (1 + 2 * MOMENTUM) / (RATE * (top + DECAY))
    yield _compared(f"{name}, Nesterov", found, "margin", limit, where)
    if isinstance(found.margin, Estimate):
        for factor, word in ((0.98, "shrinks"), (1.02, "grows")):
            got = _descent(start(), data, RATE * found.margin.value * factor)
            yield Check(f"{name}, Nesterov", f"descent at {factor:g}", got, word, got == word)

    model = start()
    adam = Adam(model.parameters(), lr=RATE, betas=(MOMENTUM, 0.99), eps=0.0)
    _step(model, data, adam)
    steepest = max(2 * h / abs(g) for h, g in zip(CURVATURES, gradient, strict=True))
    yield _compared(f"{name}, Adam", measured(model, adam), "margin", 2 * (1 + MOMENTUM) / (RATE * steepest), where)


def _compared(case: str, found: Probe, quantity: str, truth: float, where: Tensor) -> Check:
    value = getattr(found, quantity)
    if not isinstance(value, Estimate):
        return Check(case, quantity, "refused", f"{truth:.6g}", False)
    close = math.isclose(value.value, truth, rel_tol=torch.finfo(where.dtype).eps ** 0.5)
    return Check(case, quantity, f"{value.value:.6g}", f"{truth:.6g}", close)


def _descent(model: nn.Module, data: tuple[Tensor, Tensor], rate: float) -> str:
    optimizer = SGD(model.parameters(), lr=rate, momentum=MOMENTUM, nesterov=True, weight_decay=DECAY)
    lengths = []
    for _ in range(UPDATES):
        before = torch.cat([p.detach().flatten().clone() for p in model.parameters()])
        _step(model, data, optimizer)
        lengths.append(float((torch.cat([p.detach().flatten() for p in model.parameters()]) - before).norm()))
    return "shrinks" if lengths[-1] < lengths[0] else "grows"


def _step(model: nn.Module, data: tuple[Tensor, Tensor], optimizer: Optimizer) -> None:
    optimizer.zero_grad()
    torch.autograd.backward(nn.functional.mse_loss(model(data[0]), data[1]))
    optimizer.step()
