"""The compiled loops of the Fokker-Planck solver: jump rates, an implicit solve, an explicit step, all steps."""

import numba as nb
import numpy as np

from trainphys.ensemble.lanes import float_of, fma, widest_vectors, write_row

GAMMA = 2 - np.sqrt(2.0)  # share of a TR-BDF2 step taken by the trapezoidal rule; makes it L-stable
LOG2_E = 1.4426950408889634
LN2_HIGH, LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10  # their sum is ln 2; the first has zeros at its end
MOST = 700.0  # exp(-MOST) is still a normal number
BIAS, MANTISSA = np.int64(1023), np.int64(52)


@nb.njit(inline="always")
def _exp_minus(t):  # type: ignore[no-untyped-def]
    """exp(-t) and 1 - exp(-t) for t >= 0, both to rounding, without branches: powers of two, and Taylor's series."""
    t = min(t, MOST)
    k = np.float64(np.int64(fma(t, LOG2_E, 0.5)))
    r = fma(k, LN2_LOW, fma(k, LN2_HIGH, -t))  # -t + k ln 2, at most half of ln 2
    s = fma(r, fma(r, fma(r, 1 / 6227020800, 1 / 479001600), 1 / 39916800), 1 / 3628800)
    s = fma(r, fma(r, fma(r, fma(r, s, 1 / 362880), 1 / 40320), 1 / 5040), 1 / 720)
    s = fma(r, fma(r, fma(r, fma(r, s, 1 / 120), 1 / 24), 1 / 6), 1 / 2)
    s = fma(r * r, s, r)  # exp(r) - 1
    power = float_of((BIAS - np.int64(k)) << MANTISSA)
    return fma(power, s, power), (1.0 - power) - power * s


@nb.njit(error_model="numpy")
def jump_rates_into(steps, width, temperature, mobility, up, down):  # type: ignore[no-untyped-def]
    """Rates to the next cell and back, scale * B(w) and scale * B(-w) with B(w) = w / (e^w - 1), w = step / T."""
    widest_vectors()
    scale, beta = mobility * temperature / width**2, 1 / temperature
    for i in range(steps.size):
        w = steps[i] * beta
        t = abs(w)
        small, rest = _exp_minus(t)
        downhill = scale * (t / rest if t > 0.0 else 1.0)
        uphill = downhill * small  # their ratio is the Boltzmann factor, whatever the rounding of the first
        up[i] = uphill if w > 0 else downhill
        down[i] = downhill if w > 0 else uphill


@nb.njit(error_model="numpy")
def _solve(up, down, a, p, link):  # type: ignore[no-untyped-def]
    """p := (1 - a G)^-1 p for the generator G of the walk.

    Elimination without a subtraction (Grassmann, Taksar and Heyman 1985): a density >= 0 stays >= 0 to the last bit. It
    starts from both ends and meets in the middle, because one chain of divisions would leave the processor waiting.
    """
    n = p.size
    middle = n // 2
    left, right = 0.0, 0.0  # what the cells already eliminated add to the next diagonal, above its 1
    for i in range(middle):
        onward, back = a * up[i], a * down[i]
        inverse = 1 / (1.0 + left + onward)
        link[i] = back * inverse
        p[i] *= inverse
        p[i + 1] += onward * p[i]
        left = back * (1.0 + left) * inverse
        j = n - 1 - i
        if j > middle:
            onward, back = a * down[j - 1], a * up[j - 1]
            inverse = 1 / (1.0 + right + onward)
            link[j] = back * inverse
            p[j] *= inverse
            p[j - 1] += onward * p[j]
            right = back * (1.0 + right) * inverse
    p[middle] /= 1.0 + left + right
    for i in range(middle):
        p[middle - 1 - i] += link[middle - 1 - i] * p[middle - i]
        j = middle + 1 + i
        if j < n:
            p[j] += link[j] * p[j - 1]


@nb.njit(error_model="numpy")
def _explicit(up, down, a, p, q):  # type: ignore[no-untyped-def]
    """q := (1 + a G) p."""
    n = p.size
    q[0] = p[0] - a * (up[0] * p[0] - down[0] * p[1])
    for i in range(1, n - 1):
        q[i] = p[i] + a * ((up[i - 1] * p[i - 1] - down[i - 1] * p[i]) - (up[i] * p[i] - down[i] * p[i + 1]))
    q[n - 1] = p[n - 1] + a * (up[n - 2] * p[n - 2] - down[n - 2] * p[n - 1])


@nb.njit(error_model="numpy", nogil=True)
def march(  # type: ignore[no-untyped-def]
    p, steps, width, t, temperature, inner_temperature, mobility, inner_mobility, second, record, out
):
    """All steps of one run; p is used up."""
    n = p.size
    up, down, link, q = np.empty(n - 1), np.empty(n - 1), np.empty(n), np.empty(n)
    r = 0
    if record[0] == 0:
        write_row(p, out[0])
        r = 1
    jump_rates_into(steps, width, temperature[0], mobility[0], up, down)
    for k in range(t.size - 1):
        h = t[k + 1] - t[k]
        if second:
            _explicit(up, down, GAMMA * h / 2, p, q)
            jump_rates_into(steps, width, inner_temperature[k], inner_mobility[k], up, down)
            _solve(up, down, GAMMA * h / 2, q, link)
            for i in range(n):
                p[i] = (q[i] - (1 - GAMMA) ** 2 * p[i]) * (1 / (GAMMA * (2 - GAMMA)))
            jump_rates_into(steps, width, temperature[k + 1], mobility[k + 1], up, down)
            _solve(up, down, h * (1 - GAMMA) / (2 - GAMMA), p, link)
        else:
            jump_rates_into(steps, width, temperature[k + 1], mobility[k + 1], up, down)
            _solve(up, down, h, p, link)
        if r < record.size and record[r] == k + 1:
            write_row(p, out[r])
            r += 1
