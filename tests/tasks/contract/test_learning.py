"""Every task trains, stops anywhere, and goes on to the bit."""

import json

import pytest

from deepglass.api import train as pipeline
from deepglass.evaluate import report
from deepglass.training.progress import Watcher


class KillAt(Watcher):
    """Raises at a step, as if the power went."""

    def __init__(self, at):
        self.at = at

    def step(self, step, *rest):
        if step == self.at:
            raise RuntimeError("the power went")


def weights(run):
    return (run.path / "weights.safetensors").read_bytes()


def test_it_learns_something_in_every_step(case):
    assert len(case.run.history) == 2
    for record in case.run.history:
        assert record["loss"] == record["loss"]  # is a number
        assert case.Task.monitor in {name.removeprefix("val_") for name in record}
    fresh, trained = case.job.build_model().state_dict(), case.run.network.state_dict()
    assert fresh.keys() == trained.keys()
    assert any((fresh[name] != trained[name]).any() for name in fresh)


@pytest.mark.slow("trains three times for every task")
def test_a_killed_training_goes_on_to_the_bit(case, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "watcher_for", lambda console: KillAt(2))
        with pytest.raises(RuntimeError, match="the power went"):
            case.trained(tmp_path / "killed", checkpoint_every=0.0)
    assert not (tmp_path / "killed" / "metrics.json").exists()
    monkeypatch.setattr(report, "write_report", lambda folder: None)  # it is drawn once, for the run that is shared
    resumed = pipeline.train(run=tmp_path / "killed", resume=True)
    assert weights(resumed) == weights(case.run)
    assert [record["loss"] for record in resumed.history] == [record["loss"] for record in case.run.history]
    assert resumed.metrics["test"] == case.run.metrics["test"]
    assert resumed.config["train"] | {"checkpoint_every": None} == case.run.config["train"] | {"checkpoint_every": None}


def test_a_run_says_everything_as_json(case):
    assert case.run.metrics
    for path in case.run.path.glob("*.json"):
        odd: list[str] = []  # Infinity and NaN, which JSON does not have
        json.loads(path.read_text(), parse_constant=odd.append)
        assert not odd, path.name
