"""Texts whose letters count, as of DNA: told from the cells, kept with the run, read alike in a bundle."""

import numpy as np
import pandas as pd
import pytest

import deepglass as dg
from deepglass.core.console import console
from deepglass.core.errors import OptionError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Table
from deepglass.data.datasets import dna
from deepglass.data.preprocess.text import WordVocabulary
from deepglass.data.reading.roles import guess_task, guess_text_column
from deepglass.data.reading.sequences import are_sequences

QUICK = {"model": "motif-cnn", "epochs": 1, "num_filters": 4, "hidden_dim": 4, "precision": "float32", "threads": 1}


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    monkeypatch.setattr(console, "mode", "quiet")


def frame(rows=120):
    made = dna.sequences(rows, seed=2)
    first = made["protein"].isin([f"protein {k}" for k in (1, 2, 3, 4)])
    return pd.DataFrame({"sequence": made["sequence"], "protein": np.where(first, "early", "late")})


def test_letters_are_words_of_one_letter_and_come_back():
    vocabulary = WordVocabulary.fit(["ACGT acg", "TTn-"], letters=True)
    assert sorted(vocabulary.words) == ["-", "a", "c", "g", "n", "t"]
    tokens = vocabulary.encode(["gat", "gXt"])
    assert [vocabulary.words[i - 2] for i in tokens[0, :3]] == ["g", "a", "t"]
    assert tokens[1, 1] == vocabulary.unknown
    again = WordVocabulary.from_state(vocabulary.state())
    np.testing.assert_array_equal(again.encode(["gat"]), tokens[:1])
    assert (again.unit, WordVocabulary.fit(["a b"]).unit) == ("letters", "words")
    assert "letters" not in WordVocabulary.fit(["a b"]).state()


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["ACGT" * 6, "acgtnacgtnacgtnacgtnacgtn"], True),
        (["MKVLITFLSAACDEFGHKLMNPQRSTVWY"], True),
        (["ACGT"], False),
        (["a sentence of several words"], False),
        (["3f2504e04f8941d39a0c0305e82c3301"], False),
        ([], False),
    ],
)
def test_sequences_are_told_from_words_and_codes(cells, expected):
    assert are_sequences(cells) is expected


def test_a_table_of_sequences_is_a_text_and_a_table_of_names_is_not():
    table = Table(frame(), "genes")
    assert guess_task(table, DataConfig(target="protein"))[0] == "text-classification"
    assert guess_text_column(table, DataConfig(target="protein"))[0] == "sequence"
    names = Table(pd.DataFrame({"name": ["Ann", "Bob"] * 60, "x": np.arange(120.0), "y": ["a", "b"] * 60}), "people")
    assert guess_text_column(names, DataConfig(target="y")) is None


def test_a_run_reads_new_sequences_letter_by_letter_and_its_bundle_alike(tmp_path):
    run = dg.train(frame(), target="protein", run=str(tmp_path / "r"), **QUICK)
    assert run.task.vocabulary.unit == "letters"
    assert run.task.vocabulary.max_length == dna.LENGTH
    new = frame(8)["sequence"].tolist()
    direct = dg.load(str(tmp_path / "r")).predict(new)
    bundle = run.export(tmp_path / "bundle", to="bundle")
    from deepglass.deploy.runtime.bundle import Bundle

    said = Bundle.open(bundle).predict(new)
    for one, other in zip(direct, said, strict=True):
        assert other["probabilities"][one["prediction"]] == pytest.approx(one["probability"], abs=1e-4)


def test_tokens_can_be_asked_for_and_forms_of_letters_are_refused(tmp_path):
    run = dg.train(frame(), target="protein", text_column="sequence", tokens="words", run=str(tmp_path / "w"), **QUICK)
    assert run.task.vocabulary.unit == "words"
    with pytest.raises(OptionError, match="--normalise has no effect: single characters have no other forms"):
        dg.train(frame(), target="protein", normalise="stem", run=str(tmp_path / "n"), **QUICK)
