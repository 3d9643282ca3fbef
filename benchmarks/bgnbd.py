"""BG/NBD in numpy, to compare with (Fader, Hardie, Lee 2005, Counting Your Customers the Easy Way, Marketing Science).

`x` repeat purchases, the last of them at `t`, of somebody known for `age`, all in weeks.

Checked against the parameters that the paper gives for the tenth of CDNOW: r 0.243, alpha 4.414, a 0.793, b 2.426.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def fit(x: Ints, t: Floats, age: Floats) -> Floats:
    """(r, alpha, a, b) of the highest likelihood."""
    return np.exp(_lowest(lambda logs: -likelihood(np.exp(logs), x, t, age), np.array([0.0, 1.0, 0.0, 1.0])))


def likelihood(parameters: Floats, x: Ints, t: Floats, age: Floats) -> float:
    """Logarithm; the terms that depend on `x` alone are computed once for each number of purchases."""
    r, alpha, a, b = (float(one) for one in parameters)
    many = np.arange(int(x.max()) + 1)
    rate = _gammas(r + many) - math.lgamma(r) + r * math.log(alpha)
    life = math.lgamma(a + b) - math.lgamma(b) + _gammas(b + many) - _gammas(a + b + many)
    dead = np.where(many > 0, math.log(a) - np.log(b + np.maximum(many, 1) - 1), -np.inf)
    both = np.logaddexp(-(r + x) * np.log(alpha + age), dead[x] - (r + x) * np.log(alpha + t))
    return float((rate[x] + life[x] + both).sum())


def expected(parameters: Floats, x: Ints, t: Floats, age: Floats, ahead: float) -> Floats:
    """Purchases in the next `ahead` weeks (equation 10)."""
    r, alpha, a, b = (float(one) for one in parameters)
    series = _hypergeometric(r + x, b + x, a + b + x - 1, ahead / (alpha + age + ahead))
    still = 1 - ((alpha + age) / (alpha + age + ahead)) ** (r + x) * series
    odds = np.where(x > 0, a / (b + np.maximum(x, 1) - 1), 0) * ((alpha + age) / (alpha + t)) ** (r + x)
    return np.asarray((a + b + x - 1) / (a - 1) * still / (1 + odds))


def _gammas(values: Floats) -> Floats:
    return np.array([math.lgamma(value) for value in values])


def _hypergeometric(a: Floats, b: Floats, c: Floats, z: Floats) -> Floats:
    """Gauss's series; 0 < z < 1."""
    total = term = np.ones_like(z)
    for step in range(5000):
        term = term * (a + step) * (b + step) / ((c + step) * (step + 1)) * z
        total = total + term
        if np.abs(term / total).max() < 1e-12:
            return total
    raise ArithmeticError("the series does not converge")


def _lowest(of: Callable[[Floats], float], start: Floats, steps: int = 1000) -> Floats:
    """Nelder and Mead's simplex."""
    points = [start, *(start + 0.3 * one for one in np.eye(len(start)))]
    values = [of(point) for point in points]
    for _ in range(steps):
        order = np.argsort(values)
        points, values = [points[one] for one in order], [values[one] for one in order]
        if values[-1] - values[0] < 1e-9:
            break
        middle = np.mean(points[:-1], axis=0)
        tried = [(of(point), point) for point in (2 * middle - points[-1],)]
        if tried[0][0] < values[0]:
            tried.append((of(3 * middle - 2 * points[-1]), 3 * middle - 2 * points[-1]))
        elif tried[0][0] >= values[-2]:
            tried.append((of((middle + points[-1]) / 2), (middle + points[-1]) / 2))
        best, point = min(tried, key=lambda one: one[0])
        if best < values[-1]:
            points[-1], values[-1] = point, best
        else:
            points = [points[0], *((points[0] + one) / 2 for one in points[1:])]
            values = [values[0], *(of(one) for one in points[1:])]
    return points[0]
