"""The Hessian of a stack of Linear layers times a vector, without automatic differentiation."""

import torch
from torch import Tensor

from trainphys.tools.stacks.linear_stack import StackLoss


class StackHessian:
    r"""Hessian of the mean loss of a stack, as a function that multiplies a flat vector by it.

    Along a direction $(V_l, c_l)$ of the parameters the derivative of every quantity of a gradient is carried forward,
    $\dot z_l=V_la_{l-1}+W_l\dot a_{l-1}+c_l$, and back, $\dot\delta_{l-1}=f'\odot(W_l^{\mathsf T}\dot\delta_l+
    V_l^{\mathsf T}\delta_l)+f''\odot(W_l^{\mathsf T}\delta_l)\odot\dot z_{l-1}$.

    Source: Pearlmutter (1994), "Fast exact multiplication by the Hessian".

    >>> from trainphys.tools.stacks.linear_stack import stack_loss
    >>> data = torch.tensor([[1.0, 2.0]]), torch.tensor([[0.0]])  # one sample, loss (w x + b)^2
    >>> known = stack_loss(torch.nn.Linear(2, 1), torch.nn.MSELoss(), data, second=True)
    >>> StackHessian(known)(torch.tensor([1.0, 0.0, 0.0])).tolist()  # 2 (x, 1) (x, 1)^T
    [2.0, 4.0, 2.0]
    """

    def __init__(self, known: StackLoss) -> None:
        self._stack, self._at, self._losses = known.stack, known.at, known.losses
        self._samples = len(known.at.outputs)
        self._delta = known.stack.backward(known.at, known.losses.slope().div_(self._samples))
        self._bends = known.stack.bent_slopes(known.at, self._delta)
        # arrays that every product uses again: fresh memory costs as much as the arithmetic
        self._dz = [torch.empty_like(d) for d in self._delta]
        self._da = [torch.empty_like(s) for s in self._at.slopes]
        self._product = self._at.outputs.new_empty(self._stack.parameters)

    @property
    def gradient(self) -> Tensor:
        """Of the mean loss, flat."""
        layers = zip(self._delta, self._at.below, self._stack.biases, strict=True)
        parts = [((d.T @ below).flatten(), *(() if b is None else (d.sum(dim=0),))) for d, below, b in layers]
        return torch.cat([part for layer in parts for part in layer])

    def __call__(self, vector: Tensor) -> Tensor:
        """Product with a flat vector of the parameters' number; the array returned is used again by the next call."""
        along, found = self._stack.split(vector), self._stack.split(self._product)
        self._carry_forward(along)
        slope = self._losses.bent(self._dz[-1]).div_(self._samples)
        for layer in reversed(range(len(along))):
            weight, bias = found[layer]
            torch.mm(slope.T, self._at.below[layer], out=weight)
            if bias is not None:
                torch.sum(slope, dim=0, out=bias)
            if layer:
                weight.addmm_(self._delta[layer].T, self._da[layer - 1])
                slope = self._carry_back(layer, along[layer][0], slope)
        return self._product

    def _carry_forward(self, along: list[tuple[Tensor, Tensor | None]]) -> None:
        for layer, (v, c) in enumerate(along):
            dz, below = self._dz[layer], self._at.below[layer]
            if c is None:
                torch.mm(below, v.T, out=dz)
            else:
                torch.addmm(c, below, v.T, out=dz)
            if layer:
                dz.addmm_(self._da[layer - 1], self._stack.weights[layer].T)
            if layer < len(self._da):
                torch.mul(dz, self._at.slopes[layer], out=self._da[layer])

    def _carry_back(self, layer: int, v: Tensor, slope: Tensor) -> Tensor:
        back = torch.mm(slope, self._stack.weights[layer], out=self._da[layer - 1])  # which is not needed again
        back.addmm_(self._delta[layer], v).mul_(self._at.slopes[layer - 1])
        return back.addcmul_(self._bends[layer - 1], self._dz[layer - 1])
