"""Can anything be learnt from this? The checks of a target before training, each with what to do.

Reading does not make them: the same readers serve prediction, where one row without a target is enough.
"""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from deepglass.core.effects import Unused, acts_on, note
from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.core.state import read
from deepglass.core.wording import counted, listing, numbered
from deepglass.data.config import DataConfig
from deepglass.data.containers import Images, Table
from deepglass.data.reading.asked import listed
from deepglass.data.reading.table import keep_rows
from deepglass.data.reading.words import as_word

FEWEST_ROWS = 3  # one to learn from, one to choose an epoch by, one to test with
FEWEST_OF_A_CLASS = 2  # one to learn from, one to test with
OTHER = "other"  # what rare classes become together


def require_learnable(table: Table, target: str, *, is_classification: bool) -> None:
    """Check a table before training.

    Raises:
        DataError: If it has too few rows, nothing to learn from, or a target that is missing everywhere, constant,
            of the wrong type, has a class of one example, or a test class that training does not know.
    """
    values = table.frame[target]
    if len(table.frame) < FEWEST_ROWS:
        raise DataError(
            f"{table.name} has {counted(len(table.frame), 'row')}: expected at least {FEWEST_ROWS}, to learn from, "
            "to choose by and to test with; add rows"
        )
    if table.frame.shape[1] < 2:
        raise DataError(
            f"{table.name} has no column besides the target {target!r}: expected at least one to learn from"
        )
    _require_some(values, table, target)
    if values.nunique() == 1:
        only = values.dropna().iloc[0]
        raise DataError(
            f"target {target!r} of {table.name} is {str(only)!r} in every row: there is nothing to learn; name another "
            "with --target COLUMN"
        )
    if is_classification:
        _require_classes(values, table, target)
    elif not pd.api.types.is_numeric_dtype(values):
        raise DataError(
            f"target {target!r} of {table.name} holds words such as {str(values.dropna().iloc[0])!r}: expected "
            "numbers; name another with --target COLUMN, or pass --task tabular-classification"
        )


def drop_rows_without_target(table: Table, target: str) -> list[Guess]:
    """Leave out rows whose target is missing, and say so.

    Raises:
        DataError: If no row would be left.
    """
    missing = table.frame[target].isna().to_numpy()
    if not missing.any():
        return []
    _require_some(table.frame[target], table, target)
    keep_rows(table, ~missing)
    rows = numbered("row", (np.flatnonzero(missing) + 1).tolist())
    return [Guess("rows left out", f"{missing.sum():,}", f"{target} is missing in {rows}", "a target in every row")]


