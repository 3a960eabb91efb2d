"""Learning from texts: settings by model and number of texts, and TF-IDF beside it."""

from typing import Any

from deepglass.data.fields.text import Field
from deepglass.data.preprocess.text import WordVocabulary
from deepglass.rivals import Rival, Time, tfidf
from deepglass.rivals.one_vs_rest import View
from deepglass.tasks import Prepared
from deepglass.tasks.inputs import Learning as Usual
from deepglass.tasks.inputs import inputs_of, rows_of

FEW_TEXTS = 4_000  # below, ten epochs are too few steps
FOR_FEW_TEXTS = {"epochs": 60, "learning_rate": 0.01, "patience": 8}

TRAIN_DEFAULTS = {
    "bag-of-ngrams": {"epochs": 10, "batch_size": 64, "learning_rate": 3e-3, "weight_decay": 0.1},
    "lstm": {"epochs": 15, "batch_size": 64, "learning_rate": 2e-3, "clip_gradient": 1.0, "patience": 5},
    "gru": {"epochs": 15, "batch_size": 64, "learning_rate": 2e-3, "clip_gradient": 1.0, "patience": 5},
    "rnn": {"epochs": 15, "batch_size": 64, "learning_rate": 1e-3, "clip_gradient": 1.0, "patience": 5},
    "motif-cnn": {"epochs": 25, "batch_size": 64, "learning_rate": 5e-3},
    "transformer-encoder": {"epochs": 15, "batch_size": 64, "learning_rate": 1e-3, "clip_gradient": 1.0, "patience": 5},
}


class Learning(Usual):
    """From ids of words."""

    field: Field

    def train_defaults(self, model: str, num_examples: int) -> dict[str, Any]:
        """By model, and for the bag of n-grams by the number of texts."""
        defaults = TRAIN_DEFAULTS.get(model, TRAIN_DEFAULTS["transformer-encoder"])
        is_small = model == "bag-of-ngrams" and num_examples < FEW_TEXTS
        return defaults | FOR_FEW_TEXTS if is_small else defaults

    def model_defaults(self, model: str, num_examples: int) -> dict[str, Any]:
        """Few texts do not repeat pairs of words often enough to learn from them."""
        return {"ngrams": 1} if model == "bag-of-ngrams" and num_examples < FEW_TEXTS else {}

    def rivals(self, prepared: Prepared, num_classes: int | None, time: Time) -> list[Rival]:
        """TF-IDF, where texts are split into words."""
        vocabulary = self.field.vocabulary
        if not isinstance(vocabulary, WordVocabulary) or not vocabulary.pieces:
            return []
        rows = rows_of(prepared, num_classes)
        found = tfidf.fit(rows, vocabulary, time) if rows.are_enough else None
        return [found] if found else []

    def linear_views(self, prepared: Prepared) -> list[View]:
        """TF-IDF, where texts are split into words."""
        vocabulary = self.field.vocabulary
        if not isinstance(vocabulary, WordVocabulary) or not vocabulary.pieces:
            return []
        (train,), (val,), (test,) = inputs_of(prepared)
        features = tfidf.Features(train, vocabulary)
        return [View("TF-IDF", *(features.design(tokens) for tokens in (train, val, test)))]
