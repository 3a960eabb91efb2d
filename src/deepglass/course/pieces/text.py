r"""Text that a person edits: Markdown with names in braces, which are filled with numbers or are places for pictures.

    kit.text(
        r'''
        ## Three ways down {#see}

        The floor is at {floor:.3f}. In a formula: $\blue{w} \leftarrow \blue{w} - \green{rate}\,g$.

        {picture} {guess}
        ''',
        floor=floor, rate=rate.value, picture=picture, guess=guess,
    )

It is no f-string: a formula keeps its braces as they are written in TeX.
"""

import re
from collections.abc import Mapping
from html import escape
from numbers import Number
from string import Formatter
from textwrap import dedent
from typing import Any

import marimo as mo
from marimo._plugins.ui._core.ui_element import UIElement

from deepglass.core.errors import OptionError
from deepglass.course import jupyter
from deepglass.course.style import md, row
from deepglass.draw.in_words import said

FIELD = r"\{([A-Za-z_]\w*(?:\.\w+|\[[^\]{}]+\])*)(?::([^{}\s]*))?\}"
PARTS = re.compile(rf"(?P<code>```.*?```|`[^`\n]*`)|(?P<tex>\$\$.*?\$\$|\$[^$\n]+(?:\n[^$\n]+)*\$)|{FIELD}", re.DOTALL)
PLACES = re.compile(rf"^\s*{FIELD}(?:\s+{FIELD})*\s*$")
HEADING = re.compile(r"^(##+) +(.+?)(?:\s+\{#([\w-]+)\})?\s*$")


def text(words: str, **values: Any) -> Any:
    """Markdown whose names in braces are filled.

    A paragraph that is nothing but names is a place: for a picture, a widget, a control, another text; several stand
    side by side, and controls in one line. `## Title` begins a section; `## Title {#see}` says by which id it is found.
    In formulas the braces stay around what is filled in; in code and formulas, names that were not given stay as well.

    Args:
        words: Markdown, indented as one likes.
        **values: Numbers, words, or things to place.

    Raises:
        OptionError: If a name was not given, or cannot be filled in as it is asked for.
    """
    shown = [piece(block, values) for block in blocks(dedent(words).strip())]
    if jupyter.is_here():
        return jupyter.Several([mo.Html(one) if isinstance(one, str) else one for one in shown])
    return mo.Html("".join(one if isinstance(one, str) else mo.as_html(one).text for one in shown))


def blocks(words: str) -> list[str]:
    """Paragraphs: headings and places each alone, what lies between them together, as Markdown wants it."""
    found, fenced = [""], False
    for block in re.split(r"\n\s*\n", words):
        alone = not fenced and (PLACES.match(block) or HEADING.match(block.partition("\n")[0]))
        fenced ^= block.count("```") % 2 == 1
        if alone and HEADING.match(block.partition("\n")[0]):
            heading, _, rest = block.partition("\n")
            found += [heading, rest]
        elif alone:
            found += [block, ""]
        else:
            found[-1] += f"\n\n{block}"
    return [block.strip() for block in found if block.strip()]


def piece(block: str, values: Mapping[str, Any]) -> Any:
    """A heading, what stands in a place, or Markdown."""
    if (heading := HEADING.match(block)) and "\n" not in block:
        return section_head(filled(heading[2], values), heading[3], len(heading[1]))
    if PLACES.match(block):
        things = [value_of(found[0], values) for found in re.findall(FIELD, block)]
        if not all(isinstance(thing, str | Number) for thing in things):
            return placed(things)
    return md(filled(block, values)).text


def section_head(title: str, name: str | None, depth: int) -> str:
    """A heading; its id is made of its words if it has none."""
    name = name or re.sub(r"[^\w]+", "-", title.lower()).strip("-")
    kind = f"h{depth}"
    return f'<div class="dg-section dg-head"><{kind} id="{name}">{escape(title, quote=False)}</{kind}></div>'


def placed(things: list[Any]) -> Any:
    """One thing as it is, controls in a line, others side by side."""
    if len(things) == 1:
        return things[0]
    if all(isinstance(thing, UIElement) and not isinstance(thing, mo.ui.anywidget) for thing in things):
        return mo.hstack(things, justify="start", gap=2, wrap=True)
    return row(*things)


def filled(words: str, values: Mapping[str, Any]) -> str:
    """The words with their names filled in."""

    def fill(found: re.Match[str]) -> str:
        if found["code"] or found["tex"]:
            return re.sub(FIELD, lambda inner: keep_or_fill(inner, bool(found["tex"])), found[0])
        return written(found[3], found[4], values)

    def keep_or_fill(inner: re.Match[str], in_formula: bool) -> str:
        if re.split(r"[.\[]", inner[1])[0] not in values:
            return inner[0]
        told = written(inner[1], inner[2], values)
        return "{" + told.replace("−", "-").replace(",", "{,}") + "}" if in_formula else told

    return PARTS.sub(fill, words)


def written(name: str, form: str | None, values: Mapping[str, Any]) -> str:
    """One value in words.

    Raises:
        OptionError: If its format does not suit it.
    """
    value = value_of(name, values)
    if not form:
        return value.text if isinstance(value, mo.Html) else said(value)
    try:
        return format(value, form).replace("-", "−")
    except (TypeError, ValueError) as error:
        raise OptionError(f"kit.text: {{{name}:{form}}} cannot be written: {error}") from None


def value_of(name: str, values: Mapping[str, Any]) -> Any:
    """What a name in braces means: "size", "size.value", "far[8]".

    Raises:
        OptionError: If it was not given.
    """
    try:
        return Formatter().get_field(name, (), values)[0]
    except (KeyError, AttributeError, IndexError, TypeError):
        known = ", ".join(values) or "nothing"
        raise OptionError(f"kit.text: expected a value for {{{name}}}; given were {known}") from None
