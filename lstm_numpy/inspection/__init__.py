"""Looking inside: what gates, states and gradients do, in one sequence, over many, and through a training.

In the order to read: `gates` (one sequence, read step by step), `units` (what single units follow), `watching` (through
a training) and its picture `watch_picture`, `architecture` (the network as a picture), `symbols` (how symbols are
written), `explained` and `units_picture` (pictures), `portrait` (all about one model).

Imports the ground floor, `lstm_numpy.system` and `lstm_numpy.training`. What the symbols stand for comes as text.
"""

from lstm_numpy.inspection.architecture import draw_architecture
from lstm_numpy.inspection.gates import input_gradients, looks_back, read, saturation
from lstm_numpy.inspection.portrait import Portrait
from lstm_numpy.inspection.symbols import Notation
from lstm_numpy.inspection.watching import Watch

__all__ = [
    "Notation", "Portrait", "Watch", "draw_architecture", "input_gradients", "looks_back", "read", "saturation",
]  # fmt: skip
