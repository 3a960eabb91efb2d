"""Preferences: answers become as they were preferred; the model of the beginning is the reference."""

import math

import numpy as np
import pytest
import torch

import deepglass as dg
from deepglass.core.console import console
from deepglass.core.errors import DataError, OptionError
from deepglass.data.datasets import small_talk
from deepglass.data.dialogues import Dialogue
from deepglass.data.preferences import Preference
from deepglass.data.reading import dialogues, preferences
from deepglass.data.token_windows import IGNORED
from deepglass.runs.job import plan_job
from deepglass.tasks.preferences import log_probs, scores_of
from deepglass.training import bradley_terry
from tests.commands import deepglass

QUICK = {"device": "cpu", "threads": 1, "precision": "float32"}
SMALL = {"num_layers": 1, "embed_dim": 32, "context": 48, "batch_size": 16, "learning_rate": 0.01}
PLAIN, KIND = "i am fine.", "i am fine, dear friend."


def asked(name):
    return f"i am {name}. how are you?"


def pairs(names=small_talk.NAMES):
    """The courteous answer is preferred to the plain one."""
    found = [Preference(Dialogue((("user", asked(name)),)), KIND, PLAIN) for name in names]
    return preferences.layout(found * 5, "courtesy")


@pytest.fixture(scope="module")
def talk(tmp_path_factory):
    """A model that answers either way, the plain one three times as often."""
    console.mode = "quiet"
    answers = (PLAIN, PLAIN, PLAIN, KIND)
    said = [Dialogue((("user", asked(name)), ("assistant", a))) for name in small_talk.NAMES for a in answers]
    content = dialogues.layout(said * 2, "talk")
    return dg.train(content, run=tmp_path_factory.mktemp("talk") / "run", task="dialogue", epochs=10, **SMALL, **QUICK)


def planned(source, **options):
    return plan_job(source, "preferences", None, {**QUICK, **options})


def tuned(talk, folder, **options):
    options = {"epochs": 8, "learning_rate": 0.0005, "batch_size": 16, **options}
    return dg.train(pairs(), run=folder / "run", task="preferences", pretrained=str(talk.path), **QUICK, **options)


@pytest.fixture(scope="module")
def kind(talk, tmp_path_factory):
    """The same after the comparisons."""
    return tuned(talk, tmp_path_factory.mktemp("kind"))


def answer_of(run, name="ada"):
    return run.predict([asked(name)])[0]["prediction"]


def test_the_answer_becomes_the_one_that_was_preferred(talk, kind):
    assert answer_of(talk) == PLAIN
    assert answer_of(kind) == KIND
    test, baseline = kind.metrics["test"], kind.metrics["baseline"]
    assert baseline["name"] == "the model that it began with"
    assert baseline["preferred"]["value"] <= 0.5
    assert test["preferred"]["value"] == test["moved"]["value"] == 1.0


def test_the_reference_is_the_run_as_it_is_and_there_nothing_is_known(talk, kind):
    job = planned(pairs(), pretrained=str(talk.path), imitation=0.0)
    part = job.prepared.val
    assert torch.allclose(part.started, log_probs(talk.model, part, 7), atol=1e-5)
    batch = job.task.training_examples(part).batch(torch.arange(len(part)))
    with torch.no_grad():
        begins = float(job.task.loss(talk.model.train(False), batch))
    assert job.task.imitation == 0.0
    assert begins == pytest.approx(math.log(2), abs=1e-5)
    own = job.task.outputs(kind.model, part)
    margin = job.task.config.beta * (own.predictions - own.targets) @ [1, -1]
    assert own.losses == pytest.approx(np.logaddexp(0, -margin), abs=1e-5)


def test_only_the_tokens_of_an_answer_count():
    job = planned(pairs())
    tokens, target = job.prepared.test.batch(torch.arange(1))
    spell = job.task.tokens.decode
    assert spell(tokens[0].tolist()).count(KIND) == 1
    assert spell(target[0, 1].tolist()).count(PLAIN) == 1
    for row, answer in ((0, KIND), (2, PLAIN)):
        ids = [i for i in target[0, row].tolist() if i != IGNORED]
        assert spell(ids[:-1]) == answer
        assert ids[-1] == job.task.inputs.template.end


def test_a_prompt_is_in_one_part_alone():
    task = planned(pairs()).task
    parts = {name: {task.inputs.content[i].prompt for i in rows} for name, rows in task.inputs.rows.items()}
    assert not parts["train"] & parts["test"]
    assert not parts["train"] & parts["val"]


def test_tokens_and_context_come_with_the_run_of_the_beginning(talk):
    task = planned(pairs(), pretrained=str(talk.path)).task
    assert task.inputs.context == SMALL["context"]
    assert task.tokens.state() == talk.task.tokens.state()


def test_a_larger_beta_stays_nearer_to_the_reference(talk, tmp_path):
    near, far = (tuned(talk, tmp_path / str(beta), beta=beta, imitation=0.0, epochs=12) for beta in (20.0, 0.1))
    assert 0 < near.metrics["test"]["margin"]["value"] < far.metrics["test"]["margin"]["value"] / 2


