"""Language modelling: cutting, training, judging and writing."""

import json

import numpy as np
import pandas as pd
import pytest
import torch

from deepglass.core.errors import DataError, OptionError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Table, Text
from deepglass.data.fields.tokens import split_text
from deepglass.tasks._sampling import next_probabilities
from deepglass.tasks.language_modelling import Config, Task
from deepglass.training.config import TrainConfig
from deepglass.training.loop import fit
from deepglass.zoo import architectures

COUNTING = Text("one two three four five six seven eight nine ten. " * 60, "counting")  # 3,000 characters


def new_task(**options) -> Task:
    return Task(DataConfig(), Config(**{"context": 16, **options}), seed=0)


def build(task: Task, prepared, name: str = "gpt"):
    torch.manual_seed(0)
    small = {"num_layers": 1, "embed_dim": 32} if name == "gpt" else {"hidden_size": 32}
    return architectures.load(name, task=task.name, **prepared.dims, **small)


@pytest.fixture(scope="module")
def counted():
    """A task and a model that has learnt to count."""
    task = new_task()
    prepared = task.prepare(COUNTING)
    model = build(task, prepared)
    task.train_config = TrainConfig(
        epochs=12, batch_size=8, learning_rate=5e-3, optimizer="adamw", schedule="cosine", weight_decay=0.0, patience=0
    )
    fit(model, task, prepared.train, prepared.val, task.train_config)
    return task, prepared, model


def test_a_trained_model_beats_the_frequencies(counted):
    task, prepared, model = counted
    result, baseline = task.evaluate(task.outputs(model, prepared.test)), task.baseline(prepared)
    assert result["loss"]["value"] < 0.5 * baseline["loss"]["value"]
    assert result["perplexity"]["value"] == pytest.approx(np.exp(result["loss"]["value"]))
    assert result["bits_per_character"]["value"] == pytest.approx(result["loss"]["value"] / np.log(2))


def test_it_writes_what_it_learnt(counted):
    task, _, model = counted
    assert "".join(task.generate(model, "one two three ", max_tokens=9, temperature=0)) == "four five"


def test_a_fixed_seed_writes_a_fixed_text(counted):
    task, _, model = counted
    first = "".join(task.generate(model, "one", max_tokens=60, temperature=1.5, seed=1))
    assert first == "".join(task.generate(model, "one", max_tokens=60, temperature=1.5, seed=1))
    assert first != "".join(task.generate(model, "one", max_tokens=60, temperature=1.5, seed=2))


def test_it_writes_without_a_prompt_and_beyond_the_context(counted):
    task, _, model = counted
    pieces = list(task.generate(model, max_tokens=40))
    assert len("".join(pieces)) == 40
    assert len("".join(task.generate(model, "one two three four five six", max_tokens=5))) == 5


def test_a_prompt_with_unknown_characters_is_refused_before_writing(counted):
    task, _, model = counted
    with pytest.raises(DataError, match=r"1 character that the training text does not have \('É'\)"):
        task.generate(model, "oneÉ")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"temperature": -1}, "--temperature: expected 0 or more"),
        ({"temperature": float("nan")}, "--temperature: expected 0 or more"),
        ({"top_k": 0}, "--top-k: expected 1 or more"),
        ({"top_p": 0.0}, r"--top-p: expected a share in \(0, 1\]"),
        ({"max_tokens": -1}, "--max-tokens: expected 0 or more"),
    ],
)
def test_options_out_of_range_are_refused_before_writing(counted, options, message):
    task, _, model = counted
    with pytest.raises(OptionError, match=message):
        task.generate(model, "one", **options)


def test_state_gives_the_same_losses_and_text_back(counted):
    task, _, model = counted
    again = Task(DataConfig(), None, seed=0)
    again.load_state(json.loads(json.dumps(task.state())))
    text = "one two three four five six seven"
    losses = [t.outputs(model, t.read(text, with_target=True)[0]).losses for t in (task, again)]
    assert np.array_equal(*losses)
    assert "".join(again.generate(model, "two ", temperature=0, max_tokens=5)) == "".join(
        task.generate(model, "two ", temperature=0, max_tokens=5)
    )


FIRST_VERSION = {  # the state that 0.1.0 wrote
    "tokens": {"kind": "characters", "characters": " enotw"},
    "statistics": {"text": {"shares": {"1": 0.3, "2": 0.2, "4": 0.5}}},
    "context": 4,
    "start": 4,
}


def test_a_run_of_the_first_version_is_read_as_it_was_written():
    task = Task(DataConfig(), None, seed=0)
    task.load_state(json.loads(json.dumps(FIRST_VERSION)))
    assert json.loads(json.dumps(task.state())) == FIRST_VERSION
    assert task.dims == {"vocab_size": 7, "context": 4}
    windows, names = task.read("one two", with_target=False)
    tokens, targets = windows.batch(torch.tensor([0, 1]))
    assert tokens.tolist() == [[4, 3, 2, 1], [5, 6, 4, 4]]
    assert targets.tolist() == [[3, 2, 1, 5], [6, 4, -100, -100]]
    assert names["text"] == ["one t", "two"]


