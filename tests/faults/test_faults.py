"""A few faults of every kind; `python tests/faults` tries many (see docs/faults.md)."""

import os
from functools import partial
from importlib import import_module
from pathlib import Path

import pytest

names = ("caches", "checkpoints", "disk", "divergence", "kills", "options", "resuming", "scores")
caches, checkpoints, disk, divergence, kills, options, resuming, scores = map(import_module, names)

FEW = {
    "resuming": [resuming.refusals, resuming.changes, partial(resuming.without_best, count=6)],
    "full disk": [partial(disk.at_every_write, count=3), disk.folders_in_the_way],
    "divergence": [partial(divergence.not_finite, count=12)],
    "checkpoints": [partial(checkpoints.damages, count=200), checkpoints.forged],
    "scores": [partial(scores.damages, count=24), scores.hopeless, scores.archives],
    "music21": [partial(scores.failing_music21, failures=("dies", "hangs", "takes all memory"))],
    "options": [options.below_a_file, options.nonsense],
    "caches": [partial(caches.damages, count=20)],
}
IN_PROCESSES = {
    "killed": [partial(kills.at_any_moment, count=1), partial(kills.while_writing, count=2)],
    "killed between two files": [partial(kills.between_best_and_last, count=1)],
    "asked to end": [partial(kills.asked_to_end, count=1)],
    "file too large": [partial(disk.files_that_cannot_grow, count=1)],
    "full device": [partial(disk.output_that_is_full, count=2)],
    "head": [partial(disk.broken_pipes, count=3)],
    "cache filled twice": [partial(caches.at_once, count=1)],
}


PAGE = (Path(__file__).resolve().parents[2] / "docs" / "faults.md").read_text(encoding="utf-8")


def judge(functions, folder) -> None:
    for n, function in enumerate(functions):
        (folder / f"{n}").mkdir()
        found = function(folder / f"{n}")
        for row in found if isinstance(found, list) else [found]:
            assert f"| {row.kind} |" in PAGE
            assert row.tried > 0
            assert not row.wrong, "\n".join(row.wrong)


@pytest.mark.parametrize("kind", FEW)
def test_nothing_lost_and_nothing_accepted(kind, tmp_path):
    judge(FEW[kind], tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="processes are killed and limited in another way there")
@pytest.mark.parametrize("kind", IN_PROCESSES)
def test_processes(kind, tmp_path):
    judge(IN_PROCESSES[kind], tmp_path)


def test_the_table_shows_nothing_wrong():
    assert "0 with an outcome that must not be" in PAGE
    assert "WRONG" not in PAGE


def test_a_wrong_outcome_is_counted():
    row = import_module("outcomes").Row("a fault")
    row.add("well")
    row.add("well", "not at all")
    assert (row.tried, row.wrong) == (2, ["a fault: not at all"])
    assert str(row) == "| a fault | 2 | 1 well; 1 WRONG |"
