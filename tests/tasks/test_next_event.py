"""What next event makes of sessions, in whatever form they come; what it refuses; that it knows more than chains."""

import json

import numpy as np
import pandas as pd
import pytest
import torch

import deepglass as dg
from deepglass.core.console import console
from deepglass.core.errors import DataError, OptionError
from deepglass.data.datasets import shop_sessions
from deepglass.data.token_windows import IGNORED
from deepglass.evaluate.metrics import next_event as metrics
from deepglass.evaluate.paired import paired_bootstrap
from deepglass.rivals import Time
from deepglass.rivals.next_event import Chains
from deepglass.runs.job import plan_job

SMALL = {
    "embed_dim": 12,
    "hidden_size": 24,
    "epochs": 8,
    "learning_rate": 0.02,
    "threads": 1,
    "precision": "float32",
    "device": "cpu",
}


def planned(source, **options):
    options = {"epochs": 1, "min_count": 1, **options}
    return plan_job(source, "next-event", options.pop("model", None), options)


def table(number=12):
    """Every session walks through letters of its own day."""
    rows = [(f"s{i}", f"2024-01-{1 + i:02}", page) for i in range(number) for page in "abcd"[: 2 + i % 3]]
    return pd.DataFrame(rows, columns=["session", "day", "page"])


def sessions_of(job, part):
    examples = getattr(job.prepared, part)
    return [job.task.tokens.decode(ids.tolist()) for ids in examples.events.split(examples.lengths.tolist())]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """On half of the generated visits, with a small network."""
    console.mode = "quiet"
    folder = tmp_path_factory.mktemp("shop") / "run"
    return dg.train("shop-sessions", task="next-event", run=folder, max_rows=20_000, **SMALL)


def test_whole_sessions_are_held_out_the_latest_where_times_are_known():
    frame = table()
    job = planned(frame.sample(frac=1, random_state=0).sort_values("page", kind="stable"))
    learnt, tested = (job.prepared.ids[part] for part in ("train", "test"))
    assert max(learnt) < min(job.prepared.ids["val"]) <= max(job.prepared.ids["val"]) < min(tested)
    assert sessions_of(job, "test") == ["a b", "a b c", "a b c d"][-len(tested) :]


def test_sessions_without_times_are_drawn_by_lot_and_none_is_in_two_parts(tmp_path):
    path = tmp_path / "visits.txt"
    path.write_text("".join(f"home page{i} pay\n" for i in range(40)))
    job = planned(path)
    parts = [set(job.prepared.ids[part]) for part in ("train", "val", "test")]
    assert [len(part) for part in parts] == [29, 3, 8]
    assert set.union(*parts) == set(range(40))
    assert "by lot" in " ".join(map(str, job.guesses))
    assert set(planned(path, seed=1).prepared.ids["test"]) != parts[2]


def test_lines_tables_and_lists_hold_the_same_sessions(tmp_path):
    walks = [["home", "shoes", "pay"], ["home", "hats"], ["hats", "home", "hats", "pay"]] * 4
    (tmp_path / "lines.txt").write_text("\n".join(",".join(walk) for walk in walks))
    (tmp_path / "lists.jsonl").write_text("\n".join(json.dumps({"events": walk}) for walk in walks))
    rows = [(i, event) for i, walk in enumerate(walks) for event in walk]
    pd.DataFrame(rows, columns=["session", "event"]).to_csv(tmp_path / "rows.csv", index=False)
    jobs = [planned(tmp_path / name) for name in ("lines.txt", "lists.jsonl", "rows.csv")]
    parts = [(job.prepared.train.events.tolist(), job.prepared.test.events.tolist()) for job in jobs]
    found = [(*part, job.task.tokens.events) for part, job in zip(parts, jobs, strict=True)]
    assert found[0] == found[1] == found[2]


