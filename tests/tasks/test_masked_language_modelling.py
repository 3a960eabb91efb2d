"""Pre-training on texts without labels (J08): what is learnt, how gaps are filled, and what a training begins with."""

import numpy as np
import pandas as pd
import pytest
import torch

import deepglass as dg
from deepglass.core.console import console
from deepglass.core.errors import DataError, OptionError
from deepglass.data.augment.covered import IGNORED
from deepglass.data.datasets import reviews
from deepglass.evaluate import scores
from deepglass.models.bert import MaskedLM
from deepglass.runs.job import plan_job

TASK = "masked-language-modelling"
SMALL = {"num_layers": 1, "embed_dim": 32, "num_heads": 2, "dropout": 0.0, "threads": 1, "device": "cpu"}
SMALL |= {"precision": "float32"}
LEARNING = {"epochs": 40, "batch_size": 16, "learning_rate": 0.005, "mask_share": 0.3}
ANIMALS, SOUNDS = ["dog", "cat", "cow", "duck"], ["barks", "meows", "moos", "quacks"]


def sentences(count=400, seed=0):
    """The animal is told by the word behind it, and by nothing before it."""
    rng, found = np.random.default_rng(seed), []
    for kind in rng.integers(4, size=count):
        size, when = rng.choice(["old", "small", "grey", "happy"]), rng.choice(["again", "softly", "at night"])
        found.append(f"the {size} {ANIMALS[kind]} {SOUNDS[kind]} {when}")
    return pd.DataFrame({"text": found})


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    console.mode = "quiet"
    folder = tmp_path_factory.mktemp("gaps") / "run"
    return dg.train(sentences(), run=folder, task=TASK, **LEARNING, **SMALL)


def test_the_word_is_told_from_both_sides(run):
    answers = run.predict(["the old ____ meows again", "the small cow ____ softly", "the ____ duck quacks again"])
    assert [row["prediction"] for row in answers[:2]] == ["the old cat meows again", "the small cow moos softly"]
    assert answers[0]["gaps"].startswith("cat ")
    assert answers[0]["confidence"] > 0.6
    assert answers[2]["confidence"] < 0.6  # any adjective stands there
    assert answers[2]["prediction"].split()[1] in ("old", "small", "grey", "happy")


def test_it_knows_more_than_frequencies_and_pairs_of_words_know_as_much(run):
    test, trivial, rival = (run.metrics[part] for part in ("test", "baseline", "rival"))
    assert test["gap_accuracy"]["low"] > trivial["gap_accuracy"]["high"]
    assert scores.is_better("gap_perplexity", rival["gap_perplexity"]["value"], trivial["gap_perplexity"]["value"])
    assert len(test["details"]["filled"]) == 12
    for row in test["details"]["filled"]:
        assert "____" in row["text"]
        assert row["covered"]


def test_a_text_of_several_gaps_gets_each_filled_and_one_without_is_asked_for_some(run):
    several, whole = run.predict(["the ____ dog barks ____", "the happy duck quacks softly"])
    assert several["gaps"].count(";") == 1
    assert "____" not in several["prediction"]
    assert whole["gaps"]


def test_judged_are_words_that_training_knows_whatever_else_a_text_has(run):
    examples, _ = run.task.read(["the old zebra barks again"], with_target=True)
    outputs = run.task.outputs(run.model, examples)
    unknown = run.task.vocabulary.unknown
    asked = outputs.targets[0] != IGNORED
    assert asked.any()
    assert (outputs.targets[0][asked] != unknown).all()


def test_a_network_is_judged_the_same_whatever_is_in_its_batch(run):
    examples, _ = run.task.read(sentences(9, seed=1).text.tolist(), with_target=True)
    one, many = (run.task.outputs(run.model, examples, batch_size=size) for size in (1, 9))
    assert np.array_equal(one.targets, many.targets)
    assert np.allclose(one.losses, many.losses, atol=1e-5)


