"""What a training run says while it goes on: the reports of the loop as lines of text."""

import sys
import time

from lstm_numpy.training.settings import Report


class StatusLine:
    """A line that is rewritten in place on a terminal and left out of a log file."""

    def __init__(self) -> None:
        self.visible = sys.stdout is not None and sys.stdout.isatty()  # None: a program without a console
        self.next_time = 0.0

    def show(self, text: str) -> None:
        if self.visible and time.monotonic() >= self.next_time:
            print(f"\r{text:<79}", end="", flush=True)
            self.next_time = time.monotonic() + 0.2

    def clear(self) -> None:
        if self.visible:
            print(f"\r{'':<79}\r", end="", flush=True)


def show(report: Report, epochs: int, best_epoch: int, status: StatusLine) -> None:
    """Say what is due: after each step in the status line, after an interval and an epoch for good."""
    place = f"epoch {report.epoch}/{epochs}"
    step = f"step {report.step}/{report.steps}"
    speed = f"{report.tokens_per_second:,.0f} tokens/s, {duration(report.seconds_left)} left"
    status.show(f"{place} {step} loss {report.loss:.3f}, {speed}")
    if report.interval_loss is not None:
        status.clear()
        print(f"  {place} {step}: training loss {report.interval_loss:.4f}, {speed}", flush=True)
    if report.validation is not None:
        status.clear()
        best = "  <- best" if report.is_best else f"  (best: epoch {best_epoch})"
        print(f"{place}: train {report.train_loss:.4f}, validation {report.validation}{best}", flush=True)


def duration(seconds: float) -> str:
    """Seconds as 1:05 or 1:01:05."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
