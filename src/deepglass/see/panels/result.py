"""What it reached: the scores on the test examples, beside a trivial answer and the best simple model."""

from typing import Any

from deepglass.core import files
from deepglass.draw.tables import table
from deepglass.evaluate import scores, wording
from deepglass.evaluate.judges import judge_of_test
from deepglass.see import Asked, NotForThisRun, View
from deepglass.see.opened import Opened

PLACE = 2
TITLE = "What it reached"
QUESTION = "How good is it on examples that it has never seen, and is that better than something simple?"
LESSON = "19_judging"
READ = ("evaluate/intervals.py", "evaluate/paired.py")
IS_QUICK = True


def show(opened: Opened, asked: Asked) -> View:
    """The sentence of the judge, and the headline scores with their intervals.

    Raises:
        NotForThisRun: If it has not been judged yet.
    """
    folder = opened.folder
    metrics = folder.read_record("metrics.json") if files.lies_at(folder / "metrics.json") else {}
    judge = judge_of_test(metrics)
    if judge is None:
        raise NotForThisRun("it has not been judged yet; that comes at the end of its training")
    with folder.understanding("metrics.json"):
        test = metrics["test"]
        beside = {
            (metrics[part].get("name") or part): metrics[part]
            for part in ("network", "rival", "baseline")
            if isinstance(metrics.get(part), dict)
        }
        rows = [row(name, test, beside) for name in test["headline"] if isinstance(test.get(name), dict)]
        lead = judge.lead(test, metrics.get("baseline") or {})
        notes = [*wording.notes(metrics), *metrics.get("warnings", ())]
    if verdict := (metrics.get("rival") or {}).get("verdict"):
        notes.append(str(verdict))
    return View(
        " ".join([lead, *(note.rstrip(".") + "." for note in notes)]), [table(rows)] if rows else [], {"test": test}
    )


def row(name: str, test: dict[str, Any], beside: dict[str, dict[str, Any]]) -> dict[str, str]:
    """A score of the run, its interval, and the same of the others."""
    shown = {"score": scores.metric(name).title, "this run": scores.show(name, test[name]["value"])}
    shown["95 % interval"] = scores.show_interval(name, test[name])
    for other, result in beside.items():
        shown[other] = scores.show(name, (result.get(name) or {}).get("value"))
    return shown
