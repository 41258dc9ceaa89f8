"""What a batch of training data holds."""

from typing import NamedTuple

import numpy as np


class Batch(NamedTuple):
    """What a model reads, what it is to predict, and what it is told; see `LSTMModel.forward`."""

    tokens: np.ndarray  # (B, T)
    targets: np.ndarray  # (B,) or (B, T)
    context: np.ndarray | None = None  # (B, T, K)
    ends: np.ndarray | None = None  # (B, T)
