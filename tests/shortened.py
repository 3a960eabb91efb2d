"""What a training does beside the point of most tests, made short: simple models beside it, pictures of its page.

Of the seconds that a training of 150 rows takes, 1,800 trees of a forest are more than half, and the pictures of the
report a sixth. What forests are worth is measured by `bench/`; what is drawn is asked in other folders than `UNDRAWN`.
"""

import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from functools import cache, partial
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

Change = Callable[[object, str, Any], None]  # sets an attribute, such as `monkeypatch.setattr`
FOREST_TREES, BOOSTED_ROUNDS = 20, 60
THIRD = 400_000  # characters
DIGITS = 700  # of each about seventy
MOST_STEPS = 100  # gradients
FEW_FILTERS = 8  # of the first layer, 32 by default
UNDRAWN = ("api", "data", "deploy", "rivals", "tasks", "training", "zoo")  # whose tests are about other things


def grow_few_trees(change: Change = setattr) -> None:
    """Let forests and boosting of this process end early."""
    from deepglass.rivals import trees

    change(trees, "FOREST_TREES", FOREST_TREES)
    change(trees, "BOOSTED", trees.BOOSTED | {"max_iter": BOOSTED_ROUNDS})


def draw_nothing(change: Change) -> None:
    """Let pictures be painted, but not drawn: an empty one stands in their place, with their words."""
    from markupsafe import Markup

    from deepglass.evaluate import svg

    empty = '<svg role="img" aria-label="{}" viewBox="0 0 1 1"></svg>'
    change(svg, "as_svg", lambda figure, label: Markup(empty.format(escape(label, quote=True))))


def read_operators_once(change: Change) -> None:
    """For every file PyTorch's exporter parses and lists 500 functions anew, half of its time: here once."""
    try:
        from torch.onnx._internal.exporter import _registration

        usual = _registration.ONNXRegistry.from_torchlib  # pyright: ignore[reportPrivateImportUsage]
    except (ImportError, AttributeError):  # another version, which may do otherwise
        return
    change(_registration.ONNXRegistry, "from_torchlib", staticmethod(cache(usual)))


def find_copies_once(change: Change = setattr) -> None:
    """Bundled pictures are looked through for copies by every training on them: here once, for they are the same."""
    from deepglass.data import picture_survey

    change(picture_survey, "find_near_copies", _known_by_arrays(picture_survey.find_near_copies))


def find_modes_once(change: Change = setattr) -> None:
    """To the rows of every training that makes rows 36 mixtures are fitted: here once, for they are the same."""
    from deepglass.evaluate.metrics import samples

    change(samples, "best_mixture", _known_by_arrays(samples.best_mixture))


def _known_by_arrays(usual: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, which computes but once what it is asked of the same arrays."""
    known: dict[Any, Any] = {}

    def found(*given: Any) -> Any:
        key = tuple((one.shape, sha256(one.tobytes()).digest()) if hasattr(one, "tobytes") else one for one in given)
        if key not in known:
            known[key] = usual(*given)
        return known[key]

    return found


def walk_a_little(change: Change = setattr) -> None:
    """Integrated gradients stop early, and say what their sum misses: `tests/explain` walks to the end."""
    from deepglass.explain.methods import integrated_gradients

    change(integrated_gradients, "MOST_STEPS", MOST_STEPS)


def attack_few(change: Change = setattr) -> None:
    """An audit attacks few rows: `tests/audit` asks what it finds."""
    from deepglass.audit.parts import robustness

    change(robustness, "MOST_ATTACKED", robustness.FEWEST_ATTACKED)


def ask_few_filters(change: Change = setattr) -> None:
    """What style is, is asked of few random filters: `tests/painting` asks all of them."""
    from deepglass.painting.features import RandomFilters

    change(RandomFilters.__init__, "__defaults__", (0, FEW_FILTERS))


def time_frameworks_once(change: Change = setattr) -> None:
    """Every framework is imported once, not three times for the quickest: `bench/frameworks.py` measures."""
    from deepglass.frameworks import running

    change(running, "rows", partial(running.rows, once=True))


def be_brief(change: Change = setattr) -> None:
    """All that is beside the question whether a command runs to its end."""
    draw_nothing(change)
    read_a_third(change)
    walk_a_little(change)
    attack_few(change)
    time_frameworks_once(change)


def read_a_third(change: Change = setattr) -> None:
    """Of Shakespeare's plays a third, where a command is asked whether it runs."""
    from deepglass.data.datasets import shakespeare

    usual = shakespeare.load
    change(shakespeare, "load", lambda: replace(usual(), text=usual().text[:THIRD]))


def read_few_digits(change: Change = setattr) -> None:
    """Of the bundled digits the first 700, where a lesson's command is asked whether it runs."""
    from deepglass.data.datasets import digits

    usual = digits.load

    def load() -> Any:
        whole = usual()
        return replace(whole, labels=whole.labels[:DIGITS], pixels=whole.pixels[:DIGITS])

    change(digits, "load", load)


def make_bundled_once(change: Change = setattr) -> None:
    """Bundled sounds and pictures that take a second to be made: once for the commands that follow each other."""
    from deepglass.data.datasets import drawn_characters, drawn_leaves, robot_sentences, robot_words

    for module in (drawn_characters, drawn_leaves, robot_sentences, robot_words):
        kept = cache(module.load)
        change(module, "load", lambda kept=kept: deepcopy(kept()))


def is_drawn(path: Path) -> bool:
    """Whether the tests of a file look at pictures."""
    folder, *rest = path.relative_to(Path(__file__).parent).parts
    return folder not in UNDRAWN or rest[0] == "contract"


def draw_two_of_a_film(change: Change = setattr) -> None:
    """Of a film's pictures the first two are drawn; the others are the second one again, with their own words."""
    from deepglass.course.pieces import frames
    from deepglass.draw import drawing

    usual, drawn = drawing.picture, WeakKeyDictionary()

    def picture(figure: Any, label: str) -> str:
        two = drawn.setdefault(figure, [])
        if len(two) < 2:
            two.append(usual(figure, label))
            return two[-1]
        return re.sub(r'aria-label="[^"]*"', lambda _: f'aria-label="{escape(label, quote=True)}"', two[-1], count=1)

    for module in (drawing, frames):
        change(module, "picture", picture)
