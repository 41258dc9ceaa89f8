"""Who asks to end is heard, and the handlers of before are there again."""

import signal
import threading

import pytest

from lstm_numpy.system import interruption, sigterm_like_ctrl_c

BOTH = (signal.SIGINT, signal.SIGTERM)


@pytest.fixture
def own():
    """Handlers of the caller, which must be there again."""

    def handler(*_):
        pytest.fail("the handler of before was called")

    before = {number: signal.signal(number, handler) for number in BOTH}
    yield handler
    now = [signal.getsignal(number) for number in BOTH]
    for number, previous in before.items():
        signal.signal(number, previous)
    assert now == [handler, handler]


def test_sigterm_is_like_ctrl_c(own):
    with sigterm_like_ctrl_c():
        assert signal.getsignal(signal.SIGINT) is own
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)


@pytest.mark.parametrize("number", BOTH)
def test_the_first_is_noted_and_the_second_does_not_wait(own, number):
    with interruption() as interrupted:
        assert not interrupted()
        signal.raise_signal(number)
        assert interrupted()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)


def test_in_a_thread_all_stays_as_it_is(own):
    found = []

    def work():
        with sigterm_like_ctrl_c(), interruption() as interrupted:
            found.append((interrupted(), *(signal.getsignal(number) for number in BOTH)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [(False, own, own)]


def test_a_handler_that_python_does_not_know(monkeypatch):
    """signal.signal returns None for one that a program has set that Python is a part of."""
    real, calls = signal.signal, []

    def unknown(number, handler):
        calls.append(handler)
        assert handler is not None
        real(number, handler)

    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(signal, "signal", unknown)
    with sigterm_like_ctrl_c():
        pass
    assert calls == [signal.default_int_handler, signal.SIG_DFL]
    real(signal.SIGTERM, before)
