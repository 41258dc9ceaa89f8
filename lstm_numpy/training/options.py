"""What a training may be told on the command line: each option declared once, with its check.

A *recipe* is a set of values for the settings. What is given on the command line stands in their place.
NumPy is not imported here: how many threads it may start is one of the options.
"""

import argparse
from collections.abc import Mapping

from lstm_numpy.system import Parser, number, option_of, refuse_others, some_path

MOST = 10**6  # that may be asked for of anything: more is a slip of the finger
COUNT, SHARE = number(int, 1, MOST), number(float, 0, 1)
SAVE_EVERY = 60  # seconds

# What a recipe decides: the choices or the kind of number, and the help.
SETTINGS = {
    "batches": (("streams", "windows"), "training data: songs end to end, or windows"),
    "sequence_len": (COUNT, "tokens in a training window, or steps of a stream at a time"),
    "stride": (COUNT, "steps from one training window of a song to the next"),
    "input_dim": (number(int, 0, MOST), "width of the embedding, 0 is the vocabulary's size"),
    "hidden_dim": (COUNT, "width of the hidden state"),
    "layer_dim": (number(int, 1, 1000), "stacked LSTM layers"),
    "dropout": (SHARE, "share of the LSTM's output that is dropped in training"),
    "embedding_dropout": (SHARE, "share of the embedding that is dropped in training"),
    "context_dropout": (SHARE, "share of the context symbols that are left out in training"),
    "weight_dropout": (SHARE, "share of the recurrent weights that is dropped in training"),
    "learning_rate": (number(float, 0), "step size of Adam, the largest"),
    "schedule": (("cosine", "constant"), "of the learning rate: falling to zero, or not"),
    "warm_up": (SHARE, "share of the training in which the learning rate rises"),
    "batch_size": (COUNT, "windows or streams per training step"),
    "epochs": (number(int, 0, MOST), "passes through the training data"),
    "clip": (number(float, 0), "largest norm of the gradient, 0 does not clip"),
    "outputs": (("last", "every"), "targets after the last or after every step"),
    "split": (("song", "window"), "what is held out: whole songs or single windows"),
}
# What no recipe decides.
DEFAULTS = {
    "recipe": "default", "seed": 0, "eval_interval": 100, "time_step": 1 / 16, "limit_songs": None,
    "plain": False, "watch": False, "context": [], "context_dropout": 0.0,
}  # fmt: skip
CHANGEABLE = ("epochs", "learning_rate")  # when a run is resumed
BESIDE_RESUME = (*CHANGEABLE, "resume", "data", "threads", "save_every", "export")


def add_settings(parser: Parser, recipes: Mapping[str, Mapping]) -> None:
    """Options for the recipe, the first of which is the default, and for the SETTINGS that it decides."""
    parser.add_argument("--recipe", choices=recipes, help="a set of settings (default: default)")
    for name, (kind, help) in SETTINGS.items():
        values = [str(recipe[name]) for recipe in recipes.values()]
        others = [f"{recipe}: {value}" for recipe, value in zip(list(recipes)[1:], values[1:], strict=True)]
        default = values[0] if len(set(values)) == 1 else "; ".join([values[0], *others])
        more = {"choices": kind} if isinstance(kind, tuple) else {"type": kind}
        parser.add_argument(option_of(name), help=f"{help} (default: {default})", **more)


def add_run_options(parser: Parser) -> None:
    """Options for what no recipe decides: the run and its folder."""
    add = parser.add_argument
    add("--eval-interval", type=COUNT, help="steps per reported loss (default: 100)")
    add("--seed", type=number(int, 0), help="of all random choices (default: 0)")
    add("--plain", action="store_true", default=None, help="compute with the plain cell (slow)")
    watched = "measure gradients, updates and gates while training: watch.csv and watch.png"
    add("--watch", action="store_true", default=None, help=watched)
    add("--threads", type=number(int, 1, 1000), help="of NumPy's matrix products (default: 1, the safe choice)")
    exported = "write the best model there when done, for sample.py alone"
    add("--export", type=some_path, metavar="FILE.npz", help=exported)
    beside = ", ".join(option_of(name) for name in BESIDE_RESUME if name != "resume")
    add("--resume", type=some_path, metavar="RUN", help=f"go on with a run; only {beside} may be given")
    often = f"save the place in the training so often, and after each epoch (default: {SAVE_EVERY})"
    add("--save-every", type=number(float, 0), metavar="SECONDS", help=often)


def new_config(options: argparse.Namespace, recipes: Mapping[str, Mapping], defaults: Mapping) -> dict:
    """The values of the recipe and of what no recipe decides, with what is given in their place."""
    config = {**defaults, **recipes[options.recipe or next(iter(recipes))]}
    return config | {name: value for name, value in vars(options).items() if name in config and value is not None}


def resumed_config(parser: Parser, options: argparse.Namespace, saved: Mapping, defaults: Mapping) -> dict:
    """The values of an earlier start, of which only some may be changed."""
    config = {**defaults, **saved}
    refuse_others(parser, options, BESIDE_RESUME, "--resume goes on with the settings of the run", config)
    return config | {name: getattr(options, name) for name in CHANGEABLE if getattr(options, name) is not None}
