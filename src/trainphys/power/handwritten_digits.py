"""All handwritten digits of scikit-learn, for sweeps that look at the training loss alone."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import torch
from sklearn.datasets import load_digits
from torch import Tensor


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
