"""Exercise: a step of Adam (Kingma & Ba 2015, algorithm 1).

Work on a copy, made in the project's folder:

    cp docs/exercises/adam.py my_adam.py

In it, fill in the blanks (...) of `Adam.step`, from the top down, and keep the names on their left.
You need not finish to ask; this says what is right, wrong and still blank:

    python -m lstm_numpy.gradcheck --exercise my_adam.py
"""

from collections.abc import Mapping

import numpy as np

from lstm_numpy.checks import check_gradients, check_parameters, check_rate


class Adam:
    """Gradient descent with a step size of its own for each parameter.

        m ← β₁ m + (1 - β₁) g          the gradient, averaged over the last steps
        v ← β₂ v + (1 - β₂) g²         its square, averaged over more steps
        m̂ = m / (1 - β₁ᵗ)              both start at 0 and are too small at first;
        v̂ = v / (1 - β₂ᵗ)              this corrects it
        θ ← θ - learning_rate · m̂ / (√v̂ + eps)

    Args:
        params: arrays by name; `step` changes them in place.
        learning_rate: about how far a parameter moves per step; may be changed between steps.
        betas: β₁ and β₂.
        eps: keeps the division finite.

    Raises:
        TypeError: if a parameter is no array of real numbers that are computed with.
        ValueError: if β₁ or β₂ is not in [0, 1).
    """

    def __init__(
        self,
        params: Mapping[str, np.ndarray],
        learning_rate: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
    ):
        check_parameters(params)
        for beta in betas:
            check_rate("each of betas", beta)
        self.params = params
        self.learning_rate = learning_rate
        self.betas = betas
        self.eps = eps
        self.t = 0
        self.m = {name: np.zeros_like(array) for name, array in params.items()}
        self.v = {name: np.zeros_like(array) for name, array in params.items()}

    def step(self, grads: Mapping[str, np.ndarray]) -> None:
        """Move the parameters against their gradients, which have the same names.

        Raises:
            TypeError, ValueError: if a gradient is missing or does not fit its parameter; nothing has then moved.
        """
        check_gradients(grads, self.params)
        self.t += 1
        beta1, beta2 = self.betas
        for name, param in self.params.items():
            g, m, v = grads[name], self.m[name], self.v[name]
            ...  # m: the running average of g, changed in place
            ...  # v: the running average of g², changed in place
            m_hat = ...  # m with its start from 0 corrected
            v_hat = ...  # v with its start from 0 corrected
            ...  # param: moved against the gradient, in place
