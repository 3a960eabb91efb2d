"""What is in the data, before anything is learnt from them: what `deepglass check` says.

Types, missing cells, repeated rows, rows in two splits, columns that give the target away, the balance of classes,
sizes of pictures, lengths of texts, the step and the gaps of a series. Nothing is changed; see `warnings` for what to
look at.
"""

import dataclasses
import hashlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from deepglass.core.errors import DataError
from deepglass.core.wording import counted, listing
from deepglass.data.check_pictures import inspect_pictures
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Images, Layout, Table, Text
from deepglass.data.leakage import leakage_suspects, sentences
from deepglass.data.preprocess.series import series_of
from deepglass.data.reading.columns import Column, describe
from deepglass.data.reading.roles import guess_target, guess_task, guess_text_column, has_classes
from deepglass.data.reading.series import layout_of

RARE_SHARE = 0.05  # a class below this share of the examples makes accuracy misleading
MANY_MISSING = 0.5  # a column with more missing than this says little


@dataclass
class Findings:
    """What was found; `as_dict` gives plain data."""

    kind: str  # "table", "images" or "text"
    task: str | None
    size: dict[str, int]  # rows and columns, pictures, or characters
    splits: dict[str, int]
    guesses: list[str]
    columns: list[dict[str, Any]] = field(default_factory=list)
    target: str | None = None
    classes: dict[str, int] = field(default_factory=dict)
    duplicates: int = 0  # examples that repeat an earlier one
    crossing: int = 0  # examples of val or test that are in train too
    leakage: list[dict[str, Any]] = field(default_factory=list)
    images: dict[str, Any] = field(default_factory=dict)  # tables of sizes, modes, depths, and of what was found
    lengths: dict[str, float] = field(default_factory=dict)  # of texts, in words
    series: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)  # of the warnings those of which training says that it acts so

    def as_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


def remarks(data: Data, config: DataConfig, task: str) -> list[str]:
    """What `inspect` warns of and training does not say by itself; only of tables, for pictures have a task that does.

    Args:
        task: What is to be learnt from them.
    """
    if not isinstance(data, Table):
        return []
    findings = Findings("table", task, {}, {}, [])
    _inspect_table(data, config, findings)
    _warn_of_balance(findings)
    _warn_of_repetition(findings)
    return findings.warnings


def inspect(data: Data, config: DataConfig) -> Findings:
    """Look at data as a reader returned them.

    Args:
        config: How they were read; its target, text column and time column are respected.
    """
    guesses, problem, task = list(data.guesses), None, None
    try:
        task, guess = guess_task(data, config)
        guesses.append(guess)
    except DataError as error:
        problem = str(error)
    findings = Findings(_kind(data), task, {}, {}, [str(guess) for guess in guesses])
    findings.splits = {split: len(part) for split, part in data.splits.items()}
    if problem:
        findings.warnings.append(problem)
    if isinstance(data, Table):
        _inspect_table(data, config, findings)
        if findings.task == "forecasting":
            _inspect_series(data, config, findings)
    elif isinstance(data, Images):
        _inspect_images(data, findings)
    elif isinstance(data, Layout):
        findings.kind, findings.size, findings.classes = data.kind, data.facts, data.classes
        return findings  # what has no task yet is described and not judged
    else:
        _inspect_text(data, findings)
    _warn_of_balance(findings)
    _warn_of_repetition(findings)
    findings.warnings += findings.left_out
    return findings


def _inspect_table(table: Table, config: DataConfig, findings: Findings) -> None:
    columns = describe(table.frame)
    findings.size = {"rows": len(table.frame), "columns": len(columns)}
    findings.columns = [dataclasses.asdict(column) for column in columns]
    _warn_of_columns(columns, len(table.frame), findings)
    hashes = pd.util.hash_pandas_object(table.frame, index=False).to_numpy()
    findings.duplicates, findings.crossing = _repetitions(hashes, table.splits)
    if findings.task and findings.task != "forecasting":
        _inspect_target(table, config, columns, findings)
    if findings.task == "text-classification" and (text := guess_text_column(table, config, columns)):
        words = table.frame[text[0]].dropna().astype("str").str.split().str.len()
        findings.lengths = _quantiles(words.to_numpy())


def _inspect_target(table: Table, config: DataConfig, columns: list[Column], findings: Findings) -> None:
    name, guess = guess_target(table, config, columns)
    findings.target = name
    findings.guesses.append(str(guess))
    target = next(column for column in columns if column.name == name)
    is_classification = has_classes(target, len(table.frame))
    if is_classification:
        counts = table.frame[name].astype("str").value_counts()
        findings.classes = {str(label): int(count) for label, count in counts.items()}
    if target.missing:
        findings.left_out.append(f"target {name!r} is missing in {counted(target.missing, 'row')}: they are left out")
    suspects = leakage_suspects(table.frame, name, columns, is_classification=is_classification)
    findings.leakage = [dataclasses.asdict(suspect) for suspect in suspects]
    findings.warnings += sentences(suspects)


