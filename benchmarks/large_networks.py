"""Two networks of a million parameters that are no stacks of Linear layers: a conv net and a small language model."""

from __future__ import annotations

import codecs
import contextlib
import functools
import io
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.digits_network import digits_data
from benchmarks.problem import Problem

CROSS_ENTROPY = functional.cross_entropy
WIDTH, HEADS, DEPTH, LENGTH = 128, 4, 5, 32  # of the language model


class Block(nn.Module):
    """Causal attention and two Linear layers, each after a norm and around a short cut."""

    def __init__(self) -> None:
        super().__init__()
        self.before, self.between = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.mixed, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.wide, self.narrow = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        shape = (*x.shape[:2], HEADS, -1)
        q, k, v = (part.view(shape).transpose(1, 2) for part in self.mixed(self.before(x)).chunk(3, dim=-1))
        seen = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(seen.transpose(1, 2).reshape(x.shape))
        return x + self.narrow(functional.gelu(self.wide(self.between(x))))


class LanguageModel(nn.Module):
    """Characters one after the other."""

    def __init__(self, characters: int) -> None:
        super().__init__()
        self.token, self.place = nn.Embedding(characters, WIDTH), nn.Embedding(LENGTH, WIDTH)
        self.blocks = nn.Sequential(*[Block() for _ in range(DEPTH)])
        self.norm, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, characters)

    def forward(self, ids: Tensor) -> Tensor:
        places = torch.arange(ids.shape[1], device=ids.device).repeat(len(ids), 1)  # opacus wants a row for each
        return self.head(self.norm(self.blocks(self.token(ids) + self.place(places))))


@functools.cache
def conv_net() -> Problem:
    """Three convolutions and two Linear layers on 256 of the digits, 1.0 million parameters."""
    torch.manual_seed(0)
    model = nn.Sequential(
        *(nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(64, 128, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(2048, 448), nn.ReLU()),
        nn.Linear(448, 10),
    )
    pixels, labels = digits_data()
    images = pixels.view(-1, 1, 8, 8)
    _train(model, CROSS_ENTROPY, images, labels, steps=60)
    each = functools.partial(CROSS_ENTROPY, reduction="none")
    return Problem("conv-net", "a conv net", model, CROSS_ENTROPY, each, (images[:256], labels[:256]))


@functools.cache
def transformer() -> Problem:
    """A language model of 1.0 million parameters on 64 pieces of the Zen of Python."""
    torch.manual_seed(0)
    text = _zen()
    known = sorted(set(text))
    ids = torch.tensor([known.index(character) for character in text])
    pieces = ids.unfold(0, LENGTH + 1, 1)
    inputs, targets = pieces[:, :-1].contiguous(), pieces[:, 1:].contiguous()
    model = LanguageModel(len(known))

    def of_one(outputs: Tensor, wanted: Tensor) -> Tensor:
        each = CROSS_ENTROPY(outputs.flatten(0, 1), wanted.flatten(), reduction="none")
        return each.view(len(wanted), -1).mean(dim=1)

    def loss(outputs: Tensor, wanted: Tensor) -> Tensor:
        return CROSS_ENTROPY(outputs.mT, wanted)

    _train(model, loss, inputs, targets, steps=100)
    every = slice(0, 64 * 12, 12)
    return Problem("transformer", "a language model", model, loss, of_one, (inputs[every], targets[every]))


def _train(model: nn.Module, loss: Callable[..., Tensor], inputs: Tensor, targets: Tensor, *, steps: int) -> None:
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(steps):
        batch = torch.randint(len(inputs), (32,))
        optimiser.zero_grad()
        loss(model(inputs[batch]), targets[batch]).backward()
        optimiser.step()
    model.zero_grad()


def _zen() -> str:
    with contextlib.redirect_stdout(io.StringIO()):
        import this
    return codecs.decode(this.s, "rot13")  # type: ignore[attr-defined]
