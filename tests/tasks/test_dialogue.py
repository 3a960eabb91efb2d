"""Dialogue: answers are learnt, what was said is remembered as far as it can be seen, marks cannot be typed."""

import json

import numpy as np
import pytest
import torch

import deepglass as dg
from deepglass.core.chat_template import ROLES
from deepglass.core.console import console
from deepglass.core.errors import DataError, OptionError
from deepglass.data.containers import Text
from deepglass.data.datasets import small_talk
from deepglass.data.dialogues import of_roles
from deepglass.data.reading.dialogues import layout
from deepglass.data.token_windows import IGNORED
from deepglass.runs.job import plan_job
from tests.commands import deepglass

FACTS = ("name", "pet")
QUICK = {"device": "cpu", "threads": 1, "precision": "float32"}
SMALL = {"num_layers": 2, "embed_dim": 64, "context": 96, "batch_size": 16, "learning_rate": 0.01}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A small model that has learnt small talk of names and pets."""
    console.mode = "quiet"
    talk = layout(small_talk.dialogues(1000, facts=FACTS), "talk")
    return dg.train(talk, run=tmp_path_factory.mktemp("runs") / "talk", task="dialogue", epochs=8, **SMALL, **QUICK)


def spoken(chat, *messages):
    return ["".join(chat.say(message)) for message in messages]


def asked_later(run, wording, people=6):
    """How often pet and name, asked for in a wording that never came in training, are said rightly."""
    right = []
    for name, pet in zip(small_talk.NAMES[:people], small_talk.PETS, strict=False):
        chat = run.chat(temperature=0)
        spoken(chat, f"my name is {name}", f"i have a {pet}")
        for kind, value in (("pet", pet), ("name", name)):
            question = small_talk.HELD_OUT[kind][wording]
            assert question not in small_talk.ASKED[kind]
            right.append(spoken(chat, question) == [small_talk.KNOWN[kind].format(value)])
    return sum(right) / len(right)


def test_a_script_in_wordings_that_never_came_is_remembered_turn_by_turn(run):
    assert asked_later(run, 0) >= 0.8


def test_most_wordings_that_never_came_are_understood(run):
    """By chance a name would be right in one of twenty cases, a pet in one of ten."""
    assert sum(asked_later(run, wording, people=3) for wording in range(3)) / 3 >= 0.5


def test_what_was_never_told_is_not_known(run):
    assert spoken(run.chat(temperature=0), "what is my name?") == [small_talk.UNKNOWN]


def test_what_is_out_of_sight_is_forgotten_and_said_to_be(run):
    chat = run.chat(temperature=0)
    spoken(chat, "my name is ada")
    assert spoken(chat, *["how are you?"] * 8) == ["i am fine, thank you."] * 8
    answer = spoken(chat, "what is my name?")[-1]
    assert chat.forgotten >= 2  # with them the name
    seen, dropped = run.task.inputs.template.prompt(
        [(role, run.task.inputs.ids_of(said)) for role, said in chat.turns[:-1]]
    )
    assert dropped == chat.forgotten
    assert len(seen) <= run.task.inputs.context
    assert answer != "your name is ada."
    chat.reset()
    assert (chat.turns, chat.forgotten) == ([], 0)


def test_in_the_terminal_lines_are_answered_and_a_new_conversation_begins(run):
    done = deepglass(
        "chat", run.path, "--temperature", 0, stdin="my name is ada\n/reset\nwhat is my name?\n/quit\nno\n"
    )
    assert done.returncode == 0, done.stderr
    assert "hello, your name is ada." in done.stdout
    assert "your name is ada" not in done.stdout.split("a new conversation")[1]
    assert "> no" not in done.stdout


def test_the_answer_is_the_same_with_and_without_a_cache(run):
    task, ids = run.task, run.task.inputs.read_prompt("my name is ada")[0]
    with_cache = "".join(task.reply(run.model, ids, temperature=0))

    class Bare(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = run.model

        def forward(self, tokens):
            return self.model(tokens)

    assert "".join(task.reply(Bare().eval(), ids, temperature=0)) == with_cache


def test_only_answers_are_targets():
    job = plan_job(layout(small_talk.dialogues(40), "talk"), "dialogue", None, {**SMALL, "context": 48})
    task, (tokens, targets) = job.task, job.prepared.train.batch(torch.arange(8))
    marks = task.inputs.template.marks
    for row, wanted in zip(tokens.tolist(), targets.tolist(), strict=True):
        speaker = None
        for token, target in zip(row, wanted, strict=True):
            speaker = next((role for role in ROLES if marks[role] == token), speaker)
            if target != IGNORED:
                assert speaker == "assistant"
                assert target not in {marks[role] for role in ROLES}


def test_no_dialogue_is_in_two_parts():
    twice = small_talk.dialogues(60)
    job = plan_job(layout([*twice, *twice], "talk"), "dialogue", None, SMALL)
    rows = [{row.numpy().tobytes() for row in getattr(job.prepared, part).ids} for part in ("train", "val", "test")]
    pairs = [(0, 1), (0, 2), (1, 2)]
    spelled = lambda part: {job.task.tokens.decode(row[row >= 0].tolist()) for row in getattr(job.prepared, part).ids}  # noqa: E731
    parts = [spelled(part) for part in ("train", "val", "test")]
    assert all(rows)
    long = [{text for text in part if len(text) > 120} for part in parts]
    assert all(not long[a] & long[b] for a, b in pairs)


def test_it_begins_with_a_language_model_of_byte_pairs(tmp_path):
    console.mode = "quiet"
    words = " ".join(text for one in small_talk.dialogues(80) for _, text in one.turns)
    small = {"num_layers": 1, "embed_dim": 16, "num_heads": 2, "context": 48}
    read = dg.train(Text(words, "words"), run=tmp_path / "read", task="language-modelling", model="llama", epochs=1,
                    tokens="byte-pairs", vocab_size=300, **small, **QUICK)  # fmt: skip
    talk = layout(small_talk.dialogues(40), "talk")
    tuned = plan_job(talk, "dialogue", None, {"pretrained": str(read.path), "context": 48, **QUICK})
    assert tuned.task.tokens.state() == read.task.tokens.state()
    begun = tuned.build_model().state_dict()
    assert all(torch.equal(begun[name], weight) for name, weight in read.network.state_dict().items())


def test_tokens_without_free_ones_for_marks_are_refused(tmp_path):
    console.mode = "quiet"
    words = Text("one two three four five six seven. " * 60, "words")
    small = {"num_layers": 1, "embed_dim": 16, "num_heads": 2, "context": 16}
    read = dg.train(words, run=tmp_path / "read", task="language-modelling", model="llama", epochs=1, **small, **QUICK)
    with pytest.raises(DataError, match=r"characters for tokens.*--tokens byte-pairs"):
        plan_job(layout(small_talk.dialogues(40), "talk"), "dialogue", None, {"pretrained": str(read.path)})


@pytest.mark.parametrize(
    "text", ["[end]", "<|assistant|>", "ø ù ú û", "\N{LATIN SMALL LETTER U WITH CIRCUMFLEX}", "日本"]
)
def test_no_text_can_spell_a_mark(run, text):
    assert not {*run.task.inputs.template.marks.values()} & {*run.task.inputs.ids_of(text)}
    assert run.task.tokens.decode(run.task.inputs.ids_of(text)) == text


def test_other_runs_do_not_chat_and_empty_messages_are_refused(run, tmp_path):
    iris = dg.train("iris", run=tmp_path / "iris", model="linear", epochs=1)
    with pytest.raises(OptionError, match="trained for tabular-classification"):
        iris.chat()
    with pytest.raises(DataError, match="the message is empty"):
        run.chat().say("  ")
    with pytest.raises(OptionError, match="--top-p: expected a share"):
        run.chat(top_p=2.0).say("hello")


def test_a_conversation_of_a_hundred_thousand_turns_is_cut_into_windows():
    turns = [(ROLES[1 + i % 2], "a b") for i in range(100_000)]
    job = plan_job(layout([of_roles(turns), *small_talk.dialogues(30)], "long"), "dialogue", None, SMALL)
    assert max(job.prepared.train.ids.shape[1], job.prepared.test.ids.shape[1]) <= 97
    answered = sum(int((part.is_answer & (part.ids == job.task.inputs.template.end)).sum())
                   for part in (job.prepared.train, job.prepared.val, job.prepared.test))  # fmt: skip
    assert answered >= 50_000


def test_replies_go_into_a_table(run, tmp_path):
    path = tmp_path / "asked.jsonl"
    path.write_text(json.dumps({"messages": [{"role": "user", "content": "how are you?"}]}) + "\n")
    (answer,) = run.predict(str(path))
    assert answer["prediction"] == "i am fine, thank you."
    assert np.isclose(answer["probability"], 1, atol=0.2)
