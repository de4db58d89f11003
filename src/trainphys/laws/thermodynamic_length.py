"""Slow cooling of any loss: the friction of a temperature, the length of a way, and the schedule of constant speed."""

import numpy as np

from trainphys.arrays import Array
from trainphys.checks import positive
from trainphys.laws.slow_cooling import SlowCooling, slow_cooling
from trainphys.systems.coolings import PiecewiseLog, Schedule
from trainphys.systems.grid import Grid
from trainphys.systems.losses import Potential, check_potential

POINTS = 100  # temperatures of the trapezoidal rule


def entropic_friction(potential: Potential, temperature: float, mobility: float = 1.0) -> float:
    r"""Entropy that slow cooling produces: $\zeta(T)$ in $\dot s_{\rm tot}=\zeta(T)\,(\dot T/T)^2$, in units of time.

    $$\zeta=\frac{\operatorname{var}(L)}{T^2}\,\tau_{\rm friction},$$ with the friction time of ``slow_cooling``. In a
    quadratic well it is $1/(4\eta k)$ at every temperature; for $L\propto|x|^n$ it is proportional to $T^{2/n-1}$.

    Source: Sivak and Crooks (2012), "Thermodynamic metrics and optimal paths".

    >>> from trainphys.systems.losses import harmonic
    >>> round(entropic_friction(harmonic(2.0), 0.3), 4)
    0.125
    """
    return _response(potential, temperature, mobility).production


def slow_entropy(potential: Potential, schedule: Schedule, duration: float, points: int = 400) -> float:
    r"""Entropy produced by slow cooling at mobility one, $\int\zeta(T)\left(\frac{d\ln T}{dt}\right)^2dt$, in nats.

    >>> from trainphys.systems.losses import harmonic
    >>> from trainphys.systems.coolings import Exponential
    >>> round(slow_entropy(harmonic(), Exponential(1.0, tau=10.0), 20.0, 50), 4)  # t / (4 tau^2)
    0.05
    """
    positive(duration=duration)
    log_t = np.log(schedule.temperature(np.linspace(0, duration, points + 1)))
    speed = np.diff(log_t) * points / duration
    nodes = np.linspace(log_t.min(), log_t.max(), 80)
    friction = np.interp((log_t[1:] + log_t[:-1]) / 2, nodes, [entropic_friction(potential, T) for T in np.exp(nodes)])
    return float((friction * speed**2).sum() * duration / points)


def thermodynamic_length(potential: Potential, start: float, end: float) -> float:
    r"""Length of the way between two temperatures; squared and over the time it is the least entropy of slow cooling.

    $$\mathcal L=\int_{T_f}^{T_0}\sqrt{\zeta(T)}\,\frac{dT}T,\qquad\Sigma_{\min}=\mathcal L^2/t_f,$$ at mobility one.

    Source: Sivak and Crooks (2012); Salamon and Berry (1983), "Thermodynamic length and dissipated availability".

    >>> from trainphys.systems.losses import harmonic
    >>> round(float(thermodynamic_length(harmonic(4.0), 1.0, 0.1) * 4 / np.log(10.0)), 3)
    1.0
    """
    return float(_lengths(potential, start, end)[2][-1])


def constant_speed_schedule(potential: Potential, start: float, end: float, duration: float) -> PiecewiseLog:
    r"""Slow schedule of least entropy production: $\sqrt{\zeta(T)}\,|d\ln T/dt|$ is constant, mobility one.

    $\zeta=\operatorname{var}(L)\,\tau_{\rm friction}/T^2$ is the friction of the temperature. Exponential in a
    quadratic well; between uneven wells it lingers where jumps between them are about to freeze.

    Args:
        potential: the loss, one dimension.
        start: $T_0$, loss units.
        end: $0<T_f<T_0$.
        duration: $t_f>0$; so long that the lag time of ``slow_cooling`` times $|d\ln T/dt|$ stays below one.

    Raises:
        ValueError: temperatures that are not positive or do not fall, or a duration that is not positive or too short:
            then this is no law of slow cooling, and another schedule may produce less entropy.

    Source: Sivak and Crooks (2012), "Thermodynamic metrics and optimal paths".

    >>> from trainphys.systems.losses import harmonic
    >>> slow = constant_speed_schedule(harmonic(), 1.0, 0.01, 10.0)
    >>> round(float(slow.temperature(5.0)), 4)
    0.1
    """
    positive(duration=duration)
    temperatures, slow, lengths = _lengths(potential, start, end)
    needed = max(s.lag_time / np.sqrt(s.production) for s in slow) * lengths[-1]
    if duration < needed:
        raise ValueError(
            f"expected a duration of at least {needed:.3g}, in which the density keeps up with the temperature, "
            f"got {duration:g}: take longer, or end at a higher temperature"
        )
    times = duration * lengths / lengths[-1]
    return PiecewiseLog(tuple(times.tolist()), tuple(temperatures.tolist()), (1.0,) * POINTS)


def _response(potential: Potential, temperature: float, mobility: float = 1.0) -> SlowCooling:
    return slow_cooling(potential, temperature, mobility, Grid.around(potential, temperature, 3000))


def _lengths(potential: Potential, start: float, end: float) -> tuple[Array, list[SlowCooling], Array]:
    """Falling temperatures, the lags and frictions of each, and the length from the first to each."""
    if not 0 < end < start:
        raise ValueError(f"expected 0 < end < start, got {end} and {start}: cooling goes down")
    check_potential(potential, any_loss=True)
    temperatures = np.geomspace(start, end, POINTS)
    slow = [_response(potential, float(T)) for T in temperatures]
    speed = np.sqrt([s.production for s in slow])
    step = np.log(temperatures[0] / temperatures[1])
    return temperatures, slow, np.concatenate([[0.0], np.cumsum((speed[1:] + speed[:-1]) / 2 * step)])
