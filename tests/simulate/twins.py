"""Slow, plain twins of the simulators: one particle, one cell, one run at a time, with no code of the package.

Everything here is a loop over floats by a textbook's formula. A twin is given the random numbers of its simulator, as
arrays or as a generator in the same state, and takes them one by one.
"""

import math
from itertools import pairwise


def normals_of(key, lane, count):
    """Philox4x32-10 and Box-Muller in Python's integers: the first normals of one lane (Salmon et al. 2011)."""
    mask, found = 0xFFFFFFFF, []
    for quad in range(-(-count // 4)):
        a, b, c, d = lane & mask, lane >> 32, quad & mask, quad >> 32
        k, m = key & mask, key >> 32
        for _ in range(10):
            one, other = a * 0xD2511F53, c * 0xCD9E8D57
            a, b, c, d = (other >> 32) ^ b ^ k, other & mask, (one >> 32) ^ d ^ m, one & mask
            k, m = (k + 0x9E3779B9) & mask, (m + 0xBB67AE85) & mask
        for word, turn in ((a, b), (c, d)):
            radius = math.sqrt(-2 * math.log((word + 0.5) / 2**32))
            angle = math.pi / 2 * (turn % 2**30 + 0.5) / 2**30
            found.append((-1 if turn & 2**31 else 1) * radius * math.sin(angle))
            found.append((-1 if turn & 2**30 else 1) * radius * math.cos(angle))
    return found[:count]


def particle(x, slope, temperature, mobility, times, noise):
    """Euler-Maruyama of one overdamped particle; temperature and mobility are those at the start of each step."""
    path = [x]
    for n in range(len(times) - 1):
        h, eta = times[n + 1] - times[n], mobility(times[n])
        x = x - eta * slope(x) * h + math.sqrt(2 * eta * temperature(times[n]) * h) * noise[n]
        path.append(x)
    return path


def rates(heights, width, temperature, mobility):
    """Scharfetter and Gummel's rates up and down across each inner face, from the losses at the centres."""
    up, down = [], []
    for low, high in pairwise(heights):
        w = (high - low) / temperature
        scale = mobility * temperature / width**2
        up.append(scale * (w / math.expm1(w) if w else 1.0))
        down.append(scale * (-w / math.expm1(-w) if w else 1.0))
    return up, down


def generator(heights, width, temperature, mobility):
    """Matrix of the walk on a line, as a list of rows: column i holds what leaves cell i."""
    n = len(heights)
    up, down = rates(heights, width, temperature, mobility)
    g = [[0.0] * n for _ in range(n)]
    for i in range(n - 1):
        g[i + 1][i] += up[i]
        g[i][i] -= up[i]
        g[i][i + 1] += down[i]
        g[i + 1][i + 1] -= down[i]
    return g


def times_vector(matrix, vector):
    return [sum(a * x for a, x in zip(row, vector, strict=True)) for row in matrix]


def solved(matrix, right):
    """Gauss elimination with the largest pivot."""
    n, rows = len(right), [[*row, r] for row, r in zip(matrix, right, strict=True)]
    for i in range(n):
        best = max(range(i, n), key=lambda k: abs(rows[k][i]))
        rows[i], rows[best] = rows[best], rows[i]
        for k in range(i + 1, n):
            share = rows[k][i] / rows[i][i]
            rows[k] = [a - share * b for a, b in zip(rows[k], rows[i], strict=True)]
    x = [0.0] * n
    for i in reversed(range(n)):
        x[i] = (rows[i][n] - sum(rows[i][k] * x[k] for k in range(i + 1, n))) / rows[i][i]
    return x


def implicit(g, h, p):
    """Solution of (1 - h G) q = p."""
    n = len(p)
    return solved([[(i == k) - h * g[i][k] for k in range(n)] for i in range(n)], p)


def density_path(p, heights, width, temperature, mobility, times, second):
    """All densities of a run: implicit Euler, or TR-BDF2 as Bank et al. (1985) write it, with gamma = 2 - sqrt 2."""
    path, p, gamma = [list(p)], list(p), 2 - math.sqrt(2)
    for t, after in pairwise(times):
        h = after - t
        now, middle, then = (generator(heights, width, temperature(s), mobility(s)) for s in (t, t + gamma * h, after))
        if second:
            moved = times_vector(now, p)
            inner = implicit(middle, gamma * h / 2, [a + gamma * h / 2 * b for a, b in zip(p, moved, strict=True)])
            mixed = [(b - (1 - gamma) ** 2 * a) / (gamma * (2 - gamma)) for a, b in zip(p, inner, strict=True)]
            p = implicit(then, (1 - gamma) / (2 - gamma) * h, mixed)
        else:
            p = implicit(then, h, p)
        path.append(p)
    return path


def entropy_rates(p, heights, width, temperature, mobility):
    """Total, medium and system production of a density on cells, face by face (Schnakenberg 1976)."""
    up, down = rates(heights, width, temperature, mobility)
    total = medium = system = 0.0
    for i in range(len(p) - 1):
        forward, back = width * up[i] * p[i], width * down[i] * p[i + 1]
        total += (forward - back) * math.log(forward / back)
        medium += (forward - back) * math.log(up[i] / down[i])
        system += (forward - back) * math.log(p[i] / p[i + 1])
    return total, medium, system


def boltzmann_of(heights, width, temperature):
    weight = [math.exp(-h / temperature) for h in heights]
    return [w / (sum(weight) * width) for w in weight]


def divergence_of(p, q, width):
    return sum(a * math.log(a / b) for a, b in zip(p, q, strict=True) if a > 0) * width


def trapezoid(values, times):
    return sum((b + a) / 2 * (t - s) for a, b, s, t in zip(values, values[1:], times, times[1:], strict=False))


def batch_slope(theta, curvature, tilts, chosen):
    """Mean over a batch of the gradients H theta + tilt."""
    size, d = len(chosen), len(theta)
    pull = [sum(curvature[i][k] * theta[k] for k in range(d)) for i in range(d)]
    return [pull[i] + sum(tilts[n][i] for n in chosen) / size for i in range(d)]


def descent(theta, curvature, tilts, learning_rates, batches):
    """Places of one replica before each update, and after the last."""
    path = [list(theta)]
    for rate, chosen in zip(learning_rates, batches, strict=True):
        slope = batch_slope(path[-1], curvature, tilts, chosen)
        path.append([x - r * g for x, r, g in zip(path[-1], rate, slope, strict=True)])
    return path


def quadratic_losses(theta, curvature, noise, batch_size, rate, kicks):
    """Loss of one replica of the noisy quadratic before each update, and after the last."""
    losses, x = [], list(theta)
    for kick in [*kicks, None]:
        losses.append(sum(h * v * v for h, v in zip(curvature, x, strict=True)) / 2)
        if kick is not None:
            slope = [
                h * v - math.sqrt(c / batch_size) * z for h, c, v, z in zip(curvature, noise, x, kick, strict=True)
            ]
            x = [v - rate * g for v, g in zip(x, slope, strict=True)]
    return losses


def linear_moments(a, d, mean, covariance, duration, steps=400):
    """Mean and covariance of dx = -A x dt + sqrt(2 D) dW by Runge and Kutta's rule for their own equations."""
    n = len(mean)

    def change(state):
        m, s = state[:n], [state[n + n * i : 2 * n + n * i] for i in range(n)]
        dm = [-sum(a[i][k] * m[k] for k in range(n)) for i in range(n)]
        ds = [
            2 * d[i][j] - sum(a[i][k] * s[k][j] + a[j][k] * s[i][k] for k in range(n))
            for i in range(n)
            for j in range(n)
        ]
        return dm + ds

    state, h = [*mean, *(v for row in covariance for v in row)], duration / steps
    for _ in range(steps):
        k1 = change(state)
        k2 = change([x + h / 2 * k for x, k in zip(state, k1, strict=True)])
        k3 = change([x + h / 2 * k for x, k in zip(state, k2, strict=True)])
        k4 = change([x + h * k for x, k in zip(state, k3, strict=True)])
        state = [x + h / 6 * (p + 2 * q + 2 * r + s) for x, p, q, r, s in zip(state, k1, k2, k3, k4, strict=True)]
    return state[:n], [state[n + n * i : 2 * n + n * i] for i in range(n)]
