"""Trajectories of y = |w1 x1 + w2 x2 + b|: the kernel against a slow twin, against PyTorch, and in pieces."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainphys.xor._trajectory_kernels import CAPACITY
from trainphys.xor.landscape import SIGNS, TARGETS, loss
from trainphys.xor.starts import DRAWS, draw_starts
from trainphys.xor.trajectories import train, train_pieces

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def reference_hash(z: int) -> int:
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def reference_order(seed, run, epoch):
    """The order of the samples, from a list of all orders instead of a decoded number."""
    root = reference_hash((seed + GOLDEN) & MASK)
    bits = reference_hash((root + GOLDEN * ((run << 24) + epoch)) & MASK)
    return list(permutations(range(4)))[((bits >> 40) * 24) >> 24]


def reference(start, *, rate, tolerance, max_epochs, scales=(1.0, 1.0), method="full-batch", seed=0, run=0):
    """One run, one sample and one Python float at a time."""
    w1, w2, b = map(float, start)
    samples = [
        (float(s1 * scales[0]), float(s2 * scales[1]), float(t)) for (s1, s2), t in zip(SIGNS, TARGETS, strict=True)
    ]
    states = []
    for epoch in range(max_epochs + 1):
        states.append((w1, w2, b))
        residuals = [abs(w1 * x1 + w2 * x2 + b) - t for x1, x2, t in samples]
        if sum(r * r for r in residuals) / 4 < tolerance or epoch == max_epochs:
            break
        if method == "full-batch":
            slopes = [r * np.sign(w1 * x1 + w2 * x2 + b) for r, (x1, x2, _) in zip(residuals, samples, strict=True)]
            g1, g2, gb = (
                0.5 * sum(g * x for g, x in zip(slopes, xs, strict=True))
                for xs in ([s[0] for s in samples], [s[1] for s in samples], [1.0] * 4)
            )
            w1, w2, b = w1 - rate * g1, w2 - rate * g2, b - rate * gb
        else:
            for i in reference_order(seed, run, epoch):
                x1, x2, t = samples[i]
                s = w1 * x1 + w2 * x2 + b
                g = 2 * rate * (abs(s) - t) * np.sign(s)
                w1, w2, b = w1 - g * x1, w2 - g * x2, b - g
    return np.array(states)


@pytest.mark.parametrize("method", ["full-batch", "per-sample"])
@pytest.mark.parametrize("scales", [(1.0, 1.0), (0.5, 0.5), (1.0, 0.3)])
@pytest.mark.parametrize("seed", [0, 2, 2**63 - 1])
def test_kernel_equals_its_slow_twin(method, scales, seed):
    starts = draw_starts("normal", CAPACITY + 21, 5)  # more than one block, and an odd number in the last
    setting = {"rate": 0.05, "tolerance": 1e-6, "max_epochs": 60, "scales": scales, "method": method, "seed": seed}
    runs = train(starts, **setting)
    for i in [*range(40), *range(CAPACITY - 9, CAPACITY + 21)]:
        twin = reference(starts[i], run=i, **setting)
        assert runs.epochs[i] == len(twin) - 1
        np.testing.assert_allclose(runs.states[: len(twin), :, i], twin, rtol=0, atol=1e-12)
        assert (runs.states[len(twin) :, :, i] == runs.states[runs.epochs[i], :, i]).all()


def test_full_batch_equals_pytorch():
    torch = pytest.importorskip("torch")
    starts = draw_starts("pytorch", 5, 1)
    runs = train(starts, rate=0.1, tolerance=1e-7, max_epochs=40)
    x, y = torch.tensor(SIGNS), torch.tensor(TARGETS)[:, None]
    for i in range(5):
        net = torch.nn.Linear(2, 1).double()
        with torch.no_grad():
            net.weight.copy_(torch.tensor(starts[i : i + 1, :2]))
            net.bias.copy_(torch.tensor(starts[i, 2:]))
        optimiser = torch.optim.SGD(net.parameters(), lr=0.1)
        for epoch in range(int(runs.epochs[i])):
            now = np.concatenate([net.weight.detach().numpy().ravel(), net.bias.detach().numpy()])
            np.testing.assert_allclose(runs.states[epoch, :, i], now, atol=1e-13)
            optimiser.zero_grad()
            torch.nn.functional.mse_loss(net(x).abs(), y).backward()
            optimiser.step()


@pytest.mark.parametrize("method", ["full-batch", "per-sample"])
def test_pieces_equal_the_whole(method):
    starts = draw_starts("pytorch", 300, 0)
    setting = {"rate": 0.07, "tolerance": 1e-6, "max_epochs": 50, "method": method, "seed": 4}
    whole = train(starts, **setting)
    cuts = (0, 1, 64, 101, 300)
    pieces = [train(starts[a:b], first_run=a, **setting) for a, b in pairwise(cuts)]
    for a, piece in zip(reversed(cuts[:-1]), reversed(pieces), strict=True):
        again = whole.states[:, :, a : a + piece.states.shape[2]]
        assert piece.states.tobytes() == np.ascontiguousarray(again).tobytes()
    assert np.concatenate([p.epochs for p in pieces]).tolist() == whole.epochs.tolist()


def test_a_buffer_gives_the_same_states_and_is_used():
    starts = draw_starts("pytorch", 100, 0)
    buffer = np.full((31, 3, 100), np.nan)
    runs = train(starts, rate=0.1, tolerance=1e-5, max_epochs=30, out=buffer)
    assert runs.states is buffer
    assert (buffer == train(starts, rate=0.1, tolerance=1e-5, max_epochs=30).states).all()


def test_orders_are_uniform_and_differ_between_seeds():
    orders = {
        (seed, run, epoch): reference_order(seed, run, epoch)
        for seed in (0, 1)
        for run in range(60)
        for epoch in range(40)
    }
    count = np.unique(list(orders.values()), axis=0, return_counts=True)[1]
    assert len(count) == 24
    assert np.abs(count - 200).max() < 5 * np.sqrt(200)
    same = np.mean([orders[0, r, e] == orders[1, r, e] for r in range(60) for e in range(40)])
    assert abs(same - 1 / 24) < 5 * np.sqrt(1 / 24 / 2400)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-3, 3), min_size=3, max_size=3), st.floats(0.01, 0.45))
def test_full_batch_never_raises_the_loss(start, rate):
    runs = train([start], rate=rate, tolerance=1e-9, max_epochs=30)
    losses = loss(runs.states[:, :, 0].T)
    assert (np.diff(losses) <= 1e-12).all()
    assert runs.converged[0] == (losses[-1] < 1e-9)


def test_a_start_at_the_kink_stays_there():
    runs = train([[0.0, 0.0, 0.0]], rate=0.1, tolerance=1e-7, max_epochs=10)
    assert runs.epochs[0] == 10
    assert not runs.converged[0]
    assert (runs.last == 0).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"starts": np.zeros((2, 4))}, "expected finite starts of shape"),
        ({"starts": [[0.0, np.nan, 0.0]]}, "expected finite starts"),
        ({"rate": 0.0}, "expected rate > 0"),
        ({"tolerance": -1.0}, "expected tolerance > 0"),
        ({"scales": (1.0, 0.0)}, "input scales > 0"),
        ({"max_epochs": 0}, "max_epochs >= 1"),
        ({"max_epochs": 2.5}, "max_epochs >= 1"),
        ({"rate": np.inf}, "expected rate > 0 and finite"),
        ({"method": "adam"}, "expected method"),
        ({"seed": -1}, "expected seed and first_run"),
        ({"first_run": 2**64}, "expected seed and first_run"),
        ({"out": np.zeros((6, 3, 1)).tolist()}, "expected out to be"),
        ({"out": np.broadcast_to(0.0, (6, 3, 1))}, "expected out to be a writeable"),
        ({"out": np.empty((3, 3, 3))}, "expected out to be"),
    ],
)
def test_wrong_input_says_what_was_expected(changes, message):
    arguments = {"starts": np.zeros((1, 3)), "rate": 0.1, "tolerance": 1e-7, "max_epochs": 5, **changes}
    with pytest.raises(ValueError, match=message):
        train(arguments.pop("starts"), **arguments)


@pytest.mark.parametrize("kind", list(DRAWS))
def test_starts_have_the_moments_of_their_kind(kind):
    x = draw_starts(kind, 40_000, 3)
    name, _, suffix = kind.partition(", ")
    spread = {"pytorch": 0.5 / 3, "xavier": 2 / 3, "xavier normal": 2 / 3, "kaiming": 1, "uniform": 1 / 3}
    variance = {**spread, "normal": 1, "half normal": 0.25, "small normal": 0.01}[name]
    assert x.shape == (40_000, 3)
    np.testing.assert_allclose(x.mean(axis=0), 0, atol=5 / 200)
    np.testing.assert_allclose(x[:, :2].var(axis=0), variance, rtol=5 * np.sqrt(2 / 40_000))
    small = {"pytorch": 0.05**2 / 3, "uniform": 0.1**2 / 3, "half normal": 0.1**2}.get(name, 0.0)
    plain = 0.0 if name.startswith(("xavier", "kaiming")) else variance
    bias = {"": plain, "zero bias": 0.0, "small bias": small, "pytorch bias": 0.5 / 3}[suffix]
    np.testing.assert_allclose(x[:, 2].var(), bias, rtol=5 * np.sqrt(2 / 40_000))
    with pytest.raises(ValueError, match="expected one of"):
        draw_starts("cauchy", 1, 0)


@pytest.mark.parametrize("method", ["full-batch", "per-sample"])
def test_pieces_of_any_size_have_the_bits_of_the_whole(method):
    starts = draw_starts("normal", 1300, 2)
    setting = {"rate": 0.1, "tolerance": 1e-5, "max_epochs": 50, "method": method, "seed": 4}
    whole = train(starts, first_run=7, **setting)
    for piece in (300, 512, 5000):
        low = 0
        for part in train_pieces(starts, piece=piece, first_run=7, **setting):
            high = low + part.epochs.size
            np.testing.assert_array_equal(part.states, whole.states[:, :, low:high])
            np.testing.assert_array_equal(part.epochs, whole.epochs[low:high])
            np.testing.assert_array_equal(part.converged, whole.converged[low:high])
            low = high
        assert low == 1300


def test_pieces_write_to_one_array():
    pieces = train_pieces(draw_starts("normal", 300, 2), piece=100, rate=0.1, tolerance=1e-5, max_epochs=5)
    assert len({runs.states.ctypes.data for runs in pieces}) == 1
    with pytest.raises(ValueError, match="piece >= 1"):
        next(train_pieces(draw_starts("normal", 3, 2), piece=0, rate=0.1, tolerance=1e-5, max_epochs=5))


@pytest.mark.parametrize("method", ["full-batch", "per-sample"])
def test_a_run_that_overflows_has_not_converged(method):
    runs = train([[0.3, 0.1, 0.2]], rate=50.0, tolerance=1e-3, max_epochs=800, method=method)
    assert not np.isfinite(runs.last).all()
    assert not runs.converged.any()
    assert runs.epochs.tolist() == [800]
