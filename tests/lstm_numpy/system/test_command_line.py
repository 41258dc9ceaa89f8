"""What every command line has in common: one sentence for what is wrong."""

import os
import sys

import pytest

from lstm_numpy.system import (
    CommandLineError,
    Parser,
    check_company,
    check_rooms,
    has_room,
    in_one_sentence,
    in_words,
    option_of,
    refuse_others,
    run_command,
    use_threads,
)
from lstm_numpy.system.command_line import THREAD_VARIABLES


@pytest.fixture
def parser():
    parser = Parser(prog="train.py")
    parser.add_argument("-n", type=int)
    parser.add_argument("--top-k", type=int)
    parser.add_argument("--out", default="runs")
    parser.add_argument("--report", action="store_true")
    return parser


def test_the_parser_says_one_sentence(parser, capsys):
    with pytest.raises(SystemExit) as error:
        parser.parse_args(["--top-k", "x"])
    assert error.value.code == 2
    assert capsys.readouterr() == ("", "train.py: argument --top-k: invalid int value: 'x'\n")
    parser.print_help()
    assert capsys.readouterr().out == parser.format_help()


def test_errors_as_one_sentence():
    with pytest.raises(CommandLineError, match="^<bad>$"), in_one_sentence(KeyError, ValueError, before="<", after=">"):
        raise ValueError("bad")
    with pytest.raises(TypeError), in_one_sentence(ValueError):
        raise TypeError
    with pytest.raises(CommandLineError, match="^bad$"), in_one_sentence(ValueError):
        raise ValueError("bad")


def test_options_that_need_company(parser):
    needed = {"top_k": ("n",), "out": ("n", "report")}
    for given in ([], ["-n", "3", "--top-k", "1"], ["--out", "x", "--report"], ["--out", "x", "-n", "1"], ["-n", "1"]):
        check_company(parser, parser.parse_args(given), needed)
    with pytest.raises(CommandLineError, match="^--top-k is for -n; add it or leave the option out$"):
        check_company(parser, parser.parse_args(["--top-k", "1"]), needed)
    with pytest.raises(CommandLineError, match="^--out is for -n and --report; add one or leave the option out$"):
        check_company(parser, parser.parse_args(["--out", "x"]), needed)


def test_options_that_are_not_allowed(parser):
    refuse_others(parser, parser.parse_args(["--top-k", "1"]), ["top_k"], "why")
    with pytest.raises(CommandLineError, match="^why; leave out --top-k$"):
        refuse_others(parser, parser.parse_args(["--top-k", "1"]), ["n"], "why")
    with pytest.raises(CommandLineError, match=r"^why \(here 5\); leave out -n$"):
        refuse_others(parser, parser.parse_args(["-n", "1"]), [], "why", {"n": 5})
    assert option_of("top_k_or_p") == "--top-k-or-p"


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (CommandLineError("no songs"), 2, "train.py: no songs\n"),
        (KeyboardInterrupt(), 130, "\nstopped\n"),
        (OSError(28, "No space left", "a.npz"), 2, "train.py: a.npz: No space left\n"),
        (MemoryError("9 GB"), 2, "train.py: there is not enough memory (9 GB); give smaller sizes\n"),
    ],
)
def test_how_a_command_ends(error, status, said, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/somewhere/train.py"])

    def main(arguments):
        print("before")
        raise error

    assert run_command(main, []) == status
    assert capsys.readouterr() == ("before\n", said)


def test_what_a_command_returns(capsys):
    assert run_command(lambda arguments: len(arguments), ["a", "b", "c"]) == 3
    with pytest.raises(SystemExit):
        run_command(lambda arguments: Parser(prog="x").parse_args(arguments), ["--help"])
    assert "usage: x" in capsys.readouterr().out
    with pytest.raises(ZeroDivisionError):
        run_command(lambda arguments: 1 // 0)


def test_errors_of_the_system_in_words():
    assert in_words(OSError(2, "No such file", "a.krn")) == "a.krn: No such file"
    assert in_words(OSError(2, "No such file")) == "the output cannot be written: No such file"
    assert in_words(OSError("odd")) == "the output cannot be written: odd"


def test_threads(monkeypatch):
    for name in THREAD_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    use_threads(None)  # what the user has set stays
    assert [os.environ[name] for name in THREAD_VARIABLES] == ["1", "1", "4", "1"]
    use_threads(3)
    assert [os.environ[name] for name in THREAD_VARIABLES] == ["3"] * 4


def test_rooms(tmp_path, monkeypatch):
    (tmp_path / "left_over").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    assert has_room("lstm_numpy.training")
    for missing in ("lstm_numpy.cellar", "left_over"):  # a folder without __init__ is what is left of a room
        assert not has_room(missing)
    check_rooms("--report", "lstm_numpy.training")
    with pytest.raises(CommandLineError, match="^--report needs lstm_numpy/cellar, which is missing; put it back$"):
        check_rooms("--report", "lstm_numpy.training", "lstm_numpy.cellar")