@dataclass(frozen=True)
class ClassChoice:
    """What became of classes that are not learnt as they are.

    Attributes:
        left_out: Their rows are not learnt from.
        joined: They are one class, OTHER.
        guesses: What is to be said of it.
        has_rare: Whether there were classes of one example.
    """

    left_out: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()
    guesses: tuple[Guess, ...] = ()
    has_rare: bool = False

    def unused_options(self, asked: Mapping[str, Any]) -> Iterator[Unused]:
        """What has nothing to act upon."""
        if "rare_classes" in asked and not self.has_rare:
            yield Unused("rare_classes", "every class has several examples")

    def apply(self, table: Table, target: str) -> list[Guess]:
        """Do with new rows as with those of training, and say so."""
        labels = labels_of(table.frame[target])
        if self.joined and labels.isin(self.joined).any():
            table.frame[target] = labels.where(~labels.isin(self.joined), OTHER)
        is_out = labels.isin(self.left_out).to_numpy()
        if not is_out.any():
            return []
        keep_rows(table, ~is_out)
        names = listing(sorted(set(labels[is_out])))
        return [Guess("rows left out", f"{is_out.sum():,}", f"of {names}, which training left out", "")]

    def state(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {"left_out": list(self.left_out), "joined": list(self.joined)}

    @classmethod
    def from_state(cls, state: dict[str, Any] | None) -> "ClassChoice":
        """What gave `state`; every class where there is none, as in runs of before there was a choice.

        Raises:
            ValueError: If it does not fit.
        """
        names = ("left_out", "joined")
        return cls(*(read(state, name, tuple[str, ...]) for name in names)) if state is not None else cls()


@acts_on("classes")
def keep_classes(data: Table | Images, config: DataConfig, target: str | None = None) -> ClassChoice:
    """Keep only the examples of `--classes`, and treat rare classes as `--rare-classes` says.

    Raises:
        OptionError: If a class does not occur.
        DataError: If no two classes would be left.
    """
    if isinstance(data, Images) and data.labels is None:  # pictures to predict have no classes to choose from
        return ClassChoice()
    known, left_out = _classes_of(data, target), set()
    if config.classes:
        wanted = [*listed(config.classes)]
        _require_known(wanted, known)
        _keep(data, wanted, target)
        left_out = set(known) - set(wanted)
    rare = _rare_classes(data, target) if config.rare_classes else []
    if not rare:
        return ClassChoice(tuple(sorted(left_out)))
    note("rare_classes")
    what, shown = counted(len(rare), "class"), f"a single example: {listing(rare)}"
    others = [name for name in _classes_of(data, target) if name not in rare]
    if config.rare_classes == "other" and (len(rare) > 1 or OTHER in others):
        _join(data, rare, target)
        guess = Guess("rare classes", f"{what} joined to {OTHER!r}", shown, "--rare-classes drop")
        return ClassChoice(tuple(sorted(left_out)), tuple(rare), (guess,), True)
    _keep(data, others, target)
    guess = Guess("rare classes", f"{what} left out", shown, "--rare-classes")
    return ClassChoice(tuple(sorted(left_out | set(rare))), (), (guess,), True)


def labels_of(column: pd.Series) -> pd.Series:
    """The classes of a column as words, as they are called everywhere: 1.0 as 1."""
    return column.map(as_word, na_action="ignore").astype("str")


def require_image_classes(images: Images) -> None:
    """Check pictures before training.

    Raises:
        DataError: If they have no classes, only one, or a class of one picture.
    """
    if images.labels is None or len(images.classes) < 2:
        found = f"only the class {images.classes[0]!r}" if images.classes else "no classes"
        raise DataError(
            f"{images.name} has {found}: expected at least two; put the pictures of each in a folder of its own"
        )
    counts = np.bincount(images.labels, minlength=len(images.classes))
    _require_enough(dict(zip(images.classes, counts.tolist())), f"pictures of {images.name}")


def _require_some(values: pd.Series, table: Table, target: str) -> None:
    if values.isna().all():
        raise DataError(f"target {target!r} of {table.name} is empty in every row: name another with --target COLUMN")


def _require_classes(values: pd.Series, table: Table, target: str) -> None:
    labels = values.astype("str")
    _require_enough(labels.value_counts().to_dict(), f"target {target!r} of {table.name}")
    if "train" not in table.splits:
        return
    known = set(labels.iloc[table.splits["train"]].dropna())
    for split in ("val", "test"):
        if split in table.splits and (odd := sorted(set(labels.iloc[table.splits[split]].dropna()) - known)):
            raise DataError(
                f"target {target!r}: the {split} split has {counted(len(odd), 'class')} that train does not have "
                f"({listing(odd)}): correct these labels, add examples of them to train, or remove their rows"
            )


def _require_enough(counts: Mapping[Any, int], where: str) -> None:
    rare = {name: count for name, count in counts.items() if count < FEWEST_OF_A_CLASS}
    if not rare:
        return
    others = [str(name) for name in counts if name not in rare]
    it, ways = "it" if len(rare) == 1 else "them", f" or --classes {','.join(others)}" if len(others) < 12 else ""
    keep = f", or leave {it} out with --rare-classes drop{ways}"
    keep += ", or join them with --rare-classes other" if len(rare) > 1 else ""
    if len(rare) > len(others):
        keep += ", or learn it as a number with --task tabular-regression"
    raise DataError(
        f"{where}: {counted(len(rare), 'class')} with a single example ({listing(map(repr, rare))}): expected at least "
        f"{FEWEST_OF_A_CLASS} of each, one to learn from and one to test with; add examples{keep}"
    )


def _require_known(wanted: list[str], known: list[str]) -> None:
    if absent := [name for name in wanted if name not in known]:
        close = difflib.get_close_matches(absent[0], known, n=1)
        hint = f" (did you mean {close[0]!r}?)" if close else ""
        raise OptionError(
            f"--classes: {listing(map(repr, absent))} does not occur{hint}; the classes are {listing(known, 20)}"
        )


def _classes_of(data: Table | Images, target: str | None) -> list[str]:
    if isinstance(data, Images):
        return data.classes
    return sorted(labels_of(data.frame[target]).dropna().unique())


def _rare_classes(data: Table | Images, target: str | None) -> list[str]:
    if isinstance(data, Images):
        counts = pd.Series(np.bincount(data.labels, minlength=len(data.classes)), index=data.classes)  # pyright: ignore
    else:
        counts = labels_of(data.frame[target]).value_counts()
    return sorted(str(name) for name, count in counts.items() if 0 < count < FEWEST_OF_A_CLASS)


def _keep(data: Table | Images, wanted: list[str], target: str | None) -> None:
    """Keep the examples of some classes, and those without a class."""
    if isinstance(data, Images):
        _keep_image_classes(data, wanted)
        return
    labels = labels_of(data.frame[target])
    keep_rows(data, labels.isin(wanted).to_numpy())
    if isinstance(data.frame[target].dtype, pd.CategoricalDtype):
        data.frame[target] = data.frame[target].cat.remove_unused_categories()


def _join(data: Table | Images, rare: list[str], target: str | None) -> None:
    """Give some classes one name."""
    if isinstance(data, Images):
        names = [OTHER if name in rare else name for name in data.classes]
        classes = sorted(set(names))
        data.labels = np.array([classes.index(name) for name in names])[data.labels]
        data.classes = classes
        return
    labels = labels_of(data.frame[target])
    data.frame[target] = labels.where(~labels.isin(rare), OTHER).astype("category")


def _keep_image_classes(images: Images, wanted: list[str]) -> None:
    assert images.labels is not None
    old = [position for position, name in enumerate(images.classes) if name in wanted]
    keep = np.isin(images.labels, old)
    place = np.cumsum(keep) - 1
    images.labels = np.searchsorted(old, images.labels[keep])
    images.classes = [images.classes[position] for position in old]
    images.splits = {split: place[rows[keep[rows]]] for split, rows in images.splits.items()}
    if images.pixels is not None:
        images.pixels = images.pixels[keep]
    if images.paths is not None:
        images.paths = [path for path, kept in zip(images.paths, keep) if kept]
    if images.names is not None:
        images.names = [name for name, kept in zip(images.names, keep) if kept]
    if images.groups is not None:
        images.groups = images.groups[keep]
    if images.frame is not None:
        images.frame = images.frame[keep].reset_index(drop=True)
