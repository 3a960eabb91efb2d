"""What is chosen for speed: narrowed by what was asked, measured once, and without a trace in the training."""

import json

import pytest
import torch
from torch import nn

from deepglass.api.fit import ModuleLearner
from deepglass.training import speed
from deepglass.training.config import TrainConfig
from deepglass.training.speed import Speed

CPU = torch.device("cpu")
FULL, HALF = Speed("float32", 2), Speed("bfloat16", 2)


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "deepglass" / "speed"


@pytest.fixture
def work():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 16), nn.Dropout(0.5), nn.Linear(16, 3))
    return model, ModuleLearner(nn.functional.cross_entropy), (torch.randn(8, 6), torch.randint(3, (8,)))


def two_threads(monkeypatch, multiplies=True):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    monkeypatch.setattr(speed, "multiplies_bfloat16", lambda device: multiplies)


def test_what_was_asked_for_is_not_measured(monkeypatch, work):
    two_threads(monkeypatch)
    monkeypatch.setattr(speed, "fastest", None)  # calling it would fail
    asked = TrainConfig(precision="float32", threads=1)
    assert speed.choose(*work, asked, CPU) == Speed("float32", 1)


def test_the_usual_way_stands_first(monkeypatch):
    two_threads(monkeypatch)
    ways = speed.candidates(TrainConfig(), CPU)
    assert [(way.precision, way.threads) for way in ways] == [
        ("float32", 2), ("bfloat16", 2), ("float32", 1), ("bfloat16", 1)
    ]  # fmt: skip


def test_without_the_hardware_bfloat16_is_no_candidate(monkeypatch):
    two_threads(monkeypatch, multiplies=False)
    assert {way.precision for way in speed.candidates(TrainConfig(), CPU)} == {"float32"}


@pytest.mark.parametrize(
    ("seconds", "losses", "expected"),
    [
        ((1.0, 0.5), (2.0, 2.01), "bfloat16"),  # twice as fast
        ((1.0, 0.95), (2.0, 2.0), "float32"),  # not clearly faster
        ((1.0, 0.5), (2.0, 2.5), "float32"),  # another loss: not only rounding
        ((1.0, 0.5), (2.0, float("nan")), "float32"),
    ],
)
def test_the_usual_way_is_left_for_one_that_is_clearly_faster_and_agrees(monkeypatch, work, seconds, losses, expected):
    measured = dict(zip((FULL, HALF), seconds)), dict(zip((FULL, HALF), losses))
    monkeypatch.setattr(speed, "measure", lambda *_: measured)
    chosen = speed.fastest(*work, [FULL, HALF], CPU)
    assert chosen.precision == expected
    assert "measured" in chosen.why


def test_measuring_leaves_no_trace(work):
    model, learner, batch = work
    before = {name: value.clone() for name, value in model.state_dict().items()}
    random, threads = torch.get_rng_state(), torch.get_num_threads()
    chosen = speed.fastest(model, learner, batch, [Speed("float32", 1), Speed("bfloat16", 1)], CPU)
    assert chosen.precision in ("float32", "bfloat16")
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(p.grad is None for p in model.parameters())
    assert torch.equal(random, torch.get_rng_state())
    assert threads == torch.get_num_threads()


def test_every_way_sees_the_same_dropout(work):
    ways = [Speed("float32", 1), Speed("float32", 1, "again")]
    _, losses = speed.measure(*work, ways, CPU)
    assert losses[ways[0]] == losses[ways[1]]


def test_the_first_measurement_stands(monkeypatch, work, own_cache):
    two_threads(monkeypatch)
    answers = iter([Speed("bfloat16", 1, "first"), Speed("float32", 2, "second")])
    monkeypatch.setattr(speed, "fastest", lambda *_: next(answers))
    first = speed.choose(*work, TrainConfig(), CPU)
    assert speed.choose(*work, TrainConfig(), CPU) == first == Speed("bfloat16", 1, "first")
    assert [json.loads(path.read_text())["why"] for path in own_cache.iterdir()] == ["first"]


def test_another_batch_is_measured_anew(monkeypatch, work):
    two_threads(monkeypatch)
    answers = iter([Speed("bfloat16", 1), Speed("float32", 2)])
    monkeypatch.setattr(speed, "fastest", lambda *_: next(answers))
    model, learner, batch = work
    assert speed.choose(model, learner, batch, TrainConfig(), CPU).threads == 1
    assert speed.choose(model, learner, tuple(part[:4] for part in batch), TrainConfig(), CPU).threads == 2


def test_a_cache_that_cannot_be_written_is_done_without(monkeypatch, work, tmp_path):
    two_threads(monkeypatch)
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(speed, "fastest", lambda *_: Speed("bfloat16", 1))
    assert speed.choose(*work, TrainConfig(), CPU) == Speed("bfloat16", 1)
