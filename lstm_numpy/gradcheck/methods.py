"""Four ways to find a derivative by running the forward pass alone.

central      (f(x + h) - f(x - h)) / 2h for each element. The error falls with h² until the digits cancel that the two
             values have in common; in float64 the best h is about 1e-5.
complex      Im f(x + ih) / h for each element. As f(x + ih) = f(x) + ih f'(x) - ½h² f''(x) - ..., the imaginary part
             holds nothing but the derivative; there is no difference, nothing cancels, and h may be so small that h²
             vanishes (Squire & Trapp 1998).
directional  the complex step along one random direction through all tensors at once, compared with g · d: two forward
             passes, whatever the size of the model.
taylor       f(x + hd) - f(x) - h g · d, along such a direction. If g is the gradient, it falls by 4 when h is halved;
             otherwise by 2. No derivative is computed at all.

The error of a tensor is ‖analytic - numeric‖ / max(‖analytic‖, ‖numeric‖).
"""

from collections.abc import Callable

import numpy as np

from lstm_numpy.gradcheck.problems import Problem

CENTRAL_STEP, COMPLEX_STEP = 1e-5, 1e-30
TINY = np.finfo(np.float64).tiny


def central_difference(problem: Problem, name: str, h: float = CENTRAL_STEP) -> np.ndarray:
    """The derivatives of the loss with respect to each element of one array."""
    return element_by_element(problem, name, lambda disturbed: (disturbed(h) - disturbed(-h)) / (2 * h))


def complex_step(problem: Problem, name: str, h: float = COMPLEX_STEP) -> np.ndarray:
    """The same for a problem in complex128."""
    return element_by_element(problem, name, lambda disturbed: disturbed(1j * h).imag / h).real


def element_by_element(problem: Problem, name: str, quotient: Callable) -> np.ndarray:
    array = problem.point[name]
    result = np.empty_like(array)
    for index in np.ndindex(array.shape):
        value = array[index]

        def disturbed(by: complex, index=index, value=value) -> complex:
            array[index] = value + by
            loss = problem.loss()
            array[index] = value
            return loss

        result[index] = quotient(disturbed)
    return result


def random_direction(problem: Problem, seed: int) -> dict[str, np.ndarray]:
    """One direction through all tensors, of length 1 in each, so that none is drowned by another."""
    rng = np.random.default_rng(seed)
    directions = {name: rng.standard_normal(array.shape) for name, array in problem.point.items()}
    return {name: direction / np.linalg.norm(direction) for name, direction in directions.items()}


def loss_along(problem: Problem, direction: dict[str, np.ndarray], by: complex) -> complex:
    """The loss a step away, in all tensors at once; the point is put back."""
    before = {name: array.copy() for name, array in problem.point.items()}
    for name, array in problem.point.items():
        array += (by * direction[name]).astype(array.dtype)
    loss = problem.loss()
    for name, array in problem.point.items():
        array[...] = before[name]
    return loss


def slope_along(gradient: dict[str, np.ndarray], direction: dict[str, np.ndarray]) -> float:
    """g · d over all tensors."""
    return float(sum((gradient[name].real * direction[name]).sum() for name in direction))


def relative_error(analytic: np.ndarray, numeric: np.ndarray) -> float:
    """The error of a whole tensor; 0 if both are zero."""
    scale = max(np.linalg.norm(analytic), np.linalg.norm(numeric), TINY)
    return float(np.linalg.norm(np.subtract(analytic, numeric)) / scale)


def taylor_order(problem: Problem, gradient: dict[str, np.ndarray], seed: int, h: float = 2e-4) -> float:
    """log2 of the factor by which the remainder falls: 2 for the gradient (3 where f'' happens to vanish), else 1."""
    direction = random_direction(problem, seed)
    slope, here = slope_along(gradient, direction), problem.loss()
    remainders = [abs(loss_along(problem, direction, step) - here - step * slope) for step in (h, h / 2)]
    return float(np.log2(remainders[0] / remainders[1]))
