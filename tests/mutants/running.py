"""Which mutants of a module do its unit tests notice?

The tests of `lstm_numpy/training/loop.py` are those of the folder `tests/lstm_numpy/training`. They are collected
once and run once without a mutant, which shows how long each takes and which functions of the module it calls. Then
each mutant has a process of its own, forked from there, in which the changed function is exchanged, and those tests
run that call it, the quick before the slow; the first that fails is enough. Tests that start another program are tried
last, as what that calls is not seen. A change outside of functions is tried with all tests, and everything imported
anew. Nothing is changed in the project: a copy is.
"""

import ast
import gc
import hashlib
import itertools
import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import threading
import time
import types
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from making import Mutant, mutants

ROOT = Path(__file__).resolve().parents[2]
LATE = "late"  # a loop without end
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "runs", "melodies", "*.jsonl")


def tests_of(module: str) -> list[str]:
    """The test files that belong to a module."""
    folder = ROOT / "tests" / Path(module).parent
    found = sorted(path.relative_to(ROOT).as_posix() for path in folder.glob("test_*.py"))
    if not found:
        raise SystemExit(f"{module}: there are no tests in {folder}")
    return found


def read(results: Path) -> dict[tuple[str, str], dict]:
    """The last outcome of each mutant, by its module and the digest of its meaning."""
    lines = results.read_text(encoding="utf-8").splitlines() if results.exists() else []
    return {(row["module"], row["mutant"]): row for row in map(json.loads, lines)}


def digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


def run(modules: list[str], results: Path, limits: dict, is_same: Callable[[str, Mutant], bool]) -> None:
    """Test the mutants of these modules that `results` does not have yet, and add a line for each.

    Args:
        limits: "sample", how many mutants of each module, drawn from a seed, and "seconds" of tests for each mutant.
        is_same: does a survivor stand in the list of those that change nothing?
    """
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"  # a mutant must not be taken for the next one
    together: dict[str, list[str]] = {}  # the modules that have the same tests
    for module in modules:
        together.setdefault(str(Path(module).parent), []).append(module)
    for part in together.values():
        tests, known, waiting = tests_of(part[0]), read(results), []
        of_tests = digest(str(limits["seconds"]), *((ROOT / path).read_text(encoding="utf-8") for path in tests))
        for module in part:
            found = mutants((ROOT / module).read_text(encoding="utf-8"))
            if limits["sample"] and limits["sample"] < len(found):
                found = random.Random(0).sample(found, limits["sample"])
            for mutant in found:
                row = known.get((module, digest(mutant.meaning)))
                again = row is not None and row["outcome"] == "survived" and row["tests"] != of_tests
                if row is None or (again and not is_same(module, mutant)):
                    waiting.append((module, mutant))
        if not waiting:
            continue
        print(f"{', '.join(part)}: {len(waiting)} mutants to try", flush=True)
        with tempfile.TemporaryDirectory(prefix="mutants-") as folder, results.open("a", encoding="utf-8") as file:
            copy = Path(folder) / "project"
            shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
            for module, mutant, outcome in outcomes(copy, tests, waiting, limits["seconds"]):
                row = {"module": module, "line": mutant.line, "mutated": mutant.mutated, "outcome": outcome}
                row |= {"mutant": digest(mutant.meaning), "tests": of_tests}
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
                file.flush()


def outcomes(
    copy: Path, tests: list[str], waiting: list[tuple[str, Mutant]], most: float
) -> Iterator[tuple[str, Mutant, str]]:
    """Each mutant with 'killed', 'survived' or LATE, those inside of functions first."""
    texts = {module: (copy / module).read_text(encoding="utf-8") for module, _ in waiting}
    bodies = [_body(texts[module], mutant.number) for module, mutant in waiting]
    inside = [(k, *waiting[k], *body) for k, body in enumerate(bodies) if body]
    source, sink = os.pipe()
    child = _fork(copy, lambda: _pytest(tests, Trial(copy, inside, most, sink)))
    os.close(sink)
    with os.fdopen(source) as lines:
        seconds = json.loads(next(lines, "null"))
        if seconds is None:
            raise SystemExit(f"the tests fail without any mutant: {' '.join(tests)}")
        for line in lines:
            k, status = json.loads(line)
            yield *waiting[k], _named(status)
    os.waitpid(child, 0)
    for body, (module, mutant) in zip(bodies, waiting, strict=True):
        if not body:
            (copy / module).write_text(mutant.text, encoding="utf-8")
            yield module, mutant, _named(_status(_fork(copy, lambda: _pytest(tests, Sorted(seconds, most)))))
            (copy / module).write_text(texts[module], encoding="utf-8")


def _named(status: int) -> str:
    return {0: "survived", -signal.SIGPROF: LATE}.get(status, "killed")


def _pytest(tests: list[str], plugin: object) -> int:
    return int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "--basetemp=temporary", *tests], plugins=[plugin]))


def _fork(copy: Path, act: Callable[[], int]) -> int:
    """Start a process that knows the copy of the project alone, and that ends with what `act` returns; its number."""
    child = os.fork()
    if child:
        return child
    status = 70
    try:
        os.setsid()
        os.chdir(copy)
        for stream in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        resource.setrlimit(resource.RLIMIT_DATA, (2**32, 2**32))
        sys.path[:] = [path for path in sys.path if not path.startswith(str(ROOT))]
        for name, module in list(sys.modules.items()):
            if str(getattr(module, "__file__", "")).startswith(str(ROOT)) and name != "__main__":
                del sys.modules[name]
        status = act()
    finally:
        os._exit(status)


