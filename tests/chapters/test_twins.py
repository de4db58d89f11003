# ruff: noqa: SIM905 - a list of names reads best as words
"""What the chapters run or search has a slow twin, named here: a new simulator of a chapter cannot come without."""

import ast
from pathlib import Path

import pytest

from trainphys import chapters

HERE = Path(__file__).parent
CODE = Path(chapters.__file__).parent

# Each function, as part/room/module.name with the room's short name, and the test that compares it with its twin.
TWINS = {
    "cooling/b2/scalar_sgd.einstein_samples": "test_einstein_samples_are_pairs_of_updates_of_one_state",
    "cooling/b2/scalar_sgd.reshuffled_noise": "test_an_epoch_without_replacement_has_every_sample_once",
    "cooling/b2/scalar_sgd.scalar_updates": "test_updates_are_those_of_single_replicas",
    "cooling/b2/scalar_sgd.spread_curvature_noise": "test_updates_are_those_of_single_replicas",
    "cooling/b2/scalar_sgd.stable_noise": "test_updates_are_those_of_single_replicas",
    "cooling/b2/scalar_sgd.two_point_noise": "test_updates_are_those_of_single_replicas",
    "cooling/b2/scalar_sgd.updates_density": "test_the_density_of_updates_is_a_double_sum",
    "cooling/b2/tilted_noise.resting_density": "test_a_resting_density_is_that_of_a_loop_over_faces",
    "cooling/b2/tilted_noise.tilted_updates": "test_means_at_rest_are_those_of_single_replicas",
    "cooling/b3/drift_only.drift_error": "test_both_distances_err_by_their_change_on_halving",
    "cooling/b3/drift_only.without_diffusion": "test_bare_drift_is_that_of_a_loop_over_cells",
    "cooling/b3/entropy_terms.density_terms": "test_terms_are_those_of_a_loop_over_cells",
    "cooling/b3/linear_ensemble.linear_paths": "test_paths_and_their_work_are_those_of_single_particles",
    "cooling/b3/quench_runs.conditions_in_units": "test_conditions_are_those_of_a_loop_over_groups",
    "cooling/b3/quench_runs.terms_over": "test_terms_over_a_run_are_trapezoids_of_each_moment",
    "cooling/b3/spacings.produced_by_particles": "test_production_of_particles_is_that_of_a_loop_over_particles",
    "cooling/b3/spacings.spacing_entropy": "test_entropy_of_spacings_is_that_of_a_loop_over_gaps",
    "cooling/b4/condition.condition_of": "test_many_coordinates_are_drawn_one_by_one",
    "cooling/b4/condition.met_share": "test_many_coordinates_are_drawn_one_by_one",
    "cooling/b4/condition.slowest_rate": "test_the_slowest_rate_is_that_of_a_dying_difference",
    "cooling/b4/gradient_work.particle_heat": "test_work_and_heat_of_particles",
    "cooling/b4/gradient_work.particle_work": "test_work_and_heat_of_particles",
    "cooling/b5/drift_balance.measured_drift_ratio": "test_drift_ratios_are_those_of_single_particles",
    "cooling/b5/drift_balance.sgd_temperatures": "test_temperatures_of_sgd_are_those_of_single_replicas",
    "cooling/b5/end_points.measured_spreads": "test_spreads_are_those_of_single_particles",
    "cooling/b5/fixed_batch.final_losses": "test_the_spread_is_carried_from_update_to_update",
    "cooling/b5/fixed_batch.tuned_losses": "test_the_search_finds_what_trying_every_pair_of_rates_finds",
    "cooling/b5/race.race_table": "test_every_shape_runs_on_every_landscape_as_long_as_its_setting_says",
    "cooling/b5/start_scan.measured_best_start": "test_the_best_start_is_that_of_every_start_in_turn",
    "cooling/b5/thermodynamic_speed.best_staircase": "test_the_staircase_is_that_of_trying_every_first_temperature",
    "cooling/b5/thermodynamic_speed.measured_slow_entropy": "test_slow_entropy_is_that_of_a_moving_variance",
    "cooling/b5/tuning.tuned_exponential_then_quench": "test_the_search_before_a_quench_finds_what_trying_finds",
    "cooling/b5/tuning.tuned_failure": "test_the_search_finds_what_trying_every_pair_of_ends_finds",
    "cooling/b6/adaptive_training.adaptive_scores": "test_the_thermometer_is_read_and_obeyed_as_in_a_single_network",
    "cooling/b6/cooling_time_runs.entropy_and_divergence": "test_entropy_of_a_matrix_against_its_modes",
    "cooling/b6/estimator_checks.confining_temperature": "test_the_confining_temperature_is_that_of_single_particles",
    "cooling/b6/estimator_checks.decay_time": "test_decay_is_that_of_single_runs",
    "cooling/b6/estimator_checks.ensemble_estimators": "test_estimators_of_particles_are_those_of_single_ones",
    "cooling/b6/estimator_checks.needed_temperature": "test_the_needed_temperature_is_that_of_single_particles",
    "cooling/b6/sgd_at_rest.stationary_sgd": "test_averages_at_rest_are_those_of_single_runs",
    "cooling/b7/heat.entropy_produced": "test_windows_are_those_of_a_loop_over_groups",
    "cooling/b7/quench_race.race_particles": "test_a_race_is_that_of_single_particles",
    "cooling/shared/training_runs.final_scores": "test_schedules_are_trained_as_single_networks",
    "cooling/shared/training_runs.schedule_runs": "test_runs_of_equal_clock_have_equal_sums_of_rates",
    "distance/c2/regressors.adam_scores": "test_adam_on_products_of_columns_is_adam_on_rows",
    "distance/c2/relu_regressors.relu_networks": "test_a_network_is_trained_as_by_adam_written_out",
    "distance/c2/relu_regressors.relu_paths": "test_a_training_that_is_looked_at_goes_on_as_one_that_is_not",
    "distance/c5/allocation.decisions": "test_decisions_are_taken_run_by_run",
    "distance/c5/allocation.forecast_from_start": "test_forecasts_are_fitted_on_one_half_and_judged_on_the_other",
    "distance/c5/allocation.pairs_in_order": "test_pairs_are_ordered_one_by_one",
    "distance/c5/backtest.back_test": "test_runs_are_stopped_and_timed_as_by_a_loop",
    "distance/c5/backtest.spectrum_curves": "test_spectra_are_sums_over_modes",
    "distance/c5/network_times.crossing_times": "test_crossings_are_those_of_a_loop_over_looks",
    "distance/c5/network_times.follow": "test_networks_are_followed_as_one_alone_is",
    "distance/c5/network_times.network_runs": "test_starts_are_scaled_ranked_and_chosen_one_by_one",
    "distance/c5/smart_starts.not_slower": "test_yields_and_pairs_are_counted_one_by_one",
    "distance/c5/smart_starts.ranked_runs": "test_starts_are_ranked_and_trained_one_by_one",
    "distance/c5/smart_starts.starts_of": "test_starts_are_ranked_and_trained_one_by_one",
    "distance/c5/smart_starts.yield_ratio": "test_yields_and_pairs_are_counted_one_by_one",
    "distance/c6/blind_search.noticed_share": "test_reports_are_searched_as_by_a_loop",
    "distance/shared/single_samples.escapes": "test_escapes_are_those_of_a_loop_over_runs",
    "distance/c7/bootstrap_rows.drawn_again": "test_rows_and_runs_are_drawn_again_one_by_one",
    "distance/c8/layered_digits.start_losses_and_epochs": "test_starts_are_watched_until_their_loss_is_small",
    "distance/c8/layered_digits.train_layered": "test_layered_runs_are_cut_as_by_a_loop_over_networks",
    "distance/c8/simple_models.mean_squares": "test_a_line_is_fitted_on_one_report_and_judged_on_the_next",
    "distance/c8/slowness.saving_by_start": "test_savings_are_those_of_single_runs",
    "distance/c8/slowness.slowness_by_group": "test_groups_are_those_of_single_runs",
    "distance/c8/slowness.slowness_by_parameter": "test_epochs_by_parameter_are_those_of_single_runs",
    "distance/c8/slowness.trapped_share_that_converges": "test_trapped_starts_that_arrive_are_counted_one_by_one",
    "distance/c8/straightness.held_out_share": "test_the_fit_sees_no_run_that_is_judged",
    "distance/c8/two_sided.train_two_sided": "test_two_units_are_trained_as_by_a_loop_over_samples",
    "distance/shared/regions.region_times": "test_times_by_region_are_those_of_single_runs",
    "distance/shared/replicates.replicate_reports": "test_reports_are_printed_as_by_a_loop_over_runs",
    "power/a1/closing_time.noisy_gap": "test_the_noisy_gap_is_that_of_single_pairs",
    "power/a1/digits_noise.digits_noise": "test_noise_scales_of_digits_by_automatic_differentiation",
    "power/a1/digits_updates.digits_best_decrease": "test_descent_and_single_updates_are_those_of_a_loop",
    "power/a1/digits_updates.digits_descent": "test_descent_and_single_updates_are_those_of_a_loop",
    "power/a1/escape_runs.minibatch_escape_time": "test_escapes_are_timed_walker_by_walker",
    "power/a1/escape_runs.simulated_basin_quality": "test_basin_quality_is_that_of_single_updates",
    "power/a1/escape_runs.simulated_escape_time": "test_escapes_are_timed_walker_by_walker",
    "power/a1/update_quality.simulated_best_quality": "test_qualities_are_those_of_single_updates",
    "power/a1/update_quality.simulated_quality": "test_qualities_are_those_of_single_updates",
    "power/a3/descent_runs.damping_found": "test_damping_is_that_of_single_velocities",
    "power/a3/descent_runs.descents_that_shrink": "test_which_runs_shrink_is_that_of_runs_of_floats",
    "power/a3/descent_runs.flows_that_shrink": "test_flows_shrink_as_those_of_floats_do",
    "power/a3/descent_runs.growth_rate": "test_growth_is_that_of_a_run_of_floats",
    "power/a3/descent_runs.largest_momentum_found": "test_the_largest_momentum_is_that_of_single_runs",
    "power/a3/descent_runs.largest_step_found": "test_the_largest_step_is_that_of_single_runs",
    "power/a3/sharpness.critical_steps_found": "test_momentum_widens_the_limit_of_a_pushed_network",
    "power/a3/sharpness.first_parameters": "test_the_path_is_that_of_plain_descent",
    "power/a3/sharpness.sharpness_path": "test_the_path_is_that_of_plain_descent",
    "power/a5/coupling.split_modes_found": "test_split_modes_are_those_of_single_pairs",
    "power/a5/coupling.threshold_found": "test_a_threshold_parts_growing_flows_of_floats",
    "power/a5/explosions.simulated_explosions": "test_explosions_are_counted_walker_by_walker",
    "power/a5/explosions.split_explosions": "test_explosions_are_counted_walker_by_walker",
    "power/a5/swings.measured_loss_frequency": "test_swings_are_counted_and_peaks_found_one_by_one",
    "power/a5/swings.measured_swing": "test_swings_are_counted_and_peaks_found_one_by_one",
    "power/a5/swings.run_scaled": "test_a_scaled_run_is_one_of_floats_without_its_trend",
    "power/a6/heavy_ball_runs.simulated_heavy_ball_loss": "test_the_loss_is_that_of_single_runs",
    "power/a6/temperature_runs.simulated_temperature": "test_temperature_is_that_of_single_runs",
    "power/a7/noise_scales.noise_scales": "test_noise_is_measured_when_a_run_first_has_each_loss",
    "power/a8/operating_rules.simulated_batch_rule_edge": "test_the_edge_on_batches_is_that_of_trying_each_size",
    "power/shared/batch_sweep.measured_steps": "test_updates_are_those_of_single_networks_on_the_same_batches",
    "power/shared/mean_square_runs.simulated_mean_square_limit": "test_the_limit_is_that_of_single_batches",
    "power/shared/population.mean_of_inputs": "test_one_vector_stands_for_the_inputs_of_a_batch",
    "power/shared/population.mean_square_rate": "test_a_population_of_numbers_is_that_of_a_loop_over_walkers",
    "power/shared/population.mean_square_rate_of_spectrum": "test_a_population_of_vectors_is_that_of_a_loop",
    "power/shared/population.stationary_square": "test_the_stationary_square_is_that_of_single_runs",
}
# What draws numbers and has no twin here: it joins parts that have one, or draws what a law is then compared with.
WITHOUT = set(
    """
    cooling/b3/linear_ensemble.gradient_quench cooling/b3/quench_runs.paired_run cooling/b4/floor.measured_exploration
    cooling/b4/gradient_work.particles_cooled cooling/b6/adaptive_training.adaptive_comparison
    cooling/b6/cooling_time_runs.turned cooling/b6/estimator_checks.least_eigenvalue_at_start
    cooling/b6/resting_systems.settled_perceptron cooling/b6/resting_systems.sgd_rests
    cooling/shared/training_runs.paired_training distance/c2/score_table.least_squares_scores
    distance/c2/score_table.network_scores distance/c2/score_table.tree_and_kernel_scores
    distance/c2/score_variants.adam_paths distance/c2/score_variants.product_scores
    distance/c2/score_variants.recipe_scores distance/c2/score_variants.single_precision_scores
    distance/c2/score_variants.variant_scores distance/c4/deep_distance.train_deep
    distance/c4/relu_gradients.gradient_products distance/c5/allocation.captured
    distance/c5/allocation.forecast_of_network distance/c5/allocation.plain_runs distance/c5/backtest.model_curves
    distance/c5/laws.selection_law distance/c5/recorded_runs.record distance/c5/recorded_runs.recorded_task
    distance/c6/fate.ordered_pairs distance/c7/bootstrap_rows.boosted_spread
    distance/c7/bootstrap_rows.bootstrap_spread distance/c7/bootstrap_rows.fold_errors
    distance/c7/bootstrap_rows.tree_spread
    distance/c7/bootstrap_rows.own_scores distance/c7/feature_groups.feature_scores
    distance/c8/laws.epochs_of_nearest_over_all distance/c8/straightness.walk_share
    distance/c9/identification.finalists distance/c9/reconstruction.search_configurations
    distance/ca/feature_algebra.transferred_equation distance/shared/data_sets.data_set
    distance/shared/data_sets.on_data_sets distance/shared/data_sets.report distance/shared/line_fits.error_ratio
    distance/shared/line_fits.explained distance/shared/norms.epochs_from_direction
    distance/shared/norms.extreme_ratios distance/shared/protocols.splits distance/shared/regions.solved_runs
    distance/shared/regions.sphere_runs power/a3/descent_runs.random_hessian power/a6/learning_rates.best_rate
    power/shared/batch_sweep.batch_size_sweep power/shared/batch_sweep.momentum_sweep power/shared/batch_sweep.tuned
    power/shared/law_table.bootstrap power/shared/law_table.score
    """.split()
)


