"""Tests of ``tools.models.batches``."""

from collections import namedtuple

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pack_sequence
from torch.utils.data import (
    BatchSampler,
    DataLoader,
    IterableDataset,
    RandomSampler,
    TensorDataset,
    WeightedRandomSampler,
)

from trainphys.tools.models.batches import Batches, length, rows

X, Y, LIKE = torch.arange(20.0).view(10, 2), torch.arange(10), torch.zeros(1)
Pair = namedtuple("Pair", "x y")


class Stream(IterableDataset):
    def __iter__(self):
        return iter(zip(X, Y, strict=True))


@pytest.mark.parametrize(
    ("data", "single"),
    [
        ((X, Y), True),
        ([X, Y], True),
        ((X.numpy().astype(float), Y.numpy()), True),
        ((X.numpy().astype(">f8"), Y.numpy()[::-1].copy()[::-1]), True),
        (Pair(X, Y), True),
        (TensorDataset(X, Y), False),
        (Stream(), False),
        (DataLoader(TensorDataset(X, Y), 4), False),
    ],
)
def test_every_form_gives_the_same_samples_in_each_pass(data, single):
    batches = Batches(data, like=LIKE)
    assert (batches.single is not None) == single
    for _ in range(2):
        for found in (list(batches), list(batches.pieces(3))):
            assert torch.equal(torch.cat([batch[0] for _, batch in found]), X)
            assert torch.equal(torch.cat([batch[1] for _, batch in found]), Y)
            assert sum(n for n, _ in found) == 10
            assert {batch[0].dtype for _, batch in found} == {torch.float32}
    assert [n for n, _ in batches.pieces(3)] in ([3, 3, 3, 1], [3, 1, 3, 1, 2])


def test_a_batch_keeps_its_form():
    batch = {"ids": Y, "mask": None, "pair": Pair(X, np.ones(10, dtype=bool))}
    found = Batches(batch, like=LIKE.double()).single
    assert found["pair"].x.dtype == torch.float32  # a tensor stays what it is
    assert found["pair"].y.dtype == torch.bool
    assert found["mask"] is None
    part = rows(found, 2, 4)
    assert (part["ids"].tolist(), part["pair"].x.tolist(), length(part)) == ([2, 3], [[4, 5], [6, 7]], 2)
    assert Batches(np.ones((3, 2)), like=LIKE.double()).single.dtype == torch.float64


def gone_through(data):
    batches = Batches(data, like=LIKE)
    list(batches)
    return batches.several()


def test_a_sample_each_of_many_batches_is_one_batch_where_they_fit_together():
    count, found = gone_through({"x": X, "mask": None, "pair": Pair(X, Y)})
    assert (count, found["x"].tolist(), found["mask"]) == (10, X.tolist(), None)
    assert gone_through(DataLoader(TensorDataset(X, Y), 3))[1][0].tolist() == X[::3].tolist()
    long = torch.arange(100.0)
    count, found = gone_through(DataLoader(TensorDataset(long, long)))
    assert (count, found[0].tolist()) == (34, [*range(32), 63, 99])  # all at first, and the last
    assert gone_through(DataLoader([(torch.ones(n), n) for n in (2, 3, 4)])) is None
    assert gone_through(DataLoader([(torch.ones(n), n) for n in (2,)]))[0] == 1
    assert Batches(DataLoader(TensorDataset(X)), like=LIKE).several() is None  # before a pass