def _status(child: int) -> int:
    """How a process ended, or minus the number of the signal that ended it; what it has started is ended, too."""
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    return status


class Sorted:
    """A plugin of pytest: the quick tests before the slow, each with a limit of computing time."""

    def __init__(self, seconds: dict[str, float], most: float):
        self.seconds, self.most = seconds, most

    def pytest_collection_modifyitems(self, items):
        items[:] = self._quick(items)

    def _quick(self, items: list) -> list:
        items = sorted(items, key=lambda item: self.seconds.get(item.nodeid, 0))
        sums = itertools.accumulate(self.seconds.get(item.nodeid, 0) for item in items)
        return [item for item, seconds in zip(items, sums, strict=True) if seconds < self.most]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        signal.setitimer(signal.ITIMER_PROF, 5 + 10 * self.seconds.get(item.nodeid, 60))
        signal.alarm(1800)
        return (yield)


class Trial(Sorted):
    """A plugin of pytest that, in place of running the tests, tries the mutants inside of functions."""

    def __init__(self, copy: Path, inside: list[tuple[int, str, Mutant, int, int]], most: float, sink: int):
        super().__init__({}, most)
        self.copy, self.inside, self.sink = copy, inside, sink
        self.calls, self.lines, self.spawns = {}, set(), False

    def pytest_collection_modifyitems(self, items):
        pass

    def pytest_runtestloop(self, session):
        if session.testsfailed or not self._without_mutant(session):
            return True
        functions = [thing for thing in gc.get_objects() if isinstance(thing, types.FunctionType)]
        functions = [function for function in functions if function.__code__.co_filename.startswith(str(self.copy))]
        gc.freeze()
        self._send(self.seconds)
        for k, module, mutant, first, last in self.inside:
            path, called, spawning = self.copy / module, [], []
            for item in session.items:
                lines, spawns = self.calls[item.nodeid]
                if any(name == str(path) and first <= line <= last for name, line in lines):
                    called.append(item)
                elif spawns:
                    spawning.append(item)
            before = path.read_text(encoding="utf-8")
            path.write_text(mutant.text, encoding="utf-8")  # for what other programs import
            child = os.fork()
            if child == 0:
                os.setsid()
                chosen = [f for f in functions if f.__code__.co_filename == str(path)]
                chosen = [f for f in chosen if first <= f.__code__.co_firstlineno <= last]
                _exchange(chosen, mutant.text, str(path))
                os._exit(_first_failure(session, self._quick(called) + self._quick(spawning)))
            self._send([k, _status(child)])
            path.write_text(before, encoding="utf-8")
        return True

    def _without_mutant(self, session) -> bool:
        """Run all tests in a process of its own; do they pass?"""
        source, sink = os.pipe()
        child = os.fork()
        if child == 0:
            before = set(sys.modules)
            for item, following in zip(session.items, [*session.items[1:], None], strict=True):
                self._watched(item, following)
            with os.fdopen(sink, "w") as file:
                json.dump([self.seconds, self.calls, [name for name in sys.modules if name not in before]], file)
            os._exit(1 if session.testsfailed else 0)
        os.close(sink)
        with os.fdopen(source) as file:
            text = file.read()
        if _status(child) != 0:
            return False
        self.seconds, self.calls, imported = json.loads(text)
        for name in imported:  # once for all
            with suppress(Exception):
                if not name.startswith(("lstm_numpy", "encoding")):
                    __import__(name)
        return True

    def _watched(self, item, following) -> None:
        self.lines, self.spawns, start = set(), False, time.process_time()
        threading.settrace(self._see)
        sys.settrace(self._see)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        sys.settrace(None)
        threading.settrace(None)
        self.seconds[item.nodeid] = time.process_time() - start
        self.calls[item.nodeid] = (sorted(self.lines), self.spawns)

    def _see(self, frame, *_) -> None:
        """Called by Python at each call of a function."""
        code = frame.f_code
        if code.co_filename.startswith(str(self.copy)):
            self.lines.add((code.co_filename, code.co_firstlineno))
        self.spawns |= code.co_name in ("_execute_child", "_launch")  # subprocess, multiprocessing

    def _send(self, what: object) -> None:
        os.write(self.sink, (json.dumps(what) + "\n").encode())


def _first_failure(session, items: list) -> int:
    for k, item in enumerate(items):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=items[k + 1] if k + 1 < len(items) else None)
        if session.testsfailed:
            return 1
    return 0


def _exchange(functions: list[types.FunctionType], text: str, path: str) -> None:
    """Give functions the code that they have in this text; one that is no Python ends the process as a failed test."""
    try:
        codes = {code.co_qualname: code for code in _codes(compile(text, path, "exec"))}
    except SyntaxError:
        os._exit(1)
    for function in functions:
        function.__code__ = codes[function.__code__.co_qualname]


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


def _body(text: str, number: int) -> tuple[int, int] | None:
    """The first and last line of the function or method whose body has this line, or None."""
    for node in ast.walk(ast.parse(text)):  # the outer before the inner
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            if first <= number <= node.end_lineno:
                return (first, node.end_lineno) if number >= node.body[0].lineno else None
    return None
