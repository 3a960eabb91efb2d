"""Fills the templates of this folder: one door to Jinja for the report and the model card."""

import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from deepglass.evaluate.scores import metric, number, show, show_interval
from deepglass.evaluate.wording import duration, plain

FOLDER = Path(__file__).parent / "templates"


def render(template: str, **context: Any) -> str:
    """Fill a template; in HTML every value is escaped, so a class named "<b>" stays text."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=lambda name: name is not None and name.endswith(".html.j2"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(duration=duration, plain=plain, number=number, cell=_cell, code=_code)
    environment.globals.update(metric=metric, show=show, show_interval=show_interval)
    return environment.get_template(template).render(**context)


def _code(sentence: str) -> Markup:
    """A sentence with its options and commands set as code: --epochs, `deepglass models`."""
    return Markup(re.sub(r"`([^`]+)`|(--[a-z][\w-]*)", r"<code>\1\2</code>", str(escape(sentence))))


def _cell(value: Any) -> str:
    """A value inside a Markdown table: bars and line ends would break it."""
    return plain(value).replace("|", "\\|").replace("\n", " ")
