"""What the explorers draw: their laws against the package's, and their sliders in a browser."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from trainphys.chapters.power.shared.claimed import claimed_time
from trainphys.laws import batch_fraction_for_least_energy, largest_mean_square_step, steps_to_target

SCRIPT = Path(__file__).resolve().parents[2] / "book/static/explorers.js"

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="expected node, found none")


def javascript(expression: str, **values: object):
    given = "".join(f"const {name} = {json.dumps(value)};" for name, value in values.items())
    program = f"const laws = require({json.dumps(str(SCRIPT))}); {given} console.log(JSON.stringify({expression}));"
    return json.loads(subprocess.run(["node", "-e", program], capture_output=True, text=True, check=True).stdout)


def test_operating_points():
    cases = [(a, c, s) for a in (0.1, 0.7, 1.0, 3.0, 40.0) for c in (1.0, 8.0, 200.0) for s in (0.1, 0.5, 0.9)]
    laws = "[laws.claimedTime(a, c), laws.correctedTime(a), laws.power(a, s), laws.cheapest(s)]"
    for (a, c, s), found in zip(cases, javascript(f"cases.map(([a, c, s]) => {laws})", cases=cases), strict=True):
        time = float(steps_to_target(a, 1, 1) / steps_to_target(1.0, 1, 1))
        expected = [float(claimed_time(a, c)), time, s + (1 - s) * a, batch_fraction_for_least_energy(s)]
        assert found == pytest.approx(expected, rel=1e-9)


def test_largest_stable_step():
    cases = [(m, b, d) for m in (0.0, 0.5, 0.9) for b in (1, 16, 1024) for d in (1, 16)]
    found = javascript("cases.map(([m, b, d]) => laws.stableStep(m, b, d))", cases=cases)
    assert found == pytest.approx([largest_mean_square_step(np.ones(d), b, m) for m, b, d in cases], rel=1e-9)


def test_a_sweep_gives_back_the_constants_that_made_it():
    sweep = [(2.0**i, float(steps_to_target(2.0**i, 150.0, 90.0, 1.5))) for i in range(2, 12)]
    found = javascript("laws.fit(sweep)", sweep=sweep)
    assert found["critical"] == pytest.approx(90.0, rel=0.05)
    assert found["sharpness"] == pytest.approx(1.5)
    assert found["fewest"] == pytest.approx(150.0, rel=0.03)


def test_success():
    from scipy.special import gammainc

    cases = [(d, x) for d in (1, 2, 100) for x in (0.1, 3.0, 50.0)]
    found = javascript("cases.map(([d, x]) => laws.success(d, x))", cases=cases)
    assert found == pytest.approx([gammainc(d / 2, x) for d, x in cases], rel=1e-9)


def test_cooling_in_a_well_is_the_equation_of_its_variance():
    temperatures = np.geomspace(1.0, 0.01, 4001)
    variance, entropy, dt = 1.0, 0.0, 5.0 / 4001
    for T in temperatures:
        flow = 2 * (T - variance)
        entropy += dt * (T - variance) ** 2 / (T * variance)
        variance += dt * flow
    found = javascript("laws.cooled(T, 5)", T=temperatures.tolist())
    assert found == pytest.approx({"loss": variance / 2, "entropy": entropy}, rel=0.01)


def test_an_epoch_is_torchs():
    import torch

    inputs = torch.tensor([[-1.0, -1], [-1, 1], [1, -1], [1, 1]], dtype=torch.float64)
    targets = torch.tensor([0.0, 1, 1, 0], dtype=torch.float64)
    starts = [[0.3, -0.2, 0.1], [0.1, 0.4, -0.9], [-1.0, 0.5, 0.2]]
    for start, found in zip(starts, javascript("s.map(at => laws.epoch(at, 0.1))", s=starts), strict=True):
        parameters = torch.tensor(start, dtype=torch.float64, requires_grad=True)
        loss = ((inputs @ parameters[:2] + parameters[2]).abs() - targets).pow(2).mean()
        (gradient,) = torch.autograd.grad(loss, parameters)
        assert found == pytest.approx((parameters - 0.1 * gradient).tolist(), abs=1e-12)


def test_both_tails_of_a_loss_curve_are_lines_by_least_squares():
    rng = np.random.default_rng(0)
    for losses in (
        0.5 * 0.9 ** np.arange(1, 41),
        3.0 / np.arange(1, 31) ** 0.7,
        np.exp(rng.normal(0, 0.1, 25)) / np.arange(1, 26),
    ):
        n, target = len(losses), 0.3 * losses[-1]
        t, y = np.arange(1, n + 1)[n // 2 :], np.log(losses)[n // 2 :]
        (slope, level), (power, start) = np.polyfit(t, y, 1), np.polyfit(np.log(t), y, 1)
        geometric = (np.log(target) - level) / slope - n
        algebraic = np.exp((np.log(target) - start) / power) - n
        found = javascript("laws.stepsLeft(losses, target)", losses=losses.tolist(), target=target)
        assert found == pytest.approx(
            {"rate": -slope, "power": -power, "geometric": geometric, "algebraic": algebraic}, rel=1e-6
        )
