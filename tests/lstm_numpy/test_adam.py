"""Adam and clipping."""

import numpy as np
import pytest

from lstm_numpy import Adam, clip_grad_norm


def test_two_steps_by_hand():
    theta = np.array([1.0, -2.0])
    optimizer = Adam({"theta": theta}, learning_rate=0.1, betas=(0.9, 0.99), eps=1e-3)
    first, second = np.array([0.5, -4.0]), np.array([-1.0, 2.0])

    optimizer.step({"theta": first})  # the corrected moments are g and g² themselves
    expected = np.array([1.0, -2.0]) - 0.1 * first / (np.abs(first) + 1e-3)
    np.testing.assert_allclose(theta, expected, rtol=1e-13)

    optimizer.step({"theta": second})
    m_hat = (0.9 * 0.1 * first + 0.1 * second) / (1 - 0.81)
    v_hat = (0.99 * 0.01 * first**2 + 0.01 * second**2) / (1 - 0.9801)
    np.testing.assert_allclose(theta, expected - 0.1 * m_hat / (np.sqrt(v_hat) + 1e-3), rtol=1e-13)


def test_in_place_and_in_dtype():
    params = {"a": np.ones((2, 3), np.float32), "b": np.ones(4, np.float32)}
    arrays, grads = dict(params), {"a": np.full((2, 3), 2, np.float32), "b": np.full(4, -3, np.float32)}
    optimizer = Adam(params)
    optimizer.step(grads)
    assert all(params[name] is arrays[name] and params[name].dtype == np.float32 for name in params)
    np.testing.assert_allclose(params["a"], 1 - 0.001, rtol=1e-6)
    np.testing.assert_allclose(params["b"], 1 + 0.001, rtol=1e-6)
    assert (grads["a"] == 2).all()


def test_descends_a_valley():
    x = np.array([3.0, -5.0])
    optimizer = Adam({"x": x}, learning_rate=0.05)
    for _ in range(2000):
        optimizer.step({"x": x * [1, 50]})
    assert np.abs(x).max() < 1e-3


def test_clipping():
    grads = {"a": np.array([[3.0]]), "b": np.array([0.0, 4.0])}
    assert clip_grad_norm(grads, 10) == 5
    np.testing.assert_array_equal(grads["b"], [0, 4])  # short enough: untouched
    assert clip_grad_norm(grads, 1) == 5  # the norm before
    scale = 1 / (5 + 1e-6)
    assert grads["a"][0, 0] == pytest.approx(3 * scale, rel=1e-14)
    assert grads["b"][1] == pytest.approx(4 * scale, rel=1e-14)


def test_defaults_are_those_of_the_paper():
    one, two = np.array([1.0]), np.array([1.0])
    optimizers = Adam({"a": one}), Adam({"a": two}, 0.001, (0.9, 0.999), 1e-8)
    for g in (1e-8, -3e-8, 2e-8):  # so small that eps counts
        for optimizer in optimizers:
            optimizer.step({"a": np.array([g])})
    assert one == two
    assert optimizers[0].t == 3


def test_betas_may_be_zero_but_not_one():
    for betas in ((0.0, 0.0), (0.999999, 0.999999)):
        Adam({"a": np.ones(1)}, betas=betas)
    for betas in ((1.0, 0.5), (0.5, 1.0), (-1e-9, 0.5), (0.5, -1e-9)):
        with pytest.raises(ValueError, match="each of betas must be at least 0 and below 1"):
            Adam({"a": np.ones(1)}, betas=betas)


def test_a_norm_at_the_border_is_not_clipped():
    for factor, clipped in ((1 - 1e-9, True), (1 + 1e-9, False)):
        grads = {"a": np.array([3.0, 4.0])}
        assert clip_grad_norm(grads, (5 + 1e-6) * factor) == 5
        assert (grads["a"][0] < 3) == clipped
    tiny = {"a": np.array([1e-9])}
    clip_grad_norm(tiny, 1e-3)
    assert tiny["a"] == 1e-9
    imaginary = {"a": np.array([3j, 4])}
    assert clip_grad_norm(imaginary, 1.0) == 5
    np.testing.assert_allclose(imaginary["a"], np.array([3j, 4]) / 5, rtol=1e-6)
