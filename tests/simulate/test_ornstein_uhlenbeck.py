"""Exact steps of linear drift against quadrature, an ODE solver, particles, and their own composition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import quad_vec, solve_ivp
from scipy.linalg import expm, solve_continuous_lyapunov

from tests.simulate import twins
from trainphys.simulate.ornstein_uhlenbeck import ou_moments, ou_step, rotating_drift, sample_ou

Array = NDArray[np.float64]


# not normal, with a rotation, and a diffusion that does not commute with it
DRIFT = np.array([[1.0, 2.0, 0.0], [-1.5, 0.7, 0.3], [0.1, 0.0, 2.0]])


DIFFUSION = np.array([[1.0, 0.3, 0.1], [0.3, 0.5, -0.1], [0.1, -0.1, 0.8]])


def stationary_covariance(drift: ArrayLike, diffusion: ArrayLike) -> Array:
    """What the linear dynamics settles to, from Lyapunov's equation A S + S A^T = 2 D (Risken 1996, section 6.5)."""
    return np.asarray(solve_continuous_lyapunov(drift, 2 * np.asarray(diffusion)))


def random_dynamics(seed: int, d: int) -> tuple[Array, Array]:
    """A drift that confines, with any rotation, and any diffusion."""
    rng = np.random.default_rng(seed)
    square, turn, root = rng.standard_normal((3, d, d))
    return square @ square.T / d + 0.3 * np.eye(d) + turn - turn.T, root @ root.T / d + 0.2 * np.eye(d)


@pytest.mark.parametrize("duration", [0.01, 0.7, 5.0])
def test_step_is_the_integral_that_it_stands_for(duration: float) -> None:
    mean, noise = ou_step(DRIFT, DIFFUSION, duration)
    integral = quad_vec(lambda s: 2 * expm(-DRIFT * s) @ DIFFUSION @ expm(-DRIFT.T * s), 0, duration, epsabs=1e-12)[0]
    np.testing.assert_allclose(mean, expm(-DRIFT * duration), atol=1e-13)
    np.testing.assert_allclose(noise, integral, atol=1e-11)


def test_moments_follow_their_differential_equations() -> None:
    start, spread = np.array([1.0, -2.0, 0.5]), np.diag([0.1, 2.0, 0.4])

    def change(_: float, state: Array) -> Array:
        m, s = state[:3], state[3:].reshape(3, 3)
        return np.concatenate([-DRIFT @ m, (-DRIFT @ s - s @ DRIFT.T + 2 * DIFFUSION).ravel()])

    found = solve_ivp(change, (0, 0.8), np.concatenate([start, spread.ravel()]), rtol=1e-10, atol=1e-12).y[:, -1]
    mean, covariance = ou_moments(DRIFT, DIFFUSION, start, spread, 0.8)
    np.testing.assert_allclose(mean, found[:3], atol=1e-8)
    np.testing.assert_allclose(covariance, found[3:].reshape(3, 3), atol=1e-8)


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.integers(1, 5), st.floats(0.01, 3.0), st.floats(0.01, 3.0))
def test_two_steps_make_one(seed: int, d: int, first: float, second: float) -> None:
    drift, diffusion = random_dynamics(seed, d)
    m0, s0 = np.ones(d), 0.5 * np.eye(d)
    once = ou_moments(drift, diffusion, m0, s0, first + second)
    twice = ou_moments(drift, diffusion, *ou_moments(drift, diffusion, m0, s0, first), second)
    for a, b in zip(once, twice, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-9)
    still = stationary_covariance(drift, diffusion)
    np.testing.assert_allclose(drift @ still + still @ drift.T, 2 * diffusion, atol=1e-9)
    np.testing.assert_allclose(ou_moments(drift, diffusion, 0 * m0, still, first)[1], still, atol=1e-9)


def test_long_steps_of_stiff_drift_stay_exact() -> None:
    drift, diffusion = np.array([[1000.0, 5.0], [0.0, 1.0]]), np.eye(2)
    mean, noise = ou_step(drift, diffusion, 60.0)
    assert np.abs(mean).max() < 1e-20
    np.testing.assert_allclose(noise, stationary_covariance(drift, diffusion), rtol=1e-9)


def test_a_stirred_round_well_keeps_the_boltzmann_covariance() -> None:
    np.testing.assert_allclose(
        stationary_covariance(rotating_drift(2.0, 3.0, 0.7), 0.7 * 0.5 * np.eye(2)), np.eye(2) / 4
    )


