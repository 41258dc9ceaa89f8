"""What a training may be told: the borders of each option, and whose value counts."""

import pytest

from lstm_numpy.system import CommandLineError, Parser
from lstm_numpy.training.options import (
    DEFAULTS,
    SETTINGS,
    add_run_options,
    add_settings,
    new_config,
    resumed_config,
)

RECIPES = {"default": dict.fromkeys(SETTINGS, 1), "other": dict.fromkeys(SETTINGS, 2)}
MILLION = ("999999", "1000000")  # the last that is taken, and the first that is not


@pytest.fixture
def parser():
    parser = Parser(prog="train.py")
    add_settings(parser, RECIPES)
    add_run_options(parser)
    return parser


@pytest.mark.parametrize(
    ("option", "taken", "refused"),
    [
        *[(name, ("1", MILLION[0]), ("0", MILLION[1], "1.5")) for name in
          ("--sequence-len", "--stride", "--hidden-dim", "--batch-size", "--eval-interval")],
        *[(name, ("0", MILLION[0]), ("-1", MILLION[1], "0.5")) for name in ("--input-dim", "--epochs")],
        *[(name, ("1", "999"), ("0", "1000")) for name in ("--layer-dim", "--threads")],
        *[(name, ("0", "0.999"), ("-0.001", "1", "nan")) for name in
          ("--dropout", "--embedding-dropout", "--weight-dropout", "--warm-up")],
        *[(name, ("0", "1e9"), ("-0.001", "inf", "nan")) for name in ("--learning-rate", "--clip", "--save-every")],
        ("--seed", ("0", str(10**30)), ("-1", "0.5")),
        ("--batches", ("streams", "windows"), ("songs",)),
        ("--schedule", ("cosine", "constant"), ("linear",)),
        ("--outputs", ("last", "every"), ("first",)),
        ("--split", ("song", "window"), ("bar",)),
        ("--recipe", ("default", "other"), ("third",)),
    ],
)  # fmt: skip
def test_borders(parser, option, taken, refused):
    name = option[2:].replace("-", "_")
    for text in taken:
        value = getattr(parser.parse_args([f"{option}={text}"]), name)
        assert value == (type(value))(text)
    for text in refused:
        with pytest.raises(SystemExit):
            parser.parse_args([f"{option}={text}"])


def test_the_help_tells_the_values_of_each_recipe():
    parser = Parser(prog="train.py")
    add_settings(
        parser, {"default": RECIPES["default"], "other": {**RECIPES["other"], "clip": 1}, "third": RECIPES["other"]}
    )
    told = " ".join(parser.format_help().split())
    assert "steps of a stream at a time (default: 1; other: 2; third: 2)" in told
    assert "0 does not clip (default: 1; other: 1; third: 2)" in told
    add_settings(parser := Parser(prog="train.py"), {"default": RECIPES["default"]})
    assert "0 does not clip (default: 1)" in " ".join(parser.format_help().split())


def test_a_new_run_has_the_recipes_values_and_what_is_given(parser):
    defaults = {**DEFAULTS, "data": "essen"}
    given = parser.parse_args(["--hidden-dim", "7", "--seed", "3", "--watch"])
    config = new_config(given, RECIPES, defaults)
    assert config == {**defaults, **RECIPES["default"], "hidden_dim": 7, "seed": 3, "watch": True}
    config = new_config(parser.parse_args(["--recipe", "other", "--dropout", "0"]), RECIPES, defaults)
    assert config == {**defaults, **RECIPES["other"], "recipe": "other", "dropout": 0.0}


def test_a_run_that_goes_on_has_its_own_values(parser):
    saved = {"epochs": 5, "hidden_dim": 9, "learning_rate": 0.5}
    options = parser.parse_args(["--resume", "runs/1", "--epochs", "8", "--threads", "2", "--save-every", "1"])
    assert resumed_config(parser, options, saved, DEFAULTS) == {**DEFAULTS, **saved, "epochs": 8}
    options = parser.parse_args(["--resume", "runs/1", "--learning-rate", "0.25"])
    assert resumed_config(parser, options, saved, DEFAULTS)["learning_rate"] == 0.25
    for wrong, value in (("--hidden-dim", 9), ("--seed", 0)):
        told = rf"--resume goes on with the settings of the run \(here {value}\); leave out {wrong}"
        with pytest.raises(CommandLineError, match=f"^{told}$"):
            resumed_config(parser, parser.parse_args([wrong, "4"]), saved, DEFAULTS)
