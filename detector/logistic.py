"""Logistic regression, small enough to be solved exactly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def logistic(inputs: Floats, label: Floats, weight: Floats, ridge: Floats, start: Floats) -> Floats:
    """[columns] the coefficients of ``inputs`` [n, columns] under which ``label`` [n] is most likely.

    Newton's method, with steps halved until they pay.  Each of the ``n`` counts ``weight`` times; the coefficients are held
    near ``start`` by ``ridge`` [columns] * |coefficients - start|^2 / 2.
    """
    line = start.copy()

    def loss(at: Floats) -> float:
        logit = inputs @ at
        return float((weight * (np.logaddexp(0, logit) - label * logit)).sum() + (ridge * (at - start) ** 2).sum() / 2)

    value = loss(line)
    for _ in range(100):
        probability = sigmoid(inputs @ line)
        gradient = inputs.T @ (weight * (probability - label)) + ridge * (line - start)
        curvature = (inputs * (weight * probability * (1 - probability))[:, None]).T @ inputs + np.diag(ridge + 1e-9)
        step = np.linalg.solve(curvature, gradient)
        size = 1.0
        while size > 1e-6 and (better := loss(line - size * step)) > value:
            size /= 2
        if size <= 1e-6:
            break
        line = line - size * step
        if value - better < 1e-10 * max(1.0, abs(value)):
            break
        value = better
    return line


def sigmoid(logit: Floats) -> Floats:
    return np.asarray(0.5 * (1 + np.tanh(0.5 * logit)), np.float64)
