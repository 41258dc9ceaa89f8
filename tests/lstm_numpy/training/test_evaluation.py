"""What unseen sequences cost."""

import numpy as np
import pytest

from lstm_numpy import LSTMModel
from lstm_numpy.training.evaluation import evaluate_sequences

V = 6


def test_whole_sequences_one_by_one(rng):
    model = LSTMModel(V, 4, 6, 1, 0.2, rng)
    model.start_len = 3
    sequences = [rng.integers(1, V, size=length) for length in (1, 5, 30, 7, 12)]
    nats = correct = 0
    for sequence in sequences:
        logits, _, _ = model.forward(np.array([[0, 0, 0, *sequence]]))
        logits = logits[0, 2:].astype(float)
        targets = np.array([*sequence, 0])
        p = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
        nats -= np.log(p[np.arange(len(targets)), targets]).sum()
        correct += (logits.argmax(axis=-1) == targets).sum()
    for more in ({}, {"batch_size": 2, "chunk": 4}, {"batch_size": 1, "chunk": 1}):
        evaluation = evaluate_sequences(model, sequences, 0, **more)
        assert evaluation.targets == 55 + 5
        assert evaluation.nats == pytest.approx(nats, rel=1e-5)
        assert evaluation.correct == correct
    assert evaluation.perplexity == pytest.approx(np.exp(nats / 60), rel=1e-5)
    assert evaluation.accuracy == correct / 60
