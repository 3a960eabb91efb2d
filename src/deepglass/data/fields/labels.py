"""Labels: several of them, or none, may hold for an example; a column of lists, or a column of yes and no for each."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from deepglass.core.catalogue import unknown
from deepglass.core.effects import Unused
from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.core.state import read, require
from deepglass.core.wording import counted, listing, numbered
from deepglass.data.config import DataConfig
from deepglass.data.containers import Images, Table
from deepglass.data.fields import AnswerField, Source
from deepglass.data.reading.asked import listed
from deepglass.data.reading.label_forms import form_asked, form_named, plain_labels
from deepglass.data.reading.labels import LabelForm, LabelSets, read_labels
from deepglass.data.reading.learnable import FEWEST_ROWS, OTHER
from deepglass.data.reading.roles import guess_target
from deepglass.data.reading.table import keep_rows

UNKNOWN = -1  # in the place of a target that nobody knows
FEWEST_OF_A_LABEL = 2  # examples: one to learn from, one to test with
FOLDER = "folder"  # of a picture, where nothing else says what it shows


class Field(AnswerField):
    """A one for each label that holds, int8.

    Attributes:
        classes: Names of the labels, in the order of the network's outputs.
        counts: (L,) how many training examples have each.
        num_train: Training examples.
        separator, label_names: As asked for, or None; set before `take`.
        remarks: What a user should know of the labels before training.
    """

    name = "labels"
    separator: str | None = None
    label_names: str | None = None
    form: LabelForm
    classes: list[str]
    counts: np.ndarray
    num_train: int

    def __init__(self, data_config: DataConfig):
        super().__init__(data_config)
        self.joined: list[str] = []  # rare labels that became `OTHER`
        self.left_out: list[str] = []  # rare labels, and those that are not among --classes
        self.rare: list[str] = []
        self.remarks: list[str] = []
        self._read: tuple[pd.DataFrame, LabelSets] | None = None  # a frame, and its labels

    # -- learning from the training data ------------------------------------------------------------------------

    def take(self, data: Source) -> list[Guess]:
        """Find the labels; rows of which they are not known are left out."""
        self.form, why = self._chosen_form(data)
        if self.label_names and not self.form.is_column_per_label:
            self.form = LabelForm(self.form.columns, self.form.separator, names_in(self.label_names))
        self.target = "" if self.form.is_column_per_label else self.form.columns[0]
        sets = self.sets(data)
        left_out = self._leave_out_unknown(data, sets)
        without = int((~self.sets(data).is_true.any(axis=1)).sum())
        what = f"{len(sets.names)} in {self.form.words} ({listing(self.form.columns, 3)})"
        what += f", {counted(without, 'example')} without any" if without else ""
        option = "--target" if self.form.is_column_per_label else "--target and --label-separator"
        return [Guess("labels", what, why, option), *left_out]

    def require(self, data: Source) -> list[Guess]:
        """Two examples or more, and a label that tells them apart; then the labels that are learnt are settled."""
        sets = self.sets(data)
        if len(sets.is_true) < FEWEST_ROWS:
            raise DataError(
                f"{data.name} has {counted(len(sets.is_true), 'example')}: expected at least {FEWEST_ROWS}, to learn "
                "from, to choose by and to test with; add some"
            )
        self._settle(sets)
        is_true = self.encode(data)
        if not self.classes or (is_true == is_true[0]).all():
            raise DataError(
                f"every example of {data.name} has the same labels ({listing(sets.names)}): there is nothing to learn; "
                "name other columns with --target"
            )
        self.remarks = self._remarks(data.name, is_true, sets.repeated)
        if not self.rare or not self.data_config.rare_classes:
            return []
        done = f"joined to {OTHER!r}" if self.joined else "left out"
        return [
            Guess(
                "rare labels", f"{len(self.rare)} {done}", f"a single example: {listing(self.rare)}", "--rare-classes"
            )
        ]

    @property
    def columns(self) -> tuple[str, ...]:
        """The column of the lists, or those of the labels."""
        return self.form.columns

    def strata(self, data: Source) -> np.ndarray:
        """(N, L) the labels themselves: `data/label_splits.py` gives every split its share of each."""
        return self.encode(data).astype(np.uint8)

    def fit(self, data: Source, rows: np.ndarray) -> None:
        """How many training examples have each label."""
        is_true = self.encode(data)[rows]
        self.counts, self.num_train = is_true.sum(axis=0, dtype=np.int64), len(rows)
        if absent := [name for name, count in zip(self.classes, self.counts) if not count and name not in self.never]:
            self.remarks.append(
                f"no training example has {listing(map(repr, absent))}: it cannot be learnt; add examples to train"
            )

    def encode(self, data: Source) -> np.ndarray:
        """(N, L) int8, 1 where a label holds.

        Raises:
            DataError: If the labels of a row are not known, or one is not a label that training knew; names rows.
        """
        sets = self.sets(data)
        if not sets.is_known.all():
            rows = numbered("row", (np.flatnonzero(~sets.is_known) + 1).tolist())
            raise DataError(f"{data.name} has gaps in the columns of labels in {rows}: fill them, or remove the rows")
        self._require_known(sets, data.name)
        is_true = sets.placed(self.classes)
        if self.joined:
            is_true[:, self.classes.index(OTHER)] |= sets.placed(self.joined).any(axis=1)
        return is_true.astype(np.int8)

    def blank(self, count: int) -> np.ndarray:
        """-1."""
        return np.full((count, len(self.classes)), UNKNOWN, np.int8)

    @property
    def size(self) -> int:
        """One logit per label."""
        return len(self.classes)

    @property
    def shares(self) -> np.ndarray:
        """(L,) of the training examples that have each label."""
        return self.counts / max(1, self.num_train)

    def select(self, data: Source) -> list[Guess]:
        """Leave out rows of which the labels are not known."""
        return self._leave_out_unknown(data, self.sets(data))

    def unused_options(self, asked: Mapping[str, Any], data: Source) -> Iterator[Unused]:
        """What to do with rare labels, where there are none; how lists are written, where there are none."""
        if "rare_classes" in asked and not self.rare:
            yield Unused("rare_classes", "every label has several examples")
        if "label_separator" in asked and self.form.is_column_per_label:
            yield Unused("label_separator", "every label has a column of its own")
        if "label_names" in asked and self.form.is_column_per_label:
            yield Unused("label_names", "columns are the names of their labels")

    # -- data that come later -----------------------------------------------------------------------------------

    def sets(self, data: Source) -> LabelSets:
        """The labels of all examples, as they are written.

        Raises:
            DataError: If the columns of labels are absent or hold something else.
        """
        frame = frame_of(data)
        if self._read is None or self._read[0] is not frame:
            self._read = frame, read_labels(frame, self.form)
        return self._read[1]

    def state(self) -> dict[str, Any]:
        """How labels are written, which are learnt, and how often each occurs."""
        labels = {
            "form": self.form.state(),
            "classes": self.classes,
            "counts": self.counts.tolist(),
            "examples": self.num_train,
            "joined": self.joined,
            "left_out": self.left_out,
        }
        return {"labels": labels}

    def load_state(self, state: dict[str, Any]) -> None:
        own = read(state, "labels", dict[str, Any])
        self.form = LabelForm.from_state(read(own, "form", dict[str, Any]))
        self.target = "" if self.form.is_column_per_label else self.form.columns[0]
        self.classes = read(own, "classes", list[str])
        self.counts, self.num_train = np.array(read(own, "counts", list[int]), np.int64), read(own, "examples", int)
        self.joined, self.left_out = (read(own, name, list[str]) for name in ("joined", "left_out"))
        require(0 < len(set(self.classes)) == len(self.classes) == len(self.counts), "different labels, counted")

    # -- helpers ------------------------------------------------------------------------------------------------

    def _chosen_form(self, data: Source) -> tuple[LabelForm, str]:
        frame, config = frame_of(data), self.data_config
        known = data.target if isinstance(data, Table) else (data.columns or {}).get("target")
        if config.target or (known and not isinstance(data, Images)):
            why = "as asked" if config.target else "the data say so"
            return form_named(frame, str(config.target or known), self.separator), why
        if self.separator is None and (found := plain_labels(frame, config)):
            return found
        if isinstance(data, Images):
            return form_asked(frame[known or frame.columns[-1]], self.separator), "beside the pictures"  # type: ignore[arg-type]
        target, guess = guess_target(data, config)
        return form_asked(frame[target], self.separator), guess.why  # type: ignore[arg-type]

    def _leave_out_unknown(self, data: Source, sets: LabelSets) -> list[Guess]:
        """Rows with a gap among zeros and ones; pictures stay, and `encode` refuses them."""
        if sets.is_known.all() or not isinstance(data, Table):
            return []
        if not sets.is_known.any():
            raise DataError(f"{data.name} has a gap among the labels of every row: fill them, or name fewer columns")
        rows = numbered("row", (np.flatnonzero(~sets.is_known) + 1).tolist())
        count = int((~sets.is_known).sum())
        keep_rows(data, sets.is_known)
        return [
            Guess(
                "rows left out", f"{count:,}", f"whether a label holds is not known in {rows}", "a mark in every cell"
            )
        ]

    def _settle(self, sets: LabelSets) -> None:
        """Which labels are learnt: those of `--classes`, rare ones as `--rare-classes` says."""
        names, counts = sets.names, dict(zip(sets.names, sets.is_true.sum(axis=0).tolist()))
        if self.data_config.classes:
            wanted = listed(self.data_config.classes)
            if absent := [name for name in wanted if name not in names]:
                raise OptionError(f"--classes: {unknown('label', absent[0], names)}")
            names = [name for name in names if name in wanted]
        self.rare = [name for name in names if 0 < counts[name] < FEWEST_OF_A_LABEL]
        aside = self.rare if self.data_config.rare_classes else []
        self.joined = aside if self.data_config.rare_classes == "other" else []
        kept = [name for name in names if name not in aside]
        self.left_out = [name for name in sets.names if name not in {*kept, *self.joined}]
        self.classes = kept + ([OTHER] if self.joined and OTHER not in kept else [])

    def _remarks(self, name: str, is_true: np.ndarray, repeated: int) -> list[str]:
        counts = dict(zip(self.classes, is_true.sum(axis=0).tolist()))
        self.never = {label for label, count in counts.items() if not count}
        always = [label for label, count in counts.items() if count == len(is_true)]
        found = []
        if self.never:
            found.append(
                f"no example of {name} has {listing(map(repr, sorted(self.never)))}: it cannot be learnt; leave it out"
            )
        if always:
            found.append(f"every example of {name} has {listing(map(repr, always))}: it says nothing; leave it out")
        if self.rare and not self.data_config.rare_classes:
            found.append(
                f"{counted(len(self.rare), 'label')} with a single example ({listing(map(repr, self.rare))}): nothing "
                "can be said of how well it is found; add examples, or leave it out with --rare-classes drop"
            )
        if repeated:
            found.append(f"a label is named twice in the cell of {counted(repeated, 'row')}: it counts once")
        return found

    def _require_known(self, sets: LabelSets, name: str) -> None:
        known = {*self.classes, *self.joined, *self.left_out}
        if odd := [label for label in sets.names if label not in known and sets.placed([label]).any()]:
            rows = np.flatnonzero(sets.placed(odd).any(axis=1)) + 1
            raise DataError(
                f"{name} has {counted(len(odd), 'label')} that training did not know ({listing(map(repr, odd))}) in "
                f"{numbered('row', rows.tolist())}: expected {listing(self.classes, 10)}; correct or remove them"
            )


def frame_of(data: Source) -> pd.DataFrame:
    """The columns beside the inputs.

    Raises:
        DataError: If there are none.
    """
    if isinstance(data, Table):
        return data.frame
    if isinstance(data, Images) and data.frame is not None:
        return data.frame
    if isinstance(data, Images) and data.labels is not None:  # a folder for each label
        data.frame = pd.DataFrame({FOLDER: np.array(data.classes, object)[data.labels]})
        return data.frame
    raise DataError(
        f"{data.name} has no labels: expected a table with a column of paths or texts, and beside it a column that "
        "lists labels, or a column of yes and no for each"
    )


def names_in(asked: str) -> tuple[str, ...]:
    """Names by commas, or one per line of a file.

    Raises:
        OptionError: If a name occurs twice, or a file cannot be read.
    """
    path = Path(asked).expanduser()
    try:
        is_file = path.is_file()
        names = path.read_text(encoding="utf-8-sig").splitlines() if is_file else asked.split(",")
    except (OSError, UnicodeDecodeError) as error:
        raise OptionError(f"--label-names {asked}: expected a text file with a name per line ({error})") from None
    found = tuple(name.strip() for name in names if name.strip())
    if not is_file and len(found) < 2:
        raise OptionError(f"--label-names {asked}: expected a file with a name per line, or names by commas")
    if twice := [name for name in found if found.count(name) > 1]:
        raise OptionError(f"--label-names: {twice[0]!r} occurs twice")
    return found
