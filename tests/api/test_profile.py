import json

import torch
from torch import nn

from deepglass.api.fit import fit
from deepglass.api.train import train
from deepglass.core.console import console


def test_a_profile_is_shown_kept_and_part_of_the_report(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(console, "mode", "normal")
    run = train("iris", model="mlp", bags=1, epochs=3, run=tmp_path / "run", profile=True)
    shown = capsys.readouterr().out
    assert "where the time went" in shown
    assert "first to change" in shown
    profile = run.folder.read("profile.json")
    assert profile["steps"] == 21
    assert profile["seconds"]["start-up"] > 0
    assert "Where the time of the training went" in (run.path / "report.html").read_text(encoding="utf-8")


def test_the_json_document_carries_it_and_without_being_asked_there_is_none(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(console, "mode", "json")
    train("iris", model="linear", epochs=1, run=tmp_path / "with", profile=True)
    assert "forward" in json.loads(capsys.readouterr().out)["profile"]["seconds"]
    run = train("iris", model="linear", epochs=1, run=tmp_path / "without")
    assert "profile" not in json.loads(capsys.readouterr().out)
    assert not (run.path / "profile.json").exists()


def test_a_module_of_ones_own_is_profiled_too(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(console, "mode", "normal")
    rows = torch.randn(320, 4), torch.randint(3, (320,))
    fitted = fit(nn.Linear(4, 3), rows, epochs=2, batch_size=32, run=str(tmp_path / "run"), profile=True)
    assert "first to change" in capsys.readouterr().out
    assert fitted.profile["steps"] == 18  # a tenth is held back
    assert json.loads((tmp_path / "run" / "profile.json").read_text())["steps"] == 18
    assert fit(nn.Linear(4, 3), rows, epochs=1, quiet=True).profile is None
