"""Tests of ``workloads.datasets``."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from trainphys.workloads.datasets import SYMBOLS, characters, characters_split, digits, digits_split, help_texts


@pytest.mark.parametrize("split", [digits_split, characters_split])
def test_noisy_labels(split) -> None:
    data = split()
    noisy = data.noisy(0.3, seed=1)
    changed = float((noisy.labels != data.labels).float().mean())
    assert changed == pytest.approx(0.3 * (1 - 1 / data.classes), abs=0.02)
    assert torch.equal(noisy.test_labels, data.test_labels)
    assert abs(float(data.inputs.mean(dim=0).abs().max())) < 1e-5
    with pytest.raises(ValueError, match="expected share"):
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
    with pytest.raises(ValueError, match="expected share"):
        plain.noisy(1.2, seed=1)


def test_characters_are_the_text():
    data, text = characters(context=8, samples=2048), help_texts()
    assert data.inputs.shape == (len(data), 8 * len(SYMBOLS))
    assert torch.allclose(data.inputs.mean(dim=0), torch.zeros(8 * len(SYMBOLS)), atol=1e-6)
    first = data.inputs[0].reshape(8, -1).argmax(dim=1)
    assert "".join(SYMBOLS[i] for i in first) == text[:8]
    assert SYMBOLS[int(data.labels[0])] == text[8]
    assert "  " not in text


def test_the_split_holds_all_digits_once():
    whole, split = digits(), digits_split()
    assert len(whole) == len(split.labels) + len(split.test_labels)
    assert torch.equal(whole.labels.bincount(), split.labels.bincount() + split.test_labels.bincount())


def test_noisy_labels_are_drawn_one_by_one():
    plain, share = digits_split(), 0.25
    noisy, rng = plain.noisy(share, seed=4), np.random.default_rng([4, 0x1ABE1])
    wanted, count = plain.labels.tolist(), round(share * 1198)
    chosen = rng.permutation(1198)[:count].tolist()
    for place, label in zip(chosen, rng.integers(10, size=count).tolist(), strict=True):
        wanted[place] = label
    assert noisy.labels.tolist() == wanted
    assert plain.labels.tolist() == digits_split().labels.tolist()  # the original is left as it was


def test_every_third_sample_is_kept_back_and_the_mean_is_of_the_others():
    pixels, labels = load_digits(return_X_y=True)
    split, hidden = digits_split(), [n for n in range(1797) if n % 3 == 2]
    known = [n for n in range(1797) if n % 3 != 2]
    mean = sum(pixels[n] / 16 for n in known) / len(known)
    np.testing.assert_allclose(split.inputs, [pixels[n] / 16 - mean for n in known], atol=1e-6)
    np.testing.assert_allclose(split.test_inputs, [pixels[n] / 16 - mean for n in hidden], atol=1e-6)
    assert split.test_labels.tolist() == [int(labels[n]) for n in hidden]


def test_the_last_window_of_the_text_has_a_character_after_it():
    data, text = characters(context=5, samples=300), help_texts()
    mean = torch.zeros(5 * len(SYMBOLS))
    for n in (1, 150, 299):
        start = int(n * (len(text) - 6) / 299)
        one_hot = torch.zeros(5, len(SYMBOLS))
        for k, c in enumerate(text[start : start + 5]):
            one_hot[k, SYMBOLS.index(c)] = 1.0
        apart = data.inputs[n] - one_hot.flatten()  # minus the mean over all samples, whichever the sample
        mean = apart if n == 1 else mean
        assert torch.allclose(apart, mean, atol=1e-6)
        assert SYMBOLS[int(data.labels[n])] == text[start + 5]
