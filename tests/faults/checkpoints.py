"""Damaged checkpoints: refused with a sentence, or the identical model."""

import io
import json
import struct
import tracemalloc
import warnings
import zipfile
from pathlib import Path

import numpy as np
from damage import KINDS, damaged
from kills import undisturbed
from outcomes import Row

from lstm_numpy.training import checkpoint

REFUSED, IDENTICAL = "refused with a sentence", "read as the identical model"


def judge(path: Path, content: bytes, expected: tuple | None) -> tuple[str, str | None]:
    """Read a file with this content; returns the outcome, and what is wrong with it.

    Args:
        expected: arrays and description; None if the file must be refused.
    """
    path.write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a warning would be printed
        try:
            arrays, description = checkpoint.load(path)
            checkpoint.model_from(arrays, description)
        except checkpoint.CheckpointError as error:
            one_line = "\n" not in str(error) and str(path) in str(error)
            return REFUSED, None if one_line else f"a bad message: {error}"
        except BaseException as error:
            return "", f"{type(error).__name__}: {error}"
    if expected is None:
        return "", "accepted"
    same = description == expected[1] and arrays.keys() == expected[0].keys()
    same = same and all(same_array(array, expected[0][name]) for name, array in arrays.items())
    return IDENTICAL, None if same else "another model was accepted"


def same_array(one: np.ndarray, two: np.ndarray) -> bool:
    return one.dtype == two.dtype and one.shape == two.shape and one.tobytes() == two.tobytes()


def damages(folder: Path, count: int, seed: int = 0) -> list[Row]:
    """A row for each kind of damage, `count` times in all, to a run's last.npz."""
    _, whole = undisturbed(folder)
    intact = (whole / "last.npz").read_bytes()
    expected = checkpoint.load(whole / "last.npz")
    rows = []
    for number, kind in enumerate(KINDS):
        row, rng = Row(f"a checkpoint: {kind}"), np.random.default_rng([seed, number])
        for _ in range(count // len(KINDS)):
            row.add(*judge(folder / "damaged.npz", damaged(intact, kind, rng), expected))
        rows.append(row)
    return rows


def forged(folder: Path) -> Row:
    """Files that claim more than they hold, with checksums of the archive that are right."""
    row = Row("checkpoints that claim huge arrays, unfold or hide objects")
    _, whole = undisturbed(folder)
    with zipfile.ZipFile(whole / "last.npz") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    bias = "param/fc.bias.npy"

    def header(shape: str, descr: str = "'<f4'") -> bytes:
        text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
        return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + b"\0" * 40

    other = {
        "10^12 numbers": header("(1000000000000,)"),
        "10^12 by 10^12": header("(1000000000000, 1000000000000)"),
        "a negative size": header("(-10,)"),
        "two negative sizes": header("(-5, -2)"),
        "objects": header("(5,)", "'|O'"),
        "elements of 10^9 bytes": header("(10,)", "'|V1000000000'"),
        "of Python 2": header("(10L,)"),
        "no tuple": header("10"),
        "code": header("__import__('os').system('false')"),
        "an endless header": b"\x93NUMPY\x01\x00\xff\xff" + b"(" * 65535,
        "another version": b"\x93NUMPY\x02\x00" + header("(10,)")[8:],
    }
    contents = {name: packed({**members, bias: member}) for name, member in other.items()}
    contents["gigabytes of zeros, compressed"] = packed(
        {**members, bias: header("(10,)") + bytes(2**26)}, compress=True
    )
    contents["everything twice"] = packed(members) + packed(members)[:-1]
    intact = packed(members)
    end = intact.rindex(b"PK\5\6")
    (start,) = struct.unpack("<L", intact[end + 16 : end + 20])
    claims = bytearray(intact)
    struct.pack_into("<LL", claims, start + 20, 2**32 - 2, 2**32 - 2)  # both sizes of the first member
    contents["a member of 4 GB in the directory"] = bytes(claims)
    for name, content in contents.items():
        tracemalloc.start()
        outcome, problem = judge(folder / "forged.npz", content, None)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        if peak > 20 * len(intact) + 2**20:
            problem = problem or f"{peak:,} bytes were asked for"
        row.add(outcome, problem and f"{name}: {problem}")
    # A right checksum, but sizes that the arrays do not have.
    arrays, description = checkpoint.load(whole / "last.npz")
    for name, sizes in {
        "a hidden state of 10^6": {"hidden_dim": 10**6},
        "10^9 layers": {"layer_dim": 10**9},
        "no layer": {"layer_dim": 0},
        "words": {"vocab_size": "many"},
        "half a symbol": {"vocab_size": 1.5},
    }.items():
        path = folder / "other sizes.npz"
        checkpoint.save(path, arrays, {**description, "model": {**description["model"], **sizes}})
        try:
            checkpoint.model_from(*checkpoint.load(path))
            row.add("", f"{name}: accepted")
        except checkpoint.CheckpointError:
            row.add(REFUSED)
        except BaseException as error:
            row.add("", f"{name}: {type(error).__name__}: {error}")
    for text in (b"[]", b"null", b"{", b"[" * 10**5, json.dumps({"format_version": 99}).encode()):
        content = {**arrays, "description": np.frombuffer(text, np.uint8)}
        file = io.BytesIO()
        np.savez(file, **content, checksum=checkpoint._checksum(content))
        row.add(*judge(folder / "description.npz", file.getvalue(), None))
    return row


def packed(members: dict[str, bytes], compress: bool = False) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()
