"""The panel of motifs: logos of a run on sequences, and a reason for any other run."""

import pytest

import deepglass as dg
from deepglass.core.console import console
from deepglass.data.datasets import dna
from deepglass.see import Asked, NotForThisRun
from deepglass.see.opened import Opened
from deepglass.see.panels import motifs

QUICK = {"epochs": 2, "precision": "float32", "threads": 1}


def opened(run, data):
    return Opened(run.folder if hasattr(run, "folder") else run.path, lambda: run, data)


@pytest.fixture
def run_on(tmp_path, monkeypatch):
    monkeypatch.setattr(console, "mode", "quiet")
    path = tmp_path / "dna.csv"
    dna.sequences(300, seed=5)[["sequence", "protein"]].to_csv(path, index=False)

    def train(**more):
        return dg.train(str(path), target="protein", run=str(tmp_path / "run"), **QUICK, **more), str(path)

    return train


def test_it_draws_the_filters_that_tell_most(run_on):
    run, path = run_on(model="motif-cnn", num_filters=6)
    view = motifs.show(opened(run, path), Asked())
    bits = [one["bits"] for one in view.facts["filters"]]
    assert len(view.parts) == len(bits) == 6 - view.facts["silent"]
    assert bits == sorted(bits, reverse=True)
    assert all("bits" in part.words and "<svg" in part.svg() for part in view.parts)
    assert set("".join(one["consensus"] for one in view.facts["filters"])) <= set("ACGT·")


def test_another_network_is_told_why_not(run_on):
    run, path = run_on(model="gru", hidden_size=8)
    with pytest.raises(NotForThisRun, match="no filters over single letters"):
        motifs.show(opened(run, path), Asked())