def test_answers_name_the_passage(counted):
    task, _, model = counted
    examples, names = task.read("one two three four five six seven", with_target=False)
    answers = task.answers(task.outputs(model, examples), names)
    assert len(answers) == len(examples) == 2
    assert answers[0]["text"] == "one two three fou"
    assert answers[0]["perplexity"] == pytest.approx(np.exp(answers[0]["loss"]))


def test_a_file_can_be_judged(counted, tmp_path):
    task, _, model = counted
    (tmp_path / "new.txt").write_text("one two three four five six seven eight\n" * 3)
    examples, _ = task.read(tmp_path / "new.txt", with_target=True)
    assert task.evaluate(task.outputs(model, examples))["details"]["tokens"] == 119


def test_mistakes_are_passages_of_the_test_text(counted):
    task, prepared, model = counted
    records = task.mistakes(task.outputs(model, prepared.test), prepared, COUNTING, count=3)
    assert len(records) == 3
    assert all(record["target"] in COUNTING.text for record in records)
    assert records[0]["loss"] >= records[1]["loss"] >= records[2]["loss"]


def test_losses_are_exact_token_by_token():
    task = new_task()
    prepared = task.prepare(COUNTING)
    model = build(task, prepared, "lstm").eval()
    outputs = task.outputs(model, prepared.test, batch_size=3)
    windows = prepared.test
    total = 0.0
    for i in range(len(windows)):
        tokens, targets = windows.batch(torch.tensor([i]))
        kept = targets[0] >= 0
        log_p = model(tokens)[0].log_softmax(1)[kept].gather(1, targets[0][kept].unsqueeze(1))
        total -= float(log_p.sum())
    assert task.validate(outputs)["loss"] == pytest.approx(total / (len(windows.tokens) - 1), rel=1e-5)


def test_the_last_tenth_is_held_out_in_order():
    parts = split_text(Text("".join(chr(i) for i in range(1000)), "codes"), DataConfig())
    assert [len(parts[name]) for name in ("train", "val", "test")] == [900, 50, 50]
    assert parts["train"] + parts["val"] + parts["test"] == "".join(chr(i) for i in range(1000))


def test_fractions_and_declared_parts_are_respected():
    parts = split_text(Text("a" * 1000, "text"), DataConfig(val_fraction=0.3, test_fraction=0.4))
    assert [len(parts[name]) for name in ("train", "val", "test")] == [300, 300, 400]
    declared = Text("a" * 100, "text", splits={"train": "a" * 100, "test": "b" * 10})
    parts = split_text(declared, DataConfig())
    assert [len(parts[name]) for name in ("train", "val", "test")] == [95, 5, 10]


def test_byte_pairs_learn_and_write_any_character():
    task = new_task(tokens="byte-pairs", vocab_size=270, context=8)
    prepared = task.prepare(COUNTING)
    model = build(task, prepared)
    text = "".join(task.generate(model, "Schöne neue Welt 世界", max_tokens=30, seed=3))
    text.encode()  # whole characters only: nothing is half a character
    assert prepared.dims["vocab_size"] == 270
    outputs = task.outputs(model, prepared.val)
    assert task.evaluate(outputs)["details"]["characters"] == pytest.approx(len(COUNTING.text) * 0.05, abs=8)


def test_a_text_shorter_than_the_context_is_refused_with_a_way_out():
    with pytest.raises(DataError, match=r"18 tokens left to train on.* context of 16 .*|18 tokens") as error:
        new_task(context=64).prepare(Text("to be or not to be!!", "hamlet"))
    assert "--context 9" in str(error.value)


def test_a_table_is_refused():
    with pytest.raises(DataError, match="expects a text file"):
        new_task().prepare(Table(pd.DataFrame({"x": [1, 2, 3]}), "numbers"))


def test_top_k_and_top_p_keep_the_likeliest():
    logits = torch.log(torch.tensor([0.5, 0.3, 0.15, 0.05]))
    torch.testing.assert_close(next_probabilities(logits, 1.0, None, None), torch.tensor([0.5, 0.3, 0.15, 0.05]))
    torch.testing.assert_close(next_probabilities(logits, 1.0, 2, None), torch.tensor([0.625, 0.375, 0.0, 0.0]))
    torch.testing.assert_close(next_probabilities(logits, 1.0, None, 0.6), torch.tensor([0.625, 0.375, 0.0, 0.0]))
    torch.testing.assert_close(next_probabilities(logits, 0.0, None, None), torch.tensor([1.0, 0.0, 0.0, 0.0]))
    colder = next_probabilities(logits, 0.5, None, None)
    assert colder[0] > 0.5
    assert float(colder.sum()) == pytest.approx(1.0)
