"""What the network is measured against: predictions from counts, judged as the network is.

In the order to read: `ngrams` (Witten-Bell smoothing), `scores` (sums for each sequence, and intervals),
`comparison` (a network and n-grams on the same sequences).

Imports the ground floor and `lstm_numpy.training`.
"""

from lstm_numpy.baselines.comparison import judge_predictions
from lstm_numpy.baselines.scores import bootstrap_mean

__all__ = ["bootstrap_mean", "judge_predictions"]