def test_the_target_of_every_event_is_the_next_one_and_training_alone_teaches_the_events(tmp_path):
    for name, last in (("train", "x"), ("val", "y"), ("test", "z")):
        (tmp_path / f"{name}.txt").write_text(f"a b c {last}\n" * 4)
    job = planned(tmp_path / "train.txt", val=str(tmp_path / "val.txt"), test=str(tmp_path / "test.txt"))
    assert sorted(job.task.tokens.events) == ["a", "b", "c", "x"]
    events, targets = job.prepared.test.batch(torch.arange(4))
    assert (events[:, 1:] == targets[:, :-1]).all()
    assert (targets[:, -1] == 0).all()  # an event that training has not seen
    outputs = job.task.by(job.prepared.test, lambda past: np.eye(5)[past[:, -1] % 4 + 1])
    assert (outputs.predictions[:, 0] <= 2 / 3).all()  # and so a miss, whatever is said


def test_every_place_is_judged_once_with_half_a_context_before_it():
    from deepglass.data.session_windows import SessionWindows

    sessions = [np.arange(1, length + 1) for length in (2, 3, 7, 23, 6)]
    found = {i: [] for i in range(len(sessions))}
    for owner, events, targets in SessionWindows.of(sessions, context=6).windows(3):
        for session, seen, wanted in zip(owner.tolist(), events, targets, strict=True):
            for place in torch.nonzero(wanted != IGNORED)[:, 0].tolist():
                assert wanted[place] == seen[place] + 1
                assert place >= min(int(wanted[place]) - 2, 3)
                found[session].append(int(wanted[place]))
    assert [sorted(places) for places in found.values()] == [session[1:].tolist() for session in sessions]


def test_the_scores_count_places_and_the_intervals_draw_sessions():
    ranks, owner = np.array([1, 1, 2, 12, 6]), np.array([0, 0, 0, 0, 1])
    steps = np.bincount(owner)
    means = metrics.by_session(owner, metrics.gains(ranks), 2) / steps[:, None]
    found = metrics.evaluate(means, steps, np.ones(2))
    assert found["hit_at_1"]["value"] == pytest.approx(2 / 5)
    assert found["hit_at_5"]["value"] == pytest.approx(3 / 5)
    assert found["hit_at_10"]["value"] == pytest.approx(4 / 5)
    assert found["reciprocal_rank"]["value"] == pytest.approx(np.mean(1 / ranks))
    assert (found["hit_at_1"]["low"], found["hit_at_1"]["high"]) == (0.0, 0.5)  # of sessions with 0.5 and 0


def test_it_reaches_nearly_what_can_be_known_and_beats_the_chain_that_looks_three_back(run):
    """95 % of the right answers of whoever knows the true chances, on the same visits."""
    task, prepared = run.task, planned("shop-sessions", max_rows=20_000).prepared
    outputs = run.folder.read_outputs()
    ends = prepared.test.lengths.cumsum(0)[:-1]
    visits = [[task.tokens.name(i) for i in part.tolist()] for part in prepared.test.events.tensor_split(ends)]
    best, _ = shop_sessions.optimum(visits)
    assert run.metrics["test"]["hit_at_1"]["value"] >= 0.95 * best
    task.inputs.counts = np.ones(len(task.tokens))
    chain = task.by(prepared.test, Chains(prepared.train, len(task.tokens), Time(60)).chances(3))
    ours, theirs = (
        metrics.shares_of_total(part, steps)[:, 0]
        for part, steps in ((outputs["predictions"], outputs["steps"]), (chain.predictions, chain.extra["steps"]))
    )
    assert paired_bootstrap(ours, theirs)["difference"]["low"] > 0.03


def test_it_says_what_comes_next_and_remembers_the_department(run):
    for department in ("shoes", "belts"):
        found = run.predict(f"{department} photo sizes reviews")
        assert [record["rank"] for record in found] == [*range(1, 11)]
        assert found[0]["event"] == department
        assert found[0]["probability"] > 0.4
        assert sum(record["probability"] for record in found) <= 1 + 1e-6


