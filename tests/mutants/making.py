"""The mutants of a text: each a copy with one small change, as the operators of cosmic-ray make them."""

import ast
from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """A text with one change: the number of its line, the line before and after, and the whole."""

    number: int
    line: str
    mutated: str
    text: str


def mutants(text: str) -> list[Mutant]:
    """All that differ from the text in more than type hints, each once, in the order of their lines.

    Raises:
        SystemExit: if cosmic-ray is not installed.
    """
    try:
        from cosmic_ray.ast import ast_nodes, get_ast
        from cosmic_ray.mutating import mutate_code
        from cosmic_ray.plugins import get_operator, operator_names
    except ImportError:
        raise SystemExit("this needs cosmic-ray, which is no dependency: pip install cosmic-ray") from None
    tree, found = get_ast(text), {_meaning(text): None}
    for name in sorted(operator_names()):
        operator_class = get_operator(name)
        if operator_class.arguments():  # those that need a list of names
            continue
        operator = operator_class()
        for k in range(sum(1 for node in ast_nodes(tree) for _ in operator.mutation_positions(node))):
            mutated = mutate_code(text, operator, k)
            found.setdefault(_meaning(mutated), _mutant(text, mutated))
    return sorted((mutant for mutant in found.values() if mutant), key=lambda mutant: mutant.number)


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


def _mutant(text: str, mutated: str) -> Mutant | None:
    before, after = text.splitlines(), mutated.splitlines()
    for number, (one, two) in enumerate(zip(before, after, strict=False), 1):
        if one != two:
            if len(before) != len(after):  # a line was taken out, or one added
                two = ""
            return Mutant(number, one.strip(), two.strip(), mutated)
    return None
