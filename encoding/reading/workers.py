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
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from queue import SimpleQueue

if __name__ == "__main__":  # run as a worker: the packages lie two folders above
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from encoding.reading.parse import Result, Source, encode_source

# Sources are sent a few at a time: ABC tunes by the dozen, files one by one.
CHUNK = 16  # tunes per line: enough to hide the pipe, little enough for a smooth progress
START = 120  # seconds that a worker may take to start: a hundred times what it does
SECONDS = 60  # that a line may take: a hundred times what it does on a slow machine
MEMORY = 2**32  # bytes that a worker may ask for, where the system can limit them

READY = "ready\n"  # the first line of a worker
ENDED = None  # the last answer of a feeder

DIED = "music21 ended without an answer"
TOO_SLOW = "music21 did not finish within {} seconds"


def encode_all(sources: Sequence[Source], time_step: float, progress: Callable[[int, int], None]) -> list[Result]:
    """Encode every source, on all cores.

    Even a single one goes to a worker: on a damaged score music21 may stay forever, or take the whole process with it.
    `progress` is called with (sources done, sources in all), in the thread of the caller. What it raises ends the
    workers and is raised.

    Returns:
        The results in the order of the sources.
    """
    waiting = deque(_chunks(sources))
    results: dict[int, list[Result]] = {}

    def done(chunk: list[int], answers: list[list[Result]]) -> None:
        results.update(zip(chunk, answers, strict=True))
        progress(len(results), len(sources))

    team, answered = Team(), SimpleQueue()
    try:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        feeders = min(cores, len(waiting))
        arguments = team, sources, waiting, time_step, answered
        for _ in range(feeders):
            threading.Thread(target=_feed, args=arguments, daemon=True).start()
        while feeders:
            answer = answered.get()
            if answer is ENDED:
                feeders -= 1
            else:
                done(*answer)
    finally:
        team.dismiss()
    # What no worker has answered, because none could start, is parsed here.
    for index, source in enumerate(sources):
        if index not in results:
            done([index], [encode_source(source, time_step)])
    return [result for index in range(len(sources)) for result in results[index]]


def is_final(result: Result) -> bool:
    """Whether it would be the same another time, on a machine with less to do or more memory."""
    return result.reason is None or result.reason not in (DIED, TOO_SLOW.format(SECONDS))


def _chunks(sources: Sequence[Source]) -> list[list[int]]:
    """The numbers of the sources, in groups of about the same work."""
    tunes = [index for index, source in enumerate(sources) if source.path is None]
    files = [[index] for index, source in enumerate(sources) if source.path is not None]
    return files + [tunes[start : start + CHUNK] for start in range(0, len(tunes), CHUNK)]


class Worker:
    """A process that answers a line of sources with a line of results, once it is ready; OSError if it cannot start."""

    def __init__(self) -> None:
        pipe, silent = subprocess.PIPE, subprocess.DEVNULL
        command = [sys.executable, str(Path(__file__).resolve())]
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=silent, encoding="utf-8")

    def is_ready(self) -> bool:
        """Wait until it has started; False if it does not."""
        with contextlib.suppress(OSError, ValueError), self._clock(START):  # as in `ask`
            return self.process.stdout.readline() == READY
        return False

    @contextlib.contextmanager
    def _clock(self, seconds: float) -> Iterator[None]:
        """It is killed, and its line ends, if it does not answer in time."""
        clock = threading.Timer(seconds, self.process.kill)
        clock.daemon = True
        clock.start()
        try:
            yield
        finally:
            clock.cancel()

    def ask(self, sources: Sequence[Source], time_step: float) -> list[list[Result]] | str | None:
        """The results of each source; or why there are none; or None if they must be parsed elsewhere."""
        begin = time.monotonic()
        try:
            work = [dataclasses.asdict(source) for source in sources]
            with self._clock(SECONDS):
                self.process.stdin.write(json.dumps({"time_step": time_step, "sources": work}) + "\n")
                self.process.stdin.flush()
                answers = json.loads(self.process.stdout.readline())
        except (OSError, ValueError):  # the process is gone
            return TOO_SLOW.format(SECONDS) if time.monotonic() - begin >= SECONDS else DIED
        return answers and [[Result(**fields) for fields in answer] for answer in answers]


class Team:
    """The workers that are alive, so that all can be stopped, whatever happens."""

    def __init__(self) -> None:
        self.workers: set[Worker] = set()
        self.lock = threading.Lock()
        self.dismissed = False

    def hire(self) -> Worker | None:
        """A new worker; None if none can start, or the work is over."""
        if self.dismissed:
            return None
        try:
            worker = Worker()
        except (OSError, TypeError):  # TypeError: an embedded Python knows of no interpreter
            return None
        with self.lock:
            self.workers.add(worker)
            wanted = not self.dismissed
        if wanted and worker.is_ready():
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


def _feed(team: Team, sources: Sequence[Source], waiting: deque, time_step: float, answered: SimpleQueue) -> None:
    """In a thread: put (chunk, answers) in the queue until no chunk is left, then ENDED."""
    try:
        for answer in _answers(team, sources, waiting, time_step):
            answered.put(answer)
    finally:
        answered.put(ENDED)


def _answers(team: Team, sources: Sequence[Source], waiting: deque, time_step: float) -> Iterator[tuple]:
    """Hand a worker chunk after chunk until none is left. If it is lost, another takes its place.

    A chunk with which a worker is lost is divided; a single source with which it is lost is left out.
    """
    worker = team.hire()
    while worker is not None:
        try:
            chunk = waiting.popleft()
        except IndexError:
            return
        answers = worker.ask([sources[index] for index in chunk], time_step)
        if isinstance(answers, list):
            yield chunk, answers
        elif answers is not None:
            if len(chunk) > 1:
                waiting.extend([index] for index in chunk)
            else:
                yield chunk, [[Result(sources[chunk[0]].name, reason=answers)]]
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
    print(READY, end="", file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            found = [encode_source(Source(**fields), request["time_step"]) for fields in request["sources"]]
            answer = [[dataclasses.asdict(result) for result in results] for results in found]
        except ImportError:  # a fault of the installation: it is to be seen, which a worker cannot do
            answer = None
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    _work()
