"""Multi-label classification: which labels hold for a row, a text or a picture? Several may, or none.

    columns, text or image ── network ── a logit per label ── sigmoid ── from its threshold on a label is answered

Labels are read from a column that lists them (sports;politics) or from a column of yes and no for each
(`--target toxic,insult,threat`, `--target "tag_*"`); models are those of the other tasks with the same inputs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from deepglass.core.effects import Unused
from deepglass.core.errors import OptionError
from deepglass.core.wording import listing
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Table
from deepglass.data.fields import InputField, columns, image, text
from deepglass.data.reading.columns import describe
from deepglass.data.reading.label_forms import columns_of_labels
from deepglass.data.reading.roles import FEW_FEATURES
from deepglass.tasks import Prepared
from deepglass.tasks._labels import LabelsTask
from deepglass.zoo import architectures

LIKE = {  # by input: the task whose models read it, and answer with as many numbers as they are asked for
    "columns": "tabular-regression",
    "text": "text-classification",
    "image": "image-classification",
}
FEATURES = ("number", "category", "boolean")  # kinds of columns that say something besides a text


@dataclass(frozen=True)
class Config(columns.Options, text.Options, image.Options):
    """Options of the task."""

    label_separator: str | None = None  # between the labels of a cell: a sign, comma, semicolon, bar, blank or none
    label_names: str | None = None  # what labels that are numbers from 0 are called: a file, one per line, or by commas


class Task(LabelsTask):
    """Columns, text or pictures → labels."""

    name = "multi-label-classification"
    default_model = "tabm"
    DEFAULT_MODELS: ClassVar[dict[str, str]] = {"columns": "tabm", "text": "bag-of-ngrams", "image": "cnn"}
    LEARNS_LIKE = ("tabular-regression", "text-classification", "image-classification")
    CHECKS = ("labels", "repeated")
    EXPORTS = (None, "label_probabilities")
    HONOURS = (
        "target", "text_column", "group_column", "score_by", "time_column", "series_column", "classes", "rare_classes",
        "val_fraction", "test_fraction", "label_smoothing", "mixup", "cutmix", "class_weights", "private",
    )  # fmt: skip
    FOLLOWS_PATHS = ("picture", "text")
    AUGMENTING = ("augment", "word_dropout")
    INPUTS = (image.Field, text.Field, columns.Field)

    def __init__(self, data_config: DataConfig, config: Any = None, seed: int = 0):
        super().__init__(data_config, config or Config(), seed)
        self.answer.separator, self.answer.label_names = self.config.label_separator, self.config.label_names

    def prepare(self, data: Data) -> Prepared:
        """As every task does, with a model for such inputs.

        Raises:
            OptionError: If the model is for inputs of another kind.
        """
        if self.model:
            self._require_model(self.kind_of(data, self.data_config).name)
        return super().prepare(data)

    def _require_model(self, inputs: str) -> None:
        like = LIKE[inputs]
        if like not in architectures.entry(self.model, self.name).tasks:
            known = [entry.name for entry in architectures.all_models(like)]
            raise OptionError(f"--model {self.model} does not read {inputs}: choose one of {listing(known, 10)}")

    @classmethod
    def kind_of(cls, data: Data, config: DataConfig) -> type[InputField]:
        """A table with many columns beside its text is learnt from as a table, unless the text is asked for."""
        kind = super().kind_of(data, config)
        if kind is not text.Field or config.text_column or not isinstance(data, Table):
            return kind
        own = columns_of_labels(data.frame, config)
        others = [column for column in describe(data.frame) if column.kind in FEATURES and column.name not in own]
        return kind if len(others) <= FEW_FEATURES else columns.Field

    def unused_options(self, asked: Mapping[str, Any], data: Data, model: str) -> Iterator[Unused]:
        """Also mixing, of which words know nothing."""
        yield from super().unused_options(asked, data, model)
        for name in {"mixup", "cutmix"} & asked.keys():
            if isinstance(self.inputs, text.Field):
                yield Unused(name, "words cannot be blended", "try --word-dropout 0.3")
