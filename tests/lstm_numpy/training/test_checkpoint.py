"""Models in files: what comes back, and what is refused."""

import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

import lstm_numpy
from lstm_numpy import LSTMModel
from lstm_numpy.training import checkpoint

V = 6


@pytest.fixture
def saved(tmp_path):
    model = LSTMModel(V, 4, 6, 2, 0.2, np.random.default_rng(0))
    model.start_len = 64
    path = tmp_path / "best.npz"
    checkpoint.save(path, checkpoint.model_arrays(model), checkpoint.describe(model, {}))
    return path, model


def test_model_comes_back(saved, rng):
    path, model = saved
    again = checkpoint.model_from(*checkpoint.load(path))
    tokens = rng.integers(V, size=(2, 5))
    np.testing.assert_array_equal(model.forward(tokens)[0], again.forward(tokens)[0])
    assert again.start_len == 64
    assert again.dtype == np.float32
    assert list(path.parent.iterdir()) == [path]  # no temporary file is left


def test_what_is_no_checkpoint_is_refused(saved, tmp_path):
    path, _ = saved
    intact = path.read_bytes()
    other = tmp_path / "other.npz"
    np.savez(other, weights=np.zeros(3))
    pickled = tmp_path / "pickled.npz"
    np.savez(pickled, weights=np.array([{"a": 1}], dtype=object))
    plain = tmp_path / "plain.npy"
    np.save(plain, np.zeros(3))
    contents = [
        b"",
        b"hello",
        intact[: len(intact) // 2],
        intact[:-1],
        other.read_bytes(),
        pickled.read_bytes(),
        plain.read_bytes(),
    ]
    for content in contents:
        path.write_bytes(content)
        with pytest.raises(checkpoint.CheckpointError, match="best.npz"):
            checkpoint.load(path)
    with pytest.raises(FileNotFoundError, match="no such file"):
        checkpoint.load(tmp_path / "nothing.npz")


def test_changed_content_is_noticed(saved):
    path, model = saved
    arrays, description = checkpoint.load(path)
    arrays["param/fc.bias"] = arrays["param/fc.bias"] + 1
    with np.load(path) as file:
        content = {name: file[name] for name in file.files}
    np.savez(path, **{**content, "param/fc.bias": arrays["param/fc.bias"]})
    with pytest.raises(checkpoint.CheckpointError, match="checksum"):
        checkpoint.load(path)
    with pytest.raises(checkpoint.CheckpointError, match="fc.bias"):
        checkpoint.model_from({**arrays, "param/fc.bias": np.zeros(2)}, description)
    checkpoint.save(path, checkpoint.model_arrays(model), {"format_version": 99})
    with pytest.raises(checkpoint.CheckpointError, match="format 99"):
        checkpoint.load(path)


def test_load_model(saved, tmp_path, rng):
    """From the folder of a run, from its file, as text or as a path, and from an exported model."""
    path, model = saved
    exported = tmp_path / "model.npz"
    checkpoint.export(exported, model, {"vocabulary": list("abcdef")})
    tokens = rng.integers(V, size=(2, 5))
    for given in (path, str(path), path.parent, str(path.parent), exported):
        again, description = lstm_numpy.load_model(given)
        np.testing.assert_array_equal(again.forward(tokens)[0], model.forward(tokens)[0])
        assert again.start_len == 64
        assert description["model"]["hidden_dim"] == 6
    assert description["vocabulary"] == list("abcdef")


def test_what_load_model_refuses(saved, tmp_path):
    path, model = saved
    (tmp_path / "empty").mkdir()
    for missing, named in ((tmp_path / "nowhere.npz", "nowhere.npz"), (tmp_path / "empty", "best.npz")):
        with pytest.raises(FileNotFoundError, match=f"{named}: there is no such file"):
            lstm_numpy.load_model(missing)
    content = path.read_bytes()
    path.write_bytes(content[:-100])
    with pytest.raises(checkpoint.CheckpointError, match="best.npz: not a checkpoint, or a damaged one"):
        lstm_numpy.load_model(path)
    arrays = {**checkpoint.model_arrays(model), "param/fc.bias": np.zeros(2)}
    checkpoint.save(path, arrays, checkpoint.describe(model, {}))
    with pytest.raises(checkpoint.CheckpointError, match=r"best.npz: .*fc\.bias has shape \(2,\)"):
        lstm_numpy.load_model(path)


def test_loading_a_model_needs_no_music(saved):
    code = "import sys, lstm_numpy; lstm_numpy.load_model(sys.argv[1]); print({'encoding', 'music21'} & {*sys.modules})"
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", code, saved[0]], capture_output=True, text=True, cwd=root, check=True, timeout=60
    )
    assert done.stdout == "set()\n"


def rewritten(path, change, **how):
    """The archive again, after `change` of its members, a dict of their bytes by name."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w", **how) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def test_an_archive_that_is_written_anew_is_the_same_but_not_compressed(saved):
    path, _ = saved
    arrays, _ = checkpoint.load(path)
    rewritten(path, lambda members: None)
    again, _ = checkpoint.load(path)
    assert again.keys() == arrays.keys()
    rewritten(path, lambda members: None, compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(checkpoint.CheckpointError, match="not a checkpoint"):
        checkpoint.load(path)


@pytest.mark.parametrize("change", [-1, 1])
def test_a_header_claims_what_there_is(saved, change):
    path, _ = saved

    def longer_or_shorter(members):
        bias = members["param/fc.bias.npy"]
        members["param/fc.bias.npy"] = bias[:-1] if change < 0 else bias + b"0"

    rewritten(path, longer_or_shorter)
    with pytest.raises(checkpoint.CheckpointError, match="not a checkpoint, or a damaged one; give the best.npz"):
        checkpoint.load(path)


def test_arrays_of_every_kind_come_back(tmp_path, rng):
    path = tmp_path / "any.npz"
    arrays = {
        "rows": rng.standard_normal((2, 3)), "columns": np.asfortranarray(rng.standard_normal((3, 4, 2))),
        "empty": np.zeros((0, 3), np.float32), "number": np.array(7), "bool": np.array([True, False]),
    }  # fmt: skip
    checkpoint.save(path, arrays, {"what": ["any", 1]})
    again, description = checkpoint.load(path)
    assert description == {"format_version": 1, "what": ["any", 1]}
    for name, array in arrays.items():
        np.testing.assert_array_equal(again[name], array)
        assert (again[name].dtype, again[name].shape) == (array.dtype, array.shape)
        assert again[name].flags.writeable
    assert again["columns"].flags.f_contiguous


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda about: about["model"].update(vocab_size=7), r"embedding.weight has shape \(6, 4\).* says \(7, 4\)"),
        (lambda about: about["model"].update(input_dim=5), r"embedding.weight has shape \(6, 4\).* says \(6, 5\)"),
        (lambda about: about["model"].update(hidden_dim=7), r"weight_hh_l1 has shape \(24, 6\).* says \(28, 7\)"),
        (lambda about: about["model"].update(layer_dim=3), "weight_hh_l2"),
        (lambda about: about["model"].update(layer_dim=1), "unknown"),
        (lambda about: about.pop("start_len"), "start_len"),
        (lambda about: about["model"].update(dropout="a"), "does not describe its model"),
    ],
)
def test_a_description_fits_its_arrays(saved, change, message):
    arrays, description = checkpoint.load(saved[0])
    change(description)
    with pytest.raises(checkpoint.CheckpointError, match=message):
        checkpoint.model_from(arrays, description)
