"""Parsing on all cores: a few Python processes that read sources and answer with tokens.

`multiprocessing` starts its workers from the main script, which then needs a main guard and does not exist in a
notebook or under `python -`. These workers know nothing of the main script: each is this file, run on its own, that
talks JSON over its standard input and output, one line per chunk of work.
"""

import contextlib
import dataclasses
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue

if __name__ == "__main__":  # run as a worker: the packages lie two folders above
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from encoding.reading.parse import Result, Source, encode_source

CHUNK = 16  # ABC tunes per line: enough to hide the pipe, little enough for a smooth progress; files go one by one
START = 120  # seconds that a worker may take to start: a hundred times what it does
SECONDS = 60  # that a line may take: a hundred times what it does on a slow machine
MEMORY = 2**32  # bytes that a worker may ask for, where the system can limit them

DIED = "music21 ended without an answer"
TOO_SLOW = "music21 did not finish within {} seconds"


def encode_all(sources: Sequence[Source], time_step: float, progress: Callable[[int, int], None]) -> list[Result]:
    """Encode every source, on all cores; the results stand in the order of the sources.

    Even a single one goes to a worker: on a damaged score music21 may stay forever, or take the whole process with it.
    `progress` is called with (sources done, sources in all), in the thread of the caller. What it raises ends the
    workers and is raised.
    """
    tunes = [n for n, source in enumerate(sources) if source.path is None]
    chunks = [[n] for n, source in enumerate(sources) if source.path is not None]
    chunks += [tunes[start : start + CHUNK] for start in range(0, len(tunes), CHUNK)]
    waiting, answered, team, results = SimpleQueue(), SimpleQueue(), Team(), {}
    for chunk in chunks:
        waiting.put(chunk)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    feeders = min(cores, len(chunks))
    try:
        for _ in range(feeders):
            threading.Thread(target=_feed, args=(team, sources, time_step, waiting, answered), daemon=True).start()
        while feeders:
            answer = answered.get()
            if answer is None:
                feeders -= 1
            else:
                results |= answer
                progress(len(results), len(sources))
    finally:
        team.dismiss()
    for n, source in enumerate(sources):
        if n not in results:  # no worker could start
            results[n] = encode_source(source, time_step)
            progress(len(results), len(sources))
    return [result for n in range(len(sources)) for result in results[n]]


def is_final(result: Result) -> bool:
    """Whether it would be the same another time, on a machine with less to do or more memory."""
    return result.reason not in (DIED, TOO_SLOW.format(SECONDS))


class Worker:
    """A process that answers a line of sources with a line of results; OSError if it cannot start."""

    def __init__(self) -> None:
        pipe, silent = subprocess.PIPE, subprocess.DEVNULL
        command = [sys.executable, str(Path(__file__).resolve())]
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=silent, encoding="utf-8")

    def ask(self, sources: Sequence[Source], time_step: float, seconds: float) -> list[list[Result]] | None:
        """The results of each source, or none at all if they must be parsed elsewhere; None if the process is lost."""
        clock = threading.Timer(seconds, self.process.kill)
        clock.daemon = True
        clock.start()
        try:
            json.dump([time_step, list(map(dataclasses.asdict, sources))], self.process.stdin)
            print(file=self.process.stdin, flush=True)
            answers = json.loads(self.process.stdout.readline())
            return [[Result(**fields) for fields in answer] for answer in answers]
        except (OSError, ValueError):
            return None
        finally:
            clock.cancel()


class Team:
    """The workers that are alive, so that all can be stopped, whatever happens."""

    def __init__(self) -> None:
        self.workers: set[Worker] = set()
        self.lock = threading.Lock()
        self.dismissed = False

    def hire(self) -> Worker | None:
        """A new worker; None if none can start, or the work is over."""
        with self.lock:
            if self.dismissed:
                return None
            try:
                worker = Worker()
            except (OSError, TypeError):  # TypeError: an embedded Python knows of no interpreter
                return None
            self.workers.add(worker)
        if worker.ask([], 0, START) is not None:
            return worker
        self.fire(worker)
        return None

    def fire(self, worker: Worker) -> None:
        with self.lock:
            if worker in self.workers:  # else it has been stopped already
                self.workers.remove(worker)
                worker.process.kill()
                worker.process.communicate()

    def dismiss(self) -> None:
        with self.lock:
            self.dismissed = True
        for worker in list(self.workers):
            self.fire(worker)


def _feed(team: Team, sources: Sequence[Source], time_step: float, waiting: SimpleQueue, answered: SimpleQueue) -> None:
    """In a thread: hand a worker chunk after chunk, and put its answers in the queue, until none is left; then None.

    A chunk with which a worker is lost is divided; a single source with which it is lost is left out.
    """
    with contextlib.ExitStack() as end, contextlib.suppress(Empty):
        end.callback(answered.put, None)
        worker = team.hire()
        while worker is not None:
            chunk, begin = waiting.get_nowait(), time.monotonic()
            answers = worker.ask([sources[n] for n in chunk], time_step, SECONDS)
            if answers is None and len(chunk) > 1:
                for n in chunk:
                    waiting.put([n])
            elif answers is None:
                reason = TOO_SLOW.format(SECONDS) if time.monotonic() - begin >= SECONDS else DIED
                answered.put({chunk[0]: [Result(sources[chunk[0]].name, reason=reason)]})
            elif answers:
                answered.put(dict(zip(chunk, answers, strict=True)))
            if answers is None:  # another takes its place
                team.fire(worker)
                worker = team.hire()


def _work() -> None:
    """The worker: read a line of sources, write a line of results, until the input ends."""
    answers = sys.stdout
    sys.stdout = sys.stderr  # whatever a library prints must not stand among the answers
    with contextlib.suppress(ImportError, OSError, ValueError):  # Windows cannot, others may not
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with contextlib.suppress(ImportError):  # in whose place the first source will say so
        import music21  # noqa: F401, before the clock of the first source is running
    for line in sys.stdin:
        time_step, sources = json.loads(line)
        try:
            found = [encode_source(Source(**fields), time_step) for fields in sources]
        except ImportError:  # a fault of the installation: it is to be seen, which a worker cannot do
            found = []
        print(json.dumps([list(map(dataclasses.asdict, results)) for results in found]), file=answers, flush=True)


if __name__ == "__main__":
    _work()
