"""The learning rate at half the pace of the temperature: does it follow, and does it keep the balance?"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from trainphys.ensemble import stream
from trainphys.estimate import Estimate
from trainphys.laws.drift_balance import drift_ratio, drift_ratio_exponent
from trainphys.laws.gaussian_well import variance_lag
from trainphys.simulate.cooling_runs import with_refinement_error
from trainphys.simulate.fokker_planck import evolve
from trainphys.simulate.langevin import langevin
from trainphys.systems.coolings import Exponential
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import Custom, Quartic, harmonic


def power_well(power: float) -> Custom:
    r"""$L=|x|^n$, for densities (no slope for particles).

    Raises:
        ValueError: a power that is not positive.

    >>> float(power_well(4.0).value(-2.0))
    16.0
    """
    if not power > 0:
        raise ValueError(f"expected power > 0, got {power}")
    return Custom(lambda x: np.asarray(np.abs(np.asarray(x, dtype=float)) ** power), None)


def measured_drift_change(power: float, tie: float, tau: float, start: float = 1.0, fall: float = 100.0) -> Estimate:
    r"""R at the end of a slow cooling run in $L=|x|^n$ over R a tenth of the way, by the Fokker-Planck equation.

    R is taken from the density's $\langle L'^2\rangle$; the mobility is $\eta=(T/T_0)^a$. Between the two
    moments T falls by the factor $F^{0.9}$.

    Args:
        power: n > 1.
        tie: a.
        tau: cooling time.
        start: $T_0$, of the equilibrium at the start.
        fall: $F=T_0/T_f>1$.
    """
    loss = power_well(power)
    schedule = Exponential(start, tau, mobility_tau=tau / tie if tie else np.inf)
    duration = schedule.duration(start / fall)

    def change(cells: int, steps: int) -> float:
        grid = Grid.around(loss, start, cells)
        times = np.linspace(0, duration, steps + 1)
        run = evolve(loss, boltzmann(loss, start, grid), schedule, times, grid, record=[steps // 10, steps])
        steepness = (power * np.abs(grid.centres) ** (power - 1)) ** 2
        squares = (run.density * steepness).sum(axis=1) * grid.width
        ratio = np.sqrt(schedule.mobility(run.times) * squares / (2 * schedule.temperature(run.times)))
        return float(ratio[1] / ratio[0])

    return with_refinement_error(change, 2400, 2000)


def measured_drift_ratio(
    potential: Quartic, schedule: Exponential, duration: float, dt: float, particles: int, rng: np.random.Generator
) -> list[Estimate]:
    """R of Langevin particles at the start, a quarter, half, three quarters and the end of a run.

    Particles start from equilibrium in the quadratic approximation at the minimum (x = 0).

    Args:
        potential: a quadratic well.
        schedule: temperature and mobility.
        duration: length of the run.
        dt: time step.
        particles: number of particles.
        rng: generator of this task.
    """
    curvature = 2 * potential.coefficients[2]
    steps = 4 * max(1, round(duration / dt / 4))
    times = np.linspace(0, duration, steps + 1)
    first = np.sqrt(float(schedule.temperature(0.0)) / curvature) * rng.standard_normal(particles)
    run = langevin(potential, first, schedule, times, rng, record=np.arange(0, steps + 1, steps // 4))
    found = []
    for t, x in zip(run.times, run.states, strict=True):
        mean = Estimate.from_samples((curvature * x) ** 2)
        value = float(np.sqrt(schedule.mobility(t) * mean.value / (2 * schedule.temperature(t))))
        found.append(Estimate(value, value * mean.stderr / mean.value / 2, particles, mean.dof))
    return found


def sgd_cooling(
    *, rate_exponent: float, batch_exponent: float, tau: float, duration: float, rate: float, replicas: int,
    rng: np.random.Generator, curvature: float = 1.0, gradient_variance: float = 1.0, batch_size: float = 64.0,
) -> tuple[Estimate, float]:  # fmt: skip
    r"""Temperature of SGD at the end of a run over that at its start, from the spread of many replicas.

    One quadratic loss, gradients with independent Gaussian noise of variance c/B; update n has
    $\eta=\eta_0e^{-an/\tau}$ and $B=B_0e^{bn/\tau}$. The temperature is $k\langle\theta^2\rangle$.
    Replicas start at rest.

    Args:
        rate_exponent: a; the document says 1/2.
        batch_exponent: b; 0 keeps the batch size.
        tau: in updates.
        duration: in updates.
        rate: $\eta_0$, with $\eta_0k\ll1$.
        replicas: independent runs.
        rng: generator of this task.
        curvature: k.
        gradient_variance: c.
        batch_size: $B_0$.

    Returns:
        The measured ratio, and the share by which the spread trails behind the temperature, to first order.
    """
    updates = round(duration)
    theta = np.sqrt(rate * gradient_variance / (2 * batch_size) / (curvature * (1 - rate * curvature / 2)))
    theta = (theta * rng.standard_normal(replicas)).astype(np.float32)
    first = Estimate.from_samples(theta**2)
    for n in range(updates):
        eta = rate * np.exp(-rate_exponent * n / tau)
        noise = np.sqrt(gradient_variance / batch_size * np.exp(-batch_exponent * n / tau))
        kick = np.float32(noise) * rng.standard_normal(replicas, dtype=np.float32)
        theta -= np.float32(eta) * (np.float32(curvature) * theta + kick)
    last = Estimate.from_samples(theta**2)
    value = last.value / first.value
    spread = value * np.hypot(last.stderr / last.value, first.stderr / first.value)
    slowest = rate * np.exp(-rate_exponent * updates / tau) * curvature
    return Estimate(value, spread, replicas, replicas - 1), (rate_exponent + batch_exponent) / (2 * slowest * tau)


Rows = list[dict[str, Any]]


Traces = dict[str, tuple[Exponential, float, list[Estimate]]]


TAU, FALL, DT = 4.0, 1e4, 0.01  # of the particle runs; curvature and first mobility are one


SLOW = {"rtol": 0.015, "rtol_reason": "the law is that of slow cooling: at tau = 1000 the lag is below one per cent"}


def rate_cases(seed: int, replicas: int) -> Rows:
    """Fall of the temperature of SGD when its rate falls at half or full pace, with fixed and growing batches.

    Args:
        seed: root seed.
        replicas: independent runs of each.

    Returns:
        Arguments of comparisons.
    """
    rows: Rows = []
    tau = 1000.0
    for task, (a, b, fall) in enumerate(((0.5, 0.0, 4.0), (0.5, 0.0, 9.0), (1.0, 0.0, 4.0), (0.5, 0.5, 4.0))):
        ratio, late = sgd_cooling(
            rate_exponent=a,
            batch_exponent=b,
            tau=tau,
            duration=tau * math.log(fall),
            rate=0.1,
            replicas=replicas,
            rng=stream(seed, "sgd cooling", task),
        )
        at = {
            "rate": "exp(-t/2tau)" if a == 0.5 else "exp(-t/tau)",
            "batch": "grows as exp(t/2tau)" if b else "fixed",
            "T0/T wanted": fall,
        }
        trails = {"rtol": 1.2 * late, "rtol_reason": "lag of the spread behind the temperature, to first order"}
        stated = None if a == 1 else 1 / fall
        rows.append({"at": at, "measured": ratio, "stated": stated, "corrected": fall ** -(a + b), **trails})
    return rows


def drift_traces(seed: int, particles: int) -> Traces:
    """Drift over diffusion of Langevin particles in a quadratic well, for three rates, at five times.

    Args:
        seed: root seed.
        particles: of each run.

    Returns:
        By name of the rate: schedule, duration, and R at the start and after each quarter.
    """
    found: Traces = {}
    for task, (name, pace) in enumerate((("constant rate", 0.0), ("half pace", 0.5), ("full pace", 1.0))):
        schedule = Exponential(1.0, TAU, mobility_tau=TAU / pace if pace else np.inf)
        duration = schedule.duration(1 / FALL)
        rng = stream(seed, "drift traces", task)
        found[name] = schedule, duration, measured_drift_ratio(harmonic(), schedule, duration, DT, particles, rng)
    return found


def balance_cases(traces: Traces) -> Rows:
    """R after some cooling over R before: densities in wells of several powers, and the particles of ``drift_traces``.

    Args:
        traces: as ``drift_traces`` returns them.

    Returns:
        Arguments of comparisons.
    """
    rows: Rows = []
    for n, a in ((2.0, 0.5), (4.0, 0.5), (4 / 3, 0.5), (2.0, 0.0), (1.5, 1 / 3)):
        at = {"loss": f"abs(x)^{n:.3g}", "rate": f"T^{a:.3g}", "ratio of": "R, after and before T fell 63 times"}
        law = 100 ** (-0.9 * float(drift_ratio_exponent(n, a)))
        stated = 1.0 if a == 0.5 else None
        rows.append(
            {"at": at, "measured": measured_drift_change(n, a, 1000.0), "stated": stated, "corrected": law, **SLOW}
        )
    first = float(drift_ratio(1.0, 1.0))
    steps = {"rtol": DT / 2, "rtol_reason": "Euler steps: eta k dt / 2"}
    for name, (schedule, duration, found) in traces.items():
        late = variance_lag(1.0, schedule, np.linspace(0, duration, 5))
        for quarter in (2, 4):
            law = float(drift_ratio(schedule.mobility(quarter * duration / 4), 1.0, late[quarter])) / first
            one = found[quarter]
            measured = Estimate(one.value / first, one.stderr / first, one.n, one.dof)
            at = {"loss": "quadratic", "by": "particles", "rate": name, "T0/T": round(FALL ** (quarter / 4), 1)}
            stated = 1.0 if name == "half pace" else None
            rows.append({"at": at, "measured": measured, "stated": stated, "corrected": law, **steps})
    return rows
