"""One .npz file that holds everything needed to go on or to sample: arrays and a JSON text.

No pickle is written or read. Among the arrays are a description (JSON, as bytes) and a checksum over all the rest.
Nothing is allocated because a header says so: first it is compared with what the file really holds.
"""

import hashlib
import io
import json
import math
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from lstm_numpy.model import DROPOUTS, LSTMModel
from lstm_numpy.system import write_whole

FORMAT_VERSION = 1
PARAMETER = "param/"  # stands in front of the names of the model's parameters


class CheckpointError(ValueError):
    """A file that is no checkpoint, or a damaged one; the message names it and the mend."""


def save(path: str | Path, arrays: Mapping[str, np.ndarray], description: Mapping) -> None:
    """Write a checkpoint, whole or not at all; the description is whatever JSON can hold."""
    text = json.dumps({"format_version": FORMAT_VERSION, **description})
    content = {**arrays, "description": np.frombuffer(text.encode(), np.uint8)}
    file = io.BytesIO()
    np.savez(file, **content, checksum=_checksum(content))
    write_whole(path, file.getvalue())


def load(path: str | Path) -> tuple[dict[str, np.ndarray], dict]:
    """Read the arrays and the description of a checkpoint; for what it raises, see `load_model`."""
    if not Path(path).is_file():
        raise FileNotFoundError(f"{path}: there is no such file")
    advice = "give the best.npz or last.npz of a run"
    content = Path(path).read_bytes()
    try:
        with warnings.catch_warnings(action="error"):
            arrays = _arrays_in(content)
        intact = np.array_equal(arrays.pop("checksum"), _checksum(arrays))
        description = json.loads(arrays.pop("description").tobytes())
        version = description.get("format_version")
    except Exception:  # zipfile and NumPy raise errors of every kind on damaged files
        raise CheckpointError(f"{path}: not a checkpoint, or a damaged one; {advice}") from None
    if not intact:
        raise CheckpointError(f"{path}: damaged, its checksum does not fit its content; {advice}")
    if version != FORMAT_VERSION:
        raise CheckpointError(f"{path}: format {version}, this program reads {FORMAT_VERSION}; train again")
    return arrays, description


def _arrays_in(content: bytes) -> dict[str, np.ndarray]:
    """The arrays of an .npz file as `save` writes it: a zip archive of .npy files, not compressed."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        if any(member.compress_type != zipfile.ZIP_STORED for member in members):
            raise ValueError("compressed")  # a few bytes could unfold to gigabytes
        if sum(member.file_size for member in members) > len(content):
            raise ValueError("its members claim to be larger than the whole")
        return {member.filename.removesuffix(".npy"): _array_in(archive.read(member)) for member in members}


def _array_in(member: bytes) -> np.ndarray:
    """The array of a .npy file, whose header must claim neither more nor less than what follows it."""
    file = io.BytesIO(member)
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError("another version of .npy")
    shape, fortran_order, dtype = np.lib.format.read_array_header_1_0(file)
    data = bytearray(file.read())
    if dtype.hasobject or math.prod(shape) * dtype.itemsize != len(data):
        raise ValueError("the header does not fit the data")
    return np.ndarray(shape, dtype, data, order="F" if fortran_order else "C")


def model_arrays(model: LSTMModel) -> dict[str, np.ndarray]:
    """The model's parameters as a checkpoint names them."""
    return {PARAMETER + name: array for name, array in model.params.items()}


def model_from(arrays: Mapping[str, np.ndarray], description: Mapping) -> LSTMModel:
    """The model of a checkpoint; CheckpointError if the arrays do not fit the sizes in the description."""
    params = {name.removeprefix(PARAMETER): array for name, array in arrays.items() if name.startswith(PARAMETER)}
    try:
        start_len, sizes = description["start_len"], description["model"]
        # Before a model of these sizes is made: a file that claims large ones must hold large arrays.
        claimed = {
            "embedding.weight": (sizes["vocab_size"], sizes["input_dim"]),
            f"lstm.weight_hh_l{sizes['layer_dim'] - 1}": (4 * sizes["hidden_dim"], sizes["hidden_dim"]),
        }
        for name, shape in claimed.items():
            if params[name].shape != shape:
                raise ValueError(f"{name} has shape {params[name].shape}, but the description says {shape}")
        model = LSTMModel(**sizes, rng=np.random.default_rng(0), start_len=start_len)
        model.load_state_dict(params)
    except (KeyError, TypeError, ValueError, MemoryError) as error:
        raise CheckpointError(f"the checkpoint does not describe its model: {error}") from None
    return model


def load_model(path: str | Path) -> tuple[LSTMModel, dict]:
    """The model of a checkpoint, exported or of a run, whose folder will do: then it is the best one.

    Returns:
        The model, and what was saved beside it: a dict with 'vocabulary', the symbols in the order of their numbers,
        'config', the settings of the training, and more.

    Raises:
        FileNotFoundError: if there is no such file.
        CheckpointError: if it is anything but an intact checkpoint of this format.
    """
    path = Path(path) / "best.npz" if Path(path).is_dir() else Path(path)
    arrays, description = load(path)
    try:
        return model_from(arrays, description), description
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from None


def describe(model: LSTMModel, about: Mapping) -> dict:
    """The description of a checkpoint: the arguments that make such a model again, and what else is known."""
    names = ("vocab_size", "input_dim", "hidden_dim", "layer_dim", "context_size", *DROPOUTS)
    sizes = {**{name: getattr(model, name) for name in names}, "dtype": model.dtype.name}
    return {"model": sizes, "start_len": model.start_len, **about}


def export(path: str | Path, model: LSTMModel, about: Mapping) -> None:
    """All that is needed to compose: a third of the size, and no training to go on with."""
    save(path, model_arrays(model), describe(model, about))


def _checksum(arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(f"{name} {array.dtype.str} {array.shape} ".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return np.frombuffer(digest.digest(), np.uint8)