def test_samples_have_the_covariances_in_space_and_in_time() -> None:
    """The covariance between two times is M S, not its transpose: a rotation run backwards is noticed."""
    drift, diffusion, n = DRIFT[:2, :2], DIFFUSION[:2, :2], 200_000
    still = stationary_covariance(drift, diffusion)
    rng = np.random.default_rng(5)
    start = rng.multivariate_normal([0, 0], still, n)
    states = sample_ou(drift, diffusion, start, [0.0, 0.3, 0.4], rng)
    mean, _ = ou_step(drift, diffusion, 0.4)
    for found, law in ((states[-1].T @ states[-1] / n, still), (states[-1].T @ start / n, mean @ still)):
        error = np.sqrt((np.outer(np.diag(still), np.diag(still)) + law**2) / n)
        assert (np.abs(found - law) < 5 * error).all()
    assert np.abs(mean @ still - (mean @ still).T).max() > 100 * error.max()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ou_step(np.eye(2), np.eye(3), 1.0), "square matrices of one size"),
        (lambda: ou_step(np.eye(2), [[1, 0], [1, 1]], 1.0), "symmetric and positive definite"),
        (lambda: ou_step(np.eye(2), [[1e-9, 0], [5e-10, 1e-9]], 1.0), "symmetric and positive definite"),
        (lambda: ou_step(1.0, 0.0, 1.0), "positive definite"),
        (lambda: ou_step(1.0, 1.0, 0.0), "duration > 0"),
        (lambda: ou_moments(np.eye(2), np.eye(2), [0.0], np.eye(2), 1.0), "2 coordinates"),
        (lambda: rotating_drift(0.0, 1.0), "curvature"),
        (lambda: sample_ou(1.0, 1.0, np.zeros(3), [0, 1], np.random.default_rng(0)), "shape"),
        (lambda: sample_ou(1.0, 1.0, np.zeros((3, 1)), [1, 0], np.random.default_rng(0)), "increasing"),
    ],
)
def test_bad_input_is_named(call, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=words):
        call()


def test_moments_and_samples_are_those_of_equations_stepped_by_hand() -> None:
    """Runge and Kutta's rule for mean and covariance; the same normals through a root that is written out."""
    A, D = [[1.0, 2.0], [-1.5, 0.7]], [[1.0, 0.3], [0.3, 0.5]]
    mean, covariance = ou_moments(A, D, [1.0, -2.0], [[0.3, 0.1], [0.1, 0.2]], 0.6)
    slow = twins.linear_moments(A, D, [1.0, -2.0], [[0.3, 0.1], [0.1, 0.2]], 0.6)
    np.testing.assert_allclose(mean, slow[0], rtol=1e-8)
    np.testing.assert_allclose(covariance, slow[1], rtol=1e-8)
    start, times = np.array([[1.0, -2.0], [0.0, 0.4], [3.0, 0.1]]), [0.2, 0.5, 0.6, 0.9]
    states = sample_ou(A, D, start, times, np.random.default_rng(3))
    rng = np.random.default_rng(3)
    assert (states[0] == start).all()
    x = start.tolist()
    for n, h in enumerate((0.3, 0.1, 0.3)):
        (a, b), (_, c) = twins.linear_moments(A, D, [0, 0], [[0, 0], [0, 0]], h)[1]
        root = a**0.5, b / a**0.5, (c - b * b / a) ** 0.5
        z = rng.standard_normal((3, 2)).tolist()
        for i in range(3):
            m = twins.linear_moments(A, D, x[i], [[0, 0], [0, 0]], h)[0]
            x[i] = [m[0] + root[0] * z[i][0], m[1] + root[1] * z[i][0] + root[2] * z[i][1]]
        np.testing.assert_allclose(states[n + 1], x, rtol=1e-8)
    mean, noise = ou_step(A, D, 0.6)
    np.testing.assert_allclose(mean @ [1.0, -2.0], slow[0], rtol=1e-8)
    np.testing.assert_allclose(noise, twins.linear_moments(A, D, [0, 0], [[0, 0], [0, 0]], 0.6)[1], rtol=1e-8)


def test_a_rotation_turns_against_the_clock() -> None:
    """For a positive rotation dx = -(k x - w y), dy = -(w x + k y): from the first axis towards minus the second."""
    start, A = [1.0, 0.0], rotating_drift(0.5, 2.0, 0.1).tolist()
    m, _ = twins.linear_moments(A, [[0.1, 0.0], [0.0, 0.1]], start, [[0, 0], [0, 0]], 1.0)
    decay = 2.718281828459045**-0.05
    assert m == pytest.approx([decay * np.cos(0.2), -decay * np.sin(0.2)], rel=1e-9)
