"""The libraries that practitioners take for curvature and per-sample gradients, each asked in its own way.

Every function prepares and returns the call that is timed; it raises where the peer cannot do the problem. Of single
samples it is the trace of the gradients' covariance that is asked for.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from scipy.sparse.linalg import eigsh
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap
from torch.nn.attention import SDPBackend, sdpa_kernel

from benchmarks.problem import Call, Problem


def gradient_of(model: nn.Module, problem: Problem, x: Tensor, y: Tensor) -> Tensor:
    model.zero_grad()
    problem.loss(model(x[None]), y[None]).backward()
    return torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None])


def looped_noise(problem: Problem, samples: int | None = None) -> Call:
    """The naive way: one backward pass for each of the first samples."""
    model, (inputs, targets) = problem.copy(), problem.data
    n = samples or problem.samples

    def call() -> float:
        square, total = 0.0, torch.zeros(())
        for x, y in zip(inputs[:n], targets[:n], strict=True):
            g = gradient_of(model, problem, x, y)
            square += float(g @ g)
            total = total + g
        return square / n - float((total / n).square().sum())

    return call


def vmap_noise(problem: Problem, chunk: int = 256) -> Call:
    model, (inputs, targets) = problem.model, problem.data
    parameters = {name: p.detach() for name, p in model.named_parameters()}

    def of_one(p: dict[str, Tensor], x: Tensor, y: Tensor) -> Tensor:
        return problem.loss(functional_call(model, p, (x[None],)), y[None])

    each = vmap(grad(of_one), in_dims=(None, 0, 0))

    def call() -> float:
        square, total = 0.0, torch.zeros(())
        for x, y in zip(inputs.split(chunk), targets.split(chunk), strict=True):
            g = torch.cat([part.flatten(1) for part in each(parameters, x, y).values()], dim=1)
            square += float(g.square().sum())
            total = total + g.sum(dim=0)
        return square / len(targets) - float((total / len(targets)).square().sum())

    return call


def backpack_noise(problem: Problem, extension: str = "BatchL2Grad", attribute: str = "batch_l2") -> Call:
    import backpack
    from backpack import extensions

    model, (inputs, targets) = backpack.extend(problem.copy()), problem.data
    loss, wanted = backpack.extend(nn.CrossEntropyLoss()), getattr(extensions, extension)

    def call() -> float:
        model.zero_grad()
        with backpack.backpack(wanted()):
            loss(model(inputs), targets).backward()
        square = sum(float(getattr(p, attribute).sum()) for p in model.parameters()) * len(targets)
        return square - sum(float(p.grad.square().sum()) for p in model.parameters())

    return call


def opacus_noise(problem: Problem) -> Call:
    """Ghost norms; the loss of each sample is averaged outside, as opacus asks."""
    from opacus.grad_sample.grad_sample_module_fast_gradient_clipping import GradSampleModuleFastGradientClipping

    settings = {"use_ghost_clipping": True, "max_grad_norm": 1.0, "loss_reduction": "mean"}
    model, (inputs, targets) = GradSampleModuleFastGradientClipping(problem.copy(), **settings), problem.data

    def call() -> float:
        model.zero_grad()
        problem.of_one(model(inputs), targets).mean().backward()
        square = float(model.get_norm_sample().double().square().mean())
        return square - sum(float(p.grad.square().sum()) for p in model.parameters())

    return call


def rebuilt_product(problem: Problem) -> Callable[[Tensor], Tensor]:
    """The way of many scripts: gradient with a graph, dot product, gradient again."""
    model, (inputs, targets) = problem.copy(), problem.data
    parameters = list(model.parameters())
    sizes = [p.numel() for p in parameters]

    def product(vector: Tensor) -> Tensor:
        gradient = torch.autograd.grad(problem.loss(model(inputs), targets), parameters, create_graph=True)
        along = sum((g.flatten() @ v) for g, v in zip(gradient, vector.split(sizes), strict=True))
        return torch.cat([h.flatten() for h in torch.autograd.grad(along, parameters)])  # type: ignore[arg-type]

    return product


def power_iteration(problem: Problem) -> Call:
    product, n = rebuilt_product(problem), problem.parameters

    def call() -> float:
        vector = torch.randn(n, generator=torch.Generator().manual_seed(0))
        before = value = 0.0
        for _ in range(1000):
            vector = vector / vector.norm()
            image = product(vector)
            value = float(vector @ image)
            if abs(value - before) < 1e-3 * abs(value):
                break
            vector, before = image, value
        return value

    return _plain(call)


def hutchinson(problem: Problem, probes: int = 100) -> Call:
    product, n = rebuilt_product(problem), problem.parameters

    def call() -> float:
        generator, total = torch.Generator().manual_seed(0), 0.0
        for _ in range(probes):
            signs = torch.randint(0, 2, (n,), generator=generator) * 2.0 - 1.0
            total += float(signs @ product(signs))
        return total / probes

    return _plain(call)


def _pyhessian(problem: Problem) -> Callable[[], Any]:
    from pyhessian import hessian

    model = problem.copy()
    return lambda: hessian(model, problem.loss, data=problem.data, cuda=False)


def pyhessian_eigenvalue(problem: Problem) -> Call:
    prepare = _pyhessian(problem)
    return _plain(lambda: prepare().eigenvalues(maxIter=200, tol=1e-3)[0][0])


def pyhessian_trace(problem: Problem, products: int = 100) -> Call:
    prepare = _pyhessian(problem)
    return _plain(lambda: float(np.mean(prepare().trace(maxIter=products, tol=1e-3))))


class _AsModule(nn.Module):
    """A loss as a module, with the reduction that curvlinops looks for."""

    reduction = "mean"

    def __init__(self, loss: Callable[[Tensor, Tensor], Tensor]) -> None:
        super().__init__()
        self.loss = loss

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        return self.loss(outputs, targets)


def _curvlinops(problem: Problem) -> Callable[[], Any]:
    from curvlinops import HessianLinearOperator

    model, loss = problem.copy(), _AsModule(problem.loss)
    parameters = [p for p in model.parameters() if p.requires_grad]
    return lambda: HessianLinearOperator(model, loss, parameters, [problem.data], check_deterministic=False)


def curvlinops_eigenvalue(problem: Problem, vectors: int | None = None) -> Call:
    prepare = _curvlinops(problem)
    options = {"k": 1, "which": "LA", "tol": 1e-3, "ncv": vectors, "return_eigenvectors": False}
    return _plain(lambda: float(eigsh(prepare().to_scipy(), **options)[0]))


def curvlinops_trace(problem: Problem, products: int = 99) -> Call:
    from curvlinops import hutchpp_trace

    prepare = _curvlinops(problem)
    return _plain(lambda: float(hutchpp_trace(prepare(), num_matvecs=products)))


def _eigenthings(problem: Problem) -> Callable[[], Any]:
    from hessian_eigenthings import HessianOperator, supervised_loss

    model = problem.copy()
    return lambda: HessianOperator(model, [problem.data], supervised_loss(problem.loss))


def eigenthings_eigenvalue(problem: Problem, **steps: int) -> Call:
    from hessian_eigenthings import lanczos

    prepare = _eigenthings(problem)
    return _plain(lambda: float(lanczos(prepare(), k=1, tol=1e-3, which="LA", **steps).eigenvalues[0]))


def eigenthings_trace(problem: Problem, products: int = 99) -> Call:
    from hessian_eigenthings import trace as estimate

    prepare = _eigenthings(problem)
    return _plain(lambda: float(estimate(prepare(), num_matvecs=products, method="hutch++").estimate))


def _plain(call: Call) -> Call:
    """Without what a peer prints, and with the attention that has second derivatives."""

    def quiet() -> Any:
        with contextlib.redirect_stdout(io.StringIO()), sdpa_kernel(SDPBackend.MATH):
            return call()

    return quiet
