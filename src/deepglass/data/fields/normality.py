"""Normal or anomalous, as a column or the folders of pictures say it: who is learnt from, and who is only found.

Nothing is predicted from these labels: they keep anomalous examples out of the training, and judge what was found.
Where the data have none, every example is learnt from, the anomalous ones among them too.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from deepglass.core.effects import Unused
from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.core.state import read
from deepglass.core.wording import listing
from deepglass.data.containers import Images
from deepglass.data.fields import AnswerField, Source
from deepglass.data.reading.asked import listed
from deepglass.data.reading.learnable import labels_of
from deepglass.data.reading.table import require_column

NORMAL, ANOMALOUS, UNKNOWN = 0, 1, -1
NO_LABELS = "none"  # as `--target`: the labels are set aside, and a column of them is an input
MOST_LABELS = 20  # values of a column that says what is normal; more of them are measurements
COLUMN_NAMES = (  # of columns that say it, where nobody names one; the first that occurs is taken
    "anomaly", "is_anomaly", "anomalous", "is_anomalous", "outlier", "is_outlier", "fraud", "is_fraud", "attack",
    "defect", "is_defect", "faulty", "fault", "failure", "label", "labels", "class", "target", "y",
)  # fmt: skip
NORMAL_WORDS = ("normal", "good", "ok", "okay", "benign", "healthy", "inlier", "regular", "legit", "no", "false", "0")


class Field(AnswerField):
    """0 where an example is normal, 1 where it is anomalous, -1 where nobody knows; int64.

    Attributes:
        normal_asked: Values of the labels that normal examples have, by commas; None: guessed.
        normal: These values; none where the data have no labels.
    """

    name = "normality"
    normal_asked: str | None = None
    normal: list[str]

    def take(self, data: Source) -> list[Guess]:
        """Find the labels, if there are some, and say which of them are normal.

        Raises:
            OptionError: If the column that was asked for is absent or holds measurements, or a normal value that was
                asked for does not occur.
        """
        self.target, self.normal = "", []
        guesses = []
        if self.data_config.target != NO_LABELS and not isinstance(data, Images):
            self.target, guesses = self._column(data)
        if not (values := self._values(data)):
            self._require_no_normal(data)
            return guesses
        if self.normal_asked is not None:
            self.normal = self._asked(values, data)
        else:
            self.normal, why = guess_normal(values)
            guesses.append(Guess("normal", ", ".join(self.normal), why, "--normal"))
        return guesses

    def _column(self, data: Source) -> tuple[str, list[Guess]]:
        """The column of the labels, or "" where there is none."""
        frame, asked = data.frame, self.data_config.target
        if asked is not None:
            require_column(frame, asked, "--target")
            if (count := frame[asked].nunique()) > MOST_LABELS:
                raise OptionError(
                    f"--target {asked}: it holds {count:,} different values: expected at most {MOST_LABELS}, of which "
                    "some say that an example is normal; name another column, or none"
                )
            return asked, []
        by_lower = {str(name).lower(): str(name) for name in reversed(list(frame.columns))}
        names = [data.target] if data.target else [by_lower[name] for name in COLUMN_NAMES if name in by_lower]
        found = next((name for name in names if 2 <= frame[name].nunique() <= MOST_LABELS), "")
        why = "the data say so" if data.target else "a usual name"
        return found, [Guess("labels", found, why, f"--target {NO_LABELS}")] if found else []

    def _values(self, data: Source) -> list[str]:
        """The labels that occur, the most frequent first."""
        if self.data_config.target == NO_LABELS:
            return []
        if isinstance(data, Images):
            if data.labels is None:
                return []
            counts = np.bincount(data.labels, minlength=len(data.classes))
            return [data.classes[i] for i in np.argsort(-counts, kind="stable") if counts[i]]
        return [str(word) for word in labels_of(data.frame[self.target]).value_counts().index] if self.target else []

    def _asked(self, values: list[str], data: Source) -> list[str]:
        wanted = list(listed(self.normal_asked))
        if absent := [value for value in wanted if value not in values]:
            raise OptionError(
                f"--normal {absent[0]}: no example of {data.name} is labelled so; expected some of "
                f"{listing(values, 10)}"
            )
        return wanted

    def _require_no_normal(self, data: Source) -> None:
        if self.normal_asked is not None:
            raise OptionError(
                f"--normal {self.normal_asked}: {data.name} has no labels; name the column that holds them with "
                "--target COLUMN, or leave it out"
            )

    def require(self, data: Source) -> list[Guess]:
        """Anything can be learnt."""
        return []

    def strata(self, data: Source) -> np.ndarray | None:
        """Every part has its share of the anomalous examples, before training leaves its own out."""
        return self.encode(data) - UNKNOWN if self.normal else None

    def fit(self, data: Source, rows: np.ndarray) -> None:
        """Nothing is learnt of them."""

    def encode(self, data: Source) -> np.ndarray:
        """(N,) 0, 1 or -1."""
        if isinstance(data, Images):
            if not self.normal or data.labels is None:
                return self.blank(len(data))
            return np.array([NORMAL if name in self.normal else ANOMALOUS for name in data.classes])[data.labels]
        if not self.target or self.target not in data.frame:
            return self.blank(len(data.frame))
        words = labels_of(data.frame[self.target])
        known = np.where(words.isin(self.normal), NORMAL, ANOMALOUS)
        return np.where(data.frame[self.target].isna(), UNKNOWN, known).astype(np.int64)

    def blank(self, count: int) -> np.ndarray:
        """-1."""
        return np.full(count, UNKNOWN)

    @property
    def size(self) -> int:
        """One score."""
        return 1

    def select(self, data: Source) -> list[Guess]:
        """New data are judged by the labels that the training had.

        Raises:
            OptionError: If their column is absent.
        """
        if self.target:
            require_column(data.frame, self.target, "--target")
        return []

    def unused_options(self, asked: Mapping[str, Any], data: Source) -> Iterator[Unused]:
        """A column of pictures; labels that are to be set aside where there are none."""
        if isinstance(data, Images) and asked.get("target") not in (None, NO_LABELS):
            yield Unused("target", "the folders of pictures are their labels", "leave it out, or --target none")
        elif asked.get("target") == NO_LABELS and not self._has_labels(data):
            yield Unused("target", "the data have no labels to set aside")

    def _has_labels(self, data: Source) -> bool:
        return data.labels is not None if isinstance(data, Images) else bool(data.target or self._usual(data))

    def _usual(self, data: Source) -> bool:
        return any(str(name).lower() in COLUMN_NAMES for name in data.frame.columns)

    def state(self) -> dict[str, Any]:
        """The column, and its normal values."""
        return {"normality": {"target": self.target, "normal": self.normal}}

    def load_state(self, state: dict[str, Any]) -> None:
        known = read(state, "normality", dict[str, Any])
        self.target, self.normal = read(known, "target", str), read(known, "normal", list[str])


def require_normal_rows(truth: np.ndarray, splits: Mapping[str, np.ndarray], name: str) -> None:
    """Check that there are normal examples to learn from and to set a threshold by.

    Args:
        truth: (N,) of `Field.encode`.
        splits: The rows of each part, those of training and validation already without others.
        name: Of the data, for the message.

    Raises:
        DataError: If a part has none.
    """
    for part, what in (("train", "to learn from"), ("val", "to set the threshold by")):
        if len(splits[part]) == 0:
            raise DataError(
                f"{name} has {(truth == NORMAL).sum():,} normal examples, none of them in the part {part!r}: expected "
                f"some {what}; add some, or say which are normal with --normal"
            )


def guess_normal(values: list[str]) -> tuple[list[str], str]:
    """Which labels are normal, and why: one of the usual words, or else the most frequent.

    Args:
        values: The labels that occur, the most frequent first.

    Example:
        >>> guess_normal(["scratch", "good", "dent"])
        (['good'], 'a usual word for it')
    """
    lower = {value.lower(): value for value in reversed(values)}
    usual = next((lower[word] for word in NORMAL_WORDS if word in lower), None)
    return ([usual], "a usual word for it") if usual is not None else ([values[0]], "the most frequent label")
