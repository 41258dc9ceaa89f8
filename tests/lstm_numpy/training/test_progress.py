"""What a training says while it goes on."""

import contextlib
import io
import sys

import pytest

from lstm_numpy.training.evaluation import Evaluation
from lstm_numpy.training.progress import StatusLine, duration, show
from lstm_numpy.training.settings import Report


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (4.4, "0:04"), (59.6, "1:00"), (65, "1:05"), (3599, "59:59"), (3600, "1:00:00"), (36065, "10:01:05")],
)
def test_durations(seconds, text):
    assert duration(seconds) == text


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True

    def said(self) -> str:
        """What has been printed since the last time."""
        text = self.getvalue()
        self.seek(0)
        self.truncate()
        return text


def test_the_status_line_is_rewritten_five_times_a_second(monkeypatch):
    times = iter([10.0, 10.0, 10.125, 10.25, 10.25, 10.4, 10.5, 10.5])  # it is asked again after printing
    with contextlib.redirect_stdout(Terminal()) as screen:
        status, said = StatusLine(), []
        monkeypatch.setattr("time.monotonic", lambda: next(times))
        for number in range(5):
            status.show(f"number {number}")
            said.append(screen.said())
        assert said == [f"\r{'number 0':<79}", "", f"\r{'number 2':<79}", "", f"\r{'number 4':<79}"]
        status.clear()
        assert screen.said() == "\r" + " " * 79 + "\r"


@pytest.mark.parametrize("output", ["a file", "none at all"])
def test_no_status_line_elsewhere(output, monkeypatch, capsys):
    if output == "none at all":
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", None)
            status = StatusLine()
    else:
        status = StatusLine()
    status.show("now")
    status.clear()
    assert capsys.readouterr().out == ""


def test_lines_that_stay(capsys):
    status, speed = StatusLine(), "12,346 tokens/s, 1:05 left"
    report = Report(2, 3, 4, 1.23456, 12345.6, 65.0)
    show(report, 9, 1, status)
    assert capsys.readouterr().out == ""
    report.interval_loss = 0.98765
    show(report, 9, 1, status)
    assert capsys.readouterr().out == f"  epoch 2/9 step 3/4: training loss 0.9877, {speed}\n"
    report.interval_loss, report.train_loss, report.validation = None, 0.54321, Evaluation(6.0, 1, 4)
    show(report, 9, 1, status)
    told = "epoch 2/9: train 0.5432, validation 1.500 nats per step, perplexity 4.48, accuracy 25.0%"
    assert capsys.readouterr().out == f"{told}  (best: epoch 1)\n"
    report.is_best = True
    show(report, 9, 2, status)
    assert capsys.readouterr().out == f"{told}  <- best\n"


def test_the_status_line_gives_way():
    with contextlib.redirect_stdout(Terminal()) as screen:
        show(Report(2, 3, 4, 1.23456, 99.6, 65.0, interval_loss=0.5), 9, 1, StatusLine())
    status, cleared, line = screen.said().split("\r")[1:]
    assert status == f"{'epoch 2/9 step 3/4 loss 1.235, 100 tokens/s, 1:05 left':<79}"
    assert cleared.isspace()
    assert line == "  epoch 2/9 step 3/4: training loss 0.5000, 100 tokens/s, 1:05 left\n"
