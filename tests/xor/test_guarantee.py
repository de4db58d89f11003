"""Tests of ``xor.guarantee``."""

import numpy as np
import pytest

from tests.xor.test_trajectory_kernels import reference
from trainphys.ensemble import stream
from trainphys.xor.configurations import Configuration
from trainphys.xor.convergence import converged_share, solved_and_stopped
from trainphys.xor.guarantee import solved_share_normal, solved_share_uniform
from trainphys.xor.landscape import loss
from trainphys.xor.starts import draw_starts


@pytest.mark.parametrize("rate", [0.1, 1e-3, 1e-5])
def test_the_share_that_converges_does_not_depend_on_the_rate(rate):
    share = converged_share("uniform", rate=rate, runs=2000, seed=1)
    assert abs(share.value - solved_share_uniform(1, 1)) < 5 * share.stderr
    assert share.value == converged_share("uniform", rate=0.2, runs=2000, seed=1).value


def test_solved_shares_are_those_of_random_starts():
    rng = stream(5, "solved shares")
    for weight, bias in ((1.0, 0.3), (0.5, 0.5), (1.0, 2.0)):
        w, b = rng.uniform(-weight, weight, (2, 400_000)), rng.uniform(-bias, bias, 400_000)
        assert np.mean(np.abs(w[0] - w[1]) > np.abs(b)) == pytest.approx(
            solved_share_uniform(weight, bias).item(), abs=5 * 0.5 / 400_000**0.5
        )
        w, b = weight * rng.standard_normal((2, 400_000)), bias * rng.standard_normal(400_000)
        assert np.mean(np.abs(w[0] - w[1]) > np.abs(b)) == pytest.approx(
            solved_share_normal(weight, bias).item(), abs=5 * 0.5 / 400_000**0.5
        )
    assert solved_share_uniform(0.7, 0.7) == pytest.approx(7 / 12)
    assert solved_share_normal(0.7, 0.0) == 1.0


def test_trained_share_follows_the_law():
    found = converged_share("normal", rate=0.2, runs=20_000, seed=1)
    assert abs(found.value - solved_share_normal(1, 1)) < found.tolerance()
    assert converged_share("normal", rate=0.2, runs=2000, seed=1, cone=True).value == 1.0
    assert converged_share("normal", rate=0.2, runs=2000, seed=1, cone=False).value == 0.0


def test_a_stop_on_the_change_also_ends_runs_in_traps():
    from trainphys.xor.configurations import Configuration

    stopped, solved = solved_and_stopped(Configuration("", "pytorch", 0.1, 1e-7, stop="change"), 4000, seed=0)
    assert stopped.value == 1.0
    assert abs(solved.value - 7 / 12) < solved.tolerance()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: solved_share_uniform(1, 3), "bias_over_twice_the_weight in"),
        (lambda: solved_share_normal(0, 1), "weight > 0"),
        (lambda: converged_share("pytorch, zero bias", rate=0.1, runs=5, seed=0, cone=False), "starts outside"),
        (lambda: converged_share("pytorch", rate=np.nan, runs=5, seed=0), "rate > 0"),
    ],
)
def test_wrong_input_says_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("cone", [None, True, False])
def test_converged_runs_are_counted_one_by_one(cone):
    starts = draw_starts("pytorch", 60, 4).tolist()
    kept = [s for s in starts if cone is None or (abs(s[0] - s[1]) > abs(s[2])) == cone]
    arrived = sum(len(reference(s, rate=0.3, tolerance=1e-7, max_epochs=200)) < 201 for s in kept)
    share = converged_share("pytorch", rate=0.3, runs=60, seed=4, cone=cone)
    assert (share.value, share.n) == (arrived / len(kept), len(kept))


@pytest.mark.parametrize(("stop", "max_epochs"), [("loss", 15), ("change", 15), ("change", 60)])
def test_stopped_and_solved_runs_are_counted_one_by_one(stop, max_epochs):
    stops = solves = 0
    for start in draw_starts("pytorch", 80, 5):
        path = reference(start, rate=0.1, tolerance=1e-300, max_epochs=max_epochs + 1).tolist()
        heights = [loss(state).item() for state in path]
        for n in range(max_epochs + 1):
            change = abs(heights[n - 1] - heights[n]) if n else np.inf
            if (heights[n] if stop == "loss" else change) < 1e-3:
                stops += 1
                solves += abs(path[n][0] - path[n][1]) > abs(path[n][2])
                break
    c = Configuration("", "pytorch", 0.1, 1e-3, stop=stop, max_epochs=max_epochs)
    stopped, solved = solved_and_stopped(c, 80, 5)
    assert 0 < solves < stops or stop == "loss"
    assert stopped.value == stops / 80
    assert (solved.value, solved.n) == (solves / stops, stops)