def _inspect_series(table: Table, config: DataConfig, findings: Findings) -> None:
    layout = layout_of(table, config)
    if layout is None or layout.time is None:
        return
    findings.guesses += [str(guess) for guess in layout.guesses]
    times = table.frame[layout.time]
    numbers = table.frame.select_dtypes("number").drop(columns=[layout.time, *layout.keys], errors="ignore")
    try:
        even = series_of(table, layout.time, numbers.astype(np.float64), layout.keys, zone=config.time_zone)
    except DataError as error:
        findings.warnings.append(str(error))
        return
    first, last = even.axis.texts(np.array([even.times.min(), even.times.max()]))
    findings.series = {"time_column": layout.time, "first": str(first), "last": str(last), "step": str(even.axis)}
    findings.series["in_order"] = not any(guess.what == "order" for guess in even.guesses)
    if layout.keys:
        findings.series |= {"series": len(even.names), "named_by": ", ".join(layout.keys)}
        findings.series["rows_of_a_series"] = f"{even.lengths.min():,} to {even.lengths.max():,}"
    findings.series["absent_steps"] = max(0, len(even) - len(times.dropna()))
    findings.left_out += [str(guess) for guess in even.guesses if guess.what != "calendar"]


def _inspect_images(images: Images, findings: Findings) -> None:
    findings.size = {"pictures": len(images), "channels": images.channels}
    if images.labels is not None:
        counts = np.bincount(images.labels, minlength=len(images.classes))
        findings.classes = dict(zip(images.classes, counts.tolist()))
    findings.images, guesses, sentences = inspect_pictures(images)
    findings.guesses += [str(guess) for guess in guesses]
    findings.warnings += sentences
    contents = [picture.tobytes() for picture in images.pixels] if images.pixels is not None else None
    hashes = np.array([_digest(c) for c in contents or (path.read_bytes() for path in images.paths or [])])
    findings.duplicates, findings.crossing = _repetitions(hashes, images.splits)


def _inspect_text(text: Text, findings: Findings) -> None:
    findings.size = {
        "characters": len(text.text),
        "different_characters": len(set(text.text)),
        "words": len(text.text.split()),
        "lines": text.text.count("\n") + 1,
    }


def _repetitions(hashes: np.ndarray, splits: dict[str, np.ndarray]) -> tuple[int, int]:
    """How many examples repeat an earlier one, and how many of val and test are in train too."""
    duplicates = len(hashes) - len(np.unique(hashes))
    if "train" not in splits:
        return duplicates, 0
    others = [hashes[rows] for split, rows in splits.items() if split != "train"]
    return duplicates, int(np.isin(np.concatenate([*others, hashes[:0]]), hashes[splits["train"]]).sum())


def _digest(content: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "big")


def _quantiles(lengths: np.ndarray) -> dict[str, float]:
    levels = {"shortest": 0, "median": 0.5, "95%": 0.95, "longest": 1}
    return {name: float(np.quantile(lengths, level)) for name, level in levels.items()} if len(lengths) else {}


def _warn_of_columns(columns: list[Column], rows: int, findings: Findings) -> None:
    if constant := [column.name for column in columns if column.kind == "constant"]:
        findings.left_out.append(f"{listing(constant)}: the same in every row, so nothing is learnt from it")
    if sparse := [column.name for column in columns if MANY_MISSING < column.missing / rows < 1]:
        findings.warnings.append(f"{listing(sparse)}: more than half of the cells are missing")
    if ids := [column.name for column in columns if column.kind == "id"]:
        findings.left_out.append(f"{listing(ids)}: looks like an id, which names rows and says nothing of new ones")


def _warn_of_balance(findings: Findings) -> None:
    total = sum(findings.classes.values())
    rare = [
        name for name, count in findings.classes.items() if count < RARE_SHARE * total and len(findings.classes) < 20
    ]
    if rare:
        findings.warnings.append(
            f"{listing(rare)}: under {RARE_SHARE:.0%} of the examples; judge by balanced accuracy, and try "
            "--class-weights balanced"
        )


def _warn_of_repetition(findings: Findings) -> None:
    if findings.images.get("found", {}).get("near copies"):
        return  # which repeated pictures are: one finding is told once
    if findings.duplicates and findings.task != "forecasting":
        findings.warnings.append(f"repeated: {counted(findings.duplicates, 'example')} equal to an earlier one")
    if findings.crossing:
        findings.warnings.append(
            f"{counted(findings.crossing, 'example')} of val and test stand in train too: the test score will flatter"
        )


def _kind(data: Data) -> str:
    return {Table: "table", Images: "images", Text: "text", Layout: "layout"}[type(data)]
