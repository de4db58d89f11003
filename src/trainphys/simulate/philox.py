"""Random numbers that are a function of (key, lane, step) alone: Philox4x32-10 and normals made from it.

No state is carried along, so a simulation has the same bits for any number of workers, any order and any blocking.
Each function is written without branches and library calls, so that the compiler turns loops over lanes into SIMD
code. Where a multiplication and an addition are rounded together is written out, so every IEEE machine has the same
bits.
"""

import numba as nb
import numpy as np

from trainphys.ensemble.lanes import bits_of, float_of, fma, widest_vectors

# Source: Salmon, Moraes, Dror and Shaw (2011), "Parallel random numbers: as easy as 1, 2, 3", constants of Philox4x32.
MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
WEYL = (np.uint64(0x9E3779B9), np.uint64(0xBB67AE85))
ROUNDS = 10
WORD = np.uint64(32)
LOW = np.uint64(0xFFFFFFFF)
TO_UNIT = 2.0**-32
LN2 = 0.6931471805599453
HALF_PI = 1.5707963267948966
THIRTY = np.uint64(2**30 - 1)  # the low thirty bits
TO_ANGLE = HALF_PI * 2.0**-30
SIGN = np.uint64(2**63)
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
def _minus_log(x):  # type: ignore[no-untyped-def]
    """Minus the natural logarithm of a positive normal number: exponent plus an atanh series for the mantissa."""
    bits = bits_of(x)
    exponent = (bits - SQRT_HALF_BITS) >> MANTISSA
    m = float_of(bits - (exponent << MANTISSA))
    s = (1.0 - m) / (1.0 + m)
    z = s * s
    series = fma(z, fma(z, fma(z, fma(z, fma(z, 2 / 13, 2 / 11), 2 / 9), 2 / 7), 2 / 5), 2 / 3)
    series = fma(z, series, 2.0)
    return fma(np.float64(exponent), -LN2, s * series)


@nb.njit(inline="always")
def _sincos(x):  # type: ignore[no-untyped-def]
    """Sine and cosine of an eighth of a turn at most, by Taylor."""
    z = x * x
    s = fma(z, fma(z, fma(z, 1 / 6227020800, -1 / 39916800), 1 / 362880), -1 / 5040)
    c = fma(z, fma(z, fma(z, 1 / 479001600, -1 / 3628800), 1 / 40320), -1 / 720)
    s = fma(z, fma(z, fma(z, s, 1 / 120), -1 / 6), 1.0)
    c = fma(z, fma(z, fma(z, c, 1 / 24), -1 / 2), 1.0)
    return x * s, c


@nb.njit(inline="always")
def _box_muller(first, second):  # type: ignore[no-untyped-def]
    """Two normals from two 32-bit words; |normal| <= 6.8, the price of 32 bits.

    Two bits of the second word are the signs, the other thirty an angle in the first quadrant, seen from its middle:
    with x from -pi/4 to pi/4 the two coordinates are (cos x + sin x) and (cos x - sin x), over sqrt(2). Both words
    stand for the middle of their grain, so neither is zero.
    """
    radius = np.sqrt(_minus_log(fma(np.float64(np.int64(first)), TO_UNIT, TO_UNIT / 2)))  # over sqrt(2)
    sine, cosine = _sincos(fma(np.float64(np.int64(second & THIRTY)), TO_ANGLE, TO_ANGLE / 2 - HALF_PI / 2))
    one = bits_of(radius * (cosine + sine)) ^ np.int64((second << np.uint64(32)) & SIGN)
    other = bits_of(radius * (cosine - sine)) ^ np.int64((second << np.uint64(33)) & SIGN)
    return float_of(one), float_of(other)


@nb.njit(error_model="numpy", nogil=True)
def fill_normals(z, key, first_lane, quad):  # type: ignore[no-untyped-def]
    """Standard normals of steps ``4 quad .. 4 quad + 3`` (rows of ``z``) for lanes ``first_lane ..`` (columns).

    Box-Muller on the words of Philox4x32-10 with the counter (lane, quad): each depends on key, step and lane alone.
    Source: Salmon et al. (2011) for Philox; Box and Muller (1958).
    """
    widest_vectors()
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


def key_of(rng: np.random.Generator) -> int:
    """A 64-bit key drawn from a task's generator, so that counter-based noise follows the streams of the book."""
    return int(rng.integers(2**64, dtype=np.uint64))
