"""What a command may find around it, made fit for the time that it runs: its outputs, and matplotlib's settings."""

import contextlib
import os
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def open_outputs() -> Iterator[None]:
    """Standard output and error take every letter, and where they are closed (`>&-`) lead nowhere."""
    with contextlib.ExitStack() as stack:
        for name, redirect in (("stdout", contextlib.redirect_stdout), ("stderr", contextlib.redirect_stderr)):
            if getattr(sys, name) is None:  # so Python says that it is closed
                nowhere = stack.enter_context(open(os.devnull, "w", encoding="utf-8", errors="replace"))
                stack.enter_context(redirect(nowhere))
        if hasattr(sys.stdout, "reconfigure"):  # what stands for it in a notebook has not
            sys.stdout.reconfigure(errors="backslashreplace")  # a file's name need not be text
        yield


@contextlib.contextmanager
def figures_for_files() -> Iterator[None]:
    """Whatever backend MPLBACKEND names, matplotlib starts with the one that draws to files.

    A notebook hands the name of its own on to every process (`!python train.py`), and where that is not
    installed, importing matplotlib fails. In the notebook itself (`%run train.py`), where matplotlib stays
    loaded, the backend is that of the user again afterwards.
    """
    before, loaded = os.environ.get("MPLBACKEND"), "matplotlib" in sys.modules
    if not before or loaded:
        yield
        return
    os.environ["MPLBACKEND"] = "agg"
    try:
        yield
    finally:
        os.environ["MPLBACKEND"] = before
        if "matplotlib" in sys.modules:
            with contextlib.suppress(ValueError):  # it is not installed
                sys.modules["matplotlib"].rcParams["backend"] = before
