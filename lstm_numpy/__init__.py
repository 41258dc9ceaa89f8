"""A recurrent network in NumPy, with every gradient written out by hand.

In the order to read: one step of the LSTM in `cell`; the other layers in `activations`,
`embedding`, `dropout`, `linear` and `loss`; many steps in `plain` and, laid out for speed, in
`lstm` (with `workspace`); all of it together in `model`. Then `adam`, `schedule`, `training` (with
`screen`, `evaluation`, `checkpoint` and `files`), `sampling`, what the network is measured against (`ngrams`,
`scores` and `baselines`), the proof (`problems` and `gradcheck`), the judge of the `exercises`, and what
looks inside: `inspection`, `units` and `portrait` (what each unit follows), `watch` (through a training)
and `architecture` (as a picture); `figures` and `figures_inside` draw the other pictures.

The package knows integers and arrays; what the integers stand for is not its concern.
"""

from lstm_numpy.adam import Adam, clip_grad_norm
from lstm_numpy.loss import softmax_cross_entropy
from lstm_numpy.model import LSTMModel
from lstm_numpy.sampling import generate, generate_many
from lstm_numpy.workspace import Workspace

__all__ = ["Adam", "LSTMModel", "Workspace", "clip_grad_norm", "generate", "generate_many", "softmax_cross_entropy"]
