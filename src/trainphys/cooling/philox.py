"""Random numbers that are a function of (key, lane, step) alone: Philox4x32-10 and normals made from it.

No state is carried along, so a simulation has the same bits for any number of workers, any order and any blocking.
Each function is written without branches and library calls, so that the compiler turns loops over lanes into SIMD
code; without fused multiply-adds it has the same bits on every IEEE machine.
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainphys.cooling._bits import bits_of, float_of

# Source: Salmon, Moraes, Dror and Shaw (2011), "Parallel random numbers: as easy as 1, 2, 3", constants of Philox4x32.
MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
WEYL = (np.uint64(0x9E3779B9), np.uint64(0xBB67AE85))
ROUNDS = 10
WORD = np.uint64(32)
LOW = np.uint64(0xFFFFFFFF)

TO_UNIT = 2.0**-32
LN2 = 0.6931471805599453
HALF_PI = 1.5707963267948966
SQRT_HALF_BITS = np.int64(0x3FE6A09E667F3BCD)
MANTISSA = np.int64(52)


@nb.njit(inline="always")
def philox4x32(c0, c1, c2, c3, k0, k1):  # type: ignore[no-untyped-def]
    """Four random 32-bit words from a counter of four words and a key of two, each held in an unsigned 64-bit lane."""
    for _ in range(ROUNDS):
        a = MULTIPLIERS[0] * c0
        b = MULTIPLIERS[1] * c2
        c0, c1, c2, c3 = (b >> WORD) ^ c1 ^ k0, b & LOW, (a >> WORD) ^ c3 ^ k1, a & LOW
        k0 = (k0 + WEYL[0]) & LOW
        k1 = (k1 + WEYL[1]) & LOW
    return c0, c1, c2, c3


@nb.njit(inline="always")
def _log(x):  # type: ignore[no-untyped-def]
    """Natural logarithm of a positive normal number: exponent plus an atanh series for the mantissa."""
    bits = bits_of(x)
    exponent = (bits - SQRT_HALF_BITS) >> MANTISSA
    m = float_of(bits - (exponent << MANTISSA))
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    series = 1 / 3 + z * (1 / 5 + z * (1 / 7 + z * (1 / 9 + z * (1 / 11 + z * (1 / 13)))))
    return 2.0 * s * (1.0 + z * series) + np.float64(exponent) * LN2


@nb.njit(inline="always")
def _sincos_turns(u):  # type: ignore[no-untyped-def]
    """Sine and cosine of u turns, 0 <= u <= 1: nearest quarter turn exactly, the rest (an eighth at most) by Taylor."""
    quarter = np.int64(4.0 * u + 0.5)
    f = (4.0 * u - np.float64(quarter)) * HALF_PI
    z = f * f
    s = f * (1 - z / 6 * (1 - z / 20 * (1 - z / 42 * (1 - z / 72 * (1 - z / 110 * (1 - z / 156))))))
    c = 1 - z / 2 * (1 - z / 12 * (1 - z / 30 * (1 - z / 56 * (1 - z / 90 * (1 - z / 132)))))
    odd = (quarter & 1) != 0
    sine = c if odd else s
    cosine = s if odd else c
    sine = -sine if (quarter & 2) != 0 else sine
    cosine = -cosine if ((quarter + 1) & 2) != 0 else cosine
    return sine, cosine


@nb.njit(inline="always")
def _box_muller(first, second):  # type: ignore[no-untyped-def]
    """Two normals from two 32-bit words; |normal| <= 6.8, the price of 32 bits."""
    radius = np.sqrt(-2.0 * _log((np.float64(np.int64(first)) + 0.5) * TO_UNIT))
    sine, cosine = _sincos_turns(np.float64(np.int64(second)) * TO_UNIT)
    return radius * sine, radius * cosine


@nb.njit(error_model="numpy", nogil=True)
def fill_normals(z, key, first_lane, quad):  # type: ignore[no-untyped-def]
    """Normals of steps ``4 quad .. 4 quad + 3`` (rows of ``z``) for lanes ``first_lane ..`` (columns)."""
    k0 = np.uint64(key) & LOW
    k1 = np.uint64(key) >> WORD
    q0 = np.uint64(quad) & LOW
    q1 = np.uint64(quad) >> WORD
    z0, z1, z2, z3 = z[0], z[1], z[2], z[3]
    for i in range(z.shape[1]):
        lane = np.uint64(first_lane + i)
        w0, w1, w2, w3 = philox4x32(lane & LOW, lane >> WORD, q0, q1, k0, k1)
        z0[i], z1[i] = _box_muller(w0, w1)
        z2[i], z3[i] = _box_muller(w2, w3)


def normals(key: int, lanes: int, steps: int, first_lane: int = 0) -> NDArray[np.float64]:
    """Standard normals of the given lanes for steps 0, 1, ...: entry (step, lane) depends on key, step and lane alone.

    Box-Muller on the words of Philox4x32-10 with counter (lane, step // 4).

    Args:
        key: 64-bit key of the run, 0 <= key < 2**64; see ``key_of``.
        lanes: number of lanes, >= 1.
        steps: number of steps, >= 1.
        first_lane: number of the first lane, >= 0.

    Returns:
        Array of shape (steps, lanes).

    Raises:
        ValueError: an argument out of its range.

    Source: Salmon et al. (2011) for Philox; Box and Muller (1958).

    >>> bool((normals(7, 10, 8)[:, 4:] == normals(7, 6, 8, first_lane=4)).all())
    True
    """
    if not 0 <= key < 2**64 or lanes < 1 or steps < 1 or first_lane < 0:
        raise ValueError(
            "expected 0 <= key < 2**64, lanes >= 1, steps >= 1 and first_lane >= 0, "
            f"got {key}, {lanes}, {steps} and {first_lane}"
        )
    quads = -(-steps // 4)
    z = np.empty((quads, 4, lanes))
    for quad in range(quads):
        fill_normals(z[quad], np.uint64(key), first_lane, quad)
    return z.reshape(4 * quads, lanes)[:steps]


def key_of(rng: np.random.Generator) -> int:
    """A 64-bit key drawn from a task's generator, so that counter-based noise follows the streams of the book."""
    return int(rng.integers(2**64, dtype=np.uint64))
