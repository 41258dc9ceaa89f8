"""One .npz file that holds everything needed to go on or to sample: arrays and a JSON text.

No pickle is written or read. Among the arrays are a description (JSON, as bytes) and a
checksum over all the rest, so that a damaged file is refused instead of half believed.
"""

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from lstm_numpy.files import write_whole
from lstm_numpy.model import LSTMModel

FORMAT_VERSION = 1
PARAMETER = "param/"  # stands in front of the names of the model's parameters


class CheckpointError(ValueError):
    """A file that is no checkpoint, or a damaged one; the message names it and the mend."""


def save(path: str | Path, arrays: Mapping[str, np.ndarray], description: Mapping) -> None:
    """Write a checkpoint, whole or not at all.

    Args:
        path: the .npz file.
        arrays: by name.
        description: whatever JSON can hold.

    Raises:
        OSError: if it cannot be written.
    """
    text = json.dumps({"format_version": FORMAT_VERSION, **description})
    content = {**arrays, "description": np.frombuffer(text.encode(), np.uint8)}
    file = io.BytesIO()
    np.savez(file, **content, checksum=_checksum(content))
    write_whole(path, file.getvalue())


def load(path: str | Path) -> tuple[dict[str, np.ndarray], dict]:
    """Read the arrays and the description of a checkpoint.

    Raises:
        FileNotFoundError: if there is no such file.
        CheckpointError: if it is anything but an intact checkpoint of this format.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: there is no such file")
    advice = "give the best.npz or last.npz of a run"
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        checksum = arrays.pop("checksum")
        description = json.loads(arrays["description"].tobytes())
    except (KeyError, TypeError):  # another archive, or a single array
        raise CheckpointError(f"{path}: not a checkpoint; {advice}") from None
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error):
        reason = "not a checkpoint, or a damaged one"
        raise CheckpointError(f"{path}: {reason}; {advice}") from None
    if not np.array_equal(checksum, _checksum(arrays)):
        raise CheckpointError(f"{path}: damaged, its checksum does not fit its content; {advice}")
    if description.get("format_version") != FORMAT_VERSION:
        version = description.get("format_version")
        raise CheckpointError(f"{path}: format {version}, this program reads {FORMAT_VERSION}; train again")
    arrays.pop("description")
    return arrays, description


def model_arrays(model: LSTMModel) -> dict[str, np.ndarray]:
    """The model's parameters as a checkpoint names them."""
    return {PARAMETER + name: array for name, array in model.params.items()}


def model_from(arrays: Mapping[str, np.ndarray], description: Mapping) -> LSTMModel:
    """The model of a checkpoint.

    Raises:
        CheckpointError: if the arrays do not fit the sizes in the description.
    """
    try:
        start_len = description["start_len"]
        model = LSTMModel(**description["model"], rng=np.random.default_rng(0), start_len=start_len)
        model.load_state_dict(
            {name.removeprefix(PARAMETER): array for name, array in arrays.items() if name.startswith(PARAMETER)}
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"the checkpoint does not describe its model: {error}") from None
    return model


def model_sizes(model: LSTMModel) -> dict:
    """The arguments that make such a model again."""
    names = ("vocab_size", "input_dim", "hidden_dim", "layer_dim", "dropout", "embedding_dropout", "weight_dropout")
    return {**{name: getattr(model, name) for name in names}, "dtype": model.dtype.name}


def _checksum(arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(f"{name} {array.dtype.str} {array.shape} ".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return np.frombuffer(digest.digest(), np.uint8)
