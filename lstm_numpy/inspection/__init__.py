"""Looking inside: what gates, states and gradients do, in one sequence, over many, and through a training.

In the order to read: `gates` (one sequence, read step by step), `units` (what single units follow), `watching` (through
a training) and its `watch_curves`, `architecture` (the network in its parts), `explained` (one sequence as a
picture, and how symbols are written), `units_picture` (single units as a picture), `portrait` (all about one model).

Imports the ground floor, `lstm_numpy.system` and `lstm_numpy.training`. What the symbols stand for comes as text.
"""

from lstm_numpy.inspection.architecture import parts_of
from lstm_numpy.inspection.gates import saturation
from lstm_numpy.inspection.portrait import Portrait
from lstm_numpy.inspection.watching import Watch

__all__ = ["Portrait", "Watch", "parts_of", "saturation"]
