"""Two data sets that come with the software: handwritten digits, and the characters of Python's help texts."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pydoc_data import topics

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import Tensor

from trainphys.arrays import Array, Integers
from trainphys.checks import within

SYMBOLS = " abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Samples:
    """Inputs (samples, features), of mean zero, and labels."""

    inputs: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, slots=True)
class Split:
    """Inputs (samples, features), of mean zero over the training part, and labels; training and test part."""

    inputs: Tensor
    labels: Tensor
    test_inputs: Tensor
    test_labels: Tensor
    classes: int

    def noisy(self, share: float, seed: int) -> Split:
        """The same with this share of the training labels replaced by labels drawn at random.

        Raises:
            ValueError: a share outside 0..1.
        """
        within(0, 1, share=share)
        rng = np.random.default_rng([seed, 0x1ABE1])
        labels = self.labels.clone()
        chosen = torch.from_numpy(rng.permutation(len(labels))[: round(share * len(labels))])
        labels[chosen] = torch.from_numpy(rng.integers(self.classes, size=len(chosen)))
        return Split(self.inputs, labels, self.test_inputs, self.test_labels, self.classes)


@functools.cache
def digits() -> Samples:
    """Handwritten digits, all of them.

    >>> digits().inputs.shape
    torch.Size([1797, 64])
    """
    return _centred(*_digits())


@functools.cache
def digits_split() -> Split:
    """Handwritten digits: 1198 for training, 599 for the test.

    >>> digits_split().inputs.shape, digits_split().test_inputs.shape
    (torch.Size([1198, 64]), torch.Size([599, 64]))
    """
    return _split(*_digits(), classes=10)


@functools.cache
def characters(context: int, samples: int) -> Samples:
    """The character that follows ``context`` others (one-hot) in Python's help texts, at equal distances all through.

    The texts change from version to version of Python, and with them the numbers of whatever is trained on them.

    >>> characters(context=8, samples=2048).inputs.shape
    torch.Size([2048, 216])
    """
    return _centred(*_characters(context, samples))


@functools.cache
def characters_split() -> Split:
    """The character that follows four others; see ``characters``.

    >>> characters_split().inputs.shape, characters_split().classes
    (torch.Size([2731, 108]), 27)
    """
    return _split(*_characters(context=4, samples=4096), classes=len(SYMBOLS))


def help_texts() -> str:
    """Python's help texts in the order of their names: lower case, letters only, one blank between words.

    >>> set(help_texts()) == set(SYMBOLS)
    True
    """
    joined = " ".join(topics.topics[name] for name in sorted(topics.topics))
    return re.sub(r"[^a-z]+", " ", joined.lower())


def _digits() -> tuple[Array, Integers]:
    """Pixels in 0..1 and labels 0 to 9, from scikit-learn's own copy."""
    pixels, labels = load_digits(return_X_y=True)
    return pixels / 16.0, labels


def _characters(context: int, samples: int) -> tuple[Array, Integers]:
    codes = np.array([SYMBOLS.index(c) for c in help_texts()])
    starts = np.linspace(0, codes.size - context - 1, samples).astype(int)
    windows = codes[starts[:, None] + np.arange(context)]  # samples, context
    return np.eye(len(SYMBOLS))[windows].reshape(samples, -1), codes[starts + context]


def _centred(inputs: Array, labels: Integers) -> Samples:
    return Samples(torch.tensor(inputs - inputs.mean(axis=0), dtype=torch.float32), torch.tensor(labels))


def _split(inputs: Array, labels: Integers, *, classes: int) -> Split:
    """Every third sample is for the test."""
    test = np.arange(len(labels)) % 3 == 2
    centred = torch.tensor(inputs - inputs[~test].mean(axis=0), dtype=torch.float32)
    known, hidden = torch.tensor(labels), torch.from_numpy(test)
    return Split(centred[~hidden], known[~hidden], centred[hidden], known[hidden], classes)
