"""How a lesson begins and ends: its question, its sources, and the way on."""

from collections.abc import Mapping
from html import escape
from typing import Any

import marimo as mo

from deepglass.course import catalogue
from deepglass.course.style import md, row


def opening(lesson: Mapping[str, Any], lead: str = "", *below: Any) -> Any:
    """The head of a lesson.

    Args:
        lesson: Its LESSON.
        lead: One or two sentences in Markdown that send the eye to the picture below.
        *below: What is there at once, side by side: a film, a guess.
    """
    slug = next(one.slug for one in catalogue.lessons() if one.title == lesson["title"])
    number = int(slug.partition("_")[0])
    head = mo.Html(
        f'<header class="dg-opening"><p class="dg-eyebrow">Lesson {number} · {escape(lesson["part"])} · '
        f"{lesson['minutes']} minutes</p><h1>{escape(lesson['title'])}</h1>"
        f'<p class="dg-asks">{escape(lesson["question"])}</p><div class="dg-lead">{md(lead).text}</div></header>'
    )
    return mo.vstack([head, row(*below)]) if below else head


def section(title: str, text: str = "", *, name: str = "", level: int = 2) -> mo.Html:
    """A heading of a lesson, such as "See" or "Break it, mend it", with its words in Markdown.

    Args:
        title: The heading.
        text: Below it.
        name: By which it is found; by default made of the title.
        level: 2 for a part of the lesson, 3 within one.
    """
    name = name or title.lower().replace(",", "").replace(" ", "-")
    words = md(text).text if text else ""
    return mo.Html(f'<div class="dg-section"><h{level} id="{name}">{escape(title)}</h{level}>{words}</div>')


def sources(*items: tuple[str, str]) -> mo.Html:
    """Where it comes from: (author, year and title, link)."""
    lines = "".join(
        f'<li><a href="{escape(link)}" rel="noreferrer" target="_blank">{escape(title)}</a></li>'
        for title, link in items
    )
    return mo.Html(f'<div class="dg-section dg-sources"><h2 id="sources">Sources</h2><ul>{lines}</ul></div>')


def next_lesson(lesson: Mapping[str, Any], why: str) -> mo.Html:
    """How a lesson ends: why the next one follows and the way there, its topics, its file and its test."""
    here = next(one for one in catalogue.lessons() if one.title == lesson["title"])
    following = catalogue.neighbours(here.slug)[1]
    way = f'<a class="dg-next" href="../{following.slug}/">Next: {escape(following.title)} →</a>' if following else ""
    names = [f"<li>{escape(topic.title)}</li>" for topic in here.topics]
    return mo.Html(
        f'<footer class="dg-section dg-onward">{md(why).text}{way}<ul class="dg-topics">{"".join(names)}</ul>'
        f'<p class="dg-files"><a href="../../source/{here.path.name}">source of this lesson</a> · '
        f'<a href="../../source/{here.test}">the test that holds it to its word</a> · '
        f"<code>deepglass see {here.name}</code></p></footer>"
    )
