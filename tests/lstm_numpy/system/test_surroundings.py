"""What a command finds around it, and finds again as it was."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lstm_numpy.system.surroundings import open_outputs

ROOT = Path(__file__).resolve().parents[3]


def in_python(code: str, **environment) -> list[str]:
    """What a new Python prints, line by line."""
    command = [sys.executable, "-c", "import os, sys\nfrom lstm_numpy.system import run_command\n" + code]
    found = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=ROOT, env={**os.environ, **environment}
    )
    assert found.returncode == 0, found.stderr
    return found.stdout.split()


FIGURE = """
def main(_):
    import matplotlib
    print(matplotlib.get_backend().lower())
    return 0
run_command(main)
print(os.environ.get("MPLBACKEND"))
"""
AFTER = "import matplotlib; print(matplotlib.rcParams['backend'].lower())"


def test_a_backend_that_is_not_there_is_no_matter():
    assert in_python(FIGURE, MPLBACKEND="not-installed") == ["agg", "not-installed"]


def test_afterwards_the_backend_is_that_of_the_user():
    assert in_python(FIGURE + AFTER, MPLBACKEND="svg") == ["agg", "svg", "svg"]


def test_a_loaded_matplotlib_keeps_its_backend():
    """In a notebook, for instance; the figures here are drawn for files all the same."""
    code = "import matplotlib\nmatplotlib.use('pdf')\n" + FIGURE + AFTER
    assert in_python(code, MPLBACKEND="svg") == ["pdf", "svg", "pdf"]


def test_the_users_choice_returns_after_an_error():
    code = FIGURE.replace("return 0", "raise KeyboardInterrupt")
    assert in_python(code + AFTER, MPLBACKEND="svg") == ["agg", "svg", "svg"]


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_closed_outputs_take_every_letter(name, monkeypatch):
    monkeypatch.setattr(sys, name, None)
    with open_outputs():
        stream = getattr(sys, name)
        print("ü \udcff σ", file=stream, flush=True)
        assert not stream.isatty()
    assert getattr(sys, name) is None
    assert stream.closed
