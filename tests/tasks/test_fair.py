"""`--fair`: weights, prices and thresholds close the gap; the column that thresholds need is asked for; refusals."""

import numpy as np
import pandas as pd
import pytest
import torch

import deepglass as dg
from deepglass.core.console import console
from deepglass.core.errors import DeepglassError, OptionError
from deepglass.core.run_folder import RunFolder
from deepglass.evaluate import fairness
from deepglass.runs import fine_tuning
from deepglass.runs.blending import Answering
from deepglass.runs.fairness import with_thresholds
from deepglass.runs.job import plan_job
from deepglass.tasks._fair import Prices

QUICK = {"epochs": 3, "model": "linear", "device": "cpu", "precision": "float32", "threads": 1, "target": "income"}


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    monkeypatch.setattr(console, "mode", "quiet")


def people(rows=600):
    rng = np.random.default_rng(0)
    sex = rng.choice(["f", "m"], rows)
    x = rng.normal(size=rows) + 1.2 * (sex == "m")
    return pd.DataFrame({"x": x.round(3), "z": rng.normal(size=rows), "sex": sex,
                         "income": np.where(x + rng.normal(size=rows) * 0.5 > 0.9, "yes", "no")})  # fmt: skip


def job(**options):
    return plan_job(people(), "tabular-classification", options.pop("model", "linear"), QUICK_JOB | options)


QUICK_JOB = {name: value for name, value in QUICK.items() if name != "model"}


def test_prices_make_a_yes_dear_in_the_group_that_gets_too_many():
    planned = job(fair="sex")
    fair, hook = planned.task.fair, None
    hook = Prices(planned.build_model(), fair, planned.prepared.train, 1, 0)
    hook._answers = lambda: fair.groups["train"][hook.rows] == "m"  # every man, and no woman
    hook.update()
    prices, men = fair.numbers[:, 1].numpy(), fair.groups["train"] == "m"
    assert fair.gap == 1
    assert prices[men].min() > 0 > prices[~men].max()
    assert abs(prices.mean()) < 1e-5
    other = Prices(planned.build_model(), fair, planned.prepared.train, 1, 0)
    other.load_state_dict(hook.state_dict())
    assert np.array_equal(fair.numbers[:, 1].numpy(), prices)
    batch = planned.task.training_examples(planned.prepared.train).batch(torch.arange(4))
    plain, numbers = fair.taken_off(batch)
    assert numbers.shape == (4, 2)
    assert len(plain) == len(batch) - 1


def rare(rows=3000):
    """Women who get a "yes" are one row in thirty; what is known of them says less than of men."""
    rng = np.random.default_rng(0)
    sex = rng.choice(["f", "m"], rows, p=[0.3, 0.7])
    merit = rng.normal(size=rows) - 0.6 * (sex == "f")
    seen = merit + rng.normal(size=rows) * np.where(sex == "f", 0.8, 0.5)
    income = np.where(merit > 0.9, "yes", "no")
    return pd.DataFrame({"x": seen, "z": rng.normal(size=rows), "sex": sex, "income": income})


def learnt(planned):
    """How far the groups are apart on the training rows, by the network that is kept and at the end of every epoch."""
    task, prepared = planned.task, planned.prepared
    result = fine_tuning.learn(task, prepared, planned.build_model(), "mlp", planned.train_config)[0]
    counts = task.fair.counts("train", task.outputs(result.model, prepared.train).predictions.argmax(axis=1))
    return float(fairness.gap(counts.cells, task.fair.constraint)), [epoch["val_gap"] for epoch in result.history]


@pytest.mark.slow("trains two networks")
@pytest.mark.parametrize("constraint", ["equal-opportunity", "equalized-odds"])
def test_prices_of_few_rows_settle_and_close_the_gap(constraint):
    """A price that is divided by the group's share of the rows swings, and ends anywhere."""
    asked = {"fair": "sex", "constraint": constraint, "epochs": 8, "learning_rate": 0.003, "batch_size": 64}
    planned = plan_job(rare(), "tabular-classification", "mlp", QUICK_JOB | asked)
    with planned.task.fair.put_off():
        before, _ = learnt(planned)
    after, gaps = learnt(planned)
    assert before > 0.3
    assert after < before / 4
    assert max(gaps[-3:]) < before / 2


def test_it_looks_at_the_end_of_every_epoch_whatever_its_length():
    planned = job(fair="sex")
    for epoch in (1, 3, 7, 43):
        hook = Prices(planned.build_model(), planned.task.fair, planned.prepared.train, epoch, 0)
        looked = []
        hook._answers = lambda hook=hook, looked=looked: looked.append(hook.steps) or np.ones(len(hook.rows), bool)
        for _ in range(3 * epoch):
            hook.update()
        assert {epoch, 2 * epoch, 3 * epoch} <= set(looked)
        assert len(looked) == 3 * min(epoch, 4)


