"""The worst mistakes: the test examples that surprised the run most. Wrong labels are found here first."""

from html import escape
from typing import Any

from deepglass.core import files
from deepglass.draw.drawing import Marked
from deepglass.evaluate.report import listed, mistake_of
from deepglass.see import Asked, NotForThisRun, View
from deepglass.see.opened import Opened, drawing

PLACE = 5
TITLE = "The worst mistakes"
QUESTION = "Where is it wrong, and would you have known better?"
LESSON = "19_judging"
READ = ("evaluate/report.py",)
IS_QUICK = True

MOST_CELLS = 12


def show(opened: Opened, asked: Asked) -> View:
    """A card for each: the example, what was said, and the truth.

    Raises:
        NotForThisRun: If none were kept.
    """
    with opened.folder.understanding("mistakes.json"), drawing:
        found = [mistake for item in listed(opened.folder, "mistakes.json") if (mistake := mistake_of(item))]
    if not found and files.lies_at(opened.folder / "mistakes.json"):
        raise NotForThisRun("it made no mistake on its test examples")
    if not found:
        raise NotForThisRun("no mistakes are kept in it; they come with the judging at the end of a training")
    said = f"The {len(found)} test examples with the largest loss." if len(found) > 1 else "One test example."
    cards = "".join(map(card, found))
    facts = {"mistakes": [{name: one[name] for name in ("id", "target", "predicted", "loss")} for one in found]}
    return View(said, [Marked(f'<div class="dg-cards">{cards}</div>')], facts)


def card(mistake: dict[str, Any]) -> str:
    """One of them as HTML; everything that comes from data is escaped."""
    told = f"answered {mistake['predicted']}, truth {mistake['target']}"
    body = ""
    if mistake["image"]:
        body += f'<img src="{escape(mistake["image"], quote=True)}" alt="{escape(told, quote=True)}">'
    body += str(mistake["svg"] or "")
    if mistake["text"] is not None:
        body += f"<blockquote>{escape(str(mistake['text']))}</blockquote>"
    if mistake["predicted"] is not None:
        body += f"<p>answered <b>{escape(str(mistake['predicted']))}</b></p>"
    if mistake["target"] is not None:
        body += f"<p>truth <b>{escape(str(mistake['target']))}</b></p>"
    cells = "".join(
        f"<dt>{escape(str(cell['name']))}</dt><dd>{escape(str(cell['value']))}</dd>"
        for cell in mistake["cells"][:MOST_CELLS]
    )
    body += f"<dl>{cells}</dl>" * bool(cells)
    loss = f" · loss {mistake['loss']:.3g}" if isinstance(mistake["loss"], int | float) else ""
    return f'<article>{body}<p class="soft">example {escape(str(mistake["id"]))}{loss}</p></article>'
