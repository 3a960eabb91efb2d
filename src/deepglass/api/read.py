"""`deepglass read`: where an idea is in the source, what it looks like there, and which test proves it.

    read("lstm")["pieces"][0]["code"]

What can be asked for: the topics of the spine (`core/topics.py`) by all their words, the names of the classes and
functions of the glass engine and of the model files, and the names of the models. Files are parsed and not imported.
"""

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any

from deepglass.api.definitions import Definition, definitions, first_line, model_file, whole_file
from deepglass.core import catalogue, topics
from deepglass.core.catalogue import CHECKOUT, tree_of
from deepglass.core.errors import OptionError
from deepglass.zoo import architectures

MATHEMATICS_FIRST = (  # of several places with one name, the one with the formulas is shown and the others are named
    "glass/nn/functional", "glass/ops", "glass/optim", "glass/classic", "glass/nn", "glass/foundations", "glass",
    "models",
)  # fmt: skip
PATHS = {  # one file or definition after the other: the first is shown, the others are named in the order of reading
    "glass": (
        "glass/tiny.py", "glass/op.py", "run_backward", "glass/ops/elementwise.py", "glass/nn/functional/linear.py",
        "glass/nn/functional/conv.py", "glass/nn/module.py", "glass/optim/sgd.py",
    ),
}  # fmt: skip
MOST_TESTS = 4  # named for one topic
PARTS = ("def ", "@op", "class _")  # functions, operations and private base classes
LEAST_LINES = 5  # of a part that is shown with what it belongs to; shorter ones are plumbing


def read(topic: str) -> dict[str, Any]:
    """What there is to read about a topic.

    Args:
        topic: A topic's id, title or word ("G06", "batch norm"), a name ("LSTMCell", "F.softmax"), a model ("gpt") or
            a file of the package ("glass/autograd.py").

    Returns:
        topic; pieces of code, each with name, place, line, formula and code; also, the other places where the topic
        is found; tests, each with place, name and whether it is installed.

    Raises:
        OptionError: If nothing of that name is known, or there is no code for the topic yet; suggests near ones.
    """
    found = find(topic)
    shown = [piece for definition in meant(topic, found) for piece in with_its_parts(definition)]
    others = [definition for definition in found if definition not in shown]
    pieces = [
        {"name": d.name, "place": d.place, "line": d.first, "formula": d.summary, "code": d.code}
        for d in dict.fromkeys(shown)
    ]
    also = [{"name": d.name, "place": d.place, "formula": d.summary} for d in others]
    return {"topic": topic, "pieces": pieces, "also": also, "tests": tests_of(shown[0])}


def contents() -> dict[str, dict[str, Any]]:
    """Every file with its first line and the names in it."""
    by_file: dict[str, dict[str, Any]] = {}
    for definition in definitions():
        if not definition.name.startswith("_"):
            entry = by_file.setdefault(definition.file, {"about": first_line(definition.path), "names": []})
            entry["names"].append(definition.name)
    return by_file


# -- from a word to places ------------------------------------------------------------------------------------------


def names_of(topic: str) -> tuple[str, ...]:
    """The definitions, models or files that the spine names for it; without any, the topic is such a name itself."""
    row = topics.named(topic)
    return (row and row.reads(topic)) or (topic,)


def find(topic: str) -> list[Definition]:
    """All places where a topic is found: the engine's mathematics first, then models of that name, then the rest.

    Raises:
        OptionError: If nothing goes by that name; names what is near.
    """
    if path := PATHS.get(key(topic)):
        return [whole_file(place) or find(place)[0] for place in path]
    places = list(dict.fromkeys(place for name in names_of(topic) for place in [whole_file(name)] if place))
    named = [name for name in names_of(topic) if whole_file(name) is None]
    places += [place for place in places_of(named) if place not in places]
    if not places:
        raise OptionError(nothing_on(topic))
    return places


def places_of(names: list[str]) -> list[Definition]:
    """The definitions and models of these names, and those of their families."""
    names = [re.sub(r"^([A-Za-z_]\w*\.)+", "", name) for name in names]  # nn.LSTM → LSTM, but not mobilenet-v1-0.25
    keys, stems = [key(name) for name in names], [stem(name) for name in names]
    exact = sorted((d for d in definitions() if key(d.name) in keys), key=rank)
    family = sorted((d for d in definitions() if stem(d.name) in stems and d not in exact), key=rank)
    models = [model_file(model) for model in architectures.all_models() if key(model.name) in keys]
    in_engine = [d for d in exact if d.file.startswith("glass/")]
    others = [d for d in [*exact, *family] if d.path not in [model.path for model in models]]
    return list(dict.fromkeys([*in_engine, *models, *others]))


