from .allocation import (
    Decisions as Decisions,
    captured as captured,
    captured_over_correlation as captured_over_correlation,
    decisions as decisions,
    forecast_from_start as forecast_from_start,
    forecast_of_network as forecast_of_network,
    plain_runs as plain_runs,
)
from .backtest import (
    BackTest as BackTest,
    back_test as back_test,
    model_curves as model_curves,
    spectrum_curves as spectrum_curves,
)
from .basins import reaches_solution as reaches_solution, trapped_share_by_signs as trapped_share_by_signs
from .blind_search import noticed_share as noticed_share
from .bootstrap_rows import (
    BootstrapSpread as BootstrapSpread,
    Folds as Folds,
    bootstrap_spread as bootstrap_spread,
    drawn_again as drawn_again,
    fold_errors as fold_errors,
    geometric_mean as geometric_mean,
    own_scores as own_scores,
)
from .calibration_runs import (
    calibration_tests as calibration_tests,
    few_modes as few_modes,
    group_widenings as group_widenings,
    random_least_squares as random_least_squares,
)
from .conclusion_cases import (
    choosing_cases as choosing_cases,
    model_cases as model_cases,
    proportion_cases as proportion_cases,
    slowness_cases as slowness_cases,
    wide_and_narrow as wide_and_narrow,
)
from .configurations import Configuration as Configuration, report_rows as report_rows, traces as traces
from .contraction import (
    epochs_remaining as epochs_remaining,
    epochs_remaining_from_error as epochs_remaining_from_error,
    factor as factor,
    mean_distances as mean_distances,
)
from .deep_distance import DeepRuns as DeepRuns, digits_inputs as digits_inputs, train_deep as train_deep
from .epoch_counts import count_epochs as count_epochs
from .equivalences import (
    change_tolerance as change_tolerance,
    delayed_tolerance as delayed_tolerance,
    equivalent_rate as equivalent_rate,
    rate_from_spread as rate_from_spread,
)
from .fate import fate_scores as fate_scores, ordered_pairs as ordered_pairs
from .feature_algebra import (
    Transfer as Transfer,
    rounding_score as rounding_score,
    transferred_equation as transferred_equation,
)
from .feature_groups import (
    FeatureScores as FeatureScores,
    feature_scores as feature_scores,
    known_now as known_now,
    tree as tree,
)
from .features import columns_of as columns_of, feature_table as feature_table
from .forensics import (
    Bounds as Bounds,
    bhatia_davis_variance as bhatia_davis_variance,
    least_squares_sum as least_squares_sum,
    mean_epochs_remaining as mean_epochs_remaining,
    run_lengths as run_lengths,
    samuelson_variance as samuelson_variance,
    sums_of_squares as sums_of_squares,
    target_variance_bounds as target_variance_bounds,
)
from .gradient_laws import (
    end_loss as end_loss,
    epochs_from_gradient as epochs_from_gradient,
    epochs_from_gradient_vector as epochs_from_gradient_vector,
    epochs_from_loss as epochs_from_loss,
    fewest_epochs as fewest_epochs,
    gradient_norm_from_loss as gradient_norm_from_loss,
    step_length as step_length,
)
from .guarantee import (
    converged_share as converged_share,
    solved_and_stopped as solved_and_stopped,
    solved_share_normal as solved_share_normal,
    solved_share_uniform as solved_share_uniform,
)
from .halving import (
    RecordedRun as RecordedRun,
    halving_search as halving_search,
    successive_halving as successive_halving,
)
from .heavy_ball import (
    heavy_ball_errors as heavy_ball_errors,
    heavy_ball_factor as heavy_ball_factor,
    train_heavy_ball as train_heavy_ball,
)
from .identification import (
    Recovery as Recovery,
    best_of_each as best_of_each,
    epoch_rate as epoch_rate,
    finalists as finalists,
    not_excluded as not_excluded,
    ranked as ranked,
    recover as recover,
)
from .landscape import (
    gradient as gradient,
    hessian as hessian,
    loss as loss,
    solution as solution,
    solvable as solvable,
)
from .laws import (
    Line as Line,
    error_ratio as error_ratio,
    explained as explained,
    first_below as first_below,
    fit_line as fit_line,
    halves as halves,
)
from .layered_digits import (
    LayeredRuns as LayeredRuns,
    start_losses_and_epochs as start_losses_and_epochs,
    train_layered as train_layered,
)
from .line_cases import (
    Straightness as Straightness,
    layered_cases as layered_cases,
    layered_runs as layered_runs,
    two_sided_cases as two_sided_cases,
    walk_cases as walk_cases,
)
from .model_table import (
    ScoreTable as ScoreTable,
    data_set as data_set,
    on_data_sets as on_data_sets,
    score_tables as score_tables,
)
from .network_times import (
    NetworkRuns as NetworkRuns,
    Setup as Setup,
    crossing_times as crossing_times,
    network_runs as network_runs,
)
from .norms import (
    epochs_from_direction as epochs_from_direction,
    extreme_ratios as extreme_ratios,
    norm_ratio as norm_ratio,
)
from .protocols import judged as judged, splits as splits, variance_explained as variance_explained
from .pytorch_loop import pytorch_run as pytorch_run
from .reconstruction import (
    Bank as Bank,
    Figures as Figures,
    reconstruction_space as reconstruction_space,
    search_configurations as search_configurations,
)
from .recorded_runs import (
    Plan as Plan,
    Recorded as Recorded,
    gradient_norms as gradient_norms,
    record as record,
    recorded_task as recorded_task,
)
from .refusals import (
    NotIdentifiable as NotIdentifiable,
    refuse_reached_by_noise as refuse_reached_by_noise,
    refuse_undecided as refuse_undecided,
    refuse_unsettled as refuse_unsettled,
    tails_agree_within as tails_agree_within,
)
from .regions import (
    RegionTime as RegionTime,
    exact_epochs as exact_epochs,
    matched as matched,
    region_times as region_times,
    solved_runs as solved_runs,
    sphere_runs as sphere_runs,
    start_regions as start_regions,
)
from .regressors import (
    adam_scores as adam_scores,
    expanded as expanded,
    exponential as exponential,
    kernel_blocks as kernel_blocks,
    least_squares as least_squares,
    linear_kernel as linear_kernel,
    lowest_ridge_score as lowest_ridge_score,
    powers as powers,
    products as products,
    standardised as standardised,
)
from .relu_gradients import Products as Products, gradient_products as gradient_products, unit_slopes as unit_slopes
from .relu_regressors import relu_networks as relu_networks
from .remaining_steps import (
    RemainingSteps as RemainingSteps,
    time_to_target as time_to_target,
    widening_from_runs as widening_from_runs,
)
from .replicates import (
    Fit as Fit,
    Replicates as Replicates,
    fit_of as fit_of,
    linear_score as linear_score,
    replicate_reports as replicate_reports,
)
from .run_records import Records as Records, records as records
from .score_variants import (
    adam_paths as adam_paths,
    linear_kernel_scores as linear_kernel_scores,
    product_scores as product_scores,
    variant_scores as variant_scores,
)
from .selection import (
    largest_saving as largest_saving,
    ranking_price as ranking_price,
    saving_by_selection as saving_by_selection,
    selection_intensity as selection_intensity,
    share_ordered as share_ordered,
)
from .simple_models import (
    exact_law_misses as exact_law_misses,
    mean_squares as mean_squares,
    own_minimum as own_minimum,
)
from .slowness import (
    as_far as as_far,
    ratio_of_means as ratio_of_means,
    saving_by_start as saving_by_start,
    slowness_by_group as slowness_by_group,
    slowness_by_parameter as slowness_by_parameter,
)
from .smart_starts import (
    RankedRuns as RankedRuns,
    SelectionLaw as SelectionLaw,
    loss_tolerance as loss_tolerance,
    not_slower as not_slower,
    ranked_runs as ranked_runs,
    selection_law as selection_law,
    starts_of as starts_of,
    yield_ratio as yield_ratio,
)
from .staircase import (
    boosted_residual as boosted_residual,
    effective_tolerance as effective_tolerance,
    epochs_from_bias_ratio as epochs_from_bias_ratio,
    epochs_from_last_distance as epochs_from_last_distance,
    last_distance_step as last_distance_step,
)
from .starts import draw_starts as draw_starts
from .stationary_points import (
    CriticalPoint as CriticalPoint,
    critical_points as critical_points,
    least_slope as least_slope,
)
from .straightness import (
    epochs_between as epochs_between,
    held_out_share as held_out_share,
    line_share as line_share,
    line_share_epochs as line_share_epochs,
    slowdown_limit as slowdown_limit,
)
from .summaries import Reports as Reports, one_report as one_report, reports as reports
from .tails import (
    Laws as Laws,
    Outlook as Outlook,
    effective as effective,
    fit_laws as fit_laws,
    outlook as outlook,
)
from .trajectories import Runs as Runs, train as train, train_pieces as train_pieces
from .two_sided import (
    TwoSidedRuns as TwoSidedRuns,
    free_unit_factor as free_unit_factor,
    train_two_sided as train_two_sided,
)
