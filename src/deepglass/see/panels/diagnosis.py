"""Why does it not learn, or not better? What an experienced practitioner would ask, answered by measurement.

The training is begun again with a fresh network, and its first steps are watched and taken again with one thing changed
at a time: up to a minute. The first finding is the cause, as far as it can be told; what it explains comes behind it.
"""

from collections.abc import Mapping
from html import escape
from typing import Any

import numpy as np

from deepglass.core.errors import DeepglassError
from deepglass.draw.curves import curves
from deepglass.draw.drawing import Marked
from deepglass.see import Asked, NotForThisRun, View
from deepglass.see.opened import Opened

PLACE = 12
TITLE = "Diagnosis"
QUESTION = "Why does it not learn, or not better, and what would mend it?"
LESSON = "16_overfitting"
READ = ("diagnosis/diagnosing.py", "diagnosis/case.py")
IS_QUICK = False

SURE = {"seen": "seen directly", "tried": "shown by an experiment", "symptom": "a symptom"}
COUNT, ERRORS = "examples", "errors on others with a quarter, a half and all of them"
DOUBLED = "a doubling of the examples would bring"


def show(opened: Opened, asked: Asked) -> View:
    """Findings with their evidence, what mends them and their lesson; and what more examples would bring.

    Raises:
        NotForThisRun: If its data have gone or changed, or no question can be asked of it.
    """
    from deepglass.diagnosis.wording import record, verdict

    try:
        found = opened.run.diagnose(data=opened.data)
    except DeepglassError as error:
        raise NotForThisRun(str(error)) from error
    if not found.asked:
        words = "its first steps took all of the time that a diagnosis has on this page"
        raise NotForThisRun(f"{words}; `deepglass diagnose {found.about} --seconds 300` takes longer")
    listed = [Marked(f'<ol class="dg-findings">{"".join(map(item, found.findings))}</ol>')] * bool(found.findings)
    words = f"{verdict(found)[:1].upper()}{verdict(found)[1:]}. {doubling(found.facts)}".strip()
    return View(words, [*listed, *learning_curve(found.facts), Marked(questions(found))], record(found))


def item(finding: Any) -> str:
    """A finding as HTML; everything that comes from data or from a script is escaped."""
    from deepglass.diagnosis.wording import figure

    numbers = "".join(
        f"<dt>{escape(str(name))}</dt><dd>{escape(figure(value))}</dd>" for name, value in finding.evidence.items()
    )
    lesson = finding.lesson.partition("_")[2].replace("_", "-")
    return (
        f"<li><h4>{escape(finding.cause.replace('-', ' '))} <span>{SURE[finding.kind]}</span></h4>"
        f"<p>{escape(finding.sentence)}</p><p><b>Mend it:</b> {escape(finding.mend)}</p>"
        + f"<details><summary>Evidence</summary><dl>{numbers}</dl></details>" * bool(numbers)
        + f'<p class="soft">lesson <code>deepglass see {escape(lesson)}</code></p>' * bool(lesson)
        + "</li>"
    )


def doubling(facts: Mapping[str, Any]) -> str:
    """What twice as many examples would bring, in a sentence."""
    return f"Twice as many examples would bring about {facts[DOUBLED]}." if DOUBLED in facts else ""


def learning_curve(facts: Mapping[str, Any]) -> list[Any]:
    """The error on others by the number of examples that were learnt from, where that was measured."""
    if ERRORS not in facts:
        return []
    errors = np.array(facts[ERRORS], float)
    counts = facts[COUNT] * 2.0 ** np.arange(1 - len(errors), 1)
    return [curves({"": (counts, errors)}, label="Error by examples", xlabel="examples", ylabel="error on others")]


def questions(found: Any) -> str:
    """Which questions were answered, and which not, with the reason."""
    from deepglass.core import catalogue
    from deepglass.diagnosis import FOLDER

    titles = {name: str(catalogue.constant(FOLDER, name, "TITLE")) for name in (*found.asked, *found.left_out)}
    answers = [(titles[name], "answered") for name in found.asked]
    answers += [(titles[name], why) for name, why in found.left_out.items()]
    rows = "".join(f"<tr><td>{escape(title)}</td><td>{escape(answer)}</td></tr>" for title, answer in answers)
    several = f"{len(found.asked)} of {len(answers)} questions were answered"
    head = "<thead><tr><th>question</th><th>answer</th></tr></thead>"
    return f"<details><summary>{several}</summary><table>{head}<tbody>{rows}</tbody></table></details>"
