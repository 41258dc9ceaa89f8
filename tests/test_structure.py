"""How the project is built: which file may import which, and how long one may be."""

import ast
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("lstm_numpy", "encoding")
SYSTEM, TRAINING = "lstm_numpy.system", "lstm_numpy.training"

# A floor of a package -> the rooms that it may import, through their __init__. Besides, it may import the ground floor.
FLOORS = {
    "lstm_numpy": set(),
    SYSTEM: set(),
    TRAINING: {SYSTEM},
    "lstm_numpy.inspection": {SYSTEM, TRAINING},
    "lstm_numpy.baselines": {SYSTEM, TRAINING},
    "lstm_numpy.gradcheck": {SYSTEM, TRAINING},
    "lstm_numpy.gradcheck.exercises": {SYSTEM, TRAINING, "lstm_numpy.gradcheck"},
    "encoding": set(),
    "encoding.reading": set(),
    "encoding.writing": {"encoding.reading"},
    "encoding.page": {"encoding.reading", "encoding.writing"},
    "encoding.comparing": {"encoding.reading", "encoding.writing", "encoding.page"},
}
PROGRAM = "lstm_numpy.gradcheck.__main__"  # the command of the laboratory, which has the exercises too
LEAST_OF_ALL = SYSTEM  # imports nothing of the project, not even the ground floor

FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in [ROOT / "train.py", ROOT / "sample.py", *(p for name in PACKAGES for p in (ROOT / name).rglob("*.py"))]
}
SHIPPED_CODE = [*FILES.values(), *(p for p in (ROOT / "docs").rglob("*.py") if p.parent.name != "exercises")]


def imports(text: str) -> Iterator[str]:
    """The modules that a file imports, anywhere in it; of other projects the first name alone.

    Also those that an __init__ imports when a name is first asked for, which its _HOME names.
    """
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name the whole path"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in FILES else node.module for name in names]
        else:
            continue
        yield from (name if name in FILES else name.split(".")[0] for name in names)


def imports_of(module: str) -> set[str]:
    text = FILES[module].read_text(encoding="utf-8")
    return {*imports(text), *(f"{module}.{home}" for home in asked_for_later(text))}


def asked_for_later(text: str) -> set[str]:
    """The files of the names that an __init__ imports when they are first asked for."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_HOME":
            return set(ast.literal_eval(node.value).values())
    return set()


def floor_of(module: str) -> str:
    return module if module in FLOORS else module.rpartition(".")[0]


def offences(module: str, imported: set[str]) -> set[str]:
    """Those of the imported modules that this module may not import."""
    package, floor = module.split(".")[0], floor_of(module)
    strangers = {*PACKAGES, "train", "sample"} - {package}
    if package == "lstm_numpy":
        strangers.add("music21")
    wrong = {name for name in imported if name.split(".")[0] in strangers}
    for name in imported:
        if name.split(".")[0] != package:
            continue
        there = floor_of(name)
        if module == package:
            allowed = there == package or name in FLOORS  # it re-exports, from its own floor and from whole rooms
        elif there == package:
            allowed = name != package and floor != LEAST_OF_ALL
        else:
            doors = FLOORS[floor] | ({"lstm_numpy.gradcheck.exercises"} if module == PROGRAM else set())
            allowed = there == floor or name in doors
        if not allowed:
            wrong.add(name)
    return wrong


def test_all_rooms_are_known():
    assert {floor_of(module) for module in FILES} - {""} == set(FLOORS)


@pytest.mark.parametrize("module", sorted(FILES.keys() - {"train", "sample"}))
def test_imports_lead_downwards_and_through_the_door(module):
    assert not offences(module, imports_of(module))


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("lstm_numpy.cell", "from lstm_numpy.training import Run"),
        ("lstm_numpy.cell", "from lstm_numpy import LSTMModel"),  # which is imported from everywhere else
        ("lstm_numpy.cell", "def f():\n    import encoding"),
        ("lstm_numpy.inspection.units", "from encoding.tokens import events"),
        ("lstm_numpy.training.loop", "import music21.stream"),
        ("lstm_numpy.training.loop", "from lstm_numpy.inspection import Watch"),
        ("lstm_numpy.training.loop", "from lstm_numpy.system.claim import claimed"),
        ("lstm_numpy.training.loop", "from lstm_numpy.system import claim"),
        ("lstm_numpy.baselines.ngrams", "from lstm_numpy.gradcheck import table"),
        ("lstm_numpy.gradcheck.report", "from lstm_numpy.gradcheck.exercises import EXERCISES"),
        ("lstm_numpy.gradcheck.exercises.cell", "from lstm_numpy.gradcheck.methods import complex_step"),
        ("lstm_numpy.system.claim", "from lstm_numpy.model import LSTMModel"),
        ("lstm_numpy", "from lstm_numpy.training.run import Run"),
        ("encoding.grid", "if TYPE_CHECKING:\n    from encoding.reading import Meter"),
        ("encoding.reading.corpus", "from encoding.writing import render"),
        ("encoding.writing.bars", "from encoding.reading.meter import Meter"),
        ("encoding.comparing.report", "from lstm_numpy.system import png"),
        ("encoding.comparing.report", "import train"),
    ],
)
def test_an_import_that_may_not_be_is_noticed(module, text):
    assert offences(module, set(imports(text)))


def test_no_circles():
    graph = {module: imports_of(module) & FILES.keys() for module in FILES}
    order = list(TopologicalSorter(graph).static_order())
    assert set(order) == set(FILES)
    graph["lstm_numpy.activations"] = {"lstm_numpy.model"}
    with pytest.raises(CycleError):
        list(TopologicalSorter(graph).static_order())


def test_nothing_is_imported_in_other_ways():
    """Only where a name is asked for later, and what that imports is known from _HOME."""
    for module, path in FILES.items():
        text = path.read_text(encoding="utf-8")
        assert "__import__" not in text
        assert ("import_module(" in text) == bool(asked_for_later(text)), module


def test_the_scripts_do_not_import_each_other():
    assert "sample" not in imports_of("train")
    assert "train" not in imports_of("sample")


def test_packages_keep_to_themselves():
    def imported(package):
        modules = [module for module in FILES if module.split(".")[0] == package]
        return {name.split(".")[0] for module in modules for name in imports_of(module)}

    standard = set(sys.stdlib_module_names)
    assert imported("lstm_numpy") - standard == {"numpy", "matplotlib", "lstm_numpy"}
    assert imported("encoding") - standard == {"numpy", "matplotlib", "music21", "verovio", "encoding"}
    for package in PACKAGES:
        assert "pickle" not in imported(package)
        for path in (ROOT / package).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            for forbidden in ("np.random.seed", "np.random.rand", "np.random.normal", "allow_pickle=True"):
                assert forbidden not in text


@pytest.mark.parametrize("floor", FLOORS)
def test_each_room_says_what_is_in_it(floor):
    """Every file of it by its name, in the order to read them, and what the room may import."""
    said = ast.get_docstring(ast.parse(FILES[floor].read_text(encoding="utf-8")))
    assert "n the order to read" in said
    assert "mports" in said or "nothing here imports a room" in said
    for module in FILES:
        if floor_of(module) == floor != module:
            assert f"`{module.rpartition('.')[2]}`" in said, module


def test_files_and_functions_are_short():
    for path in SHIPPED_CODE:
        text = path.read_text(encoding="utf-8")
        most = 250 if path.parent == ROOT else 300
        assert len(text.splitlines()) <= most, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                assert node.end_lineno - node.lineno < 60, f"{path}: {node.name}"
