"""A first guess at the top eigenvector of a Hessian, from an eighth of the data: it saves products over all of them."""

import functools

import torch
from torch import Tensor

from trainphys.tools.curvature.hessian_products import GraphHessian
from trainphys.tools.curvature.lanczos import LEAST_PRODUCTS, largest_ritz_pair
from trainphys.tools.models.batches import Batches, mapped
from trainphys.tools.models.model_loss import ModelLoss

PART = 8
FEWEST = 16 * PART  # samples below which calls cost more than arithmetic, and a guess as much as a product
REST = 0.1  # of what the iteration would start from otherwise: the guess may be orthogonal to the vector sought
# A guess has been through LEAST_PRODUCTS on its part of the data: of all data, these many are enough for trust.
AFTER_GUESS = 4


def first_guess(of: ModelLoss, batches: Batches, start: Tensor) -> Tensor | None:
    """Close to the top eigenvector of every eighth sample of a batch, with a tenth of ``start``; or None.

    None for loaders, few samples, or a loss that cannot be asked about some of a batch. A guess may be poor, as for
    data that repeat with a period of eight: it is what an iteration over all of the data starts from, no more.

    >>> model, x = torch.nn.Linear(2, 1, bias=False), torch.tensor([[3.0, 4.0]]).repeat(200, 1)
    >>> of = ModelLoss(model, torch.nn.MSELoss())
    >>> first_guess(of, Batches((x, torch.zeros(200, 1)), like=of.at), torch.tensor([1.0, 0.0]))
    tensor([0.7000, 0.8000])
    """
    if batches.single is None or next(iter(batches))[0] < FEWEST:
        return None
    part = mapped(batches.single, lambda tensor: None if tensor is None else tensor[::PART])
    try:
        hessian = GraphHessian(functools.partial(of.flat, batch=part), of.at)
        found = largest_ritz_pair(hessian, start, tolerance=1e-2, most_products=LEAST_PRODUCTS)
    except (ValueError, RuntimeError):  # some of a batch need not be one: no label that counts, a fixed size
        return None
    return torch.as_tensor(found.vector).to(start).add_(start, alpha=REST / float(start.norm()))
