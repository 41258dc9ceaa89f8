"""What every command line here has in common: one sentence for what is wrong, and the number of threads.

NumPy is not imported, here or by importing this: its threads can still be set.
"""

import argparse
import contextlib
import math
import os
import sys
from collections.abc import Callable
from pathlib import Path

# What the libraries behind NumPy's matrix products read when they start.
THREAD_VARIABLES = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


class CommandLineError(Exception):
    """Something that the user can mend; the message says what and how."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, without the usage in front of it."""

    def error(self, message: str) -> None:
        self.exit(2, f"{self.prog}: {message}\n")

    def print_help(self, file=None) -> None:
        """As argparse does, but an error in printing is not passed over in silence."""
        print(self.format_help(), end="", file=file)


def number(kind: type, least: float, below: float = math.inf, infinite: bool = False) -> Callable[[str], float]:
    """A type for argparse: a number of a kind, from `least` up to, but not including, `below`.

    `infinite` lets infinity itself pass.
    """
    words = {int: "a whole number", float: "a number"}[kind]

    def read(text: str):
        try:
            value = kind(text)
        except ValueError:
            value = None
        if value is None or not (least <= value < below or (infinite and value == math.inf)):
            limit = f"of at least {least}" + ("" if below == math.inf else f" and below {below}")
            raise argparse.ArgumentTypeError(f"{text!r} is not {words} {limit}")
        return value

    return read


def some_text(text: str) -> str:
    """A type for argparse: text that is not empty."""
    if not text:
        raise argparse.ArgumentTypeError("nothing is given")
    return text


def some_path(text: str) -> Path:
    """A type for argparse: a path. Path takes "" for the current folder, which nobody means."""
    return Path(some_text(text))


def run_command(main: Callable[[list[str] | None], int], arguments: list[str] | None = None) -> int:
    """Call a script's main function; what the user can mend becomes one sentence and status 2."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name need not be text
    try:
        try:
            status = main(arguments)
        except SystemExit:  # from argparse, which has printed the help
            sys.stdout.flush()
            raise
        sys.stdout.flush()  # here and not at exit, where an error could not be caught any more
        return status
    except CommandLineError as error:
        message = str(error)
    except KeyboardInterrupt:
        flush_if_possible()
        print("\nstopped", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader has seen enough (| head)
        print_no_more()
        return 141
    except OSError as error:
        message = in_words(error)
        if error.filename is None:  # every file of ours has a name
            message = f"the output cannot be written: {message}"
            print_no_more()
    except MemoryError as error:
        message = f"there is not enough memory ({error}); give smaller sizes"
    flush_if_possible()
    print(f"{Path(sys.argv[0]).name}: {message}", file=sys.stderr)
    return 2


def flush_if_possible() -> None:
    """Print what waits in front of a last sentence, which says more than that this failed."""
    try:
        sys.stdout.flush()
    except OSError:
        print_no_more()


def print_no_more() -> None:
    """Nothing is printed from here on, not even what is left over at exit."""
    with contextlib.suppress(OSError, ValueError):  # it is no file, or closed already
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def in_words(error: OSError) -> str:
    return f"{error.filename}: {error.strerror}" if error.filename else f"{error.strerror or error}"


def use_threads(count: int | None) -> None:
    """Limit the threads of NumPy's matrix products. It must happen before NumPy is imported.

    One thread is the safe choice: with two, a product waits for both, and another busy
    program on the machine can make it take a hundred times as long.
    """
    for name in THREAD_VARIABLES:
        if count is not None:
            os.environ[name] = str(count)
        else:
            os.environ.setdefault(name, "1")
