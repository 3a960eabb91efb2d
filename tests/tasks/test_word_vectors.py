"""Word vectors: a word is known by its company, whichever model learns it, and what is asked is answered or refused."""

import numpy as np
import pytest

import deepglass as dg
from deepglass.api.near import vectors_of
from deepglass.core.console import console
from deepglass.core.errors import DataError, OptionError
from deepglass.data.reading.vector_files import read_vectors, write_vectors
from tests.tasks.small import word_vectors as small

MODELS = ("word2vec", "glove", "fasttext")
QUICK = {"epochs": 40, "batch_size": 64, "learning_rate": 0.02, "threads": 1, "precision": "float32", "seed": 1}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A run of each model on the two kinds of words, and one that guesses a word from those around it."""
    mode, console.mode = console.mode, "quiet"
    folder = tmp_path_factory.mktemp("words")
    source = small.data(folder)
    given = {**small.OPTIONS, **QUICK, "task": "word-vectors"}
    found = {name: dg.train(source, run=folder / name, model=name, **given) for name in MODELS}
    found["cbow"] = dg.train(source, run=folder / "cbow", objective="cbow", **given)
    console.mode = mode
    return found


@pytest.mark.parametrize("name", [*MODELS, "cbow"])
def test_words_lie_near_those_of_their_kind(runs, name):
    vectors = vectors_of(runs[name])
    for kind in (small.SEA, small.LAND):
        for word in kind:
            assert {near for near, _ in vectors.near(word, len(kind) - 1)} == set(kind) - {word}, word


@pytest.mark.parametrize("name", MODELS)
def test_the_loss_falls_and_a_good_run_tells_pairs_apart(runs, name):
    losses = [record["loss"] for record in runs[name].history]
    assert losses[-1] < losses[0]
    assert runs[name].metrics["test"]["pair_accuracy"]["value"] > 0.6  # three of four by chance are of the other kind
    assert runs[name].metrics["rival"]["name"] == "PPMI and SVD"


def test_neighbours_of_counted_pairs_do_not_hang_on_the_seed(runs, tmp_path, monkeypatch):
    monkeypatch.setattr(console, "mode", "quiet")
    given = {**small.OPTIONS, **QUICK, "task": "word-vectors", "model": "glove", "seed": 2}
    other = vectors_of(dg.train(small.data(tmp_path), run=tmp_path / "run", **given))
    for word in (*small.SEA, *small.LAND):
        ours, theirs = (dict(vectors.near(word, 4)) for vectors in (vectors_of(runs["glove"]), other))
        assert set(ours) == set(theirs)


@pytest.mark.parametrize("name", ["vectors.txt", "vectors.bin", "vectors.vec.gz"])
def test_a_file_of_the_vectors_gives_the_same_neighbours(runs, name, tmp_path):
    vectors = vectors_of(runs["glove"])
    write_vectors(vectors, tmp_path / name)
    again = read_vectors(tmp_path / name)
    assert again.words == vectors.words
    assert np.allclose(again.vectors, vectors.vectors, rtol=1e-5)
    assert [word for word, _ in again.near("sea", 3)] == [word for word, _ in vectors.near("sea", 3)]


def test_an_unseen_word_lies_near_its_stem_where_words_have_parts(runs):
    near = [word for word, _ in vectors_of(runs["fasttext"]).near("sailings", 2)]
    assert set(near) <= set(small.SEA)
    assert "sailing" in near
    for name in ("word2vec", "glove"):
        with pytest.raises(DataError, match=r"'sailings' has no vector: .* did you mean sailing"):
            vectors_of(runs[name]).near("sailings")


def test_rated_pairs_are_held_against_cosines(runs, tmp_path):
    rated = [
        ("sea", "ship", 9.0),
        ("sail", "wave", 8.0),
        ("horse", "corn", 9.5),
        ("sea", "corn", 1.0),
        ("ship", "horse", 0.5),
    ]
    lines = [f"{a}\t{b}\t{score}" for a, b, score in [*rated, ("sea", "unheard", 5.0)]]
    (tmp_path / "pairs.txt").write_text("\n".join(lines))
    found = runs["word2vec"].evaluate(tmp_path / "pairs.txt")
    assert found["word_similarity"]["value"] > 0.5
    assert (found["count"], found["details"]["pairs"]) == (5, 6)
    (tmp_path / "strange.txt").write_text("one two 3\nfour five 6\nsix seven 1\n")
    with pytest.raises(DataError, match="0 of 3 pairs have two words with vectors"):
        runs["word2vec"].evaluate(tmp_path / "strange.txt")


def test_words_are_answered_with_what_is_near_them(runs):
    known, unknown = runs["word2vec"].predict(["Sea", "unheard"])
    assert known["word"] == "Sea"
    assert set(known["prediction"].split(", ")[:4]) == set(small.SEA) - {"sea"}
    assert unknown == {"word": "unheard", "prediction": "", "similarity": None}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"window": 0}, "--window: expected 1 or more, got 0"),
        ({"min_count": 10_000}, "lower --min-count"),
        ({"negatives": 0}, "--negatives: expected 1 or more"),
        ({"subsample": 2.0}, "--subsample: expected 0 to 1"),
        ({"model": "glove", "objective": "cbow"}, "--objective"),
        ({"model": "glove", "negatives": 9}, "--negatives"),
        ({"count_max": 9.0}, "--count-max"),
        ({"target": "sea"}, "--target"),
    ],
    ids=str,
)
def test_options_that_make_no_sense_are_refused(options, said, tmp_path, monkeypatch):
    monkeypatch.setattr(console, "mode", "quiet")
    with pytest.raises((OptionError, DataError), match=said):
        dg.train(
            small.data(tmp_path), run=tmp_path / "run", task="word-vectors", **{**small.OPTIONS, **QUICK, **options}
        )


def test_a_table_of_texts_is_read_text_by_text(tmp_path, monkeypatch):
    monkeypatch.setattr(console, "mode", "quiet")
    rows = [f'"{sentence}",{i % 2}' for i, sentence in enumerate(small.sentences())]
    (tmp_path / "notes.csv").write_text("\n".join(["note,kind", *rows]))
    run = dg.train(tmp_path / "notes.csv", run=tmp_path / "run", task="word-vectors", **{**small.OPTIONS, **QUICK})
    assert {word for word, _ in vectors_of(run).near("sea", 4)} == set(small.SEA) - {"sea"}


def test_what_all_vectors_share_is_taken_out_when_asked(runs, tmp_path, monkeypatch):
    """One direction carries most of what these few words say, so that without it their vectors are others."""
    monkeypatch.setattr(console, "mode", "quiet")
    given = {**small.OPTIONS, **QUICK, "task": "word-vectors", "model": "word2vec", "epochs": 1}
    plain, freed = (
        vectors_of(dg.train(small.data(tmp_path), run=tmp_path / str(count), common=count, **given)).vectors
        for count in (0, 1)
    )
    assert np.abs(freed.mean(axis=0)).max() < 1e-5 < np.abs(plain.mean(axis=0)).max()
    assert np.linalg.matrix_rank(freed - freed.mean(axis=0), tol=1e-4) < np.linalg.matrix_rank(
        plain - plain.mean(axis=0), tol=1e-4
    )
