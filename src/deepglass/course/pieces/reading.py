"""The code that carries an idea, taken from its file as it stands, with the lines that matter explained."""

import ast
from collections.abc import Mapping
from html import escape
from pathlib import Path

import marimo as mo
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from deepglass.api import read as reading
from deepglass.core.catalogue import PACKAGE, tree_of
from deepglass.core.errors import OptionError


def read(topic: str, notes: Mapping[str, str] | None = None, *, part: str = "", docstring: bool = False) -> mo.Html:
    """Source code with marked lines and what they mean.

    Args:
        topic: As for `deepglass read`: "Perceptron", "Perceptron.fit", "softmax", "training/loop.py".
        notes: By a piece of a line, which must occur once, what the line does: {"w += sign * x": "turn towards it"}.
        part: A function, class or "Class.method" within a file.
        docstring: Whether the docstring is shown; the lesson has said it already.

    Raises:
        OptionError: If the topic or a noted line is not there any more: the source moved, and the lesson must follow.
    """
    path, first, last = lines_of(topic, part)
    source = path.read_text(encoding="utf-8").splitlines()
    hidden = set() if docstring else docstring_lines(path, first, last)
    shown = [number for number in range(first, last + 1) if number not in hidden]
    marked = {line_with(fragment, source, shown, path): note for fragment, note in (notes or {}).items()}
    indent = min((len(source[n - 1]) - len(source[n - 1].lstrip()) for n in shown if source[n - 1].strip()), default=0)
    colored = highlighted([source[number - 1][indent:] for number in shown])
    rows = []
    for number, code in zip(shown, colored):
        mark = " marked" if number in marked else ""
        rows.append(f'<div class="line{mark}"><i>{number}</i><code>{code or " "}</code></div>')
        if number in marked:
            rows.append(f'<div class="why"><span>{escape(marked[number])}</span></div>')
    place = f"{PACKAGE.name}/{path.relative_to(PACKAGE).as_posix()}"
    return mo.Html(
        f'<figure class="dg-code"><figcaption><b>{place}</b><span>as it stands in the file that is tested · '
        f"<code>deepglass read {escape(topic)}</code></span></figcaption>"
        f'<div class="dg-code-lines" tabindex="0" role="region" aria-label="Source of {escape(topic)}">'
        f"<div>{''.join(rows)}</div></div></figure>"
    )


def lines_of(topic: str, part: str = "") -> tuple[Path, int, int]:
    """File, first and last line of a topic or of a part of it.

    Raises:
        OptionError: If the topic has no such part.
    """
    head, _, rest = topic.partition(".") if "/" not in topic else (topic, "", "")
    definition = reading.meant(head, reading.find(head))[0]
    names = [definition.name, *rest.split(".")] if rest else part.split(".") if part else []
    first, last, body = definition.first, definition.last, tree_of(definition.path).body
    for name in names:
        found = next((node for node in body if getattr(node, "name", None) == name), None)
        if found is None:
            raise OptionError(f"{topic}: no {name!r} in {definition.file}")
        first, last, body = found.lineno, found.end_lineno or found.lineno, found.body
    return definition.path, first, last


def docstring_lines(path: Path, first: int, last: int) -> set[int]:
    """Lines of all docstrings between two lines."""
    return {
        line
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module)
        and node.body and isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant)
        and isinstance(node.body[0].value.value, str)
        for line in range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
        if first <= line <= last
    }  # fmt: skip


def line_with(fragment: str, source: list[str], shown: list[int], path: Path) -> int:
    """The number of the one shown line that holds the fragment.

    Raises:
        OptionError: If the fragment is in no shown line, or in several.
    """
    found = [number for number in shown if fragment in source[number - 1]]
    if len(found) != 1:
        raise OptionError(f"{path.name}: expected one line with {fragment!r}, found {len(found)}: mend the note")
    return found[0]


def highlighted(lines: list[str]) -> list[str]:
    """Lines of Python as HTML, coloured by the style sheet."""
    html = "".join(
        f'<span class="{HtmlFormatter()._get_css_class(kind)}">{escape(text)}</span>' if text.strip() else text
        for kind, text in PythonLexer(stripnl=False).get_tokens("\n".join(lines))
    )
    return html.split("\n")[: len(lines)]
