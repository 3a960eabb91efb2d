"""Losses by name, object and function; which one is guessed; and targets that would teach something else."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
import torch
import torch.nn.functional as F
from torch import nn

import deepglass as dg
from deepglass.api.fitting.losses import NAMED, loss_of
from deepglass.core.errors import DataError, OptionError
from tests.api.fitting.helpers import QUICK, WithDict, WithTuple, data, linear, weights

X, y, v = data()


def learnt(module, *arguments, **options):
    dg.fit(module, *arguments, **{**QUICK, **options})
    return weights(module)


@pytest.mark.parametrize(
    ("name", "function", "target", "outputs"),
    [
        ("cross-entropy", nn.CrossEntropyLoss(), y, 2),
        ("Cross_Entropy", F.cross_entropy, y, 2),
        ("bce", nn.BCEWithLogitsLoss(), y[:, None].float(), 1),
        ("mse", F.mse_loss, v[:, None], 1),
        ("mean_squared_error", nn.MSELoss(), v[:, None], 1),
        ("mae", lambda o, t: (o - t).abs().mean(), v[:, None], 1),
        ("huber", nn.HuberLoss(), v[:, None], 1),
        ("smooth_l1", F.smooth_l1_loss, v[:, None], 1),
        ("hinge", lambda o, t: (1 - (2 * t - 1) * o).clamp(min=0).mean(), y[:, None], 1),
        ("poisson", nn.PoissonNLLLoss(), v.abs()[:, None], 1),
    ],
)
def test_a_name_an_object_and_a_function_are_one_loss(name, function, target, outputs):
    by_name, own = learnt(linear(outputs), X, target, loss=name), learnt(linear(outputs), X, target, loss=function)
    torch.testing.assert_close(by_name, own)


def test_every_named_loss_learns():
    for name, (kind, _) in NAMED.items():
        module, target = (linear(2), y) if kind == "classes" else (linear(1), y if kind == "binary" else v.abs())
        module = nn.Sequential(module, nn.LogSoftmax(1)) if name == "nll" else module
        fitted = dg.fit(module, X, target, loss=name, **{**QUICK, "epochs": 15, "learning_rate": 0.05})
        assert fitted.history[-1]["loss"] < fitted.history[0]["loss"], name


@pytest.mark.parametrize(
    ("target", "outputs", "expected"),
    [
        (y, 2, "cross-entropy"),
        (v, 1, "mse"),
        (y, 1, "bce"),
        (2 * y - 1, 1, "bce"),
        (y.float(), 1, "mse"),  # numbers, until somebody says otherwise
        (y.float(), 2, "cross-entropy"),
        (torch.arange(120) % 5, 1, "mse"),
        (F.one_hot(y), 2, "cross-entropy"),
        (torch.stack([y, 1 - y, y], dim=1), 3, "bce"),
        (torch.stack([v, v], dim=1), 2, "mse"),
        (np.where(y > 0, "yes", "no"), 2, "cross-entropy"),
        (np.where(y > 0, "yes", "no"), 1, "bce"),
        (y.bool(), 1, "bce"),
    ],
)
def test_the_loss_is_guessed_from_outputs_and_target(target, outputs, expected):
    fitted = dg.fit(linear(outputs), X, target, **QUICK)
    assert fitted.objective.words == expected


def test_after_a_sigmoid_outputs_are_probabilities_already():
    logits, shares = linear(1), nn.Sequential(linear(1), nn.Sigmoid())
    torch.testing.assert_close(learnt(shares, X, y), learnt(logits, X, y))


@pytest.mark.parametrize(
    "labels",
    [
        ["yes" if i else "no" for i in y],
        np.where(y > 0, "yes", "no"),
        np.where(y > 0, "yes", "no").astype(object),
        pd.Series(np.where(y > 0, "yes", "no"), dtype="category"),
        pd.Series(np.where(y > 0, "yes", "no"), dtype="string"),
        pd.Series(y.numpy()).astype(bool),
        pd.Series(y.numpy()).astype("boolean"),
        pd.Series(y.numpy(), dtype="category"),
    ],
)
def test_labels_of_every_type_are_coded_and_kept(labels):
    module = linear()
    fitted = dg.fit(module, X, labels, **QUICK)
    assert torch.equal(weights(module), learnt(linear(), X, y))
    assert fitted.classes is not None
    assert set(fitted.predict(X)) <= set(np.asarray(labels).tolist())


def test_minus_one_and_one_are_two_classes():
    assert torch.equal(learnt(linear(), X, 2 * y - 1), learnt(linear(), X, y))
    assert torch.equal(learnt(linear(1), X, 2 * y - 1), learnt(linear(1), X, y))
    fitted = dg.fit(linear(1), X, 2 * y - 1, **QUICK)
    assert set(fitted.predict(X).tolist()) <= {-1, 1}


def test_a_column_of_targets_is_taken_as_the_module_answers():
    """(N,) against (N, 1) would broadcast to (N, N) and teach the mean: a slope of 0.1 where 2 is true."""
    for outputs, target in ((linear(1), v), (nn.Sequential(linear(1), nn.Flatten(0)), v[:, None])):
        fitted = dg.fit(outputs, X, target, **{**QUICK, "epochs": 60, "learning_rate": 0.1})
        slope = float(weights(fitted.model)[0])
        assert abs(slope - 2) < 0.2
    assert torch.equal(learnt(linear(1), X, v), learnt(linear(1), X, v[:, None]))


@pytest.mark.parametrize("loss", [None, "mse", nn.MSELoss(), F.mse_loss, partial(F.smooth_l1_loss, beta=0.5), "mae"])
def test_no_known_loss_broadcasts(loss):
    dg.fit(linear(1), X, v, loss=loss, **QUICK)
    with pytest.raises(DataError, match=r"y is \(N,\), the module answers \(N, 3\)"):
        dg.fit(linear(3), X, v, loss=loss, **QUICK)


@pytest.mark.parametrize(
    "loss",
    [
        lambda o, t: ((o - t) ** 2).mean(),
        lambda o, t: (o - t).abs().sum() / len(o),
        lambda o, t: F.mse_loss(o, t),
        lambda o, t: torch.sqrt(F.mse_loss(input=o, target=t)),
        lambda o, t: torch.where(o > t, o - t, 2 * (t - o)).mean(),
    ],
)
def test_a_function_of_ones_own_that_broadcasts_is_refused(loss):
    with pytest.raises(DataError, match=r"against each other.*give both one shape"):
        dg.fit(linear(1), X, v, loss=loss, **QUICK)


@pytest.mark.parametrize(
    "loss",
    [
        lambda o, t: ((o.squeeze(1) - t) ** 2).mean(),
        lambda o, t: ((o - t[:, None]) ** 2).mean(),
        lambda o, t: (torch.cdist(o, o) - torch.cdist(t[:, None], t[:, None])).square().mean(),
        lambda o, t: ((o - o.T) - (t[:, None] - t[None, :])).square().mean(),  # pairs, on purpose
    ],
)
def test_a_function_that_means_what_it_does_is_left_alone(loss):
    dg.fit(linear(1), X, v, loss=loss, **QUICK)


REFUSED = {
    "label beyond": (5 * y, 2, None, r"labels beyond the 2 outputs of the module: 5 in y\[\d+\].*expected 0 to 1"),
    "labels from 1": (torch.arange(120) % 3 + 1, 3, None, "expected 0 to 2: subtract 1"),
    "negative": (y - 3, 2, None, "np.unique"),
    "bce of classes": (5 * y, 1, "bce", r"y holds 5.0 in y\[\d+\].*bce expects 0 and 1"),
    "bce of two": (y, 2, "bce", r"y is \(N,\), the module answers \(N, 2\).*loss='cross-entropy'"),
    "entropy of one": (y, 1, "cross-entropy", "has one an example"),
    "values as classes": (v, 2, "cross-entropy", "takes classes: give whole numbers"),
    "several classes": (torch.ones(120, 3).long(), 3, "cross-entropy", "choose loss='bce'"),
    "too many": (torch.zeros(120, 4), 2, None, r"y is \(N, 4\), the module answers \(N, 2\)"),
    "NaN": (torch.where(v > 2, torch.nan, v), 1, None, r"y\[\d+\] is NaN"),
    "NaN among labels": (np.where(v > 2, np.nan, y.numpy()), 2, None, r"y\[\d+\] is NaN"),
    "no label": (["a", None] * 60, 2, None, r"y has no label in y\[1\], y\[3\]"),
    "not reduced": (y, 2, nn.CrossEntropyLoss(reduction="none"), r"gives a tensor \(N,\): expected one number"),
    "no gradient": (y, 2, lambda o, t: torch.tensor(1.0), "does not depend on the weights"),
    "an error": (y, 2, lambda o, t: o.nothing, "AttributeError: 'Tensor' object has no attribute 'nothing'"),
    "not a loss": (y, 2, 3, "expected a name"),
    "a class": (y, 2, nn.MSELoss, r"give an object, MSELoss\(\)"),
    "a typo": (y, 2, "cros-entropy", "did you mean 'cross-entropy'"),
    "a loss that learns": (y, 2, nn.AdaptiveLogSoftmaxWithLoss(2, 4, [2]), "weights of its own"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_target_or_loss_that_cannot_be_right_is_named(name):
    target, outputs, loss, message = REFUSED[name]
    with pytest.raises((DataError, OptionError), match=message):
        dg.fit(linear(outputs), X, target, loss=loss, **QUICK)


def test_a_mask_makes_numbers_of_missing_targets():
    missing = torch.where(v > 2, torch.nan, v)
    dg.fit(linear(1), X, missing, loss=lambda o, t: (o.squeeze(1) - t)[~torch.isnan(t)].square().mean(), **QUICK)


@pytest.mark.parametrize(("module", "target"), [(WithDict, {"label": y, "value": v}), (WithTuple, (y, v))])
def test_several_targets_have_a_loss_each_or_one_together(module, target):
    guessed = learnt(module(), X, target)
    keys = list(target) if isinstance(target, dict) else range(2)
    by_name = dict(zip(keys, ("cross-entropy", "mse"))) if isinstance(target, dict) else ("cross-entropy", "mse")
    assert torch.equal(learnt(module(), X, target, loss=by_name), guessed)

    def own(outputs, targets):
        a, b = keys
        return F.cross_entropy(outputs[a], targets[a]) + F.mse_loss(outputs[b], targets[b][:, None])

    torch.testing.assert_close(learnt(module(), X, target, loss=own), guessed)


def test_outputs_that_belong_to_no_target_want_a_loss():
    with pytest.raises(OptionError, match=r"a dict \(label, value\), the target is a tensor \(N,\)"):
        dg.fit(WithDict(), X, y, **QUICK)
    dg.fit(WithDict(), X, y, loss=lambda o, t: F.cross_entropy(o["label"], t), **QUICK)
    with pytest.raises(OptionError, match="the module has no 'colour'"):
        dg.fit(WithDict(), X, {"label": y}, loss={"colour": "mse"}, **QUICK)


def test_a_module_that_computes_its_loss_is_asked_for_it():
    class Own(nn.Linear):
        def forward(self, x, labels=None):
            logits = super().forward(x)
            return {"loss": None if labels is None else F.cross_entropy(logits, labels), "logits": logits}

    def own():
        torch.manual_seed(1)
        return Own(3, 2)

    expected = learnt(linear(), X, y)
    for arguments in (({"x": X, "labels": y},), (X, y)):
        torch.testing.assert_close(learnt(own(), *arguments), expected)
    torch.testing.assert_close(learnt(own(), X, y, loss="cross-entropy"), expected)
    fitted = dg.fit(own(), {"x": X, "labels": y}, metrics="accuracy", **QUICK)
    assert fitted.predict(X).shape == (120,)


def test_a_loss_in_a_tuple_and_one_without_target():
    class Tuple(nn.Linear):
        def forward(self, x, targets=None):
            logits = super().forward(x)
            return logits, None if targets is None else F.cross_entropy(logits, targets)

    dg.fit(Tuple(3, 2), X, y, **QUICK)

    class Rebuilds(nn.Linear):
        def forward(self, x):
            again = super().forward(x)
            return {"loss": F.mse_loss(again, x), "again": again}

    dg.fit(Rebuilds(3, 3), X, **QUICK)
    dg.fit(linear(3), X, loss=lambda outputs: outputs.square().mean(), **QUICK)


def test_classes_may_stand_at_the_end_and_pictures_have_a_class_a_pixel():
    tokens = torch.randint(0, 9, (60, 7), generator=torch.Generator().manual_seed(0))
    dg.fit(nn.Sequential(nn.Embedding(9, 4), nn.Linear(4, 9)), tokens, tokens, metrics="accuracy", **QUICK)
    pictures, masks = torch.randn(20, 1, 5, 5), torch.randint(0, 3, (20, 5, 5))
    assert torch.equal(
        learnt(nn.Sequential(linear_conv()), pictures, masks),
        learnt(nn.Sequential(linear_conv()), pictures, masks[:, None]),
    )


def linear_conv():
    torch.manual_seed(0)
    return nn.Conv2d(1, 3, 1)


def test_a_loss_says_what_it_takes():
    assert loss_of(nn.CrossEntropyLoss()).kind == "classes"
    assert loss_of(partial(F.cross_entropy, label_smoothing=0.1)).kind == "classes"
    assert loss_of(lambda o, t, w: o).required == 3
    assert loss_of(nn.TripletMarginLoss()).kind == "own"
