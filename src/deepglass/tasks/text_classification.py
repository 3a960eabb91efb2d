"""Text classification: which class is a text of? Sentiment, topic, language, spam.

Reads a table with a text column or a folder of text files per class. Words become numbers by a vocabulary that is
learnt from the training split, or by a published one; models are bags of n-grams, recurrent networks and Transformers.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from deepglass.data.fields import text
from deepglass.tasks import _fair
from deepglass.tasks._classification import ClassificationTask


@dataclass(frozen=True)
class Config(text.Options, _fair.Options):
    """Options of the task."""

    blend: bool | None = None  # mix in TF-IDF where held-out texts ask for it; usual beside the default model
    bags: int | None = None  # networks that share the texts, each judged by those that it leaves out; 5 for few texts


class Task(ClassificationTask):
    """Words → classes."""

    name = "text-classification"
    EXPORTS = ("text", "probabilities")
    plain_text = ".txt"
    default_model = "bag-of-ngrams"
    CHECKS = ("target", "texts", "balance", "repeated")
    FINE_TUNING: ClassVar[dict[str, Any]] = {"learning_rate": 5e-5, "epochs": 4}  # Devlin et al. (2019) take 2 to 4
    HONOURS = (
        "target", "text_column", "group_column", "score_by", "classes", "rare_classes", "val_fraction", "test_fraction",
        "label_smoothing", "class_weights", "private", "fair",
    )  # fmt: skip
    INSTEAD: ClassVar[dict[str, str]] = {
        "adversarial": "words cannot change by a little; try --word-dropout 0.3",
        "adversarial_steps": "words cannot change by a little; leave it out",
        "mixup": "words cannot be blended; try --word-dropout 0.3",
        "cutmix": "words cannot be cut and pasted as pictures are; try --word-dropout 0.3",
    }
    FOLLOWS_PATHS = ("text",)
    AUGMENTING = ("word_dropout",)
    INPUTS = (text.Field,)
    inputs: text.Field
