"""To be asked to end: Ctrl-C and SIGTERM."""

import contextlib
import signal
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def sigterm_like_ctrl_c() -> Iterator[None]:
    """SIGTERM raises KeyboardInterrupt, too."""
    with _answered(signal.default_int_handler, signal.SIGTERM):
        yield


@contextlib.contextmanager
def interruption() -> Iterator[Callable[[], bool]]:
    """Ctrl-C and SIGTERM are noted, and what is being done is finished; gives a function that says whether one came.

    The second one does not wait for that.
    """
    noted: list[int] = []

    def note(number: int, _: object) -> None:
        if noted:
            raise KeyboardInterrupt
        noted.append(number)

    with _answered(note, signal.SIGINT, signal.SIGTERM):
        yield lambda: bool(noted)


@contextlib.contextmanager
def _answered(handler: Callable, *signals: int) -> Iterator[None]:
    """The signals go to the handler, and afterwards to those of before. In a thread, where Python forbids it, not."""
    before = {}
    try:
        with contextlib.suppress(ValueError):  # this is not the main thread
            for number in signals:
                before[number] = signal.signal(number, handler)
        yield
    finally:
        for number, handler_before in before.items():
            signal.signal(number, handler_before or signal.SIG_DFL)  # None: of a program that Python is a part of
