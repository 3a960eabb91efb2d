"""What all widgets share: a small JavaScript file beside the Python one, and a style sheet.

A widget is `NAME.py`, with the state that Python and the browser share, and `NAME.js`, a module whose default export
has `render({model, el})` (anywidget, https://anywidget.dev). `shared.js` stands in front of each.
"""

import re
import sys
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import anywidget
import marimo as mo
import traitlets

from deepglass.course import jupyter

FOLDER = Path(__file__).parent
WIDGETS: list[type["Widget"]] = []  # every kind, as its file is imported


class Widget(anywidget.AnyWidget):
    """Base of the course's widgets.

    Attributes:
        name: Under which it tells other widgets of the page what it holds, and the page's address its set-up.
        label: What it shows, for those who cannot see it.
        modules: Other JavaScript files that stand in front of its own.
        file: Its file's name.
        source: Its JavaScript.
    """

    modules: tuple[str, ...] = ()
    file = ""
    source = ""
    name = traitlets.Unicode("").tag(sync=True)
    label = traitlets.Unicode("").tag(sync=True)

    def __init_subclass__(cls, **options: Any) -> None:
        if Widget in cls.__bases__:  # anywidget makes subclasses of its own, which inherit
            cls.file = Path(sys.modules[cls.__module__].__file__ or "").stem
            cls.source = "\n".join(script(part) for part in ("shared", *cls.modules, cls.file))
            cls._esm, cls._css = cls.source, (FOLDER / "widgets.css").read_text(encoding="utf-8")
            WIDGETS.append(cls)
        super().__init_subclass__(**options)

    def positions(self) -> list[dict[str, Any]]:
        """States to which a press of a button brings it, as fields and their values; none where they cannot be counted.

        An exported page prepares for these what follows from the widget.
        """
        return []

    def shared(self) -> list[str]:
        """Names of the fields that Python and the browser share."""
        theirs = set(anywidget.AnyWidget.class_trait_names()) - {"name", "label"}
        return sorted(name for name in self.trait_names(sync=True) if name not in theirs and not name.startswith("_"))


def script(name: str) -> str:
    """A JavaScript file of this folder."""
    return (FOLDER / f"{name}.js").read_text(encoding="utf-8")


def state(default: Any) -> Any:
    """A field that Python and the browser share."""
    kinds = {bool: traitlets.Bool, int: traitlets.Int, float: traitlets.Float, str: traitlets.Unicode}
    kind = kinds.get(type(default), traitlets.Any)
    return kind(default).tag(sync=True)


def on_page(widget: Widget) -> Any:
    """The widget as marimo's element: assigned to a variable of a cell, its `.value` makes other cells run.

    In Jupyter it is the widget itself.
    """
    if jupyter.is_here():
        return widget
    element = mo.ui.anywidget(widget)
    _made[widget.model_id or ""] = widget
    return element


def widgets_in(html: str) -> list[Widget]:
    """The widgets that a piece of a page shows, in order."""
    ids = re.findall(r"data-model-id='&quot;(\w+)&quot;'", html)
    return [_made[one] for one in dict.fromkeys(ids) if one in _made]


_made: WeakValueDictionary[str, Widget] = WeakValueDictionary()
