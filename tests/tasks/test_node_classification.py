"""A graph network answers what neither links nor words tell alone, and only labels are kept from it."""

import networkx
import numpy as np
import pandas as pd
import pytest
import torch

import deepglass as dg
from deepglass.core.errors import DataError, OptionError
from deepglass.data.containers import Table
from deepglass.data.datasets import karate_club, paper_citations
from deepglass.runs.job import plan_job

QUICK = {"device": "cpu", "threads": 1, "seed": 0}


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    return dg.train("paper-citations", run=tmp_path_factory.mktemp("papers") / "run", **QUICK)


@pytest.fixture(scope="module")
def club(tmp_path_factory):
    return dg.train("karate-club", run=tmp_path_factory.mktemp("club") / "run", epochs=120, **QUICK)


def test_the_club_is_that_of_networkx():
    theirs = networkx.karate_club_graph()
    assert sorted(map(tuple, karate_club.links().tolist())) == sorted(tuple(sorted(edge)) for edge in theirs.edges)
    assert {i for i in theirs if theirs.nodes[i]["club"] == "Mr. Hi"} == set(karate_club.WITH_TEACHER)


def test_words_and_links_together_beat_either(papers):
    metrics = papers.metrics
    assert metrics["rival"]["name"].startswith("label propagation")
    assert metrics["test"]["accuracy"]["low"] > metrics["rival"]["accuracy"]["value"] + 0.05


def test_two_labels_tell_the_side_of_nearly_everybody(club):
    assert club.metrics["test"]["accuracy"]["value"] >= 26 / 28
    assert club.metrics["test"]["count"] == 28


def test_a_newcomer_is_answered_by_the_company_it_keeps(club):
    answers = club.predict([{"member": "new", "neighbours": near} for near in ("0; 1; 3", "33; 32; 30")][:1])
    assert answers[0]["prediction"] == "teacher"
    assert club.predict([{"member": "new", "neighbours": "33; 32; 30"}])[0]["prediction"] == "president"


def test_a_member_of_the_training_is_answered_as_it_stands_in_the_graph(club):
    [answer] = club.predict([{"member": "8", "neighbours": "33"}])
    assert answer == club.predict([{"member": "8", "neighbours": ""}])[0]


def test_labels_of_the_test_are_not_learnt_from():
    told = paper_citations.load()
    hidden = Table(told.frame.copy(), told.name, dict(told.splits), target="field", task="node-classification")
    fields = sorted(set(hidden.frame["field"]))
    hidden.frame.loc[told.splits["test"], "field"] = np.random.default_rng(0).choice(fields, len(told.splits["test"]))
    jobs = [plan_job(table, None, None, {**QUICK, "epochs": 1}) for table in (told, hidden)]
    first, second = (job.prepared.train.batch(torch.arange(20)) for job in jobs)
    assert all(torch.equal(one, other) for one, other in zip(first, second, strict=True))


def test_nodes_without_a_label_are_heard():
    table = karate_club.load()
    table.frame["followed"] = table.frame["followed"].where(table.frame.index < 20)
    frame = table.frame
    job = plan_job(frame, "node-classification", None, {**QUICK, "target": "followed"})
    features, adjacency, *_ = job.prepared.train.batch(torch.arange(2))
    assert features.shape == (1, 34, 34)
    assert adjacency.shape == (1, 34, 34)
    assert sum(len(part) for part in (job.prepared.train, job.prepared.val, job.prepared.test)) == 20


def test_links_to_nobody_are_left_out_and_said():
    frame = karate_club.load().frame
    frame.loc[0, "neighbours"] += "; 99"
    job = plan_job(frame, "node-classification", None, {**QUICK, "target": "followed"})
    assert any("'99' is named as a neighbour and no node" in str(guess) for guess in job.guesses)


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({"neighbours": None}, {"neighbours_column": "neighbours"}, "no link between two nodes"),
        ({"neighbours": "99"}, {"neighbours_column": "neighbours"}, "'99' are no nodes"),
        ({}, {"target": "member"}, "both name and target"),
    ],
)
def test_what_is_no_graph_is_refused(change, options, message):
    frame = karate_club.load().frame.assign(**change)
    with pytest.raises(DataError, match=message):
        plan_job(frame, "node-classification", None, {**QUICK, "target": "followed", **options})


@pytest.mark.parametrize("options", [{"mixup": 0.2}, {"private": True}, {"group_column": "followed"}])
def test_what_has_no_meaning_in_a_graph_is_refused(options):
    with pytest.raises(OptionError):
        plan_job("karate-club", None, None, {**QUICK, **options})


def test_an_explanation_and_an_export_are_refused_with_the_reason(club, tmp_path):
    with pytest.raises(OptionError, match="whole graph"):
        club.export(tmp_path / "model.onnx")
    with pytest.raises(OptionError):
        club.explain([{"member": "new", "neighbours": "0"}])


def test_a_graph_of_many_nodes_is_learnt_from_sparse(tmp_path):
    rng = np.random.default_rng(0)
    side = np.arange(1200) % 2
    near = [(i + 2 * rng.integers(1, 60, 3)) % 1200 for i in range(1200)]
    frame = pd.DataFrame(
        {
            "node": [f"n{i}" for i in range(1200)],
            "neighbours": ["; ".join(f"n{j}" for j in others) for others in near],
            "size": rng.normal(size=1200) + side,
            "side": np.where(side, "left", "right"),
        }
    )
    run = dg.train(frame, run=tmp_path / "run", task="node-classification", target="side", epochs=15, **QUICK)
    assert run.task.inputs.graph.adjacency().is_sparse
    assert run.metrics["test"]["accuracy"]["value"] > 0.9
