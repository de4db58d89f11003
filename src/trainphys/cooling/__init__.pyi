from .adaptive_cooling import AdaptiveCooling as AdaptiveCooling
from .adaptive_training import (
    AdaptiveComparison as AdaptiveComparison,
    adaptive_comparison as adaptive_comparison,
    adaptive_scores as adaptive_scores,
    batch_noise as batch_noise,
)
from .aim_evidence import (
    aim_cases as aim_cases,
    best_for as best_for,
    comes_to as comes_to,
    optimum_cases as optimum_cases,
    work_cases as work_cases,
)
from .balance_evidence import balance_cases as balance_cases, drift_traces as drift_traces, rate_cases as rate_cases
from .beyond_temperature import (
    einstein_ratio as einstein_ratio,
    multiplicative_variance as multiplicative_variance,
    stable_width as stable_width,
    tail_index as tail_index,
    tail_share as tail_share,
)
from .clock import OnClock as OnClock, updates_clock as updates_clock
from .cooling_times import (
    claimed_cooling_time as claimed_cooling_time,
    closeness_time as closeness_time,
    dissipation_time as dissipation_time,
    entropy_and_divergence as entropy_and_divergence,
    final_temperature as final_temperature,
    relaxation_time as relaxation_time,
    slow_limits as slow_limits,
    spread_temperature as spread_temperature,
)
from .cooling_trigger import (
    TriggerHistory as TriggerHistory,
    annealing_formula_ratio as annealing_formula_ratio,
    density_rate as density_rate,
    entropy_ratio as entropy_ratio,
    fluctuation_ratio as fluctuation_ratio,
    follow_trigger as follow_trigger,
    frozen_fluctuation_ratio as frozen_fluctuation_ratio,
    frozen_share_fluctuation as frozen_share_fluctuation,
    over as over,
    quench_formula_ratio as quench_formula_ratio,
    refined_trigger as refined_trigger,
    trigger_ratio as trigger_ratio,
)
from .dimensions import Dimension as Dimension, UnitChange as UnitChange, measured_dimension as measured_dimension
from .drift_balance import (
    balancing_exponent as balancing_exponent,
    coupled_rate as coupled_rate,
    drift_ratio as drift_ratio,
    drift_ratio_exponent as drift_ratio_exponent,
    measured_drift_change as measured_drift_change,
    measured_drift_ratio as measured_drift_ratio,
    power_well as power_well,
    sgd_cooling as sgd_cooling,
)
from .drift_only import (
    DriftError as DriftError,
    drift_error as drift_error,
    drift_flow as drift_flow,
    without_diffusion as without_diffusion,
)
from .end_point_evidence import (
    end_cases as end_cases,
    start_cases as start_cases,
    time_constant_cases as time_constant_cases,
)
from .end_points import (
    curvature_range as curvature_range,
    final_temperature_for as final_temperature_for,
    freezing_temperature as freezing_temperature,
    measured_end_temperature as measured_end_temperature,
    measured_spreads as measured_spreads,
)
from .entropy import (
    EntropyHistory as EntropyHistory,
    Production as Production,
    divergence as divergence,
    history as history,
    largest_rise as largest_rise,
    production as production,
)
from .entropy_terms import (
    EntropyTerms as EntropyTerms,
    density_terms as density_terms,
    gaussian_terms as gaussian_terms,
    housekeeping as housekeeping,
    reheated_terms as reheated_terms,
    slopes as slopes,
    well_terms as well_terms,
)
from .estimator_checks import (
    claimed_from_batches as claimed_from_batches,
    decay_time as decay_time,
    ensemble_estimators as ensemble_estimators,
    needed_temperature as needed_temperature,
    sgd_needed_temperature as sgd_needed_temperature,
    spread_at as spread_at,
)
from .estimator_evidence import (
    cooling_time_rows as cooling_time_rows,
    decay_times as decay_times,
    entropy_limits as entropy_limits,
    final_temperature_rows as final_temperature_rows,
    negative_row as negative_row,
    resting_cases as resting_cases,
    temperature_rows as temperature_rows,
)
from .exploration_floor import (
    crossed_share as crossed_share,
    explored_share as explored_share,
    floor_diffusion as floor_diffusion,
    level_wells as level_wells,
    measured_crossing as measured_crossing,
)
from .floor_evidence import floor_cases as floor_cases
from .fluctuation import (
    gaussian_log_density as gaussian_log_density,
    integral_fluctuation as integral_fluctuation,
    path_entropy as path_entropy,
)
from .fokker_planck import (
    Densities as Densities,
    Grid as Grid,
    boltzmann as boltzmann,
    evolve as evolve,
    jump_rates as jump_rates,
)
from .fokker_planck_2d import Box as Box, FokkerPlanck2D as FokkerPlanck2D
from .gaussian import (
    euler_temperature as euler_temperature,
    frozen_temperature as frozen_temperature,
    gaussian_divergence as gaussian_divergence,
    gaussian_production as gaussian_production,
    lag as lag,
    particle_divergence as particle_divergence,
    trailing_lag as trailing_lag,
)
from .gradient_work import (
    floor_schedule as floor_schedule,
    particle_heat as particle_heat,
    particle_work as particle_work,
)
from .halving import halved as halved
from .heat import entropy_produced as entropy_produced
from .langevin_ensemble import Ensemble as Ensemble, langevin as langevin
from .linear_ensemble import (
    LinearPaths as LinearPaths,
    cloud_production as cloud_production,
    entropy_of_cloud as entropy_of_cloud,
    entropy_over as entropy_over,
    linear_paths as linear_paths,
)
from .lr_scheduler import ShapedLR as ShapedLR, torch_exponential_fall as torch_exponential_fall
from .measured_temperature import (
    NotIdentifiable as NotIdentifiable,
    SgdTemperature as SgdTemperature,
    sgd_temperature as sgd_temperature,
)
from .minibatch import (
    RestingModes as RestingModes,
    SampledLoss as SampledLoss,
    TiltedQuadratic as TiltedQuadratic,
    descend as descend,
    diffusion_along as diffusion_along,
    mean_ratio as mean_ratio,
    noise_level as noise_level,
    quotient as quotient,
    rest as rest,
    tilted_quadratic as tilted_quadratic,
)
from .noise_temperature import (
    mean_loss_temperature as mean_loss_temperature,
    mode_product as mode_product,
    mode_temperature as mode_temperature,
    turning_rate as turning_rate,
)
from .optimal_harmonic import (
    best_coupled_rate as best_coupled_rate,
    least_energy_dissipated as least_energy_dissipated,
    least_energy_temperature as least_energy_temperature,
    least_entropy_produced as least_entropy_produced,
    least_entropy_schedule as least_entropy_schedule,
    least_entropy_to_rest as least_entropy_to_rest,
    least_final_loss as least_final_loss,
    least_gradient_work as least_gradient_work,
)
from .optimal_hopping import (
    best_hopping_share as best_hopping_share,
    best_hopping_temperature as best_hopping_temperature,
    best_share as best_share,
)
from .optimal_numeric import (
    Optimum as Optimum,
    Outcome as Outcome,
    PiecewiseLog as PiecewiseLog,
    follow as follow,
    optimal_schedule as optimal_schedule,
    refined_outcome as refined_outcome,
)
from .optimal_shape_evidence import (
    entropy_cases as entropy_cases,
    failure_cases as failure_cases,
    training_cases as training_cases,
)
from .ornstein_uhlenbeck import (
    drift_and_diffusion as drift_and_diffusion,
    ou_moments as ou_moments,
    ou_step as ou_step,
    rotating_drift as rotating_drift,
    sample_ou as sample_ou,
    stationary_covariance as stationary_covariance,
)
from .perceptron import Perceptron as Perceptron, perceptron_digits as perceptron_digits
from .philox import fill_normals as fill_normals, key_of as key_of, normals as normals, philox4x32 as philox4x32
from .potentials import (
    Custom as Custom,
    Potential as Potential,
    Quartic as Quartic,
    Wells as Wells,
    double_well as double_well,
    harmonic as harmonic,
    wells as wells,
)
from .quasistatic import SlowCooling as SlowCooling, slow_cooling as slow_cooling, slowness as slowness
from .quasistatic_condition import (
    Condition as Condition,
    Snapshot as Snapshot,
    condition_of as condition_of,
    met_share as met_share,
    pointwise_share as pointwise_share,
    quasistatic_ratio as quasistatic_ratio,
    snapshot as snapshot,
)
from .quasistatic_evidence import quasistatic_cases as quasistatic_cases
from .quench_laws import (
    drift_to_noise as drift_to_noise,
    drift_window as drift_window,
    quench_number as quench_number,
    transport_bound as transport_bound,
    variance_excess as variance_excess,
    variance_total_variation as variance_total_variation,
)
from .quench_race import (
    Budget as Budget,
    Race as Race,
    exponential_through as exponential_through,
    race as race,
    race_law as race_law,
    race_particles as race_particles,
)
from .quench_runs import (
    MomentRates as MomentRates,
    PairedRun as PairedRun,
    Units as Units,
    conditions_in_units as conditions_in_units,
    gradient_quench as gradient_quench,
    grid_of as grid_of,
    moment_rates as moment_rates,
    number_at_end as number_at_end,
    paired_run as paired_run,
    shifted_well as shifted_well,
    terms_over as terms_over,
)
from .refined_runs import cooling_run as cooling_run, densities_along as densities_along, refined as refined
from .rescaled_cooling import Cooled as Cooled, cooled as cooled, rescaled as rescaled
from .resting_systems import (
    RestingCase as RestingCase,
    rest_on_perceptron as rest_on_perceptron,
    rest_on_softmax as rest_on_softmax,
)
from .scalar_sgd import (
    einstein_samples as einstein_samples,
    reshuffled_noise as reshuffled_noise,
    scalar_updates as scalar_updates,
    spread_curvature_noise as spread_curvature_noise,
    stable_noise as stable_noise,
    two_point_noise as two_point_noise,
    updates_density as updates_density,
    width as width,
)
from .schedule_race import (
    ShapedCooling as ShapedCooling,
    best_chance_cooling as best_chance_cooling,
    contestant as contestant,
    corrugated as corrugated,
    failure_ratio as failure_ratio,
    failure_ratio_law as failure_ratio_law,
    final_failure as final_failure,
    landscapes as landscapes,
    race_table as race_table,
    tuned_failure as tuned_failure,
    tuned_table as tuned_table,
    two_state_failure as two_state_failure,
)
from .schedule_shapes import (
    constant_shape as constant_shape,
    cooling_time as cooling_time,
    cosine_decay as cosine_decay,
    exponential_decay as exponential_decay,
    inverse_time_decay as inverse_time_decay,
    linear_decay as linear_decay,
    logarithmic_decay as logarithmic_decay,
    quench_shape as quench_shape,
    step_decay as step_decay,
)
from .schedules import Exponential as Exponential, Schedule as Schedule, cooling as cooling, quench as quench
from .sgd_at_rest import StationarySgd as StationarySgd, Trainable as Trainable, stationary_sgd as stationary_sgd
from .sgd_laws import (
    claimed_final_temperature as claimed_final_temperature,
    claimed_initial_temperature as claimed_initial_temperature,
    momentum_covariance as momentum_covariance,
    momentum_mode_temperature as momentum_mode_temperature,
)
from .softmax_regression import SoftmaxRegression as SoftmaxRegression, softmax_digits as softmax_digits
from .spacings import produced_by_particles as produced_by_particles, spacing_entropy as spacing_entropy
from .success import (
    boltzmann_success as boltzmann_success,
    claimed_success as claimed_success,
    crowding as crowding,
    harmonic_success as harmonic_success,
    lagging_success as lagging_success,
    mass_within as mass_within,
    share_within as share_within,
)
from .thermodynamic_speed import (
    best_staircase as best_staircase,
    constant_speed_schedule as constant_speed_schedule,
    entropic_friction as entropic_friction,
    measured_slow_entropy as measured_slow_entropy,
    slow_entropy as slow_entropy,
    thermodynamic_length as thermodynamic_length,
)
from .tilted_noise import (
    NoiseAxes as NoiseAxes,
    RestingDensity as RestingDensity,
    resting_density as resting_density,
    tilted_updates as tilted_updates,
)
from .training_runs import (
    NotBracketed as NotBracketed,
    ScheduleRuns as ScheduleRuns,
    final_scores as final_scores,
    paired_training as paired_training,
    schedule_runs as schedule_runs,
)
from .trigger_evidence import speed_rows as speed_rows, trapping_rows as trapping_rows
from .two_state import Hopping as Hopping, hopping as hopping, upper_share as upper_share