def place(name: str, root: Path, prefix: str) -> tuple[Path, str]:
    """File under a root, and function, of a name in the table."""
    part, room, rest = name.split("/")
    module, function = rest.split(".")
    [folder] = [f for f in (root / part).iterdir() if f.is_dir() and f.name.split("_")[0] == room]
    return folder / f"{prefix}{module}.py", function


def drawing() -> set[str]:
    """Public functions of the chapters that are given a seed or a generator."""
    found = set()
    for path in CODE.glob("*/*/*.py"):
        part, room = path.parts[-3], path.parts[-2].split("_")[0]
        for node in ast.parse(path.read_text("utf8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                names = {a.arg for a in (*node.args.args, *node.args.kwonlyargs)}
                if names & {"seed", "rng"}:
                    found.add(f"{part}/{room}/{path.stem}.{node.name}")
    return found


def test_every_function_that_draws_is_in_the_table() -> None:
    assert drawing() - set(TWINS) == WITHOUT


@pytest.mark.parametrize(("simulator", "test"), TWINS.items(), ids=TWINS)
def test_a_twin_exists_and_calls_what_it_is_the_twin_of(simulator: str, test: str) -> None:
    code, function = place(simulator, CODE, "")
    assert f"def {function}(" in code.read_text("utf8")
    file, _ = place(simulator, HERE, "test_")
    [body] = [n for n in ast.parse(file.read_text("utf8")).body if isinstance(n, ast.FunctionDef) and n.name == test]
    assert function in {node.id for node in ast.walk(body) if isinstance(node, ast.Name)}
