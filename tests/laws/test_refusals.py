"""What the public laws refuse, and that they say which argument it was, and why."""

import re
from math import inf, nan

import numpy as np
import pytest

from tests.laws.edges import LAWS, MODEL, WELLS
from trainphys.laws import (
    batch_size,
    closing_gap,
    contraction,
    cooling_plan,
    escape,
    gaussian_well,
    heavy_tails,
    hot_start,
    momentum,
    one_update,
    optimal_schedules,
    oscillation,
    stability,
    steps_from_gradient,
    temperature,
    thermodynamic_length,
    two_wells,
)
from trainphys.systems.coolings import Exponential

NAMED = {"y": "lag", "schedule": "mobility_tau = 2 tau", "slowdown": "slow-downs"}  # not by the argument's name


@pytest.mark.parametrize(("law", "good", "bad"), LAWS, ids=[law.__name__ for law, *_ in LAWS])
def test_a_law_takes_the_edge_and_names_what_it_refuses(law, good, bad):
    law(**good)
    for name, values in bad.items():
        for value in values:
            with pytest.raises(ValueError, match=rf"(?s)expected .*{re.escape(NAMED.get(name, name))}.*, got"):
                law(**good | {name: value})


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: stability.is_stable([[1.0, 2.0]], 0.1), "square Hessian"),
        (lambda: stability.is_stable([[1.0, 5.0], [0.0, 1.0]], 0.1), "symmetric Hessian"),
        (lambda: temperature.rotation_rate(2.0, 4, 1.0, 1.0, 0.5), "learning_rate < 2 / curvature"),
        (lambda: batch_size.batch_fraction_for_time(0.7, 2.0), r"limit > 0.7071, got 0.7: no batch size is that fast"),
        (lambda: batch_size.batch_fraction_for_power(0.5, 0.5), "an idle machine draws more"),
        (lambda: batch_size.steps_to_target(inf, 50, inf), "one finite batch size of the two"),
        (lambda: batch_size.sample_efficiency(8, 8, inf), "a finite sharpness"),
        (lambda: gaussian_well.entropy_production(inf, 1.0, 1.0), "lag > 0 and finite"),
        (lambda: gaussian_well.divergence_from_boltzmann(inf), "lag > 0 and finite"),
        (lambda: gaussian_well.variance_lag(1.0, Exponential(1.0, 1.0), [0.0, inf]), "finite times"),
        (lambda: gaussian_well.variance_lag(1.0, Exponential(1.0, 1.0), [0.0, 1e3]), "temperatures > 0 and finite"),
        (lambda: one_update.best_learning_rate(inf, 1.0, inf), "noise_batch_size > 0 and finite"),
        (lambda: closing_gap.updates_to_close(0.1, 0.9, [0.5, 4.0], 1.0), "learning_rate < 0.5, got 0.9: .* diverges"),
        (lambda: cooling_plan.freezing_temperature(WELLS, 1e-6), "longer cooling time, got 1e-06"),
        (lambda: escape.basin_quality(1.0, 10.0, 0.1), "expected a slope .*: move off the minimum"),
        (lambda: escape.mean_escape_time(2.0, start=1.0, end=-1.0), "wall <= start < end"),
        (lambda: heavy_tails.multiplicative_variance(1.0, 1, 1.0, 1.0, 1.0), "finite variance"),
        (lambda: heavy_tails.stable_width([0.1, 3.0], 1.0, 1.0), "got 3.0: take shorter steps"),
        (lambda: heavy_tails.stable_width(0.1, 1.0, [1.0, 3.0]), "got 3.0: 2 is the normal law"),
        (lambda: hot_start.best_start(WELLS, 10.0, 0.9), r"end in \(0, 0.76"),
        (lambda: momentum.heavy_ball_steps(MODEL, 1.0, 0.0, 1.0, 0.52), "0 < target_loss < 0.52, got 0.52"),
        *(
            (lambda a=arguments: momentum.heavy_ball_steps(MODEL, *a, 0.1), "check the order of arguments")
            for arguments in (
                ([1.0, 0.0], 0.0, 1.0),
                (1.0, [0.0, 1.0], 1.0),
                (1.0, -1.0, 1.0),
                (1.0, 0.0, 0.0),
                (1.0, 0.0, nan),
            )
        ),
        (lambda: optimal_schedules.least_entropy_produced([1.0, np.e**2], 1.0, 1.0, 1.0), "clock too short"),
        (lambda: optimal_schedules.least_energy_dissipated(4.01, 1.0, 1.0, 1.0), "clock too short"),
        (lambda: optimal_schedules.least_energy_temperature(0.0, 4.01, 1.0, 1.0, 1.0), "clock too short"),
        (
            lambda: oscillation.critical_coupling(0.1, 1.0, "critical"),
            "'split modes', 'balanced gain' or 'instability'",
        ),
        (lambda: oscillation.critical_coupling_of_updates(0.04, 0.1), "weaker damping"),
        (lambda: steps_from_gradient.end_loss(0.1, [1.0, 2.0]), r"got \(2,\): transpose the array"),
        (lambda: steps_from_gradient.end_loss(0.1, 1.0), r"got \(\): transpose the array"),
        (lambda: steps_from_gradient.end_loss(0.1, [0.3, -0.1, 0.05], (0.0, 1.0)), "input scales > 0"),
    ],
)
def test_bad_input_is_refused_with_a_reason(call, reason):
    with pytest.raises(ValueError, match=reason) as refusal:
        call()
    assert str(refusal.value).startswith("expected ")


