"""A recurrent network in NumPy, with every gradient written out by hand.

In the order to read: one step of the LSTM in `cell`; the other layers in `activations`,
`embedding`, `context` (both chosen from in `inputs`), `dropout`, `linear` and `loss`; many steps in `plain` and, laid
out for speed, in `lstm` (with `workspace`); all of it together in `model` (with `parameters`); then `adam` and
`sampling`. That is the network. What a function is given, it has looked at by `checks` first.

What is built around it has rooms: `training` (the loop and a run's folder), `gradcheck` (the proof, and the judge of
the exercises), `inspection` (looking inside), `baselines` (n-grams), `system` (command line and files). A room
imports this floor and the rooms below it; nothing here imports a room.

The package knows integers and arrays; what the integers stand for is not its concern.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lstm_numpy.adam import Adam, clip_grad_norm
    from lstm_numpy.loss import softmax_cross_entropy
    from lstm_numpy.model import LSTMModel
    from lstm_numpy.sampling import generate, generate_many
    from lstm_numpy.training import load_model
    from lstm_numpy.workspace import Workspace

__all__ = [
    "Adam",
    "LSTMModel",
    "Workspace",
    "clip_grad_norm",
    "generate",
    "generate_many",
    "load_model",
    "softmax_cross_entropy",
]

_HOME = {
    "Adam": "adam", "clip_grad_norm": "adam", "softmax_cross_entropy": "loss", "LSTMModel": "model",
    "generate": "sampling", "generate_many": "sampling", "Workspace": "workspace",
    "load_model": "training",
}  # fmt: skip


def __getattr__(name: str) -> object:
    """A public name is imported when it is first asked for (PEP 562), and NumPy with it.

    So a script can use `system` first, and set how many threads NumPy's libraries will start.
    """
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
