"""Weights of examples and classes, metrics, and every option of training: it acts, or it is refused."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

import deepglass as dg
from deepglass.core.errors import DataError, DeepglassError, OptionError
from deepglass.runs.options import TRAIN_SETTINGS
from tests.api.fitting.helpers import QUICK, Two, data, linear, weights
from tests.api.option_walk import BESIDE, outcome_of, values_for

X, y, v = data()
WEIGHTS = (torch.arange(120) % 3).float()  # a third counts nothing


def learnt(module, *arguments, **options):
    dg.fit(module, *arguments, **{**QUICK, **options})
    return weights(module)


# -- weights --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outputs", "target", "loss"), [(2, y, None), (1, v, None), (1, y, "bce"), (1, v, nn.HuberLoss())]
)
def test_an_example_of_weight_zero_does_not_count_and_one_of_two_counts_twice(outputs, target, loss):
    """One step of plain descent on the whole batch: the gradient is that of the examples repeated."""
    options = {
        "epochs": 1,
        "batch_size": 0,
        "optimizer": "sgd",
        "learning_rate": 0.1,
        "warmup": 0.0,
        "weight_decay": 0.0,
    }
    rows = torch.repeat_interleave(torch.arange(120), WEIGHTS.long())
    options |= {"val": (X[:9], target[:9]), "loss": loss}
    weighted = learnt(linear(outputs), X, target, sample_weight=WEIGHTS, **options)
    torch.testing.assert_close(weighted, learnt(linear(outputs), X[rows], target[rows], **options))
    assert not torch.allclose(weighted, learnt(linear(outputs), X, target, **options))


def test_weights_follow_their_examples_into_validation():
    wrong = torch.where(WEIGHTS > 0, y, 1 - y)
    fitted = dg.fit(linear(), X, wrong, sample_weight=WEIGHTS, **{**QUICK, "epochs": 40, "learning_rate": 0.1})
    assert fitted.history[-1]["val_loss"] < 0.3
    assert float((torch.as_tensor(fitted.predict(X)) == y).float().mean()) > 0.9


def test_a_loss_of_ones_own_takes_weights_as_its_third_argument():
    def own(outputs, target, weight):
        return (F.cross_entropy(outputs, target, reduction="none") * weight).sum() / weight.sum()

    torch.testing.assert_close(
        learnt(linear(), X, y, sample_weight=WEIGHTS, loss=own), learnt(linear(), X, y, sample_weight=WEIGHTS)
    )
    with pytest.raises(OptionError, match=r"sample_weight has no effect.*\(outputs, target, weights\)"):
        learnt(linear(), X, y, sample_weight=WEIGHTS, loss=lambda o, t: F.cross_entropy(o, t))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (np.ones(7), r"shape \(7,\): expected \(120,\)"),
        (-np.ones(120), r"sample_weight\[0\].* is -1: expected finite numbers of 0 or more"),
        (np.full(120, np.nan), "is nan"),
        (np.zeros(120), "0 everywhere"),
        (["a"] * 120, "sample_weight holds words"),
    ],
)
def test_weights_that_cannot_be_right_are_named(given, message):
    with pytest.raises(DataError, match=message):
        learnt(linear(), X, y, sample_weight=given)


def test_rare_classes_count_more_or_come_more_often():
    rare = (X[:, 0] > 1.2).long()
    recalls = {}
    for asked in ("none", "balanced", "sampler"):
        fitted = dg.fit(linear(), X, rare, class_weights=asked, **{**QUICK, "epochs": 20, "learning_rate": 0.05})
        said = torch.as_tensor(fitted.predict(X))
        recalls[asked] = float((said[rare == 1] == 1).float().mean())
    assert recalls["balanced"] > recalls["none"]
    assert recalls["sampler"] > recalls["none"]


def test_a_weight_for_each_label_is_the_weight_of_its_examples():
    words = np.where(y > 0, "yes", "no")
    each = np.where(y > 0, 3.0, 1.0)
    options = {"val": (X[:9], words[:9])}
    by_class = learnt(linear(), X, words, class_weights={"yes": 3}, **options)
    torch.testing.assert_close(by_class, learnt(linear(), X, words, sample_weight=each, **options))
    with pytest.raises(OptionError, match="'maybe' does not occur; the classes are no, yes"):
        learnt(linear(), X, words, class_weights={"maybe": 3})


# -- metrics --------------------------------------------------------------------------------------------------------


def test_metrics_stand_in_the_history_and_choose_the_epoch(capsys):
    def hits(outputs, target):
        return (outputs.argmax(1) == target).float().mean()

    options = {**QUICK, "quiet": False, "epochs": 4, "learning_rate": 0.1}
    fitted = dg.fit(linear(), X, y, metrics={"accuracy": "accuracy", "own": hits}, monitor="own", **options)
    for record in fitted.history:
        assert record["val_own"] == pytest.approx(record["val_accuracy"])
    scores = [record["val_own"] for record in fitted.history]
    assert scores[fitted.best_epoch - 1] == max(scores)
    assert "val accuracy" in capsys.readouterr().out


@pytest.mark.parametrize("metrics", ["accuracy", ["accuracy", "f1"], ("f1",), {"a": "accuracy"}, [lambda o, t: 1.0]])
def test_metrics_come_in_every_form(metrics):
    assert len(dg.fit(linear(), X, y, metrics=metrics, **QUICK).history[0]) > 7


def test_scores_of_values_are_those_of_scikit_learn():
    from sklearn import metrics as judge

    fitted = dg.fit(linear(1), X, v, val=(X, v), metrics=["mae", "mse", "rmse", "r2"], **{**QUICK, "epochs": 1})
    said, found = fitted.predict(X), fitted.history[-1]
    assert found["val_mae"] == pytest.approx(judge.mean_absolute_error(v, said), rel=1e-5)
    assert found["val_r2"] == pytest.approx(judge.r2_score(v, said), rel=1e-5)
    assert found["val_rmse"] ** 2 == pytest.approx(found["val_mse"])
    labels = torch.arange(120) % 3
    fitted = dg.fit(linear(3), X, labels, val=(X, labels), metrics="f1", **{**QUICK, "epochs": 1})
    assert fitted.history[0]["val_f1"] == pytest.approx(judge.f1_score(labels, fitted.predict(X), average="macro"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"metrics": "acuracy"}, "did you mean 'accuracy'"),
        ({"metrics": "rmse"}, "does not fit cross-entropy: choose among accuracy, f1"),
        ({"metrics": 3}, "expected names"),
        ({"metrics": lambda o, t: o.nothing}, "fails on"),
        ({"metrics": {"loss": "accuracy"}}, "'loss' is there already"),
        ({"monitor": "acuracy", "metrics": "accuracy"}, "did you mean 'accuracy'"),
        ({"metrics": "accuracy", "monitor": "accuracy", "better": "up"}, "expected 'higher' or 'lower'"),
        ({"metrics": [lambda o, t: (o[:, 0] - o[:, :1]).abs().mean()]}, "against each other"),
    ],
)
def test_a_metric_that_cannot_be_right_is_named(options, message):
    with pytest.raises(OptionError, match=message):
        learnt(linear(), X, y, **options)


# -- every option ---------------------------------------------------------------------------------------------------

SEEN_ELSEWHERE = {  # how steps are computed, and what is written: not in the weights of a short training
    "device": "there is one device here",
    "compile": "the compiler takes a minute; tests/training/test_autotune.py",
    "checkpoint_every": "the test below",
    "shard": "refused by the check of processes",
}


def deep():
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 2))


@pytest.mark.parametrize("setting", [s for s in TRAIN_SETTINGS if s.name not in SEEN_ELSEWHERE], ids=lambda s: s.name)
def test_every_option_of_training_acts_or_is_refused(setting):
    """A new option joins this walk by itself."""
    epochs = 1 if setting.name == "epochs" else 2
    beside = {"epochs": epochs, "learning_rate": 0.05, "batch_size": 32} | BESIDE.get(setting.name, {})

    def trained(**options):
        fitted = dg.fit(deep(), X, y, **{**QUICK, **beside, **options})
        return weights(fitted.model).tolist(), len(fitted.history), str(fitted.way)

    usual = trained()
    outcomes = [outcome_of(lambda more: trained(**more), {setting.name: value}) for value in values_for(setting)]
    for refused in (one for one in outcomes if isinstance(one, DeepglassError)):
        assert setting.name in str(refused)
    assert any(one != usual for one in outcomes), f"{setting.name} is accepted and changes nothing"


def test_what_names_a_file_or_another_entry_is_refused():
    for options, message in (
        ({"pretrained": "hub"}, "load its weights into it"),
        ({"checkpoint_every": 3.0}, "checkpoint_every has no effect: nothing is written without a folder"),
        ({"shard": True}, "--shard divides a model"),
        ({"target": "y"}, "unknown option 'target'"),
        ({"epoch": 3}, "did you mean 'epochs'"),
    ):
        with pytest.raises(OptionError, match=message):
            learnt(linear(), X, y, **options)


@pytest.mark.parametrize(
    ("module", "arguments", "options", "message"),
    [
        (linear, (X, y), {"label_smoothing": 0.1, "loss": lambda o, t: F.cross_entropy(o, t)}, "put it into the loss"),
        (lambda: linear(1), (X, v), {"label_smoothing": 0.1}, "label_smoothing has no effect: the loss is mse"),
        (lambda: linear(1), (X, v), {"class_weights": "balanced"}, "knows no single class"),
        (linear, (X, y), {"cutmix": 1.0}, r"pastes boxes of pictures \(N, C, H, W\)"),
        (linear, (X, y), {"momentum": 0.5}, "--optimizer momentum or nesterov"),
        (linear, (X, y), {"layer_decay": 0.5}, "one block"),
        (linear, (X, y), {"unfreeze_every": 1}, "one block"),
        (deep, (X, y), {"freeze": "all", "unfreeze_every": 1}, "leave one of the two out"),
        (linear, (X, y), {"schedule": "one-cycle", "warmup": 0.3}, "rises for 30%"),
        (
            lambda: nn.Sequential(nn.Embedding(9, 4), nn.Flatten(), nn.Linear(12, 2)),
            (torch.randint(0, 9, (120, 3)), y),
            {"mixup": 0.2},
            "whole numbers that stand for something",
        ),
    ],
)
def test_an_option_that_cannot_act_says_why(module, arguments, options, message):
    with pytest.raises(OptionError, match=message):
        learnt(module(), *arguments, **options)


def test_what_is_as_by_default_is_never_refused():
    same = {s.name: s.default for s in TRAIN_SETTINGS if s.default is not None and s.name not in QUICK}
    assert torch.equal(learnt(linear(), X, y, **same), learnt(linear(), X, y))
    learnt(linear(1), X, v, class_weights="none", label_smoothing=0.0, mixup=0, freeze="none", unfreeze_every=0)


def test_mixtures_reach_several_inputs_and_pictures():
    for options in ({}, {"mixup": 0.5}):
        torch.manual_seed(0)
        module = Two()
        dg.fit(module, (X, X[:, :2]), y, **{**QUICK, **options})
        options["weights"] = weights(module)
    net = lambda: nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), linear(2, 72))  # noqa: E731
    pictures = torch.randn(60, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    torch.manual_seed(0)
    plain = learnt(net(), pictures, torch.arange(60) % 2)
    torch.manual_seed(0)
    assert not torch.equal(learnt(net(), pictures, torch.arange(60) % 2, cutmix=1.0), plain)


def test_a_rate_is_found_for_a_module_of_ones_own():
    module = linear()
    fitted = dg.fit(module, X, y, learning_rate="auto", **{**QUICK, "epochs": 10})
    assert fitted.history[-1]["val_loss"] < fitted.history[0]["val_loss"]
