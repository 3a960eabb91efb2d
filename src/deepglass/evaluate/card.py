"""The model card of a run: what the model is for, how good it is, for whom, and what nobody has tested.

MODEL_CARD.md is for people and model_card.json, of the same facts, for programs. What `deepglass audit` found stands in
both.

References:
    Mitchell et al. (2019), Model Cards for Model Reporting, https://arxiv.org/abs/1810.03993
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deepglass.core import files
from deepglass.core.run_folder import RunFolder
from deepglass.evaluate import decision_curve, energy, risk_groups
from deepglass.evaluate.judges import judge_of, judge_of_test
from deepglass.evaluate.page_templates import render
from deepglass.evaluate.report import layers_of, outputs_of
from deepglass.evaluate.scores import scores_of
from deepglass.evaluate.wording import lead

ABOUT_PEOPLE = {"age", "sex", "gender", "race", "religion", "nationality", "ethnicity", "marital", "disability"}


def write_card(folder: RunFolder) -> Path:
    """Write MODEL_CARD.md and model_card.json into the run folder; returns the path of the first. What is not known is
    said to be unknown.

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
        unintended_use=judge.unintended_use if judge else "",
        test_scores=scores_of(metrics.get("test")),
        details=(metrics.get("test") or {}).get("details") or {},
        licence=task.get("licence"),
        about_people=people_columns(state),
        weights=sum(layer["numbers"] for layer in layers_of(folder)),
        energy=energy.estimate(folder.read_record("environment.json")),
        audit=audit_of(folder),
        tested=groups_tested(folder),
        **_medical(folder, metrics),
    )
    files.write_json(folder / "model_card.json", facts(folder))
    path = folder / "MODEL_CARD.md"
    files.write_text(path, content)
    return path


def _medical(folder: RunFolder, metrics: dict[str, Any]) -> dict[str, Any]:
    """What the section on medical use says beside the scores."""
    risk, cuts = metrics.get("risk") or {}, metrics.get("thresholds") or {}
    if not risk:
        return {"risk": {}}
    curve = judge_of("classification").decision(metrics, outputs_of(folder))  # type: ignore[attr-defined]
    return {
        "risk": risk,
        "points": cuts.get("at_specificity") or [],
        "decision": decision_curve.in_words(curve, risk["class"]) if curve else "",
        "surprises": [
            f"{column} {sentence}"
            for column, rows in risk["groups"].items()
            for sentence in risk_groups.surprises(rows, risk["class"])
        ],
    }


def facts(folder: RunFolder) -> dict[str, Any]:
    """The card as data: null where something is not known."""
    config, metrics, task = (folder.read_record(name) for name in ("config.json", "metrics.json", "task.json"))
    environment, judge, test = folder.read_record("environment.json"), judge_of_test(metrics), metrics.get("test") or {}
    seconds = environment.get("seconds") or {}
    return {
        "name": folder.path.resolve().name,
        "task": config.get("task"),
        "model": config.get("model"),
        "parameters": environment.get("parameters") or sum(layer["numbers"] for layer in layers_of(folder)),
        "made_with": {name: environment.get(name) for name in ("deepglass", "torch")},
        "intended_use": judge.intended_use if judge else None,
        **({"unintended_use": judge.unintended_use} if judge and judge.unintended_use else {}),
        "data": {
            "source": config.get("source"),
            "licence": task.get("licence"),
            "test_examples": test.get("count"),
            "validation_examples": (metrics.get("val") or {}).get("count"),
            "columns_about_people": people_columns(task.get("state") or {}),
        },
        "scores": scores_of(test),
        "baseline": {"name": (metrics.get("baseline") or {}).get("name"), **scores_of(metrics.get("baseline"))},
        "groups_tested": groups_tested(folder),
        "fairness": metrics.get("fair"),
        "medical": metrics.get("risk"),
        "privacy": metrics.get("privacy"),
        "audit": {
            name: {key: part.get(key) for key in ("lead", "numbers", "warnings", "method", "left_out")}
            for name, part in audit_of(folder).items()
        },
        "limits": metrics.get("warnings") or [],
        "time": {"seconds": seconds.get("total"), "hardware": environment.get("gpu") or environment.get("cpu")},
        "energy": energy.estimate(environment) or None,
    }


def audit_of(folder: RunFolder) -> dict[str, dict[str, Any]]:
    """What `deepglass audit` found, by part; empty where nobody asked.

    Raises:
        RunError: If audit.json is damaged.
    """
    if not files.lies_at(folder / "audit.json"):
        return {}
    with folder.understanding("audit.json"):
        return {str(name): dict(part) for name, part in folder.read_record("audit.json")["parts"].items()}


def groups_tested(folder: RunFolder) -> list[str]:
    """Columns whose groups were scored: by `--score-by`, `--fair` and the audit."""
    metrics = folder.read_record("metrics.json")
    found = [(metrics.get(name) or {}).get("column") for name in ("groups", "fair")]
    numbers = audit_of(folder).get("fairness", {}).get("numbers") or {}
    found += [name.partition("=")[0] for name in numbers if "=" in name.partition(": ")[0]]
    found += (metrics.get("risk") or {}).get("groups") or {}
    return [name for name in dict.fromkeys(found) if name]


def people_columns(schema: Any) -> list[str]:
    """Names in the schema of the inputs that seem to describe people, such as "age" or "sex"."""
    names = {name for name in _strings(schema) if describes_people(name)}
    return sorted(names)[:20]


def describes_people(name: str) -> bool:
    """Whether a column of this name seems to describe people."""
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