def test_what_is_kept_of_a_pass_does_not_keep_its_batches():
    batches = Batches(DataLoader(TensorDataset(X, Y), 5), like=LIKE)
    list(batches)
    assert batches.several()[1][0].untyped_storage().nbytes() == 2 * X[:1].nbytes


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (((X, Y) for _ in range(2)), "go through more than once, got generator: give .inputs, targets.*DataLoader"),
        (3, "more than once, got int"),
        ("digits", "more than once, got str"),
        ([(X, Y), (X, Y)], "one batch or a loader of batches, got a list of 2"),
        ((["a", "b"], Y), r"got str at batch\[0\]\[0\]: leave it out, or give it as a tensor of numbers"),
        (["a", "b"], "one batch or a loader of batches"),
        ({"pixels": X, "about": {"title": "a"}}, r"got str at batch\['about'\]\['title'\]: leave it out"),
        (
            DataLoader([{"pixels": x, "title": "a"} for x in X], batch_size=2),
            r"got str at batch\['title'\]\[0\]: leave",
        ),
        (DataLoader(["a", "b"], batch_size=None), r"got str at batch: give \(inputs, targets\)"),
        ((np.array(["a", "b"]), Y), r"got ndarray of <U1 at batch\[0\]: leave"),
        ((X.to("meta"), Y), r"got a nested or meta tensor at batch\[0\]: leave"),
        ((pack_sequence([X[:2], X[:1]]), Y), "got PackedSequence: give padded ones and lengths"),
        ((np.ma.masked_array(X.numpy(), X.numpy() > 3), Y), "got MaskedArray"),
        (
            (torch.nested.nested_tensor([torch.ones(2), torch.ones(3)], layout=torch.jagged), Y),
            r"got a nested or meta tensor at batch\[0\]: leave",
        ),
    ],
)
def test_other_forms_are_refused_by_name(data, message):
    with pytest.raises(ValueError, match=message):
        list(Batches(data, like=LIKE))


@pytest.mark.parametrize(
    ("batch", "got"),
    [
        ((X, Y[:3]), "10 and 3"),
        ((X[:0], Y[:0]), "0 and 0"),
        ((X, Y[0]), "10 and 0"),
        ({"mask": None}, "no tensor"),
    ],
)
def test_every_tensor_has_a_row_for_each_sample(batch, got):
    with pytest.raises(ValueError, match=f"as many inputs as targets, at least one, got {got}: make a row"):
        length(Batches(batch, like=LIKE).single)


def test_a_pass_within_an_epoch_does_not_end_that_of_a_loader_whose_workers_persist():
    """They are shared by all passes of a loader, of which each new one ends the one before."""
    loader = DataLoader(TensorDataset(X, Y), 2, num_workers=1, persistent_workers=True)
    epoch = []
    for _, labels in loader:
        epoch += labels.tolist()
        if len(epoch) == 4:
            batches = Batches(loader, like=LIKE)
            looked = [[batch[1].tolist() for _, batch in batches] for _ in range(2)]
    assert epoch == Y.tolist()
    assert looked == [Y.view(5, 2).tolist()] * 2


@pytest.mark.parametrize(
    "sampler",
    [
        RandomSampler(Y, replacement=True),
        WeightedRandomSampler(torch.ones(10), 10),
        BatchSampler(RandomSampler(Y, replacement=True), 4, drop_last=False),
    ],
)
def test_a_loader_that_draws_with_replacement_has_other_samples_in_each_pass_and_is_refused(sampler):
    place = {"batch_sampler" if isinstance(sampler, BatchSampler) else "sampler": sampler}
    loader = DataLoader(TensorDataset(X, Y), **place)
    with pytest.raises(ValueError, match=r"a \w+Sampler that draws with replacement: .*DataLoader\(list\("):
        Batches(loader, like=LIKE)
    kept = Batches(DataLoader(list(loader), batch_size=None), like=LIKE)  # as the refusal says
    first, second = ([batch[1].tolist() for _, batch in kept] for _ in range(2))
    assert first == second
    Batches(DataLoader(TensorDataset(X, Y), sampler=RandomSampler(Y)), like=LIKE)
    Batches(DataLoader(TensorDataset(X, Y), sampler=WeightedRandomSampler(torch.ones(10), 10, False)), like=LIKE)


def test_arrays_that_torch_takes_no_view_of_are_taken(recwarn):
    """Backwards, read-only, with bytes in another order; and the array stays what it was."""
    read_only = X.numpy().copy()
    read_only.setflags(write=False)
    for array in (X.numpy()[::-1], read_only, X.numpy().astype(">f4")):
        found = Batches((array, Y), like=LIKE).single[0]
        assert found.tolist() == array.tolist()
        found += 1
    assert read_only.tolist() == X.tolist()
    assert not recwarn


def test_what_has_no_rows_is_one_batch_alone():
    batches = Batches((X.to_sparse(), Y), like=LIKE)
    assert batches.single[0].is_sparse
    with pytest.raises(ValueError, match=r"rows can be taken, got torch.sparse_coo: give it as x.to_dense"):
        list(batches.pieces(3))
