"""What every command line here has in common: one sentence for what is wrong, and the number of threads.

NumPy is not imported, here or by importing this: its threads can still be set.
"""

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

from lstm_numpy.system.surroundings import figures_for_files, open_outputs

# What the libraries behind NumPy's matrix products read when they start.
THREAD_VARIABLES = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


class CommandLineError(Exception):
    """Something that the user can mend; the message says what and how."""


@contextlib.contextmanager
def in_one_sentence(*errors: type[Exception], before: str = "", after: str = "") -> Iterator[None]:
    """What is raised inside becomes a CommandLineError, with something in front of its message and behind."""
    try:
        yield
    except errors as error:
        raise CommandLineError(f"{before}{error}{after}") from None


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, without the usage in front of it."""

    def error(self, message: str) -> None:
        self.exit(2, f"{self.prog}: {message}\n")

    def print_help(self, file=None) -> None:
        """As argparse does, but an error in printing is not passed over in silence."""
        print(self.format_help(), end="", file=file)


def option_of(name: str) -> str:
    """What the value of this name is called on the command line."""
    return "-n" if name == "n" else "--" + name.replace("_", "-")


def check_company(parser: Parser, options: argparse.Namespace, needed: Mapping[str, tuple[str, ...]]) -> None:
    """See that no option is given without one of those that it is for, whose names stand in `needed`."""

    def given(name: str) -> bool:
        return getattr(options, name) != parser.get_default(name)

    for name, others in needed.items():
        if given(name) and not any(map(given, others)):
            raise CommandLineError(
                f"{option_of(name)} is for {' and '.join(map(option_of, others))}; "
                f"add {'it' if len(others) == 1 else 'one'} or leave the option out"
            )


def refuse_others(
    parser: Parser, options: argparse.Namespace, allowed: Collection[str], why: str, instead: Mapping | None = None
) -> None:
    """See that none but the allowed options are given; tells `why`, and the value that counts `instead`, by name."""
    for name, value in vars(options).items():
        if name not in allowed and value != parser.get_default(name):
            here = f" (here {instead[name]})" if instead and name in instead else ""
            raise CommandLineError(f"{why}{here}; leave out {option_of(name)}")


@open_outputs()
@figures_for_files()
def run_command(main: Callable[[list[str] | None], int], arguments: list[str] | None = None) -> int:
    """Call a script's main function; what the user can mend becomes one sentence and status 2."""
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
        if error.filename is None:
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
    """With the file, or of an output, which is the only thing here without a name."""
    if error.filename:
        return f"{error.filename}: {error.strerror}"
    return f"the output cannot be written: {error.strerror or error}"


def use_threads(count: int | None) -> None:
    """Limit the threads of NumPy's matrix products. It must happen before NumPy is imported.

    One thread is the safe choice: with two, another busy program can make a product take a hundred times as long.
    """
    for name in THREAD_VARIABLES:
        os.environ[name] = str(count or os.environ.get(name, 1))
