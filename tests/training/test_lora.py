"""Low-rank factors: at the start nothing is changed, only they learn, and in the end they are in the weights."""

import json

import pytest
import torch
from torch import nn

import deepglass as dg
from deepglass.api import train as pipeline
from deepglass.core.errors import OptionError
from deepglass.data.datasets import small_talk
from deepglass.models.gpt import GPT, Config
from deepglass.runs.job import plan_job
from deepglass.training import lora
from deepglass.training.weights import tensors_in
from deepglass.zoo import architectures
from tests.tasks.contract.case import QUICK
from tests.training.test_loop import KillAt

C, LAYERS, V, RANK = 16, 2, 40, 3
BY_HAND = LAYERS * RANK * ((C + 3 * C) + (C + C) + 2 * (C + 4 * C))  # c_attn, c_proj, c_fc and its way back: in + out


def network():
    torch.manual_seed(0)
    return GPT(V, 12, Config(embed_dim=C, num_heads=2, num_layers=LAYERS)).eval()


TOKENS = torch.arange(24).view(2, 12)


def test_nothing_is_changed_at_the_start_and_only_factors_learn():
    plain, model = network(), network()
    said = lora.add(model, RANK)
    assert torch.equal(model(TOKENS), plain(TOKENS))
    learnt = {name: p.numel() for name, p in model.named_parameters() if p.requires_grad}
    assert sum(learnt.values()) == BY_HAND
    assert all(name.endswith(("lora_a", "lora_b")) for name in learnt)
    assert f"of rank {RANK} learn in {4 * LAYERS} linear layers: {BY_HAND:,} numbers" in said


def test_what_was_learnt_is_merged_and_answers_the_same():
    model = network()
    lora.add(model, RANK)
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], 0.05)
    for _ in range(3):
        optimizer.zero_grad()
        model(TOKENS).square().mean().backward()
        optimizer.step()
    before, plain = model(TOKENS), network()
    assert not torch.allclose(before, plain(TOKENS), atol=1e-3)
    plain.load_state_dict(lora.merged(model.state_dict()))
    assert (plain(TOKENS) - before).abs().max() < 1e-6
    lora.merge(model)
    assert model.state_dict().keys() == plain.state_dict().keys()
    assert not any(isinstance(module, lora.LowRankLinear) for module in model.modules())
    assert (model(TOKENS) - before).abs().max() < 1e-6


def test_a_head_may_learn_as_a_whole_and_a_network_without_linear_layers_is_refused():
    model = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 2))
    lora.add(model, 2, head="2")
    assert {name for name, p in model.named_parameters() if p.requires_grad} == {
        "0.lora_a", "0.lora_b", "2.weight", "2.bias",
    }  # fmt: skip
    talks = network()
    assert ", and embeddings: " in lora.add(talks, RANK, embeddings=True)
    assert talks.wte.weight.requires_grad
    assert not talks.ln_f.weight.requires_grad
    with pytest.raises(OptionError, match="no linear layer but its head"):
        lora.add(nn.Sequential(nn.Conv1d(2, 2, 1), nn.Linear(2, 2)), 1, head="1")
    for rank in (0, 6):
        with pytest.raises(OptionError, match="--lora: expected a rank from 1 to 4"):
            lora.add(nn.Sequential(nn.Linear(4, 5)), rank)


@pytest.fixture(scope="module")
def talk(tmp_path_factory):
    told = [{"messages": [{"role": role, "content": text} for role, text in one.turns]}
            for one in small_talk.dialogues(60, seed=0)]  # fmt: skip
    path = tmp_path_factory.mktemp("data") / "talk.jsonl"
    path.write_text("\n".join(map(json.dumps, told)))
    return path


TUNED = QUICK | {"context": 64, "lora": 2}
SMALL = QUICK | {"num_layers": 1, "embed_dim": 16, "num_heads": 2, "context": 64, "vocab_size": 300}


@pytest.fixture(scope="module")
def base(tmp_path_factory, talk):
    return dg.train(talk, run=tmp_path_factory.mktemp("runs") / "base", task="dialogue", **SMALL | {"epochs": 1})


