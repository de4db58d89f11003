"""The tools, by subject; each is loaded when it is first used. What is not named here or in ``laws`` has no promise."""

from . import laws, simulate, tools
from .ensemble.streams import stream
from .ensemble.sweep import sweep
from .errors import Infeasible, NotConverged, NotIdentifiable
from .estimate import Estimate
from .tools.batch_size.energy import PowerModel, read_energy
from .tools.batch_size.limits import Fastest, LeastEnergy, MaxSlowdown, PowerLimit, TimeLimit
from .tools.batch_size.measured import Measured
from .tools.batch_size.new_run import predicted_steps
from .tools.batch_size.operating_point import operating_point
from .tools.batch_size.step_time import StepTime
from .tools.curvature.hessian_trace import hessian_trace
from .tools.curvature.sharpness import sharpness
from .tools.gradients.noise_scale import gradient_covariance_trace, noise_scale
from .tools.gradients.sgd_temperature import sgd_temperature
from .tools.probe.cost import probe_cost
from .tools.probe.probe import probe
from .tools.probe.recorder import ProbeRecorder
from .tools.probe.self_check import self_check
from .tools.schedules.adaptive_cooling import AdaptiveCooling
from .tools.schedules.shaped_lr import ShapedLR
from .tools.time_to_target.forecast import time_to_target, widening_from_runs

__all__ = [
    # rooms
    "laws",
    "simulate",
    "tools",
    # measured numbers, and what a tool raises when there is none
    "Estimate",
    "Infeasible",
    "NotConverged",
    "NotIdentifiable",
    # batch size for a limit of time, power or slowdown
    "Fastest",
    "LeastEnergy",
    "MaxSlowdown",
    "Measured",
    "PowerLimit",
    "PowerModel",
    "StepTime",
    "TimeLimit",
    "operating_point",
    "predicted_steps",
    "read_energy",
    # all of a run in one call, along a run, its cost beforehand, and whether it is right here
    "ProbeRecorder",
    "probe",
    "probe_cost",
    "self_check",
    # curvature of a model
    "hessian_trace",
    "sharpness",
    # noise of its gradients
    "gradient_covariance_trace",
    "noise_scale",
    "sgd_temperature",
    # schedules for its learning rate
    "AdaptiveCooling",
    "ShapedLR",
    # updates that are still needed
    "time_to_target",
    "widening_from_runs",
    # runs
    "stream",
    "sweep",
]

__version__: str
