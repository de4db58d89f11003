"""Trace of a model's Hessian: exact for stacks of Linear layers, with a standard error for other models."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from scipy.special import ndtri, stdtrit
from torch import Tensor, nn
from tqdm import tqdm

from trainphys.checks import above_zero, at_least
from trainphys.ensemble.streams import stream
from trainphys.errors import NotIdentifiable
from trainphys.tools.curvature.hessian_products import Watched, graph_hessian
from trainphys.tools.curvature.lanczos import Product, check_symmetry
from trainphys.tools.curvature.stack_trace import stack_hessian_trace
from trainphys.tools.models.batches import Batches, Data
from trainphys.tools.models.model_loss import Loss, ModelLoss
from trainphys.tools.models.tool import tool

FIRST = 10  # vectors of each kind before the error of so few is believed


@dataclass(frozen=True, slots=True)
class HessianTrace:
    """Sum of the Hessian's eigenvalues, in loss per squared parameter.

    Attributes:
        value: the trace.
        stderr: standard error, 0 when the trace is exact.
        products: of the Hessian with a vector that were used, 0 when the trace is exact.
    """

    value: float
    stderr: float
    products: int

    @property
    def exact(self) -> bool:
        return self.products == 0

    def __str__(self) -> str:
        return (
            f"{self.value:.4g} (exact)"
            if self.exact
            else (f"{self.value:.4g} +- {self.stderr:.2g} ({self.products} products)")
        )

    def __float__(self) -> float:
        return self.value


@tool
def hessian_trace(
    model: nn.Module,
    loss: Loss,
    data: Data,
    *,
    products: int = 150,
    relative_error: float = 0.1,
    seed: int = 0,
    progress: bool = False,
) -> HessianTrace:
    r"""Trace of the Hessian of a model's mean loss over its trainable parameters.

    For a stack of Linear layers it is exact, $\frac1N\sum_{n,l}(1+\lvert a_{l-1,n}\rvert^2)\operatorname{tr}H_{l,n}$
    with $H_{l,n}$ the second derivatives of sample n's loss in the outputs of layer l, carried back layer by layer.
    Otherwise it is Hutch++.

    Args:
        model: any deterministic module; it is not changed.
        loss, data: as for ``sharpness``.
        products: of the Hessian with a vector that Hutch++ may use, at least 12; as many as there are parameters make
            it exact.
        relative_error: largest standard error over value that is accepted, > 0; Hutch++ ends when it is reached.
        seed: root of Hutch++'s random stream, >= 0.
        progress: whether to show a bar of Hutch++'s products.

    Raises:
        ValueError: nothing to train, no samples, a random model, or an argument out of range.
        NotIdentifiable: the standard error is above ``relative_error``; ``estimate`` is what there is, and
            ``needed_samples`` products would settle it.

    Source: Botev et al. (2017), "Practical Gauss-Newton optimisation", for the pre-activation Hessians; Meyer et al.
    (2021) for Hutch++.

    >>> data = torch.tensor([[2.0]]), torch.tensor([[0.0]])  # loss (2 w + b)^2
    >>> hessian_trace(nn.Linear(1, 1), nn.MSELoss(), data)
    HessianTrace(value=10.0, stderr=0.0, products=0)
    """
    of = ModelLoss(model, loss)
    batches, n = Batches(data, like=of.at), of.at.numel()
    at_least(12, products=products)
    at_least(0, seed=seed)
    above_zero(relative_error=relative_error)
    exact = stack_hessian_trace(model, loss, data)
    if exact is not None:
        found = HessianTrace(exact, 0.0, 0)
    else:
        hessian = graph_hessian(of, batches)
        with tqdm(total=min(products, n), unit="product", leave=False, disable=not progress) as bar:
            product = Watched(hessian, bar.update)
            found = hutch_plus_plus(product, n, products=products, seed=seed, like=of.at, relative_error=relative_error)
    if not math.isfinite(found.value):
        raise ValueError(f"expected a finite trace, got {found.value}: look at the data and the loss")
    wanted = relative_error * abs(found.value)
    if found.stderr > wanted:
        needed = math.ceil(
            min(found.products * (found.stderr / wanted) ** 2, n) if wanted > 0 else n
        )  # at most each column
        raise NotIdentifiable(
            f"expected a relative error below {relative_error:g}, got {found.value:.4g} +- {found.stderr:.2g} from "
            f"{found.products} products: give about {needed}",
            found,
            needed_samples=needed,
        )
    return found


def hutch_plus_plus(
    product: Product, n: int, *, products: int, seed: int, like: Tensor | None = None, relative_error: float = 0.0
) -> HessianTrace:
    r"""Trace of a symmetric operator from products with vectors: $\operatorname{tr}Q^{\mathsf T}HQ+\operatorname{E}g^{\mathsf T}Hg$.

    Q spans what a third of the products made of random signs, so it holds the large eigenvalues; g are random signs from
    which Q is projected out. The standard error is that of the mean over g. With n products or more the columns are
    taken one by one, exactly. Otherwise it is made of ``FIRST`` vectors of each kind, then of a quarter more, and so on,
    and ends when the standard error over value, by Student's t, is at most ``relative_error``. What has been made is
    kept: stages cost no products.

    Source: Meyer, Musco, Musco and Woodruff (2021), "Hutch++: optimal stochastic trace estimation"; Persson,
    Cortinovis and Kressner (2022) for stopping at a tolerance.

    >>> scales = torch.arange(20.0, dtype=torch.float64)
    >>> hutch_plus_plus(lambda v: scales * v, 20, products=20, seed=0)
    HessianTrace(value=190.0, stderr=0.0, products=20)
    """  # noqa: E501
    at_least(6, products=products)  # a standard error needs them
    like = torch.zeros(0, dtype=torch.float64) if like is None else like  # precision and device
    if products >= n:
        unit = torch.eye(n).to(like)
        columns = torch.stack([product(u).clone() for u in unit])
        check_symmetry(unit, columns)
        return HessianTrace(float(columns.trace()), 0.0, n)
    parts = _Parts(product, n, products // 3, stream(seed, "Hutch++"), like)
    for k in _stages(products // 3, relative_error):
        found = parts.of(k)
        student = float(stdtrit(k - 1, 0.975) / ndtri(0.975))  # few vectors may agree by chance
        if student * found.stderr <= relative_error * abs(found.value):
            break
    return found


def _stages(most: int, relative_error: float) -> list[int]:
    """Numbers of vectors, each a quarter above the one before; the last alone where no error ends it earlier."""
    stages = [] if relative_error > 0 else [most]
    while not stages or stages[-1] < most:
        stages.append(min(most, -(-5 * stages[-1] // 4) if stages else FIRST))
    return stages


class _Parts:
    """The two parts of the trace, from as many vectors as asked for: those that were made are kept."""

    def __init__(self, product: Product, n: int, most: int, rng: np.random.Generator, like: Tensor) -> None:
        self._product = product
        signs = torch.stack([torch.from_numpy(rng.integers(2, size=n)).to(like) for _ in range(2 * most)])
        self._signs, self._rest = signs.mul_(2).sub_(1).view(2, most, n)  # rows; the rest loses what the basis holds
        self._basis, self._images, self._rest_images = (like.new_zeros(0, n) for _ in range(3))

    def of(self, k: int) -> HessianTrace:
        """From k vectors of each kind, at least as many as before."""
        before = len(self._basis)
        self._extend_basis(before, k)
        new, images = self._basis[before:], self._images[before:]
        rest, at_rest = self._rest, self._rest_images
        along = rest[:before] @ new.T
        rest[:before] -= along @ new
        at_rest -= along @ images
        rest[before:k] -= (rest[before:k] @ self._basis.T) @ self._basis
        self._rest_images = torch.cat([at_rest, *(self._product(g).clone()[None] for g in rest[before:k])])
        unseen = torch.linalg.vecdot(rest[:k].double(), self._rest_images.double()).cpu()
        seen = float(torch.linalg.vecdot(self._basis.double(), self._images.double()).sum())
        return HessianTrace(seen + float(unseen.mean()), float(unseen.std(correction=1)) / math.sqrt(k), 3 * k)

    def _extend_basis(self, before: int, k: int) -> None:
        """Take in what the operator makes of further signs. Householder's reflections keep what is there."""
        signs = self._signs[before:k]
        sketch = torch.stack([self._product(s).clone() for s in signs])
        check_symmetry(signs, sketch)
        new = torch.linalg.qr(torch.cat([self._basis, sketch]).T)[0].T[before:].contiguous()
        self._basis = torch.cat([self._basis, new])
        self._images = torch.cat([self._images, *(self._product(q).clone()[None] for q in new)])
