"""What does not belong: learnt from normal rows alone, judged with intervals, its threshold set by validation (K04)."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from sklearn.covariance import EmpiricalCovariance
from sklearn.ensemble import IsolationForest
from sklearn.metrics import average_precision_score, roc_auc_score

import deepglass as dg
from deepglass.core.console import console
from deepglass.core.errors import DataError, OptionError
from deepglass.data.fields.normality import guess_normal
from deepglass.evaluate.anomaly_score import AnomalyScore, threshold_of
from deepglass.evaluate.judges.anomalies import Judge, promise_broken, too_few_to_promise
from deepglass.evaluate.metrics import anomalies
from deepglass.rivals import isolation
from deepglass.runs.job import plan_job

QUICK = {"epochs": 30, "batch_size": 32, "learning_rate": 0.01, "threads": 1, "device": "cpu"}
SMALL = {"hidden_dim": 16, "num_layers": 1, "code_dim": 1}
NUMBERS = ["wide", "high", "deep"]


def things(seed=0, normal=360, odd=40):
    """Rows on a line in space, and others that leave it in the column "deep" alone, within its usual range."""
    rng = np.random.default_rng(seed)
    hidden = rng.normal(size=(normal + odd, 1))
    numbers = hidden @ [[1.0, -1.0, 2.0]] + 0.05 * rng.normal(size=(normal + odd, 3))
    numbers[normal:, 2] = -numbers[normal:, 2] + np.sign(hidden[normal:, 0]) * -0.5
    frame = pd.DataFrame(numbers, columns=NUMBERS).round(4)
    frame["state"] = ["fine"] * normal + ["cracked"] * (odd // 2) + ["bent"] * (odd - odd // 2)
    return frame.sample(frac=1, random_state=seed).reset_index(drop=True)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    console.mode = "quiet"
    path = tmp_path_factory.mktemp("things") / "things.csv"
    things().to_csv(path, index=False)
    options = {"target": "state", "normal": "fine", "false_alarms": 0.05, "val_fraction": 0.3}
    return dg.train(path, run=path.parent / "run", task="anomaly-detection", **QUICK, **SMALL, **options)


# -- scores -----------------------------------------------------------------------------------------------------------


def test_areas_are_scikit_learns_and_rates_are_counted():
    rng = np.random.default_rng(0)
    truth = rng.permutation([1] * 30 + [0] * 170 + [-1] * 20)
    scores = np.round(rng.gamma(2, 0.3, 220) + 0.6 * (truth == 1), 1)  # with ties
    found = anomalies.evaluate(scores, truth)
    known = truth >= 0
    assert found["roc_auc"]["value"] == pytest.approx(roc_auc_score(truth[known], scores[known]))
    assert found["average_precision"]["value"] == pytest.approx(average_precision_score(truth[known], scores[known]))
    assert found["false_alarms"]["value"] == pytest.approx((scores[truth == 0] > 1).mean())
    assert found["anomaly_recall"]["value"] == pytest.approx((scores[truth == 1] > 1).mean())
    assert found["anomaly_precision"]["value"] == pytest.approx(truth[known & (scores > 1)].mean())
    assert found["flagged"]["value"] == pytest.approx((scores > 1).mean())
    for name in found["headline"]:
        assert found[name]["low"] < found[name]["value"] < found[name]["high"]


def test_without_labels_only_the_share_of_alarms_is_told():
    found = anomalies.evaluate(np.array([0.5, 1.5, 0.2]), np.full(3, -1))
    assert found["headline"] == ["flagged"]
    assert "roc_auc" not in found
    assert anomalies.evaluate(np.array([0.5, 1.5]), np.zeros(2))["headline"] == ["false_alarms"]
    assert anomalies.evaluate(np.array([0.5]), np.ones(1))["anomaly_precision"]["value"] is None


def test_a_score_is_in_units_of_the_usual_error_and_of_the_spread_of_the_codes():
    rng = np.random.default_rng(0)
    off, codes = rng.normal(size=(500, 4)) * [1, 2, 0.5, 3], rng.normal(size=(500, 2)) @ [[2.0, 1.0], [0.0, 0.3]]
    some = [torch.from_numpy(part[:7]).float() for part in (off, codes)]
    plain, weighted, both = (AnomalyScore.fit(off, codes, kind)(*some) for kind in ("error", "weighted", "both"))
    assert plain.numpy() == pytest.approx((off[:7] ** 2).mean(1), rel=1e-5)
    usual = (off**2).mean(0)
    assert weighted.numpy() == pytest.approx((off[:7] ** 2 / (usual + 0.01 * usual.mean())).mean(1), rel=1e-5)
    distance = EmpiricalCovariance().fit(codes).mahalanobis(codes[:7]) / 2
    assert (both - weighted).numpy() == pytest.approx(distance, rel=0.05)


def test_a_score_went_through_a_file():
    score = AnomalyScore.fit(
        np.random.default_rng(0).normal(size=(50, 3)), np.random.default_rng(1).normal(size=(50, 2)), "both"
    )
    score.threshold.fill_(2.5)
    again, given = AnomalyScore.from_state(score.state()), (torch.randn(4, 3), torch.randn(4, 2))
    assert torch.equal(score(*given), again(*given))
    for broken in ({"usual": [0.0, 1.0, 1.0]}, {"threshold": 0.0}, {"mean": [1.0]}):
        with pytest.raises(ValueError, match="expected"):
            AnomalyScore.from_state(score.state() | broken)


def test_the_promised_rate_of_false_alarms_is_kept_on_average_and_never_by_much():
    rng, kept = np.random.default_rng(0), []
    for _ in range(400):
        threshold = threshold_of(rng.gamma(2, size=99), 0.05)
        kept.append((rng.gamma(2, size=300) > threshold).mean())
    assert np.mean(kept) == pytest.approx(0.05, abs=0.004)
    assert threshold_of(np.arange(1.0, 20.0), 0.01) == 19  # too few to promise so little: the highest
    assert anomalies.promised(19, 0.01) == 0.05


def test_the_rival_is_scikit_learns_forest():
    rng = np.random.default_rng(0)
    rows, new = rng.normal(size=(300, 3)), rng.normal(size=(20, 3)) * 2
    theirs = IsolationForest(n_estimators=100, random_state=4).fit(rows).score_samples(new)
    assert isolation.fit(rows, 4)(new) == pytest.approx(-theirs)


# -- the task ---------------------------------------------------------------------------------------------------------


def test_training_and_validation_hold_normal_rows_alone_and_that_is_said():
    frame = things()
    job = plan_job(frame, "anomaly-detection", None, {**QUICK, "target": "state"})
    state = frame["state"].to_numpy()
    for part in ("train", "val"):
        assert set(state[job.prepared.ids[part]]) == {"fine"}
    assert set(state[job.prepared.ids["test"]]) == {"fine", "cracked", "bent"}
    guesses = {guess.what: str(guess) for guess in job.guesses}
    assert "32 examples of training and validation" in guesses["left out"]
    assert "fine" in guesses["normal"]
    assert job.task.preprocessor.columns == NUMBERS


def test_held_out_anomalies_are_found_with_an_interval_though_no_column_is_out_of_its_range(run):
    test = run.metrics["test"]
    assert test["roc_auc"]["value"] > 0.95
    assert test["roc_auc"]["low"] > 0.8
    assert 0.7 < test["average_precision"]["low"] <= test["average_precision"]["value"]
    assert test["anomaly_recall"]["value"] > 0.7
    assert test["roc_auc"]["value"] > run.metrics["baseline"]["roc_auc"]["value"]
    assert run.metrics["rival"]["name"] == "isolation forest"


def test_the_threshold_is_that_of_validation_and_knows_nothing_of_the_test(run):
    job = plan_job(things(), "anomaly-detection", None, {**QUICK, **SMALL, "target": "state", "val_fraction": 0.3})
    task, model = job.task, run.network
    task.calibrate(model, job.prepared)
    before = float(task.scorer.threshold)
    scores = task.outputs(model, job.prepared.val).predictions
    assert (scores <= 1).mean() >= 1 - task.promised
    assert scores.max() >= 1 - 1e-5  # the threshold is one of them
    spoilt = replace(job.prepared, test=job.prepared.test.subset(torch.arange(5)))
    task.calibrate(model, spoilt)
    assert float(task.scorer.threshold) == before


def test_the_rate_that_was_asked_for_sets_the_threshold(run):
    job = plan_job(things(), "anomaly-detection", None, {**QUICK, **SMALL, "target": "state", "val_fraction": 0.3})
    found = {}
    for rate in (0.02, 0.3):
        job.task.config = replace(job.task.config, false_alarms=rate)
        job.task.calibrate(run.network, job.prepared)
        found[rate] = float(job.task.scorer.threshold)
    assert found[0.3] < found[0.02]
    kinds = set()
    for kind in ("error", "weighted", "both"):
        job.task.config = replace(job.task.config, score=kind)
        job.task.calibrate(run.network, job.prepared)
        kinds.add(round(float(job.task.outputs(run.network, job.prepared.test).predictions[0]), 5))
    assert len(kinds) == 3


def test_an_answer_says_score_verdict_and_where_it_is_most_unusual(run):
    fine, odd = {"wide": 1.0, "high": -1.0, "deep": 2.0}, {"wide": 1.0, "high": -1.0, "deep": -2.5}
    answers = run.predict([fine, odd])
    assert [answer["verdict"] for answer in answers] == ["normal", "anomalous"]
    assert answers[0]["score"] < 1 < answers[1]["score"]
    assert all(answer["most_unusual"] in NUMBERS for answer in answers)
    assert run.evaluate(things(seed=1))["roc_auc"]["value"] > 0.9
    with pytest.raises(OptionError, match="state"):
        run.evaluate(things().drop(columns="state"))


def test_a_category_that_never_occurs_is_unusual(tmp_path):
    console.mode = "quiet"
    frame = things()[NUMBERS].assign(colour=np.where(np.arange(400) % 2, "red", "blue"))
    found = dg.train(
        frame, run=tmp_path / "run", task="anomaly-detection", **QUICK, hidden_dim=16, num_layers=1, code_dim=2
    )
    usual = {"wide": 0.1, "high": -0.1, "deep": 0.2, "colour": "red"}
    red, green = (found.predict([usual | {"colour": colour}])[0] for colour in ("red", "green"))
    assert green["score"] > red["score"]


def test_without_labels_it_tells_alarms_and_the_most_unusual_rows(tmp_path):
    console.mode = "quiet"
    frame = things()[NUMBERS]
    frame.loc[7, "deep"] = 40.0
    path = tmp_path / "rows.csv"
    frame.to_csv(path, index=False)
    runs = [
        dg.train(path, run=tmp_path / f"run{seed}", task="anomaly-detection", **QUICK, **SMALL, seed=seed)
        for seed in (0, 1)
    ]
    test = runs[0].metrics["test"]
    assert test["headline"] == ["flagged"]
    assert "rival" not in runs[0].metrics
    assert "how well anomalous examples are found cannot be told" in " ".join(Judge().notes(test))
    assert not any("baseline" in warning for warning in runs[0].metrics["warnings"])  # no labels tell who is better
    worst = runs[0].folder.read("mistakes.json")
    assert worst[0]["target"] == "not labelled"
    assert "of its errors in" in worst[0]["predicted"]
    assert "raises an alarm at" in (runs[0].path / "report.html").read_text()
    with pytest.raises((DataError, OptionError), match=r"labelled|shared"):
        runs[0].compare(runs[1])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            {"target": "state", "normal": "good"},
            "--normal good: no example of .* is labelled so; expected some of fine",
        ),
        ({"target": "wide"}, "--target wide: it holds .* different values"),
        ({"target": "none", "normal": "fine"}, "--normal fine: .* has no labels"),
        ({"target": "state", "false_alarms": 0.0}, "--false-alarms: expected a share between 0 and 1"),
        ({"target": "state", "noise": -1.0}, "--noise: expected 0 or more"),
        ({"target": "none"}, "--target has no effect: the data have no labels"),
        ({"classes": "fine"}, "--classes has no effect.*--normal"),
    ],
)
def test_what_can_not_be_done_is_said(options, words):
    with pytest.raises(OptionError, match=words):
        plan_job(things(), "anomaly-detection", None, {**QUICK, **options})


def test_a_column_with_a_usual_name_is_no_input_unless_asked():
    frame = things().rename(columns={"state": "is_anomaly"})
    frame["is_anomaly"] = (frame["is_anomaly"] != "fine").astype(int)
    job = plan_job(frame, "anomaly-detection", None, QUICK)
    assert job.task.preprocessor.columns == NUMBERS
    assert job.task.answer.normal == ["0"]
    bare = plan_job(frame, "anomaly-detection", None, {**QUICK, "target": "none"})
    assert bare.task.preprocessor.columns == [*NUMBERS, "is_anomaly"]
    assert bare.task.answer.normal == []


def test_labels_that_are_missing_are_neither_learnt_nor_judged():
    frame = things()
    frame.loc[::7, "state"] = None
    job = plan_job(frame, "anomaly-detection", None, {**QUICK, "target": "state"})
    assert not frame["state"].iloc[job.prepared.ids["train"]].isna().any()
    truth = job.prepared.test.tensors[-1].numpy()
    assert (truth == -1).sum() == frame["state"].iloc[job.prepared.ids["test"]].isna().sum() > 0


def test_without_normal_rows_to_learn_from_it_is_said():
    frame = things(normal=6, odd=94)
    with pytest.raises(DataError, match="normal examples, none of them in the part"):
        plan_job(frame, "anomaly-detection", None, {**QUICK, "target": "state", "normal": "fine"})


def test_the_normal_label_is_a_usual_word_or_the_most_frequent():
    assert guess_normal(["scratch", "Good"]) == (["Good"], "a usual word for it")
    assert guess_normal(["trouser", "shirt"])[0] == ["trouser"]
    assert guess_normal(["1", "-1"])[0] == ["1"]


def test_pictures_of_one_kind_are_learnt_and_others_found(tmp_path):
    """As inspection sets come: train/good, test/good, test/dent."""
    console.mode = "quiet"
    rng = np.random.default_rng(0)
    for part, kind, count in (("train", "good", 60), ("test", "good", 12), ("test", "dent", 8)):
        folder = tmp_path / "parts" / part / kind
        folder.mkdir(parents=True)
        for i in range(count):
            pixels = rng.integers(90, 110, (8, 8)) + 60 * (np.arange(8) % 2)
            if kind == "dent":
                pixels[2:6, 2:6] = 20
            Image.fromarray(pixels.astype(np.uint8)).save(folder / f"{i}.png")
    found = dg.train(
        tmp_path / "parts", run=tmp_path / "run", task="anomaly-detection", **QUICK, **SMALL, false_alarms=0.2
    )
    assert found.metrics["test"]["details"]["anomalous"] == 8
    assert found.metrics["test"]["roc_auc"]["value"] == 1
    assert all(item["image"].startswith("data:image/png") for item in found.folder.read("mistakes.json"))


# -- what is warned of ------------------------------------------------------------------------------------------------


def test_too_few_validation_rows_and_a_broken_promise_are_warned_of():
    def test_of(kept, asked=0.01, promised=0.01, judged_by=500):
        details = {"asked": asked, "promised": promised, "judged_by": judged_by, "normal": 1000, "anomalous": 50}
        return {"details": details, "false_alarms": {"value": kept}}

    assert promise_broken(test_of(0.012), {}) is None
    assert "more than the 1.00% that were promised" in promise_broken(test_of(0.08), {})
    assert "fewer" in promise_broken(test_of(0.0, asked=0.2, promised=0.2), {})
    assert too_few_to_promise(test_of(0.01), {}) is None
    assert "99 would do" in too_few_to_promise(test_of(0.02, promised=0.05, judged_by=19), {})
