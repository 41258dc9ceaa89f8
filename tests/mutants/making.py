"""The mutants of a text: each a copy with one small change, as the operators of cosmic-ray make them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """A text with one change: the number of its line, the line before and after, and the whole.

    `meaning` is that of the changed function or class alone: it stays when something else in the file changes.
    """

    number: int
    line: str
    mutated: str
    text: str
    meaning: str


def mutants(text: str) -> list[Mutant]:
    """All that differ from the text in more than type hints, each once, in the order of their lines.

    Each function, class or other statement of the file is taken by itself: cosmic-ray needs time that grows with
    the square of the length.

    Raises:
        SystemExit: if cosmic-ray is not installed.
    """
    lines, found = text.splitlines(), []
    for statement in ast.parse(text).body:
        first = min([statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", ()))]) - 1
        before = lines[first : statement.end_lineno]
        seen = {_meaning("\n".join(before))}
        for mutated in _mutated("\n".join(before) + "\n"):
            meaning = _meaning(mutated)
            if meaning not in seen:
                seen.add(meaning)
                after = mutated.splitlines()
                k, line = next((k, two) for k, two in enumerate([*after, ""]) if k == len(before) or before[k] != two)
                if len(before) != len(after):  # a line was taken out, or one added
                    line = ""
                whole = "\n".join([*lines[:first], *after, *lines[statement.end_lineno :]]) + "\n"
                found.append(Mutant(first + k + 1, before[k].strip(), line.strip(), whole, meaning))
    return sorted(found, key=lambda mutant: mutant.number)


def _mutated(text: str) -> Iterator[str]:
    try:
        from cosmic_ray.ast import ast_nodes, get_ast
        from cosmic_ray.mutating import mutate_code
        from cosmic_ray.plugins import get_operator, operator_names
    except ImportError:
        raise SystemExit("this needs cosmic-ray, which is no dependency: pip install cosmic-ray") from None
    tree = get_ast(text)
    for name in sorted(operator_names()):
        operator_class = get_operator(name)
        if operator_class.arguments():  # those that need a list of names
            continue
        operator = operator_class()
        for k in range(sum(1 for node in ast_nodes(tree) for _ in operator.mutation_positions(node))):
            yield mutate_code(text, operator, k)


def _meaning(text: str) -> str:
    """What Python would run, without the type hints; a text that is no Python stands for itself."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return text
    for node in ast.walk(tree):
        for hint in ("annotation", "returns"):
            if isinstance(getattr(node, hint, None), ast.AST):
                setattr(node, hint, ast.Constant(None))
    return ast.dump(tree)