@pytest.mark.parametrize(
    "bad", ["abc", ["1", "2", "3"], 1j, {}, np.sqrt], ids=["text", "texts", "i", "dict", "function"]
)
@pytest.mark.parametrize(
    ("name", "law"),
    [
        ("hessian", lambda bad: stability.is_stable(bad, 0.1)),
        ("momentum", lambda bad: heavy_tails.einstein_ratio(0.1, 1.0, bad)),
        ("error", lambda bad: contraction.epochs_from_error(bad, rate=0.1, tolerance=1e-3)),
        ("scales", lambda bad: contraction.epochs_from_error([0.1] * 3, rate=0.1, tolerance=1e-3, scales=bad)),
        ("rate", contraction.contraction_factor),
        ("curvatures", lambda bad: cooling_plan.time_to_closeness(bad, 0.1)),
        ("curvatures", lambda bad: cooling_plan.dissipation_time(bad, 2.0)),
    ],
)
def test_what_is_no_number_is_refused_in_words_of_our_own(name, law, bad):
    with pytest.raises(ValueError, match=f"expected real numbers {name}, got"):
        law(bad)


@pytest.mark.parametrize("bad", [(0.1, 0.2), [0.1], np.array([0.1, 0.2])])
@pytest.mark.parametrize(
    ("name", "law"),
    [
        ("batch_size", lambda bad: momentum.tuned_momentum(MODEL, bad, 0.1)),
        ("target_loss", lambda bad: momentum.tuned_momentum(MODEL, 1.0, bad)),
        ("highest", lambda bad: momentum.tuned_momentum(MODEL, 1.0, 0.1, bad)),
        ("batch_size", lambda bad: stability.largest_mean_square_step(1.0, bad)),
        ("momentum", lambda bad: stability.largest_mean_square_step(1.0, 4, bad)),
        ("rate", contraction.contraction_factor),
        ("scale", lambda bad: contraction.contraction_factor(0.1, bad)),
        ("temperature", lambda bad: two_wells.hopping_rate(WELLS, bad)),
    ],
)
def test_several_numbers_in_the_place_of_one_are_refused(name, law, bad):
    with pytest.raises(ValueError, match=f"expected one number {name}, got"):
        law(bad)


@pytest.mark.parametrize("bad", [1.0, None, [1.0, 2.0], "well", np.sqrt])
@pytest.mark.parametrize(
    "law",
    [
        lambda bad: two_wells.hopping_rate(bad, 0.1),
        lambda bad: two_wells.crossed_share(bad, 0.1, 1.0, 10.0),
        lambda bad: hot_start.best_start(bad, 10.0, 0.1),
        lambda bad: cooling_plan.freezing_temperature(bad, 100.0),
        lambda bad: thermodynamic_length.constant_speed_schedule(bad, 1.0, 0.1, 10.0),
    ],
)
def test_what_is_no_potential_is_refused_with_how_to_make_one(law, bad):
    with pytest.raises(
        ValueError, match=r"(?s)expected a potential, got .*: make one with double_well\(barrier, gap\)"
    ):
        law(bad)


@pytest.mark.parametrize("bad", [0.5, None, [1.0]])
def test_a_loss_to_cross_is_a_function(bad):
    with pytest.raises(ValueError, match="expected a function of positions as the loss, got"):
        escape.mean_escape_time(2.0, bad)


def test_a_scale_whose_square_is_no_number_is_refused_as_too_large():
    with pytest.raises(ValueError, match=r"expected 0 < rate \* scale\*\*2 < 1/2, got rate 0.1 and scale 1e\+200"):
        contraction.contraction_factor(0.1, 1e200)


def test_numbers_of_torch_are_taken_where_they_are_one():
    torch = pytest.importorskip("torch")
    half = torch.tensor(0.5)
    assert stability.largest_mean_square_step([1.0, 2.0], 4, half) == stability.largest_mean_square_step([1, 2], 4, 0.5)
