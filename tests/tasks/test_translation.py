"""Translation: what it reads, how it writes, and that its network learns where to look."""

import gzip
import json

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

import deepglass as dg
from deepglass.cli.main import app
from deepglass.core.console import console
from deepglass.core.errors import DataError, DeepglassError, OptionError
from deepglass.data.preprocess.sentences import BEGIN, END, PADDING, SentenceVocabulary
from deepglass.deploy.exporting import export
from deepglass.deploy.runtime.bundle import Bundle
from deepglass.models.decoding.beam import beam_search, select
from deepglass.rivals.dictionary import Dictionary
from tests.tasks.small import translation as small

TINY = {"epochs": 2, "batch_size": 16, "learning_rate": 0.01, "threads": 1, "precision": "float32", "device": "cpu"}
RECURRENT = {"model": "seq2seq-bahdanau", "embed_dim": 16, "hidden_size": 32, "dropout": 0.0, "tokens": "words"}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A recurrent translator that has learnt to turn words around."""
    folder = tmp_path_factory.mktemp("translation")
    console.mode = "quiet"
    options = TINY | RECURRENT | {"epochs": 60, "target": "turned", "batch_size": 32}
    return dg.train(small.data(folder), run=folder / "run", task="translation", **options)


def test_it_learns_and_attention_finds_the_aligned_word(run):
    assert run.metrics["test"]["bleu"]["value"] > max(run.metrics["baseline"]["bleu"]["value"], 5)
    found = right = 0
    for record in run.translate([*small.pairs()][:80], aligned=True):
        for written, read in record["alignment"]:
            expected = {other: one for one, other in small.WORDS.items()}[written]
            found, right = found + 1, right + (read == expected)
    assert right > 0.7 * found


def test_a_beam_scores_at_least_as_well_as_greedy_and_nothing_is_empty(run):
    texts = [*small.pairs()][:10]
    for width in (1, 4):
        assert all(record["sentence"].strip() for record in run.translate(texts, beam=width))
    task = run.task
    examples, _ = task.read(texts, with_target=False)
    source = examples.batch(torch.arange(10))[0]
    for row in range(3):
        state = select(run.model.encode(source), torch.tensor([row]))
        scores = [
            beam_search(task.step_of(run.model), state, BEGIN, END, width, task.words.max_length)[0].score
            for width in (1, 8)
        ]
        assert scores[1] >= scores[0] - 1e-5


def test_an_untrained_network_writes_something_too(run):
    task, model = run.task, run.model
    fresh = type(model)(len(task.words), config=_config(model))
    examples, _ = task.read([*small.pairs()][:30], with_target=False)
    assert all(text.strip() for text in task.spelled(task.outputs(fresh, examples).predictions))


def _config(model):
    from deepglass.models.seq2seq import Config

    return Config(embed_dim=16, hidden_size=32)


@pytest.mark.slow("exports a graph of as many steps as a sentence may have")
def test_a_recurrent_bundle_writes_what_the_run_writes(run, tmp_path):
    path, measured = export(run, tmp_path / "bundle", to="bundle")
    assert measured.difference < 1e-5
    texts = [*small.pairs()][:12]
    ours = [record["sentence"] for record in run.translate(texts)]
    assert [record["sentence"] for record in Bundle.open(path).predict(texts)] == ours


@pytest.mark.parametrize("kind", ["byte-pairs", "words", "characters"])
def test_sentences_come_back_as_they_were(kind):
    texts = ["Ein Hund, der schläft.", "don't  panic!", "日本語 和 emoji 🐶", "3.50 €"]
    words = SentenceVocabulary.fit(texts, kind=kind, vocab_size=400)
    again = SentenceVocabulary.from_state(json.loads(json.dumps(words.state())))
    for text, ids in zip(texts, words.encode_targets(texts), strict=True):
        assert ids[0] == BEGIN
        assert END in ids
        assert again.decode(ids[1:]) == " ".join(text.split())
    assert np.array_equal(words.encode_sources(texts), again.encode_sources(texts))
    assert (words.encode_sources(["", "x " * 999]) != PADDING).any(axis=1).all()


def two_files(folder, english, german, ending=""):
    for code, lines in (("en", english), ("de", german)):
        content = "\n".join(lines).encode() + b"\n"
        path = folder / f"train.{code}{ending}"
        path.write_bytes(gzip.compress(content) if ending else content)
    return folder


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_two_files_are_read_line_by_line(tmp_path, ending):
    lines = [*small.pairs().items()]
    source = two_files(tmp_path, *zip(*lines, strict=True), ending=ending)
    console.mode = "quiet"
    run = dg.train(source, run=tmp_path / "run", target="en", **TINY | RECURRENT | {"epochs": 1})
    assert run.config["task"] == "translation"
    assert run.task.target == "en"
    assert run.task.text_column == "de"


def test_files_that_do_not_fit_each_other_are_refused_in_words(tmp_path):
    one, other = zip(*small.pairs().items(), strict=True)
    two_files(tmp_path, one, other[:-1])
    with pytest.raises(DataError, match=r"train\.\w\w has 1(19|20) lines and train\.\w\w 1(19|20)"):
        dg.train(tmp_path, run=tmp_path / "run", task="translation", **TINY)


def test_one_language_alone_is_refused(tmp_path):
    (tmp_path / "one.csv").write_text("english\n" + "a dog runs home\n" * 30)
    with pytest.raises(DataError, match=r"one language alone|says the same"):
        dg.train(tmp_path / "one.csv", run=tmp_path / "run", task="translation", **TINY)


def test_empty_sentences_are_left_out_of_training_and_refused_later(run, tmp_path):
    rows = [*small.pairs().items()]
    rows[3], rows[5] = (rows[3][0], " "), ("", rows[5][1])
    (tmp_path / "p.csv").write_text("plain,turned\n" + "".join(f"{a},{b}\n" for a, b in rows))
    console.mode = "quiet"
    found = dg.train(tmp_path / "p.csv", run=tmp_path / "run", task="translation", target="turned", **TINY | RECURRENT)
    assert found.metrics["test"]["count"] > 0
    with pytest.raises(DataError, match="sentence 2 of 2"):
        run.translate(["sun moon", "  "])


def test_the_command_writes_a_line_for_each(run, tmp_path):
    lines = tmp_path / "lines.txt"
    lines.write_text("sun moon\nsea tree wind\n")
    runner = CliRunner()
    done = runner.invoke(app, ["translate", str(run.path), "bird rain", "--file", str(lines), "--beam", "2"])
    assert done.exit_code == 0, done.output
    assert len(done.stdout.strip().splitlines()) == 3
    as_json = runner.invoke(app, ["translate", str(run.path), "sun moon sea", "--align", "--json"])
    assert json.loads(as_json.stdout)[0]["alignment"]
    for words in ([], ["sun", "--beam", "0"], ["sun", "--beam", "1000"], [""]):
        failed = runner.invoke(app, ["translate", str(run.path), *words])
        assert failed.exit_code != 0
        assert isinstance(failed.exception, (DeepglassError, SystemExit))


def test_the_dictionary_knows_words_and_no_order():
    dictionary = Dictionary.fit(["sun sea", "sun tree", "sea tree"], ["ta lo", "pu lo", "pu ta"])
    assert dictionary.translate("sun sea tree.") == "lo ta pu."


def test_a_run_of_another_task_does_not_translate(tmp_path):
    console.mode = "quiet"
    other = dg.train("iris", run=tmp_path / "iris", model="linear", epochs=1)
    with pytest.raises(OptionError, match="translation"):
        other.translate("a dog")
