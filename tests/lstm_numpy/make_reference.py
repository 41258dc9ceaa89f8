"""Write the reference file: a training trajectory by PyTorch.

    pip install torch==2.13.0
    python tests/lstm_numpy/make_reference.py

It holds the initial weights, the batches, and of each of 50 steps the loss and the norm of the
gradient, and the weights after the last step; all in float64, without dropout, with clipping.
`test_reference.py` holds this project against it where PyTorch is not installed.
"""

import os
import sys
from pathlib import Path

sys.path.extend(map(str, Path(__file__).resolve().parents[1:3]))  # tests, and where the package lies

import numpy as np
import torch
from torch_model import train_there, twin
from trajectory import LEARNING_RATE, MAX_NORM, REFERENCE, batches, initial_model


def main() -> None:
    tokens, targets = batches()
    network = twin(initial_model())
    initial = {f"initial/{name}": tensor.numpy().copy() for name, tensor in network.state_dict().items()}
    losses, norms = train_there(network, tokens, targets, LEARNING_RATE, MAX_NORM)
    final = {f"final/{name}": tensor.numpy() for name, tensor in network.state_dict().items()}
    REFERENCE.parent.mkdir(exist_ok=True)
    temporary = REFERENCE.with_suffix(".tmp.npz")
    np.savez_compressed(
        temporary,
        tokens=tokens.astype(np.uint8),
        targets=targets.astype(np.int8),
        losses=losses,
        norms=norms,
        torch_version=torch.__version__,
        **initial,
        **final,
    )
    os.replace(temporary, REFERENCE)
    print(f"{REFERENCE}: {REFERENCE.stat().st_size:,} bytes, loss {losses[0]:.4f} -> {losses[-1]:.4f}")


if __name__ == "__main__":
    main()
