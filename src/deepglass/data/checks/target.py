"""The target of a table: its classes, missing cells, columns that give it away; or the classes of pictures."""

import dataclasses

import numpy as np

from deepglass.core.wording import counted
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Images, Table
from deepglass.data.findings import Findings
from deepglass.data.leakage import leakage_suspects, sentences
from deepglass.data.reading.columns import Column
from deepglass.data.reading.roles import guess_target, has_classes


def look(data: Data, config: DataConfig, columns: list[Column], findings: Findings) -> None:
    """Add what there is to learn."""
    if isinstance(data, Table):
        _look_at_table(data, config, columns, findings)
    elif isinstance(data, Images) and data.labels is not None:
        counts = np.bincount(data.labels, minlength=len(data.classes))
        findings.classes = dict(zip(data.classes, counts.tolist()))


def _look_at_table(table: Table, config: DataConfig, columns: list[Column], findings: Findings) -> None:
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
