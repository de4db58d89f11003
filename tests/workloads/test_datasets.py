"""Tests of ``workloads.datasets``."""

import pytest
import torch

from trainphys.workloads.datasets import characters_split, digits_split


@pytest.mark.parametrize("split", [digits_split, characters_split])
def test_noisy_labels(split) -> None:
    data = split()
    noisy = data.noisy(0.3, seed=1)
    changed = float((noisy.labels != data.labels).float().mean())
    assert changed == pytest.approx(0.3 * (1 - 1 / data.classes), abs=0.02)
    assert torch.equal(noisy.test_labels, data.test_labels)
    assert abs(float(data.inputs.mean(dim=0).abs().max())) < 1e-5
    with pytest.raises(ValueError, match="expected a share"):
        data.noisy(1.5, seed=0)


@pytest.mark.parametrize("make", [digits_split, characters_split])
def test_no_sample_is_in_both_parts_and_the_inputs_are_centred(make):
    split = make()
    assert len(split.labels) > len(split.test_labels) > 500
    assert torch.allclose(split.inputs.mean(dim=0), torch.zeros(split.inputs.shape[1]), atol=1e-5)
    assert int(split.labels.max()) < split.classes


def test_label_noise_changes_its_share_and_nothing_else():
    plain = digits_split()
    noisy = plain.noisy(0.2, seed=1)
    changed = (noisy.labels != plain.labels).float().mean()
    assert 0.15 < float(changed) < 0.2  # a tenth of the new labels are the old ones
    assert noisy.inputs is plain.inputs
    with pytest.raises(ValueError, match="expected a share"):
        plain.noisy(1.2, seed=1)