def test_a_price_costs_nothing_where_a_group_is_answered_as_all_are():
    planned = job(fair="sex", constraint="equalized-odds")
    fair = planned.task.fair
    hook = Prices(planned.build_model(), fair, planned.prepared.train, 1, 0)
    hook.prices = np.arange(1.0, 1 + len(fair.conditions))
    hook._set_prices()
    prices, chance = fair.numbers[:, 1].double(), torch.full((len(fair.numbers),), 0.3, dtype=torch.float64)
    assert float((prices * chance).sum()) == pytest.approx(0, abs=1e-3)
    group = fair.conditions[0][0]
    chance[torch.from_numpy(group)] = 0.8
    said = chance.numpy()
    paid = sum(
        price * group.sum() * (said[group].mean() - said[rows].mean())
        for (group, rows), price in zip(fair.conditions, hook.prices, strict=True)
    )
    assert float((prices * chance).sum()) == pytest.approx(paid, rel=1e-4)


def test_thresholds_by_group_are_predicted_with_and_need_the_column(tmp_path):
    people().to_csv(tmp_path / "people.csv", index=False)
    run = dg.train(tmp_path / "people.csv", fair="sex", mitigation="thresholds", run=tmp_path / "run", **QUICK)
    fair = run.metrics["fair"]
    assert fair["gap"]["value"] < fair["before"]["gap"]["value"] - 0.15
    again = dg.load(run.path)
    rows = [{"x": 0.6, "z": 0.0, "sex": sex} for sex in ("f", "m")]
    woman, man = (answer["p(yes)"] for answer in again.predict(rows))
    assert woman > man
    with pytest.raises(DeepglassError, match="sex"):
        again.predict([{"x": 0.6, "z": 0.0}])
    assert "What was traded" in (run.path / "report.html").read_text().replace("what was traded", "What was traded")
    assert "every prediction needs the column `sex`" in (run.path / "MODEL_CARD.md").read_text()


def test_thresholds_move_what_was_said_before_anybody_had_seen_the_rows(tmp_path):
    """Simple models of a blend know the validation rows in the end: their answers of then would promise too much."""
    planned = job(fair="sex", mitigation="thresholds")
    network, val = planned.build_model(), planned.prepared.val
    chances = np.random.default_rng(0).uniform(0.1, 0.9, len(val)).astype(np.float32)
    truth = planned.task.outputs(network, val).targets
    held_out = planned.task.outputs_of(np.stack([1 - chances, chances], axis=1), truth)
    found = with_thresholds(planned, Answering(network, held_out), RunFolder(tmp_path / "run").create())
    odds = [np.log(said[:, 1] / said[:, 0]) for said in (found.val.predictions, held_out.predictions)]
    place = found.model.place
    moved = (1 if found.model.positive else -1) * found.model.shifts[val.tensors[1][:, place]].numpy()
    assert np.ptp(moved) > 0.5
    np.testing.assert_allclose(odds[0] - odds[1], moved, atol=1e-4)


@pytest.mark.parametrize(("mitigation", "more"), [("reweighing", {}), ("reductions", {"ignore": "sex"})])
def test_a_constraint_is_learnt_also_without_seeing_the_column(mitigation, more, tmp_path):
    people().to_csv(tmp_path / "people.csv", index=False)
    options = QUICK | {"epochs": 6, "learning_rate": 0.05, **more}
    run = dg.train(tmp_path / "people.csv", fair="sex", mitigation=mitigation, run=tmp_path / "run", **options)
    fair = run.metrics["fair"]
    assert fair["gap"]["value"] < fair["before"]["gap"]["value"]
    row = {"x": 0.6, "z": 0.0} | ({} if more else {"sex": "f"})
    assert dg.load(run.path).predict([row])[0]["prediction"] in ("yes", "no")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fair": "sax"}, "--fair: unknown column 'sax'; did you mean 'sex'"),
        ({"fair": "income"}, "--fair income: it is the target"),
        ({"constraint": "equalized-odds"}, "--constraint has no effect: it says how --fair is fair"),
        ({"mitigation": "thresholds"}, "--mitigation has no effect"),
        ({"fair": "sex", "positive": "maybe"}, "--positive: unknown class 'maybe'"),
        ({"fair": "sex", "ignore": "sex", "mitigation": "thresholds"}, "does not read it as a category"),
        ({"fair": "z", "mitigation": "thresholds"}, "does not read it as a category"),
        ({"fair": "sex", "class_weights": "balanced"}, "--class-weights has no effect: --fair says"),
        ({"fair": "sex", "private": 3}, "--fair has no effect: a private training bounds"),
        ({"fair": "sex", "model": "perceptron"}, "the perceptron has a criterion of its own"),
    ],
)
def test_what_cannot_be_fair_is_refused_by_name(options, message):
    with pytest.raises(OptionError, match=message):
        job(**options)
