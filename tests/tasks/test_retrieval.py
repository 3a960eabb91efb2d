"""Replies that are found: what was said decides, names that nobody knew are found again, and nothing is made up."""

import json

import numpy as np
import pytest
import torch

import deepglass as dg
from deepglass.core.errors import DataError, OptionError
from deepglass.data.datasets import small_talk
from deepglass.data.reading import dialogues
from deepglass.models.dual_encoder import Config, DualEncoder
from deepglass.tasks.retrieval import words_of
from tests.commands import deepglass
from tests.tasks.contract.case import QUICK


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    talk = dialogues.layout(small_talk.dialogues(300, seed=0), "talk")
    options = QUICK | {"epochs": 4, "batch_size": 32, "embed_dim": 128, "hidden_size": 32, "learning_rate": 0.002}
    return dg.train(talk, run=tmp_path_factory.mktemp("runs") / "run", task="retrieval", **options)


def test_it_finds_more_than_words_alone(run):
    test, rival = run.metrics["test"], run.metrics["rival"]
    assert test["recall_at_1"]["low"] > rival["recall_at_1"]["value"]
    assert rival["name"].startswith(("TF-IDF of", "BM25 of"))
    assert test["recall_at_1"]["value"] <= test["recall_at_5"]["value"]
    assert run.metrics["baseline"]["recall_at_1"]["value"] == pytest.approx(0.1)


def test_an_answer_depends_on_what_was_said_turns_ago(run):
    right = 0
    for name in small_talk.NAMES:
        chat = run.chat()
        for message in (f"my name is {name}", "how are you?", "what is my name?"):
            said = "".join(chat.say(message))
        right += said == f"your name is {name}."
        assert chat.turns[-1] == ("assistant", said)
    assert right >= 10  # of twenty; whoever remembers nothing says one name to all


def test_every_answer_is_a_reply_of_the_training_word_for_word(run):
    for asked in ("my pet is a snake", "zzz", "¿qué tal?", "🙂"):
        (answer,) = run.predict(asked)
        assert answer["asked"] == asked
        assert answer["prediction"] in run.task.inputs.replies
        assert -1 <= answer["cosine"] <= 1


def test_only_the_last_turns_are_read_and_the_rest_is_said_to_be_forgotten(run):
    chat = run.chat()
    for turn in range(4):
        list(chat.say("how are you?"))
        assert chat.forgotten == max(0, 2 * turn + 1 - run.task.inputs.turns)
    done = deepglass("chat", run.path, *["how are you?"] * 4)
    assert "6 turns are seen" in done.stdout


def test_what_is_for_written_answers_is_refused(run):
    with pytest.raises(OptionError, match="--temperature has no effect: runs of retrieval find their answers"):
        list(run.chat(temperature=0.5).say("hello"))
    with pytest.raises(OptionError, match="--system has no effect"):
        list(run.chat("be kind").say("hello"))
    with pytest.raises(DataError, match="has no word in it"):
        run.search("  ")


def test_own_texts_are_searched(run, tmp_path):
    (tmp_path / "notes.md").write_text("Trains leave\nat noon.\n\nyour name is ada.\n\nA cat.\n")
    best, *others = run.search("i am ada", tmp_path, count=3)
    assert (best["text"], best["from"], best["rank"]) == ("your name is ada.", "notes.md, passage 2", 1)
    assert {one["text"] for one in others} == {"Trains leave at noon.", "A cat."}
    vectors = run.task.text_vectors(run.model, [best["text"]])
    assert best["score"] == pytest.approx(float(vectors[0] @ run.task.words(run.model, "i am ada")), abs=1e-5)
    done = json.loads(deepglass("search", run.path, "i am ada", tmp_path / "notes.md", "--json").stdout)
    assert done["texts"][0]["text"] == best["text"]
    assert "notes.md, passage 2" in deepglass("search", run.path, "i am ada", tmp_path / "notes.md").stdout


def test_without_texts_the_replies_of_the_training_are_searched(run):
    found = run.search("what is my name?", count=10_000)
    assert sorted(one["text"] for one in found) == sorted(run.task.inputs.replies)


def test_it_begins_with_the_nearness_of_tf_idf(run):
    """Random directions tell apart as words do: up to noise of about one over the root of the dimensions."""
    rng = np.random.default_rng(0)
    idf = rng.uniform(1, 8, 60)
    idf[:2] = 0
    torch.manual_seed(0)
    model = DualEncoder(60, config=Config(embed_dim=4096, hidden_size=4, dropout=0.0)).eval()
    model.begin_as_tfidf(torch.from_numpy(idf).float())
    texts = torch.from_numpy(rng.integers(2, 60, (2, 20, 8)))
    counts = [np.stack([np.bincount(row, minlength=60) for row in part.numpy()]) * idf for part in texts]
    one, other = (part / np.linalg.norm(part, axis=1, keepdims=True) for part in counts)
    with torch.no_grad():
        said, read = (part[:, :4096] * 2**0.5 for part in (model.ask(texts[0]), model.read(texts[1])))
    assert np.abs((said @ read.T).numpy() - one @ other.T).max() < 5 / 4096**0.5


def test_older_turns_are_fainter_and_borders_and_padding_say_nothing():
    torch.manual_seed(0)
    model = DualEncoder(20, config=Config(embed_dim=8, hidden_size=4)).eval()
    row = torch.tensor([[5, 1, 7, 0]])
    expected = model.topic.weight[5] + 0.7 * model.topic.weight[7]
    assert torch.allclose(model.ask(row)[0, :8] * 2**0.5, expected / expected.norm(), atol=1e-6)
    assert torch.allclose(model.ask(row), model.ask(torch.tensor([[5, 1, 7, 0, 0, 0]])), atol=1e-6)
    assert words_of(row.numpy()) == [[5, 7]]
    assert words_of(row.numpy(), 1) == [[5]]


def test_options_out_of_range_and_data_without_choice_are_refused(tmp_path):
    talk = dialogues.layout(small_talk.dialogues(20, seed=0), "talk")
    for name in ("turns", "buckets", "max_length", "min_count"):
        with pytest.raises(OptionError, match=f"--{name.replace('_', '-')}: expected 1 to"):
            dg.train(talk, run=tmp_path / name, task="retrieval", **QUICK | {name: 0})
    (tmp_path / "same.jsonl").write_text('{"turns": ["hi %d", "yes"]}\n' * 30 % tuple(range(30)))
    with pytest.raises(DataError, match="answers to learn from are the same"):
        dg.train(tmp_path / "same.jsonl", run=tmp_path / "same", task="retrieval", **QUICK)
