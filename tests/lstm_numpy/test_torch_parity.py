"""The same numbers as PyTorch: logits, loss, every gradient, Adam, clipping, and the passage of weights."""

import re
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip(
    "torch", reason="PyTorch is not installed (pip install torch==2.13.0); test_reference.py covers the training steps"
)

from torch_model import TorchModel, train_there, twin  # noqa: E402
from trajectory import LEARNING_RATE, MAX_NORM, batches, initial_model, train_here  # noqa: E402

from lstm_numpy import Adam, LSTMModel, clip_grad_norm, softmax_cross_entropy  # noqa: E402

SIZES = [(7, 4, 5, 1), (7, 3, 5, 2), (11, 6, 3, 3), (38, 38, 33, 1), (2, 1, 1, 1)]  # V D H L


def close(ours, theirs, bound=1e-10):
    theirs = theirs.detach().numpy()
    assert ours.shape == theirs.shape
    assert np.linalg.norm(ours - theirs) <= bound * max(np.linalg.norm(theirs), 1e-12)


@pytest.mark.parametrize("plain", [False, True], ids=["fast", "plain"])
@pytest.mark.parametrize("outputs", ["last", "every"])
@pytest.mark.parametrize(("B", "T"), [(3, 7), (1, 4), (5, 1), (1, 1)])
@pytest.mark.parametrize("P", [0, 5])
@pytest.mark.parametrize(("V", "D", "H", "L"), SIZES)
def test_logits_loss_and_every_gradient(rng, V, D, H, L, P, B, T, outputs, plain):
    model = LSTMModel(V, D, H, L, 0.0, rng, np.float64, plain=plain, context_size=P)
    context = rng.integers(-1, P, size=(B, T, 4)) if P else None
    network = twin(model)
    tokens = rng.integers(V, size=(B, T))
    targets = rng.integers(V, size=B if outputs == "last" else (B, T))
    if targets.size > 1:
        targets.flat[0] = -1
    h0, c0, dh, dc = rng.standard_normal((4, L, B, H))

    logits, (h, c), cache = model.forward(tokens, (h0, c0), outputs, context=context)
    loss, dlogits = softmax_cross_entropy(logits, targets)
    grads, (dh0, dc0) = model.backward(dlogits, cache, (dh, dc))

    state = tuple(torch.from_numpy(array).requires_grad_() for array in (h0, c0))
    their_logits, (their_h, their_c) = network(
        torch.from_numpy(tokens), state, outputs, None if context is None else torch.from_numpy(context)
    )
    flat = their_logits.reshape(-1, V)
    their_loss = torch.nn.functional.cross_entropy(flat, torch.from_numpy(targets).reshape(-1), ignore_index=-1)
    # dh and dc stand for what a later piece of the sequence would hand back
    (their_loss + (torch.from_numpy(dh) * their_h).sum() + (torch.from_numpy(dc) * their_c).sum()).backward()

    close(logits, their_logits)
    close(h, their_h)
    close(c, their_c)
    assert abs(loss - their_loss.item()) <= 1e-10
    for name, parameter in network.named_parameters():
        close(grads[name], parameter.grad)
    close(dh0, state[0].grad)
    close(dc0, state[1].grad)


def test_adam_step_by_step(rng):
    ours = {"a": rng.standard_normal((3, 4)), "b": rng.standard_normal(5)}
    theirs = {name: torch.from_numpy(array.copy()).requires_grad_() for name, array in ours.items()}
    settings = {"betas": (0.8, 0.95), "eps": 1e-6}
    optimizer = Adam(ours, 0.02, **settings)
    their_optimizer = torch.optim.Adam(theirs.values(), lr=0.02, **settings)
    for step in range(40):
        grads = {name: rng.standard_normal(array.shape) * 10.0 ** (step % 7 - 3) for name, array in ours.items()}
        for name, tensor in theirs.items():
            tensor.grad = torch.from_numpy(grads[name].copy())
        if step == 20:
            optimizer.learning_rate = their_optimizer.param_groups[0]["lr"] = 0.005
        optimizer.step(grads)
        their_optimizer.step()
        for name in ours:
            close(ours[name], theirs[name], 1e-13)


@pytest.mark.parametrize("max_norm", [1e-3, 1.0, 5.0, 1e3])
def test_clipping_step_by_step(rng, max_norm):
    for _ in range(10):
        grads = {"a": rng.standard_normal((3, 4)), "b": rng.standard_normal(5)}
        tensors = [torch.zeros(g.shape, dtype=torch.float64, requires_grad=True) for g in grads.values()]
        for tensor, gradient in zip(tensors, grads.values(), strict=True):
            tensor.grad = torch.from_numpy(gradient.copy())
        norm = clip_grad_norm(grads, max_norm)
        assert norm == pytest.approx(torch.nn.utils.clip_grad_norm_(tensors, max_norm).item(), rel=1e-13)
        for tensor, gradient in zip(tensors, grads.values(), strict=True):
            close(gradient, tensor.grad, 1e-13)


def test_fifty_training_steps():
    model = initial_model()
    network = twin(model)
    losses, norms = train_here(model, *batches())
    their_losses, their_norms = train_there(network, *batches(), LEARNING_RATE, MAX_NORM)
    np.testing.assert_allclose(losses, their_losses, rtol=0, atol=1e-9)
    np.testing.assert_allclose(norms, their_norms, rtol=1e-8)


def test_initial_weights_have_the_same_distribution():
    torch.manual_seed(0)
    network, model = TorchModel(50, 64, 96, 2), LSTMModel(50, 64, 96, 2, 0.0, np.random.default_rng(0))
    for name, parameter in network.named_parameters():
        ours, theirs = model.params[name], parameter.detach().numpy()
        assert ours.shape == theirs.shape
        assert ours.dtype == theirs.dtype
        assert ours.std() == pytest.approx(theirs.std(), rel=0.25)
        if name != "embedding.weight":
            assert max(np.abs(ours).max(), np.abs(theirs).max()) <= 96**-0.5


def example(heading: str) -> str:
    """The first Python block under a heading of docs/gradients.md."""
    text = (Path(__file__).resolve().parents[2] / "docs" / "gradients.md").read_text(encoding="utf-8")
    return re.search(r"```python\n(.*?)```", text[text.index(heading) :], re.DOTALL)[1]


def test_weights_pass_both_ways(tmp_path, monkeypatch, rng):
    """The lines that the page shows, on a file like the article's, in float32."""
    monkeypatch.chdir(tmp_path)
    there_and_back = example("## Weights from and to PyTorch").split("\n\n")
    tokens = rng.integers(38, size=(4, 64))
    network = TorchModel(38, 38, 128, 1, 0.2).eval()
    torch.save(network.state_dict(), "model.pt")
    expected = network(torch.from_numpy(tokens), outputs="last")[0].detach().numpy()

    names = {"np": np, "torch": torch, "LSTMModel": LSTMModel}
    exec(there_and_back[0], names)
    logits, _, _ = names["model"].forward(tokens, outputs="last")
    assert logits.dtype == np.float32
    np.testing.assert_allclose(logits, expected, rtol=0, atol=1e-5)

    names["network"] = TorchModel(38, 38, 128, 1, 0.2).eval()
    exec(there_and_back[1], names)
    again = names["network"](torch.from_numpy(tokens), outputs="last")[0].detach().numpy()
    np.testing.assert_array_equal(again, expected)
