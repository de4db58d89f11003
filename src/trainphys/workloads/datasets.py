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

CONTEXT = 4  # characters that the character model sees


SYMBOLS = " abcdefghijklmnopqrstuvwxyz"


CHARACTER_SAMPLES = 4096


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
        if not 0 <= share <= 1:
            raise ValueError(f"expected a share in 0..1, got {share}")
        rng = np.random.default_rng([seed, 0x1ABE1])
        labels = self.labels.clone()
        chosen = torch.from_numpy(rng.permutation(len(labels))[: round(share * len(labels))])
        labels[chosen] = torch.from_numpy(rng.integers(self.classes, size=len(chosen)))
        return Split(self.inputs, labels, self.test_inputs, self.test_labels, self.classes)


def _split(inputs: np.ndarray, labels: np.ndarray, classes: int) -> Split:
    """Every third sample is for the test."""
    test = np.arange(len(labels)) % 3 == 2
    centred = torch.tensor(inputs - inputs[~test].mean(axis=0), dtype=torch.float32)
    known = torch.tensor(labels)
    hidden = torch.from_numpy(test)
    return Split(centred[~hidden], known[~hidden], centred[hidden], known[hidden], classes)


@functools.cache
def digits_split() -> Split:
    """Handwritten digits of scikit-learn, pixels in 0..1: 1198 for training, 599 for the test.

    >>> digits_split().inputs.shape, digits_split().test_inputs.shape
    (torch.Size([1198, 64]), torch.Size([599, 64]))
    """
    pixels, labels = load_digits(return_X_y=True)
    return _split(pixels / 16.0, labels, 10)


@functools.cache
def characters_split() -> Split:
    """The character that follows four others (one-hot) in Python's help texts, lower case, letters and blanks.

    The samples lie at equal distances all through the text. The texts change from version to version of Python.

    >>> characters_split().inputs.shape, characters_split().classes
    (torch.Size([2731, 108]), 27)
    """
    joined = " ".join(topics.topics[name] for name in sorted(topics.topics))
    text = re.sub(r"[^a-z]+", " ", joined.lower())
    codes = np.array([SYMBOLS.index(c) for c in text])
    starts = np.linspace(0, codes.size - CONTEXT - 1, CHARACTER_SAMPLES).astype(int)
    windows = codes[starts[:, None] + np.arange(CONTEXT)]  # samples, context
    return _split(np.eye(len(SYMBOLS))[windows].reshape(len(starts), -1), codes[starts + CONTEXT], len(SYMBOLS))


@dataclass(frozen=True, slots=True)
class Digits:
    """Pixels in [0, 1] with their mean over the data removed, shape (1797, 64), and labels 0 to 9."""

    pixels: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)


@functools.cache
def digits() -> Digits:
    """The data set, from scikit-learn's own copy."""
    pixels, labels = load_digits(return_X_y=True)
    pixels = pixels / 16.0
    return Digits(torch.tensor(pixels - pixels.mean(axis=0), dtype=torch.float32), torch.tensor(labels))
