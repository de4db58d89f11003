"""Networks that train side by side, one copy for each replica."""

import itertools
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

TOGETHER = 2**21  # numbers of one layer's activations that are held at once: 8 MB, so that a processor's cache helps
LARGEST = 80.0  # logarithm of a sum of exponentials that single precision holds


class Replicas:
    """Fully connected tanh networks with a softmax on top; gradients are written out by hand.

    One matrix product serves a layer of all replicas. ``layers`` are the sizes from input to output; two sizes make a
    softmax regression, which starts at zero. Other first weights are normal with variance 1/fan-in, biases zero. The
    learning rate must not change during a run with momentum. Weights have shape (replicas, fan-in, fan-out), and lie in
    memory with fan-in innermost: products whose innermost size is the few classes are several times slower.
    """

    def __init__(self, layers: tuple[int, ...], rng: np.random.Generator, count: int, momentum: float = 0.0) -> None:
        if len(layers) < 2:
            raise ValueError(f"expected at least an input and an output size, got {layers}: name both")
        if not 0 <= momentum < 1:
            raise ValueError(f"expected 0 <= momentum < 1, got {momentum}: one and more never comes to rest")
        scale = 0.0 if len(layers) == 2 else 1.0
        self.momentum = momentum
        self.weights: list[Tensor] = []
        self.biases: list[Tensor] = []
        for fan_in, fan_out in itertools.pairwise(layers):
            drawn = scale * rng.standard_normal((count, fan_in, fan_out), dtype=np.float32) / np.float32(fan_in**0.5)
            self.weights.append(torch.from_numpy(drawn).mT.contiguous().mT)
            self.biases.append(torch.zeros(count, fan_out))
        layers_now = zip(self.weights, self.biases, strict=True) if momentum else ()  # no velocity is kept without it
        self.velocities = [(torch.zeros_like(w), torch.zeros_like(b)) for w, b in layers_now]
        self._hidden: list[Tensor] = []
        self._further: list[Tensor] = []

    def select(self, replicas: Tensor) -> None:
        """Keep these replicas, in this order; an index that comes twice makes a copy."""
        self.weights = [w.mT[replicas].mT for w in self.weights]
        self.biases = [b[replicas] for b in self.biases]
        self.velocities = [(v.mT[replicas].mT, u[replicas]) for v, u in self.velocities]

    def activations(self, inputs: Tensor) -> list[Tensor]:
        """Inputs, hidden layers and logits, each of shape (replicas, batch, layer)."""
        found = [inputs]
        for depth, (w, b) in enumerate(zip(self.weights, self.biases, strict=True), start=1):
            z = torch.baddbmm(b[:, None], found[-1], w)
            found.append(_tanh_(z) if depth < len(self.weights) else z)
        return found

    def update(self, inputs: Tensor, labels: Tensor, learning_rates: Tensor) -> None:
        """One SGD update of every replica: its batch (replicas, batch, features), its labels, its learning rate."""
        for part in self._parts(labels.shape[1]):
            self._update(part, inputs[part], labels[part], learning_rates[part])

    def update_drawn(self, inputs: Tensor, labels: Tensor, indices: Tensor, learning_rates: Tensor) -> None:
        """``update`` with the samples of these indices (replicas, batch), drawn for a part of replicas at a time."""
        for part in self._parts(indices.shape[1]):
            self._update(part, *drawn_batches(inputs, labels, indices[part]), learning_rates[part])

    def _update(self, part: slice, inputs: Tensor, labels: Tensor, learning_rates: Tensor) -> None:
        hidden, slope = self._output_slope(part, inputs, labels)
        slope *= learning_rates[:, None, None] / labels.shape[1]
        for layer in reversed(range(len(self.weights))):
            w, bias, below = self.weights[layer][part], self.biases[layer][part], hidden[layer]
            if layer:  # before w moves
                further = torch.bmm(slope, w.mT, out=self._further[layer - 1][: len(labels)])
            if self.momentum:
                v, u = (velocity[part] for velocity in self.velocities[layer])
                w.mT.add_(v.mT.mul_(self.momentum).baddbmm_(slope.mT, below, alpha=-1))
                bias += u.mul_(self.momentum).sub_(slope.sum(dim=1))
            else:
                w.mT.baddbmm_(slope.mT, below, alpha=-1)
                bias.sub_(slope.sum(dim=1))
            if layer:  # times 1 - tanh^2, in place
                torch.ops.aten.tanh_backward.grad_input(further, below, grad_input=further)
                slope = further

    def _parts(self, samples: int) -> Iterator[slice]:
        """Replicas in turn, as many at once as hold ``TOGETHER`` numbers in their widest layer."""
        widest = max(w.shape[1] for w in self.weights)
        at_once = max(1, TOGETHER // (samples * widest))
        return (slice(first, first + at_once) for first in range(0, len(self.biases[0]), at_once))

    def _output_slope(self, part: slice, inputs: Tensor, labels: Tensor) -> tuple[list[Tensor], Tensor]:
        """Inputs and hidden layers; slope of each sample's cross-entropy in its logits, (replicas, batch, classes)."""
        self._make_room(labels)
        hidden = [inputs]
        for w, b, room in zip(self.weights, self.biases, self._hidden, strict=False):  # all layers but the last
            hidden.append(_tanh_(torch.bmm(hidden[-1], w[part], out=room[: len(labels)]).add_(b[part, None])))
        # replicas, classes, batch: a softmax over few classes is some twenty times faster when they are not innermost
        logits = torch.bmm(self.weights[-1][part].mT, hidden[-1].mT).add_(self.biases[-1][part, :, None])
        slope = torch.softmax(logits, dim=1)
        slope.scatter_add_(1, labels[:, None], slope.new_full((1, 1, 1), -1.0).expand_as(labels[:, None]))
        return hidden, slope.mT

    def _make_room(self, labels: Tensor) -> None:
        """Arrays that updates of one size use again and again: fresh memory costs more than the arithmetic."""
        count, batch = labels.shape
        wanted = [(batch, w.shape[2]) for w in self.weights[:-1]]
        enough = all(len(room) >= count for room in self._hidden)  # the last part may be smaller
        if not enough or [tuple(room.shape[1:]) for room in self._hidden] != wanted:
            self._hidden = [self.weights[0].new_empty((count, *shape)) for shape in wanted]
            self._further = [torch.empty_like(room) for room in self._hidden]

    def scores(self, inputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Mean cross-entropy (nats) and accuracy of each replica on the same samples."""
        loss, accuracy = self.weights[0].new_empty((2, len(self.biases[0])))
        for part, logits in self._logits(inputs):
            loss[part] = _cross_entropy(logits, labels)
            accuracy[part] = _accuracy(logits, labels)
        return loss, accuracy

    def losses(self, inputs: Tensor, labels: Tensor) -> Tensor:
        """Mean cross-entropy (nats) of each replica on the same samples."""
        loss = self.weights[0].new_empty(len(self.biases[0]))  # pieces that are kept would tear the memory up
        for part, logits in self._logits(inputs):
            loss[part] = _cross_entropy(logits, labels)
        return loss

    def _logits(self, inputs: Tensor) -> Iterator[tuple[slice, Tensor]]:
        """A part of replicas at a time, of shape (replicas, classes, samples), as in ``_output_slope``."""
        for part in self._parts(len(inputs)):
            w, b = self.weights[0][part], self.biases[0][part]
            # all replicas see the same samples: one product serves the first layer of them all
            z = torch.addmm(b.view(-1, 1), w.mT.reshape(-1, w.shape[1]), inputs.T).view(*b.shape, -1)
            for w, b in zip(self.weights[1:], self.biases[1:], strict=True):
                z = torch.baddbmm(b[part, :, None], w[part].mT, _tanh_(z))
            yield part, z


def drawn_batches(inputs: Tensor, labels: Tensor, indices: Tensor) -> tuple[Tensor, Tensor]:
    """Samples by index (replicas, batch), for ``Replicas.update``: the same as indexing, some five times faster.

    >>> drawn_batches(torch.arange(6.0).view(3, 2), torch.arange(3), torch.tensor([[2, 0]]))
    (tensor([[[4., 5.],
             [0., 1.]]]), tensor([[2, 0]]))
    """
    flat = indices.reshape(-1)
    return inputs.index_select(0, flat).view(*indices.shape, -1), labels.index_select(0, flat).view(indices.shape)


def _cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Mean over samples, of logits (replicas, classes, samples)."""
    right = logits.gather(1, labels.expand(len(logits), 1, -1))[:, 0]
    norm = logits.exp().sum(dim=1).log_()  # half the time of logsumexp
    if not bool(norm.abs().max() < LARGEST):
        norm = torch.logsumexp(logits, dim=1)
    return (norm - right).mean(dim=1)


def _accuracy(logits: Tensor, labels: Tensor) -> Tensor:
    """Share of samples whose class has the largest logit; one of m that are equal counts 1/m, as a guess does.

    >>> _accuracy(torch.tensor([[[1.0, 0.0, 2.0], [0.0, 0.0, 1.0]]]), torch.tensor([0, 0, 1]))
    tensor([0.5000])
    """
    best = logits.amax(dim=1, keepdim=True)  # some ten times as fast as where it is
    right = logits.gather(1, labels.expand(len(logits), 1, -1)) == best
    ties = (logits == best).sum(dim=1, keepdim=True, dtype=torch.uint8).clamp_(min=1)  # none where a run has diverged
    return (right / ties).mean(dim=2)[:, 0]


def _tanh_(z: Tensor) -> Tensor:
    """In place, through the sigmoid, which takes a quarter of the time; off by less than 2e-7.

    >>> z = torch.linspace(-9, 9, 99)
    >>> bool((_tanh_(z.clone()) - torch.tanh(z.double())).abs().max() < 2e-7)
    True
    """
    return z.mul_(2).sigmoid_().mul_(2).sub_(1)
