"""Three levels of one state: the picture, its numbers, the formula. And words of the page in the picture's colours."""

from collections.abc import Mapping
from typing import Any

import marimo as mo

from deepglass.course import jupyter
from deepglass.course.pieces.text import text
from deepglass.draw.tables import table


def levels(picture: Any, numbers: Any, formula: Any, **values: Any) -> Any:
    """The same state three times, so that a reader may stop at the depth that is wanted.

    Args:
        picture: A widget or a figure.
        numbers: A widget; names and numbers, or a list of rows, for a table; text.
        formula: Words with a formula, or a widget that fills it; it comes last, after the thing has moved.
        **values: What the names in braces within words and formula mean, as in `text`.
    """
    numbers = table(numbers) if isinstance(numbers, Mapping | list) else numbers
    numbers, formula = (text(part, **values) if isinstance(part, str) else part for part in (numbers, formula))
    if jupyter.is_here():
        return jupyter.Several((picture, numbers, formula))
    parts = {"Picture": picture, "Numbers": numbers, "Formula": formula}
    shown = [
        f'<section class="dg-level-{name.lower()}" aria-label="{name}"><h3>{name}</h3>{mo.as_html(part).text}</section>'
        for name, part in parts.items()
    ]
    return mo.Html(f'<div class="dg-levels">{"".join(shown)}</div>')


def note(words: Any, title: str = "") -> mo.Html:
    """An aside in a quiet box: a surprise, a caution, a piece of history."""
    head = f"<b>{title}</b> " if title else ""
    return mo.Html(f'<aside class="dg-note">{head}{mo.as_html(words).text}</aside>')


def after_guess(content: Any, silently: bool = False) -> Any:
    """What would give the lesson's guess away: covered until the reader has committed to one, or asks to see it.

    It is there all the time and only not shown, so that an exported page uncovers it as well, and print does.

    Args:
        content: A picture, or text.
        silently: Whether nothing stands in its place; for what follows another that waits.
    """
    if jupyter.is_here():
        return content
    button = '<button type="button" class="dg-uncover">Show it all the same</button>'
    cover = "" if silently else f'<p class="dg-covered">What comes here answers the guess above. {button}</p>'
    return mo.Html(f'<div class="dg-waits">{cover}<div class="dg-gated">{mo.as_html(content).text}</div></div>')