def tuned(talk, base, run, **more):
    return dg.train(talk, run=run, task="dialogue", pretrained=str(base.path), **TUNED | more)


def test_a_run_holds_ordinary_weights_and_goes_on_to_the_bit(talk, base, tmp_path, monkeypatch):
    whole = tuned(talk, base, tmp_path / "whole", epochs=2)
    steps = 2 * -(-len(plan_job(talk, "dialogue", None, {**QUICK, "context": 64}).prepared.train) // 16)
    weights = (whole.path / "weights.safetensors").read_bytes()
    kept = tensors_in(weights, whole.path)
    assert kept.keys() == tensors_in((base.path / "weights.safetensors").read_bytes(), base.path).keys()
    assert whole.metrics["test"]["perplexity"]["value"] < base.metrics["test"]["perplexity"]["value"]
    about = json.loads((whole.path / "environment.json").read_text())
    assert "low-rank factors of rank 2 learn in" in about["pretrained"]["layers"]
    assert "embeddings" not in about["pretrained"]["layers"]  # it talked before: no token is new
    assert about["parameters"] == sum(p.numel() for p in base.model.parameters())

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "watcher_for", lambda console: KillAt(steps // 2))
        with pytest.raises(RuntimeError, match="the power went"):
            tuned(talk, base, tmp_path / "killed", epochs=2, checkpoint_every=0)
    resumed = dg.train(run=tmp_path / "killed", resume=True)
    assert (resumed.path / "weights.safetensors").read_bytes() == weights


def test_the_marks_of_speakers_are_learnt_where_a_language_model_read_running_text(talk, tmp_path):
    (tmp_path / "sea.txt").write_text("the sea was calm and wide, and the ship went on. " * 60)
    text = dg.train(tmp_path / "sea.txt", run=tmp_path / "text", task="language-modelling", model="llama",
                    tokens="byte-pairs", **SMALL | {"epochs": 1})  # fmt: skip
    job = plan_job(talk, "dialogue", None, {**TUNED, "pretrained": str(text.path)})
    learnt = {name for name, p in job.build_model().named_parameters() if p.requires_grad}
    assert {name for name in learnt if not name.endswith(("lora_a", "lora_b"))} == {
        "model.embed_tokens.weight",
        "lm_head.weight",
    }


def test_it_has_no_effect_without_trained_weights_and_others_have_none_beside_it(talk, base):
    def planned(**more):
        return plan_job(talk, "dialogue", None, {**QUICK, "context": 64, "learning_rate": None, **more})

    with pytest.raises(OptionError, match="--lora has no effect: it changes weights that were trained before"):
        planned(lora=2)
    for name, value in {"freeze": 1, "layer_decay": 0.5, "unfreeze_every": 1}.items():
        with pytest.raises(OptionError, match=f"--{name.replace('_', '-')} has no effect: --lora keeps every weight"):
            planned(lora=2, pretrained=str(base.path), **{name: value})
    usual = planned(pretrained=str(base.path)).usual.learning_rate
    assert planned(pretrained=str(base.path), lora=2).usual.learning_rate == pytest.approx(10 * usual)
    with pytest.raises(OptionError, match="expected a rank from 1 to 16"):
        planned(pretrained=str(base.path), lora=99).build_model()


@pytest.mark.parametrize("name", ["gpt", "llama"])
def test_every_factor_acts(name):
    """A layer whose weight is read past its `forward` would keep factors that nothing hears."""
    torch.manual_seed(0)
    sizes = {"vocab_size": V, "context": 12, "num_layers": 1, "embed_dim": 16}
    model = architectures.load(name, task="language-modelling", **sizes)
    lora.add(model, 2)
    model(TOKENS).square().mean().backward()
    factors = [p.grad for name, p in model.named_parameters() if name.endswith("lora_b")]
    assert factors
    assert all(gradient is not None and gradient.abs().sum() > 0 for gradient in factors)


def test_a_network_of_nothing_but_a_recurrence_and_its_output_is_refused():
    model = architectures.load("lstm", task="language-modelling", vocab_size=V, context=12, hidden_size=8)
    with pytest.raises(OptionError, match="no linear layer but its head"):
        lora.add(model, 2)