def has_code(name: str) -> bool:
    """Whether a name of the spine leads to code: a file of the package, a definition or a model."""
    return whole_file(name) is not None or any(name == place.name for place in places_of([name]))


def meant(topic: str, found: list[Definition]) -> list[Definition]:
    """What is shown of it: each definition or file that the spine names, otherwise the first place."""
    names = names_of(topic)
    exact = [next(d for d in found if name in (d.name, d.file)) for name in names if len(names) > 1]
    return exact or found[:1]


def with_its_parts(definition: Definition) -> list[Definition]:
    """A definition, and the functions of its file that it is made of: `batch_norm` rests on `_standardise`."""
    shown = [definition]
    for piece in shown:  # grows while we walk
        for other in definitions():
            is_part = other.path == piece.path and other.name in piece.uses and other.code.startswith(PARTS)
            is_plumbing = other.last - other.first + 1 < LEAST_LINES or other.name.startswith("_check")
            if is_part and not is_plumbing and other not in shown:
                shown.append(other)
    return shown


@cache  # of every definition, for every question
def key(name: str) -> str:
    """ "batch-norm", "batch_norm" and "_BatchNorm" are the same word."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


@cache
def stem(name: str) -> str:
    """The word without what only tells a form of it: "LSTMCell", "lstm_layer" and "LSTM" are one family."""
    return re.sub(r"(loss|layer|cell|[123]d)$", "", key(name))


def rank(definition: Definition) -> tuple[int, bool, str, int]:
    """Order among places of one name: the mathematics, then what is public."""
    folder = next(i for i, folder in enumerate(MATHEMATICS_FIRST) if definition.file.startswith(folder + "/"))
    return folder, definition.name.startswith("_"), definition.file, definition.first


def nothing_on(topic: str) -> str:
    """The message for a topic that nobody knows, or that has no code yet."""
    if row := topics.named(topic):
        return f"there is no code on {row.id} ({row.title}) yet; `deepglass topics {row.id}` shows what there is"
    names = [definition.name for definition in definitions() if not definition.name.startswith("_")]
    near = topics.near(topic, [*names, *(model.name for model in architectures.all_models())])
    hint = f"; did you mean {', '.join(near)}?" if near else "."
    return f"unknown topic {topic!r}{hint} `deepglass read` lists everything there is to read"


# -- from definitions to tests --------------------------------------------------------------------------------------


def tests_of(definition: Definition) -> list[dict[str, Any]]:
    """The proofs of the topics that it is read for, then the test that judges its folder, then those that name it."""
    read_for = [row for row in topics.topics().values() if {definition.name, definition.file} & set(row.read)]
    named = [(file, name) for row in read_for for file, _, name in (proof.partition("::") for proof in row.proof)]
    named.sort(key=lambda test: not test[0].endswith(f"/test_{definition.path.name}"))  # its own test file first
    spoken = re.compile(rf"(?<![A-Za-z0-9]){re.escape(definition.name.strip('_'))}(?![A-Za-z0-9])")
    homes = [CHECKOUT / "tests" / parent for parent in list(Path(definition.file).parents)[:-1]]
    folder = sorted(path for home in homes for path in home.glob("test_*.py"))
    named += judges(definition, folder)
    for path in folder:
        lines = path.read_text(encoding="utf-8").splitlines()
        for node in tree_of(path).body:
            is_test = isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
            if is_test and spoken.search("\n".join(lines[node.lineno - 1 : node.end_lineno])):
                named.append((path.relative_to(CHECKOUT).as_posix(), node.name))
    return [_test(file, test) for file, test in list(dict.fromkeys(named))[:MOST_TESTS]]


def judges(definition: Definition, tests: list[Path]) -> list[tuple[str, str]]:
    """The test that holds its whole file or folder against others; of several, the one whose place is nearest.

    A test file says so of its tests: `PROVES = {"test_name": ("glass/nn", "glass/optim/adam.py")}`.
    """
    found = {
        place: (path.relative_to(CHECKOUT).as_posix(), name)
        for path in tests
        for name, places in (catalogue.assigned(path, "PROVES") or {}).items()
        for place in places
        if f"{definition.file}/".startswith(f"{place}/")
    }
    return [found[max(found, key=len)]] if found else []


def _test(file: str, name: str) -> dict[str, Any]:
    path = CHECKOUT / file
    if not path.is_file():
        return {"place": file, "name": name, "installed": False}
    line = next(node.lineno for node in tree_of(path).body if getattr(node, "name", None) == name)
    return {"place": f"{file}:{line}", "name": name, "installed": True}
