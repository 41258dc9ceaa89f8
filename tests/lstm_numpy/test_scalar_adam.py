"""Adam over two hundred steps, number by number: the algorithm of the paper in plain Python, without an array."""

import math

import numpy as np
import pytest

from lstm_numpy import Adam

STEPS = 200


class ScalarAdam:
    """Kingma & Ba 2015, algorithm 1, for one number."""

    def __init__(self, theta: float):
        self.theta, self.m, self.v, self.t = theta, 0.0, 0.0, 0

    def step(self, g: float, rate: float, beta1: float, beta2: float, eps: float) -> None:
        self.t += 1
        self.m = beta1 * self.m + (1 - beta1) * g
        self.v = beta2 * self.v + (1 - beta2) * g * g
        m_hat = self.m / (1 - math.pow(beta1, self.t))
        v_hat = self.v / (1 - math.pow(beta2, self.t))
        self.theta -= rate * m_hat / (math.sqrt(v_hat) + eps)


@pytest.mark.parametrize(
    ("betas", "eps"), [((0.9, 0.999), 1e-8), ((0.5, 0.99), 1e-3), ((0.0, 0.9), 1e-8), ((0.99, 0.0), 0.1)]
)
def test_two_hundred_steps(rng, betas, eps):
    """The learning rate changes on the way, and the gradients come in all sizes."""
    params = {"W": rng.standard_normal((2, 3)), "b": rng.standard_normal(4)}
    scalars = {name: [ScalarAdam(theta) for theta in array.flat] for name, array in params.items()}
    optimizer = Adam(params, betas=betas, eps=eps)
    for step in range(STEPS):
        grads = {name: rng.standard_normal(array.shape) * 10.0 ** (step % 9 - 4) for name, array in params.items()}
        optimizer.learning_rate = 0.01 / (1 + step)
        optimizer.step(grads)
        for name, ones in scalars.items():
            for one, g in zip(ones, grads[name].flat, strict=True):
                one.step(float(g), 0.01 / (1 + step), *betas, eps)
            np.testing.assert_allclose(params[name].ravel(), [one.theta for one in ones], rtol=1e-12, atol=1e-15)
            np.testing.assert_allclose(optimizer.m[name].ravel(), [one.m for one in ones], rtol=1e-11, atol=1e-15)
            np.testing.assert_allclose(optimizer.v[name].ravel(), [one.v for one in ones], rtol=1e-12)
    assert optimizer.t == STEPS
