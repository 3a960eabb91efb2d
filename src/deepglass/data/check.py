"""What is in the data, before anything is learnt from them: what `deepglass check` says.

Types, missing cells, repeated rows, rows in two splits, columns that give the target away, the balance of classes,
sizes of pictures, lengths of texts, the step and the gaps of a series. Nothing is changed; see `warnings` for what to
look at. What depends on what is to be learnt is looked at by the files in `data/checks/` that the task names.
"""

import dataclasses
import hashlib
from types import ModuleType

import numpy as np
import pandas as pd

from deepglass.core import catalogue
from deepglass.core.errors import DataError
from deepglass.core.wording import counted, listing
from deepglass.data.check_pictures import inspect_pictures
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Images, Layout, Table, Text
from deepglass.data.findings import Findings
from deepglass.data.reading.columns import Column, describe
from deepglass.data.reading.roles import guess_task

LOOKS = "data/checks"
WITHOUT_TASK = ("repeated",)  # of the looks those that need not know what is to be learnt
MANY_MISSING = 0.5  # a column with more missing than this says little


def remarks(data: Data, config: DataConfig, task: str) -> list[str]:
    """What `inspect` warns of and training does not say by itself; only of tables, for pictures have a task that does.

    Args:
        task: What is to be learnt from them.
    """
    if not isinstance(data, Table):
        return []
    findings = Findings("table", task, {}, {}, [])
    columns = _inspect_table(data, findings)
    for look in looks_of(task):
        if not getattr(look, "IS_FOR_CHECK_ALONE", False):
            look.look(data, config, columns, findings)
    _warn_of_crossing(findings)
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
    columns: list[Column] = []
    if isinstance(data, Table):
        columns = _inspect_table(data, findings)
    elif isinstance(data, Images):
        _inspect_images(data, findings)
    elif isinstance(data, Layout):
        findings.kind, findings.size, findings.classes = data.kind, data.facts, data.classes
    else:
        _inspect_text(data, findings)
    for look in looks_of(task):
        look.look(data, config, columns, findings)
    _warn_of_crossing(findings)
    findings.warnings += findings.left_out
    return findings


def looks_of(task: str | None) -> list[ModuleType]:
    """The looks that a task asks for in its literal `CHECKS`, in their order."""
    names = catalogue.declared_by(task, "CHECKS") if task else WITHOUT_TASK
    return [catalogue.load(LOOKS, name) for name in names]


def _inspect_table(table: Table, findings: Findings) -> list[Column]:
    columns = describe(table.frame)
    findings.size = {"rows": len(table.frame), "columns": len(columns)}
    findings.columns = [dataclasses.asdict(column) for column in columns]
    _warn_of_columns(columns, len(table.frame), findings)
    hashes = pd.util.hash_pandas_object(table.frame, index=False).to_numpy()
    findings.duplicates, findings.crossing = _repetitions(hashes, table.splits)
    return columns


def _inspect_images(images: Images, findings: Findings) -> None:
    findings.size = {"pictures": len(images), "channels": images.channels}
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


def _warn_of_columns(columns: list[Column], rows: int, findings: Findings) -> None:
    if constant := [column.name for column in columns if column.kind == "constant"]:
        findings.left_out.append(f"{listing(constant)}: the same in every row, so nothing is learnt from it")
    if sparse := [column.name for column in columns if MANY_MISSING < column.missing / rows < 1]:
        findings.warnings.append(f"{listing(sparse)}: more than half of the cells are missing")
    if ids := [column.name for column in columns if column.kind == "id"]:
        findings.left_out.append(f"{listing(ids)}: looks like an id, which names rows and says nothing of new ones")


def _warn_of_crossing(findings: Findings) -> None:
    if findings.images.get("found", {}).get("near copies"):
        return  # which repeated pictures are: one finding is told once
    if findings.crossing:
        findings.warnings.append(
            f"{counted(findings.crossing, 'example')} of val and test stand in train too: the test score will flatter"
        )


def _kind(data: Data) -> str:
    return {Table: "table", Images: "images", Text: "text", Layout: "layout"}[type(data)]
