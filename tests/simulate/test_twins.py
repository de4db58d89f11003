"""Every public simulator of ``trainphys.simulate`` has a slow twin, named here: a new one cannot come without."""

import ast
import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest

from trainphys import simulate

HERE = Path(__file__).parent

# Each function or class, and the test that compares it with its twin; the test's file is that of the module.
TWINS = {
    "cooling_runs.CoolingRun": "test_a_cooling_run_is_recorded_as_by_a_loop",
    "cooling_runs.with_refinement_error": "test_the_error_of_refinement_is_the_change_on_halving_both",
    "entropy.production": "test_entropy_is_that_of_a_loop_over_faces",
    "entropy.history": "test_entropy_is_that_of_a_loop_over_faces",
    "entropy.divergence": "test_entropy_is_that_of_a_loop_over_faces",
    "entropy.largest_rise": "test_largest_rise_is_that_of_all_pairs",
    "fokker_planck.evolve": "test_density_is_that_of_a_plain_walk_solved_by_gauss",
    "fokker_planck.jump_rates": "test_density_is_that_of_a_plain_walk_solved_by_gauss",
    "fokker_planck_2d.FokkerPlanck2D": "test_plane_is_that_of_a_loop_over_faces",
    "langevin.langevin": "test_particles_move_as_one_alone_does",
    "minibatch_sgd.TiltedQuadratic": "test_a_tilted_quadratic_is_that_of_its_samples",
    "minibatch_sgd.tilted_quadratic": "test_tilts_have_the_covariance_sample_by_sample",
    "minibatch_sgd.RestingModes": "test_resting_modes_are_averages_along_single_runs",
    "minibatch_sgd.stationary_modes": "test_resting_modes_are_averages_along_single_runs",
    "minibatch_sgd.descend": "test_descent_counts_updates_and_draws_as_a_loop",
    "minibatch_sgd.noise_level": "test_noise_level_is_that_of_pairs_of_drawn_batches",
    "noisy_quadratic.LossCurve": "test_a_loss_curve_is_that_of_single_runs_update_by_update",
    "noisy_quadratic.loss_curve": "test_a_loss_curve_is_that_of_single_runs_update_by_update",
    "noisy_quadratic.watched": "test_a_curve_that_does_not_come_down_ends_after_the_most_steps",
    "noisy_quadratic.simulated_steps": "test_each_pair_of_batch_and_rate_has_runs_of_its_own",
    "ornstein_uhlenbeck.ou_step": "test_moments_and_samples_are_those_of_equations_stepped_by_hand",
    "ornstein_uhlenbeck.ou_moments": "test_moments_and_samples_are_those_of_equations_stepped_by_hand",
    "ornstein_uhlenbeck.sample_ou": "test_moments_and_samples_are_those_of_equations_stepped_by_hand",
    "ornstein_uhlenbeck.rotating_drift": "test_a_rotation_turns_against_the_clock",
    "philox.philox4x32": "test_kernel_agrees_with_its_twin_on_random_counters",
    "philox.fill_normals": "test_normals_agree_with_the_library_functions",
    "schedule_search.follow": "test_stock_is_taken_as_by_a_loop_over_records",
    "schedule_search.optimal_schedule": "test_the_search_finds_what_trying_every_schedule_finds",
    "schedule_search.refined_outcome": "test_the_search_finds_what_trying_every_schedule_finds",
    "success.share_within": "test_successes_are_counted_particle_by_particle",
    "success.mass_within": "test_mass_is_summed_over_lines_between_centres",
    "success.failure": "test_failure_is_the_mass_left_outside_by_a_plain_walk",
}
# What simulates nothing: it holds results, names an interface, lays cells, draws a key, or refuses wrong input.
NO_SIMULATORS = {
    "cooling_runs.Loss",
    "entropy.EntropyHistory",
    "entropy.Production",
    "fokker_planck_2d.Box",
    "langevin.Ensemble",
    "minibatch_sgd.SampledLoss",
    "ornstein_uhlenbeck.drift_and_diffusion",
    "philox.key_of",
    "schedule_search.Optimum",
    "schedule_search.Outcome",
}


def public_names() -> set[str]:
    """Functions and classes that the public modules define, compiled ones as well, as ``module.name``."""
    found = set()
    for module in pkgutil.iter_modules(simulate.__path__):
        if module.name.startswith("_"):
            continue
        loaded = importlib.import_module(f"{simulate.__name__}.{module.name}")
        for name, value in vars(loaded).items():
            own = getattr(value, "__module__", None) == loaded.__name__
            if own and not name.startswith("_") and (callable(value) or inspect.isclass(value)):
                found.add(f"{module.name}.{name}")
    return found


def test_every_public_simulator_has_a_twin_in_the_table() -> None:
    assert public_names() - NO_SIMULATORS == set(TWINS)


@pytest.mark.parametrize(("simulator", "test"), TWINS.items(), ids=TWINS)
def test_a_twin_exists_and_calls_what_it_is_the_twin_of(simulator: str, test: str) -> None:
    module, name = simulator.split(".")
    tree = ast.parse((HERE / f"test_{module}.py").read_text("utf8"))
    [body] = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == test]
    place = tree if module == "philox" else body  # made for compiled code: called through helpers of the tests
    called = {node.id for node in ast.walk(place) if isinstance(node, ast.Name)}
    made_by = {"RestingModes": "stationary_modes", "LossCurve": "loss_curve"}
    assert made_by.get(name, name) in called


def test_no_twin_shares_code_with_the_package() -> None:
    tree = ast.parse((HERE / "twins.py").read_text("utf8"))
    imports = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert sorted(imports) == ["from itertools import pairwise", "import math"]
