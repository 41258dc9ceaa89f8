"""Training: the loop, what judges it, and the folder that a run lives in. Knows arrays and integers, no music.

In the order to read: `batch` and `settings` (what the loop is told and tells), `schedule` (the learning rate), `step`
(forward, loss, backward, update), `evaluation` (the loss of unseen sequences), `loop` (epochs of steps), `recording`
and `finite` (gates and states of a pass, and where they stop being numbers); then the folder: `checkpoint` (one
file), `metrics` (table and curves), `progress` (the screen), `run` (all of it), `resuming` (where a run begins and
goes on). `trained` is a model with its vocabulary, for whoever uses it.

`options` declares what a training may be told on the command line, and is read first of all by `train.py`.

Imports the ground floor and `lstm_numpy.system`.
"""

from importlib import import_module

_HOME = {
    "Activity": "recording", "activity": "recording", "export": "checkpoint", "load_model": "checkpoint",
    "Evaluation": "evaluation", "evaluate_sequences": "evaluation", "evaluate_windows": "evaluation",
    "beside": "evaluation", "expectations": "evaluation", "log_probabilities": "evaluation",
    "padded_batches": "evaluation",
    "curves": "metrics", "Diverged": "step", "Training": "loop", "Run": "run", "duration": "progress",
    "Settings": "settings", "random_streams": "settings", "Saved": "resuming", "Trained": "trained",
}  # fmt: skip

__all__ = list(_HOME)


def __getattr__(name: str) -> object:
    """A name is imported when it is first asked for, and NumPy with it; `options` must come before (see `system`)."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
