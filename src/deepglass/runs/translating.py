"""Sentences in another language: what a run of translation makes of texts, and where it looked for each word."""

import math
from collections.abc import Sequence
from typing import Any

from deepglass.core.errors import DataError, OptionError
from deepglass.core.wording import numbered
from deepglass.runs.run import Run

MOST_TEXTS = 100_000


def translate(run: Run, texts: str | Sequence[str], beam: int = 1, aligned: bool = False) -> list[dict[str, Any]]:
    """Translations, in the order of the texts.

    Args:
        run: Of the task translation.
        texts: A sentence, or several.
        beam: Beginnings that are kept at every token; 1 is greedy.
        aligned: Also say for every token that was written at which one of the text the network looked most.

    Returns:
        For each `text`, `sentence`, its translation, `token_probability`, the geometric mean; where asked for,
        `alignment`, pairs of tokens.

    Raises:
        OptionError: If the run does not translate, the beam is out of range, or its model looks at no single tokens.
        DataError: If there is no text, or one is empty.
    """
    task: Any = _able(run)
    texts = [texts] if isinstance(texts, str) else list(texts)
    if not texts or len(texts) > MOST_TEXTS:
        raise DataError(f"expected 1 to {MOST_TEXTS:,} sentences to translate, got {len(texts):,}")
    if empty := [place for place, text in enumerate(texts, 1) if not isinstance(text, str) or not text.strip()]:
        raise DataError(
            f"{numbered('sentence', empty)} of {len(texts):,} holds no words: there is nothing to translate"
        )
    if aligned and not hasattr(run.model, "teacher_force"):
        raise OptionError(
            "--align: this model looks at all words in several layers at once, and no single look is an alignment: "
            "train with --model seq2seq-bahdanau"
        )
    with run.folder.explaining():
        examples, _ = task.read(texts, with_target=False)
        found = [*task.written(run.model, examples, beam)]
    records = []
    for text, (ids, log_p) in zip(texts, found, strict=True):
        record = {"text": text, "sentence": task.words.decode(ids), "token_probability": math.exp(log_p)}
        records.append(record | ({"alignment": _alignment(task, run.model, text, ids)} if aligned else {}))
    return records


def _able(run: Run) -> Any:
    """The task of a run that translates."""
    if not hasattr(run.task, "attention"):
        raise OptionError(
            f"{run.path} was trained for {run.config['task']}: sentences are translated by runs of "
            "`deepglass train PAIRS --task translation`"
        )
    return run.task


def _alignment(task: Any, model: Any, text: str, ids: list[int]) -> list[tuple[str, str]]:
    """Each token that was written, and the token of the text that had the largest weight."""
    written = [i for i in ids if task.words.spelled([i])]
    attention = task.attention(model, text, [*written, 0])
    sources = [*task.inputs.vocabulary.pieces_of(text), "(end)"]
    looked = attention[: len(written)].argmax(axis=1).tolist()
    return [(task.words.spelled([i]), sources[place]) for i, place in zip(written, looked)]
