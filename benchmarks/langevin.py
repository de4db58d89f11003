"""Langevin particles in the cooling double well x^4/4 - x^2/2, 100,000 of them, Euler-Maruyama steps of 0.01."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.workload import Case, Target, Workload
from trainphys.simulate.langevin import langevin
from trainphys.systems.coolings import Exponential
from trainphys.systems.losses import Quartic

PARTICLES, STEPS, DT = 100_000, 200, 0.01
WELL = Quartic((0.0, 0.0, -0.5, 0.0, 0.25))
COOLING = Exponential(0.5, tau=5.0)
Call = Callable[[], Any]


def workloads() -> list[Workload]:
    units = PARTICLES * STEPS
    cases = [
        Case("NumPy, as one writes it", "naive", _numpy_naive, units, _spread),
        Case("NumPy, in place", "peer", _numpy, units, _spread),
        Case("diffrax, Euler, unsafe Brownian path, f32", "peer", lambda: _diffrax("unsafe"), units, _spread),
        Case("diffrax, Euler, virtual Brownian tree, f32", "peer", lambda: _diffrax("tree"), units, _spread),
        Case("JAX, scan by hand, f32", "peer", _jax, units, _spread),
        Case("trainphys", "ours", lambda: ours(PARTICLES), units, _spread),
        Case("limit: normals of MKL alone, f64", "limit", _mkl, units),
    ]
    targets = [
        Target("diffrax, Euler, unsafe Brownian path, f32", 3.3),
        Target("NumPy, in place", 3.0),
        Target("limit: normals of MKL alone, f64", 0.5),
    ]
    note = "Ours is in double precision, with the same bits for any number of threads."
    return [Workload("langevin", "Langevin, one dimension", "particle-step", cases, targets, rounds=3, note=note)]


def starts(particles: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(particles)


def amplitudes() -> np.ndarray:
    return np.asarray(np.sqrt(2 * COOLING.temperature(np.arange(STEPS) * DT) * DT))


def _spread(states: Any) -> float:
    """Distance of the variance at the end from that of a solver of the Fokker-Planck equation: all do the same work."""
    from trainphys.simulate.fokker_planck import evolve
    from trainphys.systems.grid import Grid

    grid = Grid(-6.0, 6.0, 1200)
    first = np.exp(-(grid.centres**2) / 2)
    density = evolve(WELL, first / (first.sum() * grid.width), COOLING, np.linspace(0, STEPS * DT, 801), grid).density[
        0
    ]
    expected = float((density * grid.centres**2).sum() * grid.width)
    return abs(float(np.var(np.asarray(states, dtype=float))) - expected)


def ours(particles: int) -> Call:
    start, times = starts(particles), np.arange(STEPS + 1) * DT
    return lambda: langevin(WELL, start, COOLING, times, np.random.default_rng(0)).states


def _numpy_naive() -> Call:
    start, noise = starts(PARTICLES), amplitudes()

    def call() -> np.ndarray:
        x = start.copy()
        for a in noise:
            x = x - (x**3 - x) * DT + a * np.random.randn(x.size)  # noqa: NPY002 the way most people write it
        return x

    return call


def _numpy() -> Call:
    start, noise = starts(PARTICLES), amplitudes()
    z, force = np.empty(PARTICLES), np.empty(PARTICLES)

    def call() -> np.ndarray:
        rng, x = np.random.Generator(np.random.SFC64(0)), start.copy()
        for a in noise:
            rng.standard_normal(out=z)
            np.multiply(x, x, out=force)
            np.subtract(force, 1, out=force)
            np.multiply(force, x, out=force)
            np.multiply(force, DT, out=force)
            np.multiply(z, a, out=z)
            np.subtract(x, force, out=x)
            np.add(x, z, out=x)
        return x

    return call


def _diffrax(path: str) -> Call:
    import diffrax
    import jax
    import jax.numpy as jnp
    import lineax

    shape = jax.ShapeDtypeStruct((PARTICLES,), jnp.float32)
    start = jnp.asarray(starts(PARTICLES), jnp.float32)

    def diffusion(t: Any, y: Any, _: Any) -> Any:
        return lineax.DiagonalLinearOperator(jnp.broadcast_to(jnp.sqrt(jnp.asarray(jnp.exp(-t / 5), y.dtype)), y.shape))

    @jax.jit
    def solve(key: Any, y: Any) -> Any:
        if path == "tree":
            brownian: Any = diffrax.VirtualBrownianTree(0.0, STEPS * DT, DT / 2, shape, key)
            adjoint: Any = diffrax.RecursiveCheckpointAdjoint()
        else:
            brownian, adjoint = diffrax.UnsafeBrownianPath(shape, key), diffrax.ForwardMode()
        drift = diffrax.ODETerm(lambda t, y, _: y - y**3)
        terms = diffrax.MultiTerm(drift, diffrax.ControlTerm(diffusion, brownian))
        end = diffrax.SaveAt(t1=True)
        settings: Any = {"saveat": end, "max_steps": STEPS + 10, "adjoint": adjoint}
        return diffrax.diffeqsolve(terms, diffrax.Euler(), 0.0, STEPS * DT, DT, y, **settings).ys

    return lambda: solve(jax.random.key(0), start).block_until_ready()


def _jax() -> Call:
    import jax
    import jax.numpy as jnp

    start, noise = jnp.asarray(starts(PARTICLES), jnp.float32), jnp.asarray(amplitudes(), jnp.float32)

    @jax.jit
    def solve(key: Any, y: Any) -> Any:
        def step(carry: Any, a: Any) -> Any:
            y, key = carry
            key, own = jax.random.split(key)
            z = jax.random.normal(own, y.shape, y.dtype)
            return (y - (y**3 - y) * jnp.asarray(DT, y.dtype) + a * z, key), None

        return jax.lax.scan(step, (y, key), noise)[0][0]

    return lambda: solve(jax.random.key(0), start).block_until_ready()


def _mkl() -> Call:
    import mkl_random

    generator = mkl_random.RandomState(1, brng="PHILOX4X32X10")

    def call() -> None:
        for _ in range(PARTICLES * STEPS // 100_000):
            generator.standard_normal(100_000, method="ICDF")

    return call
