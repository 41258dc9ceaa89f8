"""Parsing on all cores: a few Python processes that read sources and answer with tokens.

`multiprocessing` starts its workers from the main script, which then needs a main guard and
does not exist in a notebook or under `python -`. These workers know nothing of the main
script: each is this file, run on its own, that talks JSON over its standard input and
output, one line per chunk of work.
"""

import dataclasses
import json
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

if __name__ == "__main__":  # run as a worker: the packages lie in the folder above
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from encoding.parse import Result, Source, encode_source

# Work is counted in ABC tunes; a whole file is taken for eight.
CHUNK = 16  # work per line: enough to hide the pipe, little enough for a smooth progress
WORTH_A_WORKER = 64  # a worker takes half a second to import music21


def encode_all(sources: Sequence[Source], time_step: float, progress: Callable[[int, int], None]) -> list[Result]:
    """Encode every source, on all cores where that pays.

    Args:
        sources: what to parse.
        time_step: the grid, as a share of a whole note.
        progress: called with (sources done, sources in all).

    Returns:
        The results in the order of the sources.
    """
    chunks = _chunks(sources)
    waiting = deque(range(len(chunks)))
    results: dict[int, list[Result]] = {}

    def done(index: int, answer: list[Result]) -> None:
        results[index] = answer
        progress(sum(len(chunks[finished]) for finished in list(results)), len(sources))

    workers: list[subprocess.Popen] = []
    try:
        if sum(map(_work_in, sources)) >= WORTH_A_WORKER:
            workers += _start_workers(_cores())
        feeders = [threading.Thread(target=_feed, args=(w, chunks, waiting, time_step, done)) for w in workers]
        for feeder in feeders:
            feeder.daemon = True
            feeder.start()
        for feeder in feeders:
            feeder.join()
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()
    # What no worker has answered, because none could start or one died, is parsed here.
    for index in range(len(chunks)):
        if index not in results:
            done(index, [result for source in chunks[index] for result in encode_source(source, time_step)])
    return [result for index in range(len(chunks)) for result in results[index]]


def _work_in(source: Source) -> int:
    return 1 if source.path is None else 8


def _chunks(sources: Sequence[Source]) -> list[list[Source]]:
    chunks: list[list[Source]] = []
    for source in sources:
        if not chunks or sum(map(_work_in, chunks[-1])) + _work_in(source) > CHUNK:
            chunks.append([])
        chunks[-1].append(source)
    return chunks


def _start_workers(count: int) -> list[subprocess.Popen]:
    workers = []
    for _ in range(count):
        try:
            command = [sys.executable, str(Path(__file__).resolve())]
            pipe, silent = subprocess.PIPE, subprocess.DEVNULL
            workers.append(subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=silent, encoding="utf-8"))
        except (OSError, TypeError):  # no more processes, or no interpreter to start (embedded)
            break
    return workers


def _feed(worker: subprocess.Popen, chunks: list, waiting: deque, time_step: float, done: Callable) -> None:
    """Hand one worker chunk after chunk until none is left or it stops answering."""
    while True:
        try:
            index = waiting.popleft()
        except IndexError:
            return
        try:
            work = [dataclasses.asdict(source) for source in chunks[index]]
            worker.stdin.write(json.dumps({"time_step": time_step, "sources": work}) + "\n")
            worker.stdin.flush()
            answer = [Result(**fields) for fields in json.loads(worker.stdout.readline())]
        except (OSError, ValueError, TypeError):
            return  # the worker has died; this chunk and what is left goes to others
        done(index, answer)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _work() -> None:
    """The worker: read a line of sources, write a line of results, until the input ends."""
    answers = sys.stdout
    sys.stdout = sys.stderr  # whatever a library prints must not stand among the answers
    for line in sys.stdin:
        request = json.loads(line)
        sources = [Source(**fields) for fields in request["sources"]]
        results = [result for source in sources for result in encode_source(source, request["time_step"])]
        print(json.dumps([dataclasses.asdict(result) for result in results]), file=answers, flush=True)


if __name__ == "__main__":
    _work()