def test_lists_a_table_and_a_session_written_down_are_answered_alike(run):
    walk = ["shoes", "photo", "sizes", "reviews"]
    frame = pd.DataFrame({"session": "mine", "time": pd.date_range("2024-05-01", periods=4), "page": walk})
    ways = [run.predict(" ".join(walk)), run.predict(walk), run.predict([walk]), run.predict(frame)]
    assert ways[3][0]["session"] == "mine"
    events = [[(record["event"], record["probability"]) for record in way] for way in ways]
    assert all(way == events[0] for way in events[1:])


def test_an_event_that_training_did_not_have_is_said_and_can_be_refused(run):
    assert "'trousers'" in " ".join(map(str, run.task.open("shoes trousers photo").guesses))
    assert len(run.predict("shoes trousers photo")) == 10
    with pytest.raises(DataError, match="events, row 1"):
        run.predict("shoes trousers photo", unknown="refuse")


def test_the_event_that_matters_is_the_department(run):
    explained = run.explain("shoes photo sizes reviews", about="shoes")
    assert explained.method == "occlusion"
    assert explained.parts[int(explained.contributions.argmax())]["name"] == "shoes"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("home\nshoes\nhats\n", "0 sessions of two events or more"),
        ("home pay\n\nhome pay\n", "expected at least 3"),
        ("home home\nhome home\nhome home\nhome home\nhome home\n", "1 event of the training"),
    ],
)  # fmt: skip
def test_what_cannot_be_learnt_from_is_refused_in_words(tmp_path, content, said):
    (tmp_path / "visits.txt").write_text(content)
    with pytest.raises(DataError, match=said):
        planned(tmp_path / "visits.txt")


def test_tables_without_sessions_and_times_that_are_words_are_refused():
    with pytest.raises(DataError, match=r"no column names the sessions.*--session-column"):
        planned(pd.DataFrame({"page": [*"abab"] * 3, "x": [*"cdef"] * 3}))
    frame = table().assign(day="some day")
    frame.loc[::2, "day"] = "another"
    with pytest.raises(OptionError, match="--time-column day: it holds words"):
        planned(frame, time_column="day")


def test_sessions_of_one_event_and_empty_lines_are_left_out_and_said(tmp_path):
    (tmp_path / "visits.txt").write_text("a b\n\nc\n" * 6)
    job = planned(tmp_path / "visits.txt")
    told = " ".join(map(str, job.guesses))
    assert sum(len(getattr(job.prepared, part)) for part in ("train", "val", "test")) == 6
    assert "6 sessions" in told
    assert "6 lines" in told


def test_a_session_is_in_one_part():
    frame = table().assign(part="train")
    frame.loc[frame.session.isin(["s9", "s10", "s11"]), "part"] = ["val", "test"] * 4 + ["test"]
    with pytest.raises(DataError, match="a session belongs to one part"):
        planned(frame, split_column="part")


def test_a_very_long_session_is_read_and_judged(tmp_path):
    rng = np.random.default_rng(0)
    walks = [rng.integers(0, 5, 6) for _ in range(30)] + [rng.integers(0, 5, 200_000)]
    path = tmp_path / "walks.txt"
    path.write_text("\n".join(" ".join(f"p{i}" for i in walk) for walk in walks))
    job = planned(path)
    judged = sum(
        int((targets != IGNORED).sum())
        for part in ("val", "test")
        for _, _, targets in getattr(job.prepared, part).windows(4096)
    )
    assert judged == sum(int(getattr(job.prepared, part).lengths.sum() - len(getattr(job.prepared, part)))
                         for part in ("val", "test"))  # fmt: skip


@pytest.mark.parametrize("options", [{"context": 1}, {"min_count": 0}, {"max_events": 1}])
def test_options_out_of_range_are_refused(options):
    with pytest.raises(OptionError, match=next(iter(options)).replace("_", "-")):
        planned(table(), **options)
