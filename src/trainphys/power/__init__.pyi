from .batch_sweep import (
    NotBracketed as NotBracketed,
    SweepPoint as SweepPoint,
    Workload as Workload,
    batch_size_sweep as batch_size_sweep,
    measured_steps as measured_steps,
    momentum_sweep as momentum_sweep,
    runs_table as runs_table,
    tuned as tuned,
)
from .bounds import (
    fewest_steps_bound as fewest_steps_bound,
    inverse as inverse,
    most_steps_bound as most_steps_bound,
    ratio as ratio,
    samples_at_small_batch as samples_at_small_batch,
    scaled as scaled,
    scaling_exponent as scaling_exponent,
)
from .closing_time import (
    claimed_closing_time as claimed_closing_time,
    descent_losses as descent_losses,
    neglected_term as neglected_term,
)
from .consistency import (
    ClaimedLaw as ClaimedLaw,
    Pair as Pair,
    agreeing_exponent as agreeing_exponent,
    claimed_laws as claimed_laws,
    factor as factor,
    factors as factors,
    pairs as pairs,
)
from .coupling import (
    claimed_coupling as claimed_coupling,
    critical_coupling as critical_coupling,
    critical_coupling_of_updates as critical_coupling_of_updates,
    split_modes_found as split_modes_found,
    threshold_found as threshold_found,
)
from .curvature_trace import (
    HessianTrace as HessianTrace,
    TraceNotResolved as TraceNotResolved,
    hessian_trace as hessian_trace,
    hutch_plus_plus as hutch_plus_plus,
)
from .descent_runs import (
    damping_found as damping_found,
    growth_rate as growth_rate,
    largest_momentum_found as largest_momentum_found,
    largest_step_found as largest_step_found,
    random_hessian as random_hessian,
    share_of_descents_bounded as share_of_descents_bounded,
    share_of_flows_bounded as share_of_flows_bounded,
)
from .digits_updates import (
    Descent as Descent,
    digits_best_decrease as digits_best_decrease,
    digits_descent as digits_descent,
)
from .divergence import (
    NoisyStep as NoisyStep,
    explosion_probability as explosion_probability,
    simulated_explosions as simulated_explosions,
    split_explosions as split_explosions,
)
from .energy import (
    EnergyReading as EnergyReading,
    PowerModel as PowerModel,
    counters_readable as counters_readable,
    read_energy as read_energy,
)
from .escape import (
    basin_quality as basin_quality,
    kramers_time as kramers_time,
    mean_escape_time as mean_escape_time,
    simulated_basin_quality as simulated_basin_quality,
    simulated_escape_time as simulated_escape_time,
)
from .fits import Fit as Fit, Law as Law, bootstrap as bootstrap, fit as fit, held_out as held_out
from .frontier import (
    claimed_product as claimed_product,
    elasticity_ratio as elasticity_ratio,
    measured_elasticity_ratio as measured_elasticity_ratio,
    product_of_time_and_efficiency as product_of_time_and_efficiency,
)
from .handwritten_digits import Digits as Digits, digits as digits
from .heavy_ball import (
    TunedMomentum as TunedMomentum,
    claimed_momentum as claimed_momentum,
    heavy_ball_loss as heavy_ball_loss,
    heavy_ball_steps as heavy_ball_steps,
    polyak_momentum as polyak_momentum,
    simulated_heavy_ball as simulated_heavy_ball,
    simulated_heavy_ball_loss as simulated_heavy_ball_loss,
    steps_by_momentum as steps_by_momentum,
    tuned_momentum as tuned_momentum,
)
from .help_texts import character_sweep as character_sweep, characters as characters, text as text
from .hessian import (
    Eigenpair as Eigenpair,
    NotConverged as NotConverged,
    largest_eigenpair as largest_eigenpair,
    largest_hessian_eigenpair as largest_hessian_eigenpair,
)
from .hessian_products import (
    GraphHessian as GraphHessian,
    hessian_product as hessian_product,
    model_hessian_product as model_hessian_product,
)
from .lanczos import RitzPair as RitzPair, largest_ritz_pair as largest_ritz_pair
from .law_table import LawScore as LawScore, score as score, section_1 as section_1
from .laws import (
    cheapest_batch_size as cheapest_batch_size,
    claimed_efficiency as claimed_efficiency,
    claimed_efficiency_crossings as claimed_efficiency_crossings,
    claimed_fastest_alpha as claimed_fastest_alpha,
    claimed_time as claimed_time,
    efficiency as efficiency,
    steps_to_target as steps_to_target,
)
from .learning_rates import (
    best_learning_rate as best_learning_rate,
    best_rate as best_rate,
    claimed_learning_rate as claimed_learning_rate,
    fit_learning_rate as fit_learning_rate,
    largest_stable_rate as largest_stable_rate,
    vertex as vertex,
)
from .mean_square import (
    additive_noise_variance as additive_noise_variance,
    largest_mean_square_step as largest_mean_square_step,
    least_damping as least_damping,
    mean_square_factor as mean_square_factor,
)
from .mean_square_margin import (
    mean_square_limit as mean_square_limit,
    simulated_mean_square_limit as simulated_mean_square_limit,
    stability_margin as stability_margin,
)
from .model_loss import check_model_and_data as check_model_and_data, flat_loss as flat_loss
from .noisy_quadratic import (
    NoisyQuadratic as NoisyQuadratic,
    TunedSteps as TunedSteps,
    power_law_quadratic as power_law_quadratic,
)
from .noisy_quadratic_ensemble import (
    LossCurve as LossCurve,
    loss_curve as loss_curve,
    simulated_steps as simulated_steps,
    watched as watched,
)
from .noisy_updates import (
    best_update_quality as best_update_quality,
    noise_batch_size as noise_batch_size,
    simulated_best_quality as simulated_best_quality,
    update_quality as update_quality,
)
from .operating_points import (
    Fastest as Fastest,
    Infeasible as Infeasible,
    Interval as Interval,
    LeastEnergy as LeastEnergy,
    MaxSlowdown as MaxSlowdown,
    Measured as Measured,
    OperatingPoint as OperatingPoint,
    PowerLimit as PowerLimit,
    StepTime as StepTime,
    TimeLimit as TimeLimit,
    operating_point as operating_point,
    predicted_steps as predicted_steps,
)
from .operating_rules import (
    alpha_for_least_energy as alpha_for_least_energy,
    alpha_for_power as alpha_for_power,
    alpha_for_stability as alpha_for_stability,
    alpha_for_time as alpha_for_time,
    claimed_operating_alpha as claimed_operating_alpha,
    simulated_linear_rule_edge as simulated_linear_rule_edge,
)
from .oscillation import (
    claimed_frequency as claimed_frequency,
    loss_frequency as loss_frequency,
    measured_loss_frequency as measured_loss_frequency,
    measured_swing as measured_swing,
    run_scaled as run_scaled,
    swing_frequency as swing_frequency,
    swing_window as swing_window,
)
from .population import (
    largest_mean_square_momentum_found as largest_mean_square_momentum_found,
    largest_mean_square_step_found as largest_mean_square_step_found,
    largest_momentum_with_kicks as largest_momentum_with_kicks,
    mean_square_rate as mean_square_rate,
    stationary_square as stationary_square,
    zero_crossing as zero_crossing,
)
from .sharpness import (
    Path as Path,
    critical_steps_found as critical_steps_found,
    digits_loss as digits_loss,
    first_parameters as first_parameters,
    gradient as gradient,
    sharpness_path as sharpness_path,
)
from .stability import (
    claimed_matrix as claimed_matrix,
    flow_rate as flow_rate,
    growth_factor as growth_factor,
    heavy_ball_matrix as heavy_ball_matrix,
    is_stable as is_stable,
    largest_stable_step as largest_stable_step,
    trace_determinant_says_stable as trace_determinant_says_stable,
)
from .stack_hessian import StackHessian as StackHessian
from .stack_trace import stack_hessian_trace as stack_hessian_trace
from .temperature import sgd_temperature as sgd_temperature, simulated_temperature as simulated_temperature
from .update_time import fit_step_time as fit_step_time, timed_updates as timed_updates
