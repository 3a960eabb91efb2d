"""`--tokenizer`: published vocabularies in training, in the run that can be moved, and in writing."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from deepglass.api.run import load
from deepglass.api.train import train
from deepglass.core.errors import DataError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Text
from deepglass.data.reading import source
from deepglass.tasks import text_classification
from deepglass.tasks.language_modelling import Config, Task

COUNTING = "one two three four five six seven eight nine ten. "
MARKS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


@pytest.fixture
def gpt2(tmp_path):
    """vocab.json and merges.txt of 300 byte pairs."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        [COUNTING], trainers.BpeTrainer(vocab_size=300, initial_alphabet=alphabet, show_progress=False)
    )
    return saved(tokenizer, tmp_path / "gpt2")


@pytest.fixture
def bert(tmp_path):
    """vocab.txt of a few hundred pieces."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(
        [COUNTING], trainers.WordPieceTrainer(vocab_size=100, special_tokens=MARKS, show_progress=False)
    )
    return saved(tokenizer, tmp_path / "bert")


def saved(tokenizer, folder):
    folder.mkdir()
    tokenizer.model.save(str(folder))
    return folder


def reviews(path):
    """Sentences of which one word tells the class."""
    rng = np.random.default_rng(0)
    labels = np.arange(80) % 2
    texts = [" ".join([*rng.choice(["two", "three", "four"], 5), "nine" if label else "seven"]) for label in labels]
    pd.DataFrame({"review": texts, "label": np.where(labels, "odd", "even")}).to_csv(path, index=False)
    return path


@pytest.mark.parametrize("name", ["bert", "gpt2"])
def test_a_moved_run_still_reads_texts_without_the_tokenizers_files(name, request, tmp_path):
    folder = request.getfixturevalue(name)
    run = train(
        str(reviews(tmp_path / "reviews.csv")), task="text-classification", model="bag-of-ngrams", target="label",
        text_column="review", tokenizer=str(folder), run=tmp_path / "run", epochs=40, learning_rate=0.03, batch_size=8,
    )  # fmt: skip
    assert run.metrics["test"]["accuracy"]["value"] == 1.0
    shutil.move(tmp_path / "run", tmp_path / "moved")
    shutil.rmtree(folder)
    answers = load(tmp_path / "moved").predict(["two three nine", "four SEVEN" if name == "bert" else "four seven"])
    assert [answer["prediction"] for answer in answers] == ["odd", "even"]


@pytest.mark.parametrize("name", ["bert", "gpt2"])
def test_a_moved_language_model_still_writes(name, request, tmp_path):
    folder = request.getfixturevalue(name)
    (tmp_path / "counting.txt").write_text(COUNTING * 60)
    train(
        str(tmp_path / "counting.txt"), model="gru", tokenizer=str(folder), run=tmp_path / "run", context=16, epochs=6,
        learning_rate=0.01, hidden_size=32,
    )  # fmt: skip
    shutil.move(tmp_path / "run", tmp_path / "moved")
    shutil.rmtree(folder)
    moved = load(tmp_path / "moved")
    assert "".join(moved.generate("one two three", max_tokens=2, temperature=0)) == " four five"
    state = json.loads((tmp_path / "moved" / "task.json").read_text())
    assert state["dims"]["vocab_size"] == len(moved.task.tokens)


def test_words_that_the_tokenizer_cannot_write_are_refused_in_a_prompt(bert):
    task = Task(DataConfig(), Config(context=8, tokenizer=str(bert)))
    task.prepare(Text(COUNTING * 20, "counting"))
    with pytest.raises(DataError, match=r"2 words that the tokenizer does not have \('☃', 'Ω'\)"):
        task.generate(torch.nn.Identity(), "one ☃ Ω two ☃")


def test_marks_are_never_hidden_and_words_are(bert, tmp_path):
    config = text_classification.Config(word_dropout=0.9, tokenizer=str(bert))
    task = text_classification.Task(DataConfig(text_column="review", target="label"), config)
    prepared = task.prepare(source.read(reviews(tmp_path / "reviews.csv"), task.data_config))
    tokens, _ = prepared.train.batch(torch.arange(40))
    token_of = task.vocabulary.tokenizer.id_to_token
    assert {token_of(int(row[0])) for row in tokens} == {"[CLS]"}
    assert {token_of(int(row[-1])) for row in tokens} == {"[SEP]"}
    assert float((tokens[:, 1:-1] == task.vocabulary.unknown).float().mean()) > 0.8
    assert prepared.dims["vocab_size"] == len(task.vocabulary)


def test_the_guesses_name_the_tokenizer(gpt2):
    task = Task(DataConfig(), Config(context=8, tokenizer=str(gpt2)))
    guess = task.prepare(Text(COUNTING * 20, "counting")).guesses[0]
    assert (guess.option, guess.why) == ("--tokenizer", str(gpt2))
    assert "published" in guess.value


def test_a_missing_tokenizer_is_named_before_anything_is_written(tmp_path):
    path = reviews(tmp_path / "reviews.csv")
    with pytest.raises(DataError, match=r"tokenizer .*absent does not exist: expected tokenizer.json"):
        train(str(path), target="label", text_column="review", tokenizer=str(tmp_path / "absent"), run=tmp_path / "run")
    assert not (tmp_path / "run").exists()