def test_lines_of_a_text_are_texts(tmp_path):
    (tmp_path / "book.txt").write_text("\n\n".join(sentences(60).text), encoding="utf-8")
    job = plan_job(tmp_path / "book.txt", TASK, None, {"epochs": 1, **SMALL})
    assert sum(map(len, (job.prepared.train, job.prepared.val, job.prepared.test))) == 60
    (tmp_path / "empty.txt").write_text("\n \n", encoding="utf-8")
    with pytest.raises(DataError):
        plan_job(tmp_path / "empty.txt", TASK, None, {"epochs": 1, **SMALL})


@pytest.mark.parametrize("share", [0.0, 1.0, -1.0])
def test_a_share_that_covers_nothing_or_everything_is_refused(share):
    with pytest.raises(OptionError, match="mask-share"):
        plan_job(sentences(60), TASK, None, {"epochs": 1, "mask_share": share, **SMALL})


def test_labels_change_nothing_of_what_is_learnt(tmp_path):
    table, weights = reviews.load().frame[:150], []
    for name, labels in (("true", table.sentiment), ("turned", table.sentiment.to_numpy()[::-1])):
        made = pd.DataFrame({"text": table.text, "sentiment": labels})
        found = dg.train(made, run=tmp_path / name, task=TASK, target="sentiment", epochs=1, **SMALL)
        weights.append(found.model.state_dict())
    assert all(torch.equal(a, b) for a, b in zip(weights[0].values(), weights[1].values()))


# -- beginning with it ----------------------------------------------------------------------------------------------


def labelled():
    frame = sentences(120, seed=2)
    return frame.assign(kind=["pet" if "dog" in text or "cat" in text else "farm" for text in frame.text])


def test_a_classifier_begins_with_body_and_words_of_the_run(run):
    job = plan_job(labelled(), "text-classification", "bert", {"epochs": 1, "pretrained": str(run.path)})
    assert job.task.vocabulary.words == run.task.vocabulary.words
    begun, learnt = job.build_model().state_dict(), run.model.state_dict()
    body = {name for name in learnt if name.startswith("bert.")}
    assert len(body) > 15
    assert all(torch.equal(begun[name], learnt[name]) for name in body)
    assert begun.keys() - body == {
        f"{part}.{kind}" for part in ("bert.pooler.dense", "classifier") for kind in ("weight", "bias")
    }


def test_more_texts_go_on_with_the_head_too_and_a_classifier_gives_its_body_back(run, tmp_path):
    job = plan_job(sentences(80, seed=5), TASK, None, {"epochs": 1, "pretrained": str(run.path)})
    assert all(
        torch.equal(a, b) for a, b in zip(job.build_model().state_dict().values(), run.model.state_dict().values())
    )
    options = {"pretrained": str(run.path), "epochs": 1, "threads": 1, "device": "cpu"}
    tuned = dg.train(labelled(), run=tmp_path / "tuned", task="text-classification", model="bert", **options)
    back = plan_job(sentences(80, seed=5), TASK, None, {"epochs": 1, "pretrained": str(tuned.path)}).build_model()
    word_vectors = "bert.embeddings.word_embeddings.weight"
    assert torch.equal(back.state_dict()[word_vectors], tuned.model.state_dict()[word_vectors])


def test_texts_without_two_words_to_choose_from_are_refused():
    with pytest.raises(DataError, match="different words"):
        plan_job(sentences(60), TASK, None, {"epochs": 1, "min_count": 5000, **SMALL})


def test_counted_vectors_learn_slowly_and_random_ones_do_not():
    for start, expected in (("counted", {"bert.embeddings.word_embeddings.weight": 0.1}), ("random", {})):
        job = plan_job(sentences(40), TASK, None, {"epochs": 1, "word_start": start, **SMALL})
        assert job.task.rates(MaskedLM(vocab_size=9, max_length=4)) == expected