def test_imitation_keeps_what_was_chosen_likely(talk, tmp_path):
    """Comparing alone may let both answers fall; beside their own likelihood the chosen ones rise."""
    both = tuned(talk, tmp_path, imitation=1.0)
    outputs = both.folder.read_outputs()
    assert (outputs["predictions"][:, 0] > outputs["targets"][:, 0]).all()


def test_without_a_beginning_the_language_is_learnt_from_what_was_chosen(tmp_path):
    run = dg.train(pairs(), run=tmp_path / "run", task="preferences", epochs=6, **SMALL, **QUICK)
    assert answer_of(run) == KIND
    assert run.metrics["baseline"]["name"] == "a coin"


def test_more_comparisons_are_judged_from_a_file_and_other_things_refused(kind, tmp_path):
    pairs_file = tmp_path / "more.csv"
    pairs_file.write_text(f'prompt,chosen,rejected\n"{asked("zoe")}","{KIND}",{PLAIN}\n')
    assert kind.evaluate(pairs_file)["preferred"]["value"] == 1.0
    pairs_file.write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match="prompt, chosen and rejected"):
        kind.evaluate(pairs_file)


@pytest.mark.parametrize(("option", "value"), [("beta", 0.0), ("beta", float("nan")), ("imitation", -1.0)])
def test_settings_out_of_their_range_are_refused(option, value):
    with pytest.raises(OptionError, match=f"--{option}"):
        planned(pairs(), **{option: value})


def test_it_chats_as_a_dialogue_does(kind):
    done = deepglass("chat", kind.path, asked("ada"), "--temperature", 0)
    assert done.returncode == 0, done.stderr
    assert KIND in done.stdout


@pytest.fixture(scope="module")
def judging(tmp_path_factory):
    """A reward model of the same comparisons."""
    folder = tmp_path_factory.mktemp("reward")
    options = {**SMALL, **QUICK, "epochs": 6, "learning_rate": 0.003}
    return dg.train(pairs(), run=folder / "run", task="preferences", reward_model=True, **options)


def test_a_reward_model_ranks_what_it_never_saw_by_scores_that_it_reads_where_an_answer_ends(judging):
    test = judging.metrics["test"]
    assert test["preferred"]["value"] == 1.0
    assert "moved" not in test
    report = (judging.path / "report.html").read_text(encoding="utf-8")
    assert "has the higher reward in" in report
    assert "deepglass chat" not in report
    assert "--beta" not in report
    job = planned(pairs(), reward_model=True, **SMALL)
    tokens, target = batch = job.prepared.test.batch(torch.arange(3))
    end = job.task.inputs.template.end
    with torch.no_grad():
        found = scores_of(judging.model, batch, end)
        for which, ids in enumerate((tokens, target[:, 1])):
            for row in range(3):
                answered = (target[row, 2 * which] != IGNORED).nonzero().max()
                alone = judging.model(ids[row : row + 1, : answered + 1])[0, -1, end]  # nothing after it is seen
                assert found[row, which] == pytest.approx(float(alone), abs=1e-4)


def test_the_loss_of_a_reward_model_is_that_of_bradley_and_terry(judging):
    job = planned(pairs(), reward_model=True, label_smoothing=0.1, **SMALL)
    batch = job.prepared.val.batch(torch.arange(4))
    with torch.no_grad():
        scores = scores_of(judging.model.eval(), batch, job.task.inputs.template.end)
    expected = float(bradley_terry.loss(*scores.T))
    assert float(job.task.loss(judging.model, batch)) == pytest.approx(expected, abs=1e-7)
    other = float(bradley_terry.loss(*scores.flip(1).T))
    assert float(job.task.loss(judging.model.train(), batch)) == pytest.approx(0.9 * expected + 0.1 * other, abs=1e-6)
    judging.model.eval()


def test_a_reward_model_judges_a_file_and_answers_nothing(judging, tmp_path):
    pairs_file = tmp_path / "more.csv"
    pairs_file.write_text(f'prompt,chosen,rejected\n"{asked("zoe")}","{KIND}",{PLAIN}\n')
    assert judging.evaluate(pairs_file)["preferred"]["value"] == 1.0
    for refused in (lambda: answer_of(judging), lambda: judging.export(tmp_path / "m.onnx")):
        with pytest.raises(OptionError, match="judges pairs of answers and writes none"):
            refused()
    done = deepglass("chat", judging.path, asked("ada"))
    assert done.returncode != 0
    assert "judges pairs of answers" in done.stderr
    with pytest.raises(OptionError, match="--beta has no effect with --reward-model"):
        planned(pairs(), reward_model=True, beta=0.5)


def test_a_reward_model_may_begin_with_a_language_model_and_then_has_no_reference(talk):
    job = planned(pairs(), reward_model=True, pretrained=str(talk.path))
    assert job.prepared.test.started is None
    assert job.task.inputs.context == SMALL["context"]
