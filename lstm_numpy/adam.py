"""Adam (Kingma & Ba 2015, algorithm 1) and clipping by the global norm."""

from collections.abc import Mapping

import numpy as np

from lstm_numpy.checks import check_gradients, check_mapping, check_parameters, check_rate


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
            m *= beta1
            m += (1 - beta1) * g
            v *= beta2
            v += (1 - beta2) * (g * g)
            m_hat = m / (1 - beta1**self.t)
            v_hat = v / (1 - beta2**self.t)
            param -= self.learning_rate * m_hat / (np.sqrt(v_hat) + self.eps)


def clip_grad_norm(grads: Mapping[str, np.ndarray], max_norm: float) -> float:
    """Scale all gradients together, in place, if their joint norm exceeds max_norm.

    A single bad batch can have a gradient many times larger than usual (Pascanu et al. 2013);
    its direction is kept and its length is cut: g ← g · min(1, max_norm / (norm + 1e-6)).

    Returns:
        The norm before clipping, √(Σ g²) over all elements of all tensors, added up in float64.

    Raises:
        TypeError: if grads is no dict.
        ValueError: if max_norm is not above 0.
    """
    check_mapping("grads", grads)
    if not max_norm > 0:
        raise ValueError(f"max_norm must be above 0, not {max_norm}")
    wide = (g.astype(np.result_type(g, np.float64), copy=False) for g in grads.values())
    norm = float(np.sqrt(sum(float(np.vdot(g, g).real) for g in wide)))
    scale = max_norm / (norm + 1e-6)
    if scale < 1:
        for gradient in grads.values():
            gradient *= scale
    return norm
