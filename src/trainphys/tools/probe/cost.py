"""What a probe will cost, before it is made."""

import functools
import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from trainphys.checks import at_least
from trainphys.tools.curvature.hessian_products import GraphHessian, model_hessian_product
from trainphys.tools.gradients.layerwise import model_pass
from trainphys.tools.models.batches import Batches, Data, rows
from trainphys.tools.models.model_loss import Loss, ModelLoss
from trainphys.tools.models.tool import tool
from trainphys.tools.probe.probe import checked
from trainphys.tools.probe.report import WIDTH
from trainphys.tools.probe.undisturbed import undisturbed
from trainphys.tools.probe.updates import updates

GRADIENTS = 11  # passes through model and data beside the products: some are of the loss alone, and cheaper
BESIDE = 2  # products: of the parts of the data, once for each eigenvalue


@dataclass(frozen=True, slots=True)
class ProbeCost:
    """Passes through all of the data, at most, and the seconds that they take here.

    Attributes:
        samples: in the data.
        gradients: as many gradients of all data.
        products: of the Hessian with a vector, at most; most probes end with some tens. 0 where there is none.
        singles: gradients of single samples, where a layer is not known and they cannot be taken together.
        seconds_per_gradient, seconds_per_product, seconds_per_single: timed on some of the data.
    """

    samples: int
    gradients: int
    products: int
    singles: int
    seconds_per_gradient: float
    seconds_per_product: float
    seconds_per_single: float

    @property
    def seconds(self) -> float:
        """At most."""
        return (
            self.gradients * self.seconds_per_gradient
            + self.products * self.seconds_per_product
            + self.singles * self.seconds_per_single
        )

    def __str__(self) -> str:
        singles = f" and {self.singles:,} gradients of single samples" if self.singles else ""
        beside = self.seconds - self.products * self.seconds_per_product
        return textwrap.fill(
            f"{self.gradients} gradients{singles} ({beside:.2g} s), at most {self.products} products with the Hessian "
            f"({self.seconds_per_product:.2g} s each): at most {self.seconds:.2g} s for {self.samples:,} samples",
            WIDTH,
        )


@tool
def probe_cost(
    model: nn.Module, loss: Loss, data: Data, optimizer: Any, *, most_products: int = 200, chunk: int = 256
) -> ProbeCost:
    """How many passes through the data a ``probe`` takes, and the seconds, from timing one of each on some of it.

    Args:
        model, loss, data, optimizer, most_products, chunk: as for ``probe``.

    Raises:
        ValueError: as ``probe``.

    >>> model = nn.Linear(1, 1)
    >>> sgd = torch.optim.SGD(model.parameters(), lr=0.1)
    >>> found = probe_cost(model, nn.MSELoss(), (torch.ones(9, 1), torch.ones(9, 1)), sgd, most_products=50)
    >>> found.samples, found.gradients, found.products, found.singles
    (9, 11, 52, 0)
    """
    at_least(1, most_products=most_products, chunk=chunk)
    optimizer, of, _ = checked(model, loss, data, optimizer, None)
    with undisturbed(of.model):
        start = time.perf_counter()
        batches = Batches(data, like=of.at)
        samples = sum(n for n, _ in batches)
        reading = time.perf_counter() - start
        m, piece = next(batches.pieces(chunk))
        vector, share = torch.ones_like(of.at), samples / m
        alone = model_pass(of, m, piece) is None
        if batches.single is None:
            of_piece = functools.partial(of.flat, batch=piece)
            product: Callable[[], Tensor] = lambda: GraphHessian(of_piece, of.at)(vector)  # noqa: E731
        else:
            product = functools.partial(model_hessian_product(of.model, loss, piece), vector)
        gradient_s = _seconds(lambda: of.gradient(piece))
        products = most_products * _largest_values(optimizer, of) + BESIDE
        try:
            product_s = _seconds(product)
        except ValueError:  # no second derivatives: the probe says why, and gives the rest
            products, product_s = 0, 0.0
        single_s = _seconds(lambda: of.gradient(rows(piece, 0, 1))) if alone else 0.0
    return ProbeCost(
        samples=samples,
        gradients=GRADIENTS,
        products=products,
        singles=samples if alone else 0,
        seconds_per_gradient=share * gradient_s + reading,
        seconds_per_product=share * product_s + reading,
        seconds_per_single=single_s,
    )


def _largest_values(optimizer: torch.optim.Optimizer, of: ModelLoss) -> int:
    """One where the optimizer's rates are the same for all parameters, else two."""
    try:
        return 1 + (updates(optimizer, [p for p in of.model.parameters() if p.requires_grad]).uniform is None)
    except ValueError:
        return 1


def _seconds(make: Callable[[], Tensor]) -> float:
    """The second of two calls, waited for until a number is there."""
    float(make()[0])
    start = time.perf_counter()
    float(make()[0])
    return time.perf_counter() - start
