"""Largest curvatures of a probe: of the loss alone, and as the optimizer's updates see it."""

import functools
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from trainphys.estimate import Estimate
from trainphys.tools.curvature.hessian_products import GraphHessian, HessianProduct, model_hessian_product
from trainphys.tools.curvature.lanczos import Eigenpair
from trainphys.tools.curvature.sharpness import largest_of_operator
from trainphys.tools.gradients.noise_scale import unseen_share
from trainphys.tools.models.batches import Batches, Data
from trainphys.tools.models.model_loss import MEAN, Loss, ModelLoss
from trainphys.tools.probe.updates import Updates, updates
from trainphys.tools.probe.values import Value, given

PARTS = 32  # of the data, whose curvatures tell how far that of the data may be from that of the population


class Curvature:
    """Largest eigenvalues of a model's Hessian, alone and as the optimizer's updates see it."""

    def __init__(
        self,
        of: ModelLoss,
        loss: Loss,
        data: Data,
        population: int | None,
        tolerance: float,
        most_products: int,
        *,
        passed: Callable[[], Any],
    ) -> None:
        self._of, self._batches, self._population = of, Batches(data, like=of.at), population
        self._make = functools.partial(model_hessian_product, of.model, loss, data)
        self._asked, self._passed, self.products = (tolerance, most_products), passed, 0

    @functools.cached_property
    def _hessian(self) -> HessianProduct:
        return self._make()

    @functools.cached_property
    def gradient(self) -> Tensor:
        return self._hessian.gradient.clone()

    def __call__(self, vector: Tensor) -> Tensor:
        found = self._hessian(vector)
        self.products += 1
        self._passed()
        return found

    def largest(self) -> Estimate:
        r"""$\lambda_{\max}(H)$, with the error of the iteration and that of the samples."""
        found = largest_of_operator(self, None, *self._asked)
        return self._estimate(found, found.value, torch.as_tensor(found.vector).to(self.gradient))

    def margin(self, optimizer: Optimizer, sharpness: Value) -> Estimate:
        """Factor by which the learning rates may grow until descent with the exact gradient stops being stable."""
        how = updates(optimizer, [p for p in self._of.model.parameters() if p.requires_grad])
        if how.uniform is None:
            seen = self._seen_by(how)
        else:
            rate, shift = how.uniform
            seen = rate * given(sharpness, "sharpness") + shift
        if not bool(how.rates.any()):
            raise ValueError("expected a learning rate above 0, got 0: measure while the model is trained")
        if not seen.value > 0:
            raise ValueError(
                f"expected a direction in which the loss rises, got a largest curvature of {seen.value:.3g} times the "
                "learning rate: there is no limit here, measure again later"
            )
        return how.limit / seen

    def _seen_by(self, how: Updates) -> Estimate:
        r"""$\lambda_{\max}(R^{1/2}HR^{1/2}+S)$."""
        seen = _Seen(self, how)
        found = largest_of_operator(seen, None, *self._asked)
        vector = torch.as_tensor(found.vector).to(seen.root)
        bent = found.value - float(vector @ (how.shifts * vector))
        return self._estimate(found, bent, seen.root * vector)

    def _estimate(self, found: Eigenpair, bent: float, vector: Tensor) -> Estimate:
        numerical = replace(Estimate.from_solver(found.value, found.isolated_error), n=0)
        return Estimate.combined(found.value, [(1.0, numerical), (1.0, self._sampling(vector, bent))])

    def _sampling(self, vector: Tensor, whole: float) -> Estimate:
        r"""$v^{\mathsf T}Hv$ as a mean over parts of the data: to first order the eigenvalue errs as much."""
        sizes = [n for n, _ in self._batches]
        n = sum(sizes)
        if self._population == n:
            return Estimate(0.0, 0.0, n)
        self._of.check_apart()
        weights, curvatures = [], []
        for k, part in self._batches.pieces(math.ceil(n / PARTS)):
            hessian = GraphHessian(functools.partial(self._of.flat, batch=part), self._of.at)
            weights.append(k / n)
            curvatures.append(float(vector @ hessian(vector)))
        self._passed()
        w, x = torch.tensor(weights, dtype=torch.float64), torch.tensor(curvatures, dtype=torch.float64)
        mean = float(w @ x)
        if abs(mean - whole) > 3e-3 * float(w @ x.abs()):
            raise ValueError(
                f"expected the curvature of the data to be the mean over its parts, got {whole:.4g} and {mean:.4g}: "
                f"{MEAN}; with population={n} it is that of the data as they are"
            )
        if len(x) < 2:
            raise ValueError("expected 2 samples or more, got 1: one sample has no standard error")
        spread = float((w**2) @ (x - mean) ** 2) * len(x) / (len(x) - 1)
        return Estimate(mean, math.sqrt(spread * unseen_share(n, self._population)), n, len(x) - 1)


class _Seen:
    """$R^{1/2}HR^{1/2}+S$ times a vector."""

    def __init__(self, curvature: Curvature, how: Updates) -> None:
        self._curvature, self.root, self._shifts = curvature, how.rates.sqrt(), how.shifts
        self.gradient = self.root * curvature.gradient

    def __call__(self, vector: Tensor) -> Tensor:
        return self.root * self._curvature(self.root * vector) + self._shifts * vector
