"""What the data are for: the column to predict, the column with text, and the task.

A bundled data set knows its own; elsewhere names and kinds of columns decide, and every decision is a guess that
the user sees and can override.
"""

from dataclasses import replace

from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.wording import counted
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Images, Layout, Table, Text
from deepglass.data.reading.asked import listed
from deepglass.data.reading.columns import Column, describe
from deepglass.data.reading.label_forms import plain_labels
from deepglass.data.reading.layout_tasks import task_for
from deepglass.data.reading.layouts.sentence_pairs import of_table
from deepglass.data.reading.sequences import are_sequences
from deepglass.data.reading.series import TimeLayout, layout_of
from deepglass.data.reading.table import require_column
from deepglass.data.reading.usual_names import TARGET_NAMES, is_text_name

TARGET_ENDINGS = ("_target", "_label", "_class", "_price", "_value")
FEW_CLASSES = 20  # integers with at most so many values are classes
ROWS_PER_CLASS = 5  # provided that each has so many rows on average
FEW_FEATURES = 2  # besides a text column; with more, the table is learnt from as a table


def guess_target(table: Table, config: DataConfig, columns: list[Column] | None = None) -> tuple[str, Guess]:
    """The column to predict.

    Args:
        columns: The columns of the table, where they have been described before.

    Raises:
        OptionError: If the column that was asked for is absent; suggests the nearest name.
        DataError: If no column could be one.
    """
    if config.target:
        require_column(table.frame, config.target, "--target")
        return config.target, Guess("target", config.target, "as asked", "--target")
    if table.target:
        return table.target, Guess("target", table.target, "the data say so", "--target")
    columns = [
        column for column in columns or describe(table.frame) if column.kind not in ("id", "date", "text", "constant")
    ]
    if not columns:
        raise DataError(f"{table.name} has no column that could be predicted: name one with --target COLUMN")
    names = {column.name.lower(): column.name for column in reversed(columns)}
    if usual := next((name for name in TARGET_NAMES if name in names), None):
        return names[usual], Guess("target", names[usual], "a usual name", "--target")
    ending = [column.name for column in columns if column.name.lower().endswith(TARGET_ENDINGS)]
    if len(ending) == 1:
        return ending[0], Guess("target", ending[0], "the ending of its name", "--target")
    return columns[-1].name, Guess("target", columns[-1].name, "the last column that could be", "--target")


def guess_text_column(
    table: Table, config: DataConfig, columns: list[Column] | None = None
) -> tuple[str, Guess] | None:
    """The column of running text: the one with a usual name, or the one with most words; where there is none, one of
    sequences of letters; None where there is neither."""
    if config.text_column:
        require_column(table.frame, config.text_column, "--text-column")
        return config.text_column, Guess("text column", config.text_column, "as asked", "--text-column")
    texts = [
        column for column in columns or describe(table.frame) if column.kind == "text" and column.name != config.target
    ]
    if not texts:
        return _sequences(table, config, columns or describe(table.frame))
    best = min(texts, key=lambda column: (not is_text_name(column.name), -column.mean_words))
    why = f"{best.mean_words:.1f} words a cell" + (", most of all" if len(texts) > 1 else "")
    return best.name, Guess("text column", best.name, why, "--text-column")


def _sequences(table: Table, config: DataConfig, columns: list[Column]) -> tuple[str, Guess] | None:
    """The first column of sequences of letters, such as DNA; None where there is none."""
    for column in columns:
        if column.kind in ("id", "category", "text") and column.name not in (config.target, table.target):
            cells = table.frame[column.name].dropna()
            if len(cells) and are_sequences(map(str, cells)):
                why = "every cell is one long word of few different letters, as of DNA"
                return column.name, Guess("text column", column.name, why, "--text-column")
    return None


def guess_task(data: Data, config: DataConfig) -> tuple[str, Guess]:
    """The name of the task that the data call for.

    Raises:
        DataError: If nothing can be learnt from them, for instance pictures without classes.
    """
    task, why = _task(data, config)
    return task, Guess("task", task, why, "--task")


def _task(data: Data, config: DataConfig) -> tuple[str, str]:
    if isinstance(data, Layout):
        return task_for(data)
    if isinstance(data, Text):
        return "language-modelling", "one long text"
    if isinstance(data, Images):
        if data.frame is not None and (found := plain_labels(data.frame, config)):
            return "multi-label-classification", found[1]
        if data.labels is None:
            raise DataError(
                f"{data.name} holds pictures without classes: put the pictures of each class in a folder of its own"
            )
        return "image-classification", f"pictures of {counted(len(data.classes), 'class')}"
    if data.task:
        return data.task, "the data say so"
    asked = replace(config, target=config.target or data.target)
    if (found := plain_labels(data.frame, asked)) and layout_of(data, config) is None:
        return "multi-label-classification", found[1]
    if not (config.target or config.text_column or data.target) and (pairs := of_table(data.frame, data.name)):
        return task_for(pairs)  # a task that reads these takes the table as it is
    if config.text_column:
        return "text-classification", f"column {config.text_column!r} holds text"
    if (layout := layout_of(data, config)) and _has_numbers(data, layout, config):
        many = f", one for each value of {', '.join(layout.keys)}" if layout.keys else ""
        return "forecasting", f"column {layout.time!r} makes the table {'series' if layout.keys else 'a series'}{many}"
    return _task_of_table(data, config)


def _has_numbers(table: Table, layout: TimeLayout, config: DataConfig) -> bool:
    """Whether there is something to forecast: every target asked for is a number, or any column is one."""
    numbers = {column.name for column in describe(table.frame) if column.kind == "number"} - {layout.time, *layout.keys}
    targets = {*listed(config.target or table.target)}
    return targets <= numbers and bool(numbers)


def _task_of_table(table: Table, config: DataConfig) -> tuple[str, str]:
    columns = describe(table.frame)
    name = guess_target(table, config, columns)[0]
    target = next(column for column in columns if column.name == name)
    classes = has_classes(target, len(table.frame))
    text = guess_text_column(table, config, columns)
    others = [c for c in columns if c.kind in ("number", "category", "boolean") and c.name != name]
    if text and classes and len(others) <= FEW_FEATURES:
        return "text-classification", f"column {text[0]!r} holds text, column {target.name!r} classes"
    if classes:
        return "tabular-classification", f"target {target.name!r} has {counted(target.distinct, 'class')}"
    return "tabular-regression", f"target {target.name!r} is a number with {counted(target.distinct, 'value')}"


def has_classes(target: Column, rows: int) -> bool:
    """Whether a target is a class, not a quantity: words, or few different integers."""
    if target.kind != "number":
        return True
    present = rows - target.missing
    return target.is_integer and target.distinct <= FEW_CLASSES and present >= ROWS_PER_CLASS * target.distinct
