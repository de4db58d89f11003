"""Tests of ``chapters.cooling.b6_estimators_and_adaptation.trigger_runs``."""

import math
from itertools import pairwise

import numpy as np
import pytest

from tests.simulate import twins
from trainphys.chapters.cooling.b6_estimators_and_adaptation.laws import frozen_fluctuation_ratio
from trainphys.chapters.cooling.b6_estimators_and_adaptation.trigger_runs import TriggerRun
from trainphys.laws.adaptation_trigger import (
    annealing_formula_ratio,
    entropy_ratio,
    frozen_share_fluctuation,
    quench_formula_ratio,
    trigger_ratio,
)
from trainphys.laws.gaussian_well import variance_lag
from trainphys.simulate.cooling_runs import CoolingRun
from trainphys.systems.coolings import Exponential
from trainphys.systems.losses import double_well, harmonic


def test_trigger_ratios_against_the_fokker_planck_equation():
    schedule = Exponential(1.0, 2.0)
    duration = schedule.duration(0.2)
    behind = variance_lag(1.0, schedule, [0, duration])[-1]
    cases = [
        (lambda run: run.ratio()[-1], trigger_ratio(behind)),
        (lambda run: run.ratio("system")[-1], entropy_ratio(behind)),
        (lambda run: run.ratio("local", "quench")[-1], quench_formula_ratio(behind)),
        (lambda run: run.ratio("local", "annealing")[-1], annealing_formula_ratio(behind)),
    ]
    for quantity, law in cases:
        found = TriggerRun(CoolingRun(harmonic(), schedule, duration, None, 400, 1600, 40)).estimate(quantity)
        assert abs(found.value - law) < found.tolerance() + 1e-3 * law
    run = TriggerRun(CoolingRun(harmonic(), schedule, duration, None, 400, 1600, 80)).history()
    assert run.fluctuations()[-2] == pytest.approx(behind, rel=0.02)  # steps of first order
    with pytest.raises(ValueError, match="lag > 0"):
        trigger_ratio(-1.0)
    with pytest.raises(ValueError, match="multiple"):
        TriggerRun(CoolingRun(harmonic(), schedule, duration, steps=7)).history()


def test_parameters_that_are_not_trapped_hide_those_that_are():
    schedule = Exponential(1.0, 30.0)
    trapped, free = (
        TriggerRun(CoolingRun(loss, schedule, schedule.duration(0.1), None, 400, 1600, 40)).history()
        for loss in (double_well(1.0, 0.5), harmonic())
    )
    alone, among = trapped.fluctuations()[-2], trapped.fluctuations(free, 9)[-2]
    assert alone > among > 1
    assert trapped.fluctuations(free, 0)[-2] == alone


def test_frozen_fluctuations_tend_to_two_quadratic_wells():
    uneven = double_well(1.0, 0.1)
    values = uneven.value(uneven.stationary_points())
    gap = values[0] - values[2]
    errors = [
        frozen_fluctuation_ratio(uneven, 0.3, T) / frozen_share_fluctuation(0.3, gap, T) - 1 for T in (0.02, 0.01)
    ]
    assert abs(errors[1]) < 0.6 * abs(errors[0]) < 0.05
    with pytest.raises(ValueError, match="two wells"):
        frozen_fluctuation_ratio(harmonic(), 0.3, 0.1)


def test_a_history_is_that_of_a_loop_over_cells():
    """Every quantity of the trigger from a density on twelve cells, face by face, at its own moment."""
    loss, schedule = double_well(1.0, 0.5), Exponential(1.0, 0.9, mobility_start=1.3, mobility_tau=0.6)
    cooling = CoolingRun(loss, schedule, 0.8, None, 12, 8, records=4)
    found, (run, grid) = TriggerRun(cooling).history(), cooling.densities()
    w, x = grid.width, [float(v) for v in grid.centres]
    height, slope = [float(loss.value(v)) for v in x], lambda v: 4 * v * (v * v - 1) - 0.25
    top = sorted(np.roots([4.0, 0.0, -4.0, -0.25]).real)[1]
    for n, t in enumerate((0.2, 0.4, 0.6, 0.8)):
        p, T, eta = run.density[n + 1].tolist(), math.exp(-t / 0.9), 1.3 * math.exp(-t / 0.6)
        up, down = twins.rates(height, w, T, eta)
        moved = twins.times_vector(twins.generator(height, w, T, eta), p)
        mean = sum(a * h for a, h in zip(p, height, strict=True)) * w
        rest = twins.boltzmann_of(height, w, T)
        heat = eta / T * sum(a * slope(v) ** 2 for a, v in zip(p, x, strict=True)) * w
        bent = sum(math.sqrt(a * b) * math.log(b / a) ** 2 for a, b in pairwise(p)) / w
        total, _, system = twins.entropy_rates(p, height, w, T, eta)
        slow = {
            "times": t,
            "temperature": T,
            "local": math.sqrt(sum(m * m / a for m, a in zip(moved, p, strict=True)) * w),
            "system": abs(system),
            "total": total,
            "quench": heat,
            "annealing": heat - eta * T * bent,
            "trapped": sum((a - b) * w for a, b, v in zip(p, rest, x, strict=True) if v < top),
            "loss": mean,
            "variance": sum(a * (h - mean) ** 2 for a, h in zip(p, height, strict=True)) * w,
        }
        assert {name: float(getattr(found, name)[n]) for name in slow} == pytest.approx(slow, rel=1e-7)
        assert len(up) == len(down) == 11
    response = (found.loss[2] - found.loss[0]) / (found.temperature[2] - found.temperature[0])
    assert found.fluctuations()[1] == pytest.approx(found.variance[1] / found.temperature[1] ** 2 / response)
    assert found.fluctuations(found, 3) == pytest.approx(found.fluctuations())
    assert found.ratio("system", "quench")[1] == pytest.approx(found.system[1] / found.quench[1])
