"""Texts of one huge word, and of nothing but marks: as many ids are made as the model looks at."""

import tracemalloc

import pytest

import deepglass as dg
from deepglass.core.console import console
from deepglass.data.preprocess.text import PIECE_LENGTHS, WORD, WordVocabulary
from deepglass.deploy.exporting import export
from deepglass.deploy.runtime.bundle import Bundle
from deepglass.deploy.runtime.texts import FIRST_WORD, UNKNOWN_WORD, Texts, tokenizer
from deepglass.deploy.runtime.token_forms import require_tokens
from tests.tasks.small import text_classification as small

TOKENS = {
    "kind": "words",
    "pattern": r"\w+|[^\w\s]",
    "words": ["good"],
    "pieces": ["<a", "aa", "ab"],
    "lengths": [2, 3],
}
DESCRIBED = {"name": "text", "tensor": "tokens", "min_length": 1, "max_length": 10, "padding": 0}
MOST_BYTES = 8_000_000  # for 200,000 characters; a list of all parts of a word took ten times as much


@pytest.mark.parametrize("piece", ["a", "ab", "z", ".", "a\u0301", "z "])
def test_a_long_text_costs_little_memory(piece):
    text = piece * (200_000 // len(piece))
    encoder = Texts(DESCRIBED, TOKENS, 200_000)
    tracemalloc.start()
    tensors = encoder.encode([text])
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert tensors["tokens"].shape[1] <= 10
    assert most < MOST_BYTES


SHORT = ("good", "good aab", "aab good aa", "x y z", "", "a" * 16, "good " * 30, "ab! ab? good.")


@pytest.mark.parametrize("text", SHORT)
@pytest.mark.parametrize("max_words", [None, 3])
def test_the_first_ids_are_those_of_the_whole_text(text, max_words):
    tokens = TOKENS | ({"max_words": max_words} if max_words else {})
    assert tokenizer(tokens, 10).ids_of(text)[:10] == tokenizer(tokens).ids_of(text)[:10]
    assert tokenizer(tokens).ids_of("good aab")[:2] == [FIRST_WORD, UNKNOWN_WORD]


NOTES = ["The ponies were running.", "a pony's run was dull", "Dull plots, duller films", "running runs ran films"]


@pytest.mark.parametrize("normalise", ["none", "stem", "lemma"])
def test_words_are_counted_in_the_form_of_the_training(normalise):
    vocabulary = WordVocabulary.fit(NOTES, normalise=normalise)
    vocabulary.learn_pieces(NOTES, 50)
    described = {"kind": "words", "pattern": WORD.pattern, "words": vocabulary.words, "pieces": vocabulary.pieces}
    described |= {"lengths": [PIECE_LENGTHS.start, PIECE_LENGTHS.stop - 1], "max_words": vocabulary.max_length}
    described |= {"normalise": normalise}
    require_tokens(described, 99)
    ids_of = tokenizer(described).ids_of
    for text in (*NOTES, "ponies' unheard RUNNERS", "東京 plots"):
        assert ids_of(text) == [i for i in vocabulary.encode([text])[0].tolist() if i]


def test_a_form_that_is_not_known_is_refused():
    with pytest.raises(ValueError, match="got 'root'"):
        require_tokens({"kind": "words", "pattern": "x", "words": [], "normalise": "root"}, 9)


@pytest.mark.slow("exports a run")
def test_a_bundle_of_stems_answers_as_its_run(tmp_path, monkeypatch):
    monkeypatch.setattr(console, "mode", "quiet")
    quick = {"epochs": 1, "threads": 1, "normalise": "stem"}
    run = dg.train(small.data(tmp_path), run=tmp_path / "run", **{**small.OPTIONS, **quick})
    bundle = Bundle.open(export(run, tmp_path / "bundle", to="bundle")[0])
    texts = ["Films, plots and filming", "the film was warmed", "we were dulled"]
    for ours, theirs in zip(run.predict(texts), bundle.predict(texts), strict=True):
        assert theirs["probability"] == pytest.approx(ours["probability"], abs=1e-5)
    assert run.task.vocabulary.normalise == dg.load(run.path).task.vocabulary.normalise == "stem"
