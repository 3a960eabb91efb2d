"""Fills the templates of this folder: one door to Jinja for the report and the model card."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from deepglass.core.wording import in_backticks, in_markdown
from deepglass.evaluate.scores import metric, number, show, show_interval
from deepglass.evaluate.wording import duration, plain

FOLDER = Path(__file__).parent / "templates"


def render(template: str, **context: Any) -> str:
    """Fill a template; every value is escaped, in HTML and in Markdown, so a class named "<b>" stays text."""
    return _environment(Path(template.removesuffix(".j2")).suffix).get_template(template).render(**context)


@cache
def _environment(form: str) -> Environment:
    """What fills the templates of one form, ".html" or ".md": made once, for it keeps what it has compiled."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=form == ".html",
        finalize=_in_markdown if form == ".md" else None,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        duration=duration, plain=plain, number=number, cell=_cell, code=_code, backticks=_backticks
    )
    environment.globals.update(metric=metric, show=show, show_interval=show_interval)
    return environment


def _code(sentence: str) -> Markup:
    """A sentence with its options and commands set as code: --epochs, `deepglass models`."""
    return Markup(re.sub(r"`([^`]+)`|(--[a-z][\w-]*)", r"<code>\1\2</code>", str(escape(sentence))))


def _in_markdown(value: Any) -> Any:
    return in_markdown(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _backticks(value: Any) -> Markup:
    """A value as code inside Markdown."""
    return Markup(in_backticks(str(value)))


def _cell(value: Any) -> str:
    """A value inside a Markdown table: bars and line ends would break it."""
    return plain(value).replace("|", "\\|").replace("\n", " ")
