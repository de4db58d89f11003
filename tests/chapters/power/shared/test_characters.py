"""Tests of ``chapters.power.shared.characters``."""

import pytest
import torch

from trainphys.chapters.power.a8_operating_point.timed_updates import timed_updates
from trainphys.chapters.power.shared.characters import CHARACTERS, CONTEXT, SYMBOLS, characters, text
from trainphys.tools.batch_size.step_time import fit_step_time


def test_characters_are_the_text():
    data = characters()
    assert data.pixels.shape == (len(data), CONTEXT * len(SYMBOLS))
    assert torch.allclose(data.pixels.mean(dim=0), torch.zeros(CONTEXT * len(SYMBOLS)), atol=1e-6)
    first = data.pixels[0].reshape(CONTEXT, -1).argmax(dim=1)
    assert "".join(SYMBOLS[i] for i in first) == text()[:CONTEXT]
    assert SYMBOLS[int(data.labels[0])] == text()[CONTEXT]
    assert set(text()) == set(SYMBOLS)
    assert "  " not in text()


def test_updates_are_timed():
    seconds = timed_updates(workload=CHARACTERS, batch_sizes=(4, 64), repeats=3)
    assert all(s > 0 for s in seconds)
    assert fit_step_time((4, 64), seconds).per_sample_s >= 0
    with pytest.raises(ValueError, match="positive seconds"):
        fit_step_time((4, 64), (1.0, 0.0))
