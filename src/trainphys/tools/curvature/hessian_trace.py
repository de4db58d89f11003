"""Trace of a model's Hessian: exact for stacks of Linear layers, with a standard error for other models."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from trainphys.checks import above_zero, at_least
from trainphys.ensemble.streams import stream
from trainphys.errors import NotIdentifiable
from trainphys.tools.curvature.hessian_products import graph_hessian
from trainphys.tools.curvature.lanczos import Product, check_symmetry
from trainphys.tools.curvature.stack_trace import stack_hessian_trace
from trainphys.tools.models.batches import Batches, Data
from trainphys.tools.models.model_loss import Loss, ModelLoss


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


@torch.inference_mode(False)
def hessian_trace(
    model: nn.Module,
    loss: Loss,
    data: Data,
    *,
    products: int = 150,
    relative_error: float = 0.1,
    seed: int = 0,
) -> HessianTrace:
    r"""Trace of the Hessian of a model's mean loss over its trainable parameters.

    For a stack of Linear layers it is exact, $\frac1N\sum_{n,l}(1+\lvert a_{l-1,n}\rvert^2)\operatorname{tr}H_{l,n}$
    with $H_{l,n}$ the second derivatives of sample n's loss in the outputs of layer l, carried back layer by layer.
    Otherwise it is Hutch++.

    Args:
        model: any deterministic module; it is not changed.
        loss, data: as for ``sharpness``.
        products: of the Hessian with a vector that Hutch++ may use, at least 12.
        relative_error: largest standard error over value that is accepted, > 0.
        seed: root of Hutch++'s random stream, >= 0.

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
        found = hutch_plus_plus(graph_hessian(of, batches), n, products=products, seed=seed, like=of.at)
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


def hutch_plus_plus(product: Product, n: int, *, products: int, seed: int, like: Tensor | None = None) -> HessianTrace:
    r"""Trace of a symmetric operator from products with vectors: $\operatorname{tr}Q^{\mathsf T}HQ+\operatorname{E}g^{\mathsf T}Hg$.

    Q spans what a third of the products made of random signs, so it holds the large eigenvalues; g are random signs from
    which Q is projected out. The standard error is that of the mean over g. With n products or more the columns are
    taken one by one, exactly.

    Source: Meyer, Musco, Musco and Woodruff (2021), "Hutch++: optimal stochastic trace estimation".

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
    third = products // 3
    rng = stream(seed, "Hutch++")
    signs = torch.stack([torch.from_numpy(rng.integers(2, size=n)).to(like) for _ in range(2 * third)])
    signs = signs.mul_(2).sub_(1).view(2, third, n)
    sketch = torch.stack([product(s).clone() for s in signs[0]])
    check_symmetry(signs[0], sketch)
    basis = torch.linalg.qr(sketch.T)[0].T.contiguous()  # rows
    seen = sum(float(q @ product(q)) for q in basis)
    rest = signs[1] - (signs[1] @ basis.T) @ basis
    unseen = torch.tensor([float(g @ product(g)) for g in rest], dtype=torch.float64)
    stderr = float(unseen.std(correction=1)) / math.sqrt(third)
    return HessianTrace(seen + float(unseen.mean()), stderr, 3 * third)
