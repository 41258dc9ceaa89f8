"""The scripts in a notebook, cell by cell, with pictures in it."""

import base64
import sys

import numpy as np
import pytest
from running import ROOT, SMALL, weights

nbformat = pytest.importorskip("nbformat", reason="a notebook needs nbformat")
nbclient = pytest.importorskip("nbclient", reason="running a notebook needs nbclient")
pytest.importorskip("ipykernel", reason="running a notebook needs ipykernel")


@pytest.fixture
def run_cells(monkeypatch):
    """A function that runs cells in a notebook of this Python, beside the scripts, and returns their outputs."""
    monkeypatch.delenv("MPLBACKEND", raising=False)  # that of a notebook is the notebook's own

    def run(*cells: str) -> list[list]:
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        resources = {"metadata": {"path": str(ROOT)}}
        nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3", resources=resources).execute()
        return [cell.outputs for cell in notebook.cells]

    return run


def text(outputs: list) -> str:
    return "".join(output.text for output in outputs if output.output_type == "stream")


def pictures(outputs: list) -> list[bytes]:
    found = [output.data.get("image/png") for output in outputs if "data" in output]
    return [base64.b64decode(picture) for picture in found if picture]


PLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"


def test_run_train_and_sample(trained, tmp_path, run_cells):
    """As commands: `%run` in the notebook's process, `!python` in one of its own, which inherits MPLBACKEND."""
    songs, run = trained
    train = f"train.py --data {songs} --out {tmp_path / 'run'} {' '.join(SMALL)}"
    trained_here, plot, sampled, shown, alone = run_cells(
        f"%run {train}",
        PLOT,
        f"%run sample.py --model {tmp_path / 'run'} -n 1 --formats png --out {tmp_path / 'melodies'}",
        f"from IPython.display import Image\nImage(filename={str(tmp_path / 'melodies' / 'melody-1.png')!r})",
        f"import os, sys\nos.environ['MPLBACKEND'] = 'not-installed'\n"
        f"!{{sys.executable}} sample.py --model {tmp_path / 'run'} -n 1 --formats roll --out {tmp_path / 'alone'}",
    )
    assert "test, best epoch" in text(trained_here)
    assert "Traceback" not in text(trained_here)
    one, two = weights(tmp_path / "run"), weights(run)
    assert all(np.array_equal(one[name], two[name]) for name in two)
    assert len(pictures(plot)) == 1  # the notebook still shows the user's own
    assert "written to" in text(sampled)
    assert pictures(shown) == [(tmp_path / "melodies" / "melody-1.png").read_bytes()]
    assert "written to" in text(alone)


def test_train_and_sample_as_functions(trained, tmp_path, run_cells):
    songs, _ = trained
    before, status, plot, melodies, after, page = run_cells(
        "import signal\nprint(signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT))",
        f"import train, sample\ntrain.main({['--data', str(songs), '--out', str(tmp_path / 'run'), *SMALL]!r})",
        PLOT,
        f"sample.main({['--model', str(tmp_path / 'run'), '-n', '1', '--out', str(tmp_path / 'melodies')]!r})",
        "print(signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT))",
        f"from IPython.display import HTML\nHTML(filename={str(tmp_path / 'run' / 'index.html')!r})",
    )
    assert "test, best epoch" in text(status)
    assert status[-1].data["text/plain"] == "0"
    assert len(pictures(plot)) == 1
    assert "written to" in text(melodies)
    assert text(after) == text(before) != ""
    assert page[0].data["text/html"] == (tmp_path / "run" / "index.html").read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="a kernel is interrupted in another way there")
def test_a_training_is_interrupted_from_the_notebook(trained, tmp_path, run_cells):
    """As by its stop button, which sends the kernel SIGINT: here after the first epoch."""
    songs, _ = trained
    options = ["--data", str(songs), "--out", str(tmp_path / "run"), *SMALL, "--epochs", "10000"]
    stopped, more = run_cells(
        "import os, signal\nfrom lstm_numpy.training import Run\nsave = Run.save\n"
        "def stop(run, name):\n"
        "    save(run, name)\n"
        "    if name == 'best.npz':\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        f"Run.save = stop\nimport train\ntrain.main({options!r})",
        "print('the kernel is alive')",
    )
    assert "stopped and saved" in text(stopped)
    assert stopped[-1].data["text/plain"] == "130"
    assert "alive" in text(more)
    assert (tmp_path / "run" / "last.npz").exists()
