"""A learner's file and what happens when its function is called."""

import ast
import contextlib
import inspect
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lstm_numpy.gradcheck.exercises.trials import RETURNED, Exercise, Trial, leaves


class Unreadable(Exception):
    """The file cannot be judged at all; the message says why."""


@dataclass
class Attempt:
    """A learner's file: its text, the names that it defines, and where its blanks are."""

    path: Path
    names: dict
    function: ast.FunctionDef
    lines: dict[str, int]  # where each name is assigned, the last time
    blanks: dict[str, int]  # where a blank is, by what it assigns or the first word of its comment
    source: list[str]


@dataclass
class Outcome:
    """One trial: what was seen, and what went wrong."""

    trial: Trial
    seen: dict
    result: object = ...
    error: str = ""
    line: int = 0  # of the error
    blank: bool = False  # the error only says that a blank was met


def load(exercise: Exercise, path: Path) -> Attempt:
    """Run the learner's file and find its blanks; raises Unreadable if it cannot be run, or lacks the function."""
    names = {"__name__": path.stem, "__file__": str(path)}
    try:
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text, str(path))
        exec(compile(tree, str(path), "exec"), names)
    except SyntaxError as error:
        raise Unreadable(f"{path}, line {error.lineno}: Python cannot read this ({error.msg})") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{path} cannot be read: {error}") from None
    except (Exception, SystemExit) as error:  # sys.exit() in the file must not end the judge
        raise Unreadable(f"{path}, {_place((_lines(error, path) or [0])[-1])}: {_in_words(error)}") from None
    nodes, name = tree.body, ""
    for name in exercise.function.split("."):
        found = [node for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == name]
        if not found:
            raise Unreadable(f"{path}: there is no {exercise.function}; the exercise is to fill in its blanks")
        nodes = found[-1].body
    attempt = Attempt(path, names, found[-1], {}, {}, text.splitlines())
    for node in ast.walk(attempt.function):
        label = _label(node, attempt.source)
        if label:
            attempt.lines[label] = max(node.lineno, attempt.lines.get(label, 0))
            if isinstance(node.value, ast.Constant) and node.value.value is ...:
                attempt.blanks[label] = node.lineno
    return attempt


def _label(node: ast.AST, source: list[str]) -> str:
    """What a statement assigns, 'return', or, for a lone `...`, the first word of its comment."""
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0]).strip("()")
    if isinstance(node, (ast.AugAssign, ast.AnnAssign)):
        return ast.unparse(node.target)
    if isinstance(node, ast.Return) and node.value:
        return "return"
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and node.value.value is ...:
        comment = re.search(r"#\s*(\w+)", source[node.lineno - 1])
        return comment[1] if comment else "..."
    return ""


def attempt_trial(attempt: Attempt, trial: Trial) -> Outcome:
    """Call the learner's function and look at its local variables when it ends."""
    result, local = ..., {}
    try:
        with np.errstate(all="ignore"):  # NaN is reported where it shows
            function, arguments = trial.prepare(attempt.names)
            local |= inspect.signature(function).bind(*arguments).arguments
            local |= {"self": function.__self__} if inspect.ismethod(function) else {}
            with _watching(function, local):
                result = function(*arguments)
    except (Exception, SystemExit) as error:
        lines = _lines(error, attempt.path)
        line = lines[-1] if lines else 0
        names = [name for where in lines for name in _names(where, attempt.function)]
        blank = any(local.get(name) is ... for name in names) or not set(lines).isdisjoint(attempt.blanks.values())
        message = f"{_place(line)}: {_in_words(error)}{_shapes(line, attempt, local)}"
        return Outcome(trial, _see(trial, local, ...), ..., message, line, blank)
    return Outcome(trial, _see(trial, local, result), result)


def _see(trial: Trial, local: dict, result: object) -> dict:
    """What the trial sees, and all that was returned, if it is there and no blank."""
    seen = {} if any(part is ... for part in leaves(result)) else {RETURNED: result}
    with contextlib.suppress(KeyError, TypeError, ValueError, AttributeError, IndexError):
        seen |= {name: value for name, value in trial.see(local, result).items() if value is not ...}
    return seen


@contextlib.contextmanager
def _watching(function: Callable, local: dict) -> Iterator[None]:
    """Put the function's local variables, as they are at its end, into `local`."""

    def watch(frame: object, event: str, _: object) -> None:
        if event == "return" and frame.f_code is function.__code__:
            local.update(frame.f_locals)

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        yield
    finally:
        sys.setprofile(before)


def _lines(error: BaseException, path: Path) -> list[int]:
    """The lines of the file on the way to an exception; it was met in the last."""
    return [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]


def _place(line: int) -> str:
    return f"line {line}" if line else "outside the file"


def _in_words(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no message'}"


def _names(line: int, function: ast.FunctionDef) -> list[str]:
    """The variables of the statement that stands in this line, from the left; of a loop, those of its head."""
    nodes = list(ast.walk(function))
    around = [node for node in nodes if isinstance(node, ast.stmt) and node.lineno <= line <= node.end_lineno]
    if not around:
        return []
    inner = max(around, key=lambda node: node.lineno)
    last = max(line, inner.body[0].lineno - 1) if hasattr(inner, "body") else inner.end_lineno
    found = [node for node in nodes if isinstance(node, ast.Name) and inner.lineno <= node.lineno <= last]
    return list(dict.fromkeys(node.id for node in sorted(found, key=lambda node: (node.lineno, node.col_offset))))


def _shapes(line: int, attempt: Attempt, local: dict) -> str:
    """The line itself and the shapes of the arrays in it."""
    if not line:
        return ""
    arrays = {name: local[name] for name in _names(line, attempt.function) if isinstance(local.get(name), np.ndarray)}
    shapes = [f"{name} {array.shape}" for name, array in arrays.items()]
    return f"\n{attempt.source[line - 1].strip()}" + (f"\nShapes: {', '.join(shapes)}" if shapes else "")
