"""The same training as PyTorch's, step by step, by the reference file (no PyTorch needed)."""

import numpy as np
import pytest
from trajectory import MAX_NORM, REFERENCE, STEPS, train_here

from lstm_numpy import LSTMModel


@pytest.fixture(scope="module")
def reference():
    with np.load(REFERENCE) as file:
        return dict(file)


def weights(reference, when):
    return {name.removeprefix(when): array for name, array in reference.items() if name.startswith(when)}


@pytest.mark.parametrize("plain", [False, True], ids=["fast", "plain"])
def test_fifty_steps(reference, plain):
    model = LSTMModel.from_state_dict(weights(reference, "initial/"))
    model.plain = plain
    losses, norms = train_here(model, reference["tokens"].astype(int), reference["targets"].astype(int))
    assert len(losses) == STEPS
    np.testing.assert_allclose(losses, reference["losses"], rtol=0, atol=1e-9)
    np.testing.assert_allclose(norms, reference["norms"], rtol=1e-8)
    for name, array in weights(reference, "final/").items():
        np.testing.assert_allclose(model.params[name], array, rtol=0, atol=1e-8)


def test_the_trajectory_is_worth_following(reference):
    """It learns, and it is clipped at times and at times not."""
    assert reference["losses"][-1] < 0.9 * reference["losses"][0]
    clipped = reference["norms"] > MAX_NORM
    assert 5 < clipped.sum() < STEPS - 5
