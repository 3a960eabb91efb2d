"""The model card of a run: what the model is for, how good it is, and what nobody has tested.

References:
    Mitchell et al. (2019), Model Cards for Model Reporting, https://arxiv.org/abs/1810.03993
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deepglass.core import files
from deepglass.core.run_folder import RunFolder
from deepglass.evaluate.judges import judge_of_test
from deepglass.evaluate.page_templates import render
from deepglass.evaluate.report import layers_of
from deepglass.evaluate.scores import scores_of
from deepglass.evaluate.wording import lead

ABOUT_PEOPLE = {"age", "sex", "gender", "race", "religion", "nationality", "ethnicity", "marital", "disability"}


def write_card(folder: RunFolder) -> Path:
    """Write MODEL_CARD.md into the run folder; returns its path. What is not known is said to be unknown.

    Raises:
        RunError: If a file of the run is damaged, or the folder cannot be written to.
    """
    config, metrics, task = (folder.read_record(name) for name in ("config.json", "metrics.json", "task.json"))
    state = task.get("state") or {}
    content = render(
        "MODEL_CARD.md.j2",
        name=folder.path.resolve().name,
        config=config,
        metrics=metrics,
        environment=folder.read_record("environment.json"),
        history=folder.read_record("history.json"),
        lead=lead(metrics),
        intended_use=judge.intended_use if (judge := judge_of_test(metrics)) else "",
        test_scores=scores_of(metrics.get("test")),
        details=(metrics.get("test") or {}).get("details") or {},
        licence=task.get("licence"),
        about_people=people_columns(state),
        weights=sum(layer["numbers"] for layer in layers_of(folder)),
    )
    path = folder / "MODEL_CARD.md"
    files.write_text(path, content)
    return path


def people_columns(schema: Any) -> list[str]:
    """Names in the schema of the inputs that seem to describe people, such as "age" or "sex"."""
    names = {name for name in _strings(schema) if _describes_people(name)}
    return sorted(names)[:20]


def _describes_people(name: str) -> bool:
    words = name.lower().replace("-", "_").replace(" ", "_").split("_")
    return not ABOUT_PEOPLE.isdisjoint(words)


def _strings(value: Any) -> Iterator[str]:
    """Column names of a schema: keys of records, and what is under "name"."""
    if isinstance(value, dict):
        yield from (key for key in value if isinstance(key, str))
        if isinstance(value.get("name"), str):
            yield value["name"]
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)
