"""python -m benchmarks: each kernel beside NumPy or SciPy, and beside the machine's limit where it is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.integrate import solve_ivp
from tabulate import tabulate
from threadpoolctl import threadpool_limits

from benchmarks.timing import compare
from trainphys.cooling.fokker_planck import Grid, evolve, jump_rates
from trainphys.cooling.langevin_ensemble import langevin
from trainphys.cooling.potentials import Quartic
from trainphys.cooling.schedules import Exponential
from trainphys.distance.trajectories import train

Cases = dict[str, tuple[Callable[[], object], float]]
WELL = Quartic((0.0, 0.0, -0.5, 0.0, 0.25))
COOLING = Exponential(0.5, tau=5.0)


def trajectories(runs: int = 10_000, epochs: int = 40) -> Cases:
    """Full-batch runs of y = |Wx + b|, every epoch stored."""
    starts = np.random.default_rng(0).standard_normal((runs, 3))
    rows = np.array([[x1, x2, 1.0] for x1 in (-1, 1) for x2 in (-1, 1)])
    targets = np.array([0.0, 1.0, 1.0, 0.0])[:, None]
    out = np.empty((epochs + 1, 3, runs))

    def numpy() -> None:
        p = starts.T.copy()
        live = np.ones(runs, bool)
        for epoch in range(epochs + 1):
            out[epoch] = p
            s = rows @ p
            r = np.abs(s) - targets
            live &= (r * r).mean(0) >= 1e-7
            if not live.any():
                break
            p -= 0.05 * (rows.T @ (r * np.sign(s))) * live

    def ours() -> None:
        train(starts, rate=0.1, tolerance=1e-7, max_epochs=epochs, out=out)

    return {
        "NumPy": (numpy, runs),
        "trainphys": (ours, runs),
        "limit: writing the output": (lambda: out.fill(1.0), runs),
    }


def particles(count: int = 100_000, steps: int = 200, dt: float = 0.01) -> Cases:
    """Langevin particles in a cooling double well."""
    times = np.arange(steps + 1) * dt
    start = np.random.default_rng(0).standard_normal(count)
    amplitude = np.sqrt(2 * COOLING.temperature(times[:-1]) * dt)
    noise, force = np.empty(count), np.empty(count)

    def numpy() -> None:
        rng = np.random.Generator(np.random.SFC64(0))
        x = start.copy()
        for a in amplitude:
            rng.standard_normal(out=noise)
            np.multiply(x, x, out=force)
            np.subtract(force, 1, out=force)
            np.multiply(force, x, out=force)
            np.multiply(force, dt, out=force)
            np.multiply(noise, a, out=noise)
            np.subtract(x, force, out=x)
            np.add(x, noise, out=x)

    def ours() -> None:
        langevin(WELL, start, COOLING, times, np.random.default_rng(0))

    return {"NumPy, in place": (numpy, count * steps), "trainphys": (ours, count * steps)}


def densities(cells: int = 400, steps: int = 400) -> Cases:
    """The Fokker-Planck equation of a cooling double well, to an error of some 1e-4."""
    grid, times = Grid(-4.0, 4.0, cells), np.linspace(0.0, 10.0, steps + 1)
    start = np.exp(-((grid.centres - 1.0) ** 2) / 0.18)
    start /= start.sum() * grid.width

    def generator(t: float) -> np.ndarray:
        up, down = jump_rates(WELL, float(COOLING.temperature(t)), 1.0, grid)
        return np.diag(up, -1) + np.diag(down, 1) - np.diag(np.append(up, 0) + np.insert(down, 0, 0))

    def scipy() -> None:
        solve_ivp(
            lambda t, p: generator(t) @ p,
            (0.0, 10.0),
            start,
            "BDF",
            rtol=1e-4,
            atol=1e-7,
            jac=lambda t, p: generator(t),
        )

    def ours() -> None:
        evolve(WELL, start, COOLING, times, grid)

    return {"SciPy solve_ivp, BDF": (scipy, 1), "trainphys": (ours, 1)}


def main() -> None:
    for workload in (trajectories, particles, densities):
        with threadpool_limits(1):
            rows = compare(workload())
        print(f"\n{workload.__doc__}")
        table = [(t.name, f"{t.seconds * 1e3:.2f} ms", f"{t.rate:.3g} /s", f"{t.speedup:.1f} x") for t in rows]
        print(tabulate(table, headers=["", "time", "rate", "against the first"], tablefmt="simple"))


if __name__ == "__main__":
    main()
