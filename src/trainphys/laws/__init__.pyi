"""The laws, by subject; each is loaded when it is first used. What is not named here has no promise."""

from .batch_size import (
    batch_fraction_for_least_energy,
    batch_fraction_for_power,
    batch_fraction_for_time,
    cheapest_batch_size,
    sample_efficiency,
    steps_to_target,
)
from .contraction import contraction_factor, epochs_from_error, epochs_remaining
from .cooling_plan import dissipation_time, final_temperature, freezing_temperature, time_to_closeness
from .divergence import explosion_probability
from .drift_balance import balancing_exponent, rate_for_temperature
from .entropy_rate import entropy_rates_after_jump, entropy_rates_in_well
from .escape import mean_escape_time
from .gaussian_well import divergence_from_boltzmann, entropy_production, steady_lag, variance_lag
from .heavy_tails import einstein_ratio
from .hot_start import best_start
from .momentum import tuned_momentum
from .one_update import best_expected_decrease, best_learning_rate
from .optimal_schedules import least_entropy_schedule
from .oscillation import critical_coupling, loss_frequency, update_frequency
from .quench import drift_only_window, quench_number
from .selection import concordance, saving_by_selection
from .stability import growth_factor, is_stable, largest_mean_square_step, largest_stable_step, least_damping
from .steps_from_gradient import epochs_from_loss, fewest_epochs
from .success import harmonic_success
from .temperature import rotation_rate, stationary_temperature
from .thermodynamic_length import constant_speed_schedule
from .two_wells import crossed_share, hopping_rate

__all__ = [
    # batch size: updates, samples, energy, and the batch for a limit
    "batch_fraction_for_least_energy",
    "batch_fraction_for_power",
    "batch_fraction_for_time",
    "best_expected_decrease",
    "best_learning_rate",
    "cheapest_batch_size",
    "sample_efficiency",
    "steps_to_target",
    # stability: step, momentum, swings and explosions
    "critical_coupling",
    "explosion_probability",
    "growth_factor",
    "is_stable",
    "largest_mean_square_step",
    "largest_stable_step",
    "least_damping",
    "loss_frequency",
    "tuned_momentum",
    "update_frequency",
    # temperature of stochastic gradient descent, and where there is none
    "einstein_ratio",
    "rate_for_temperature",
    "rotation_rate",
    "stationary_temperature",
    # a quadratic well that is cooled or quenched
    "balancing_exponent",
    "divergence_from_boltzmann",
    "drift_only_window",
    "entropy_production",
    "entropy_rates_after_jump",
    "entropy_rates_in_well",
    "quench_number",
    "steady_lag",
    "variance_lag",
    # schedules and how slow they have to be
    "best_start",
    "constant_speed_schedule",
    "dissipation_time",
    "final_temperature",
    "freezing_temperature",
    "harmonic_success",
    "least_entropy_schedule",
    "time_to_closeness",
    # two wells
    "crossed_share",
    "hopping_rate",
    "mean_escape_time",
    # time to go
    "contraction_factor",
    "epochs_from_error",
    "epochs_from_loss",
    "epochs_remaining",
    "fewest_epochs",
    # ranking starts
    "concordance",
    "saving_by_selection",
]
