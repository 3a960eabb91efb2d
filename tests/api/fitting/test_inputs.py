"""What people hand to `dg.fit`: the same numbers in another form teach the same, and what cannot be right is named."""

import re

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import torch
from torch import nn

import deepglass as dg
from deepglass.core.errors import DataError, OptionError
from tests.api.fitting.helpers import QUICK, Named, Two, data, linear, weights

X, y, v = data()
LEFT, RIGHT = X, X[:, :2]


def learnt(module, *arguments, **options):
    dg.fit(module, *arguments, **{**QUICK, **options})
    return weights(module)


@pytest.mark.parametrize(
    "arguments",
    [
        ((X.numpy(), y.numpy()),),
        ([X, y],),
        (X, y),
        (X.double().numpy(), y.numpy().astype("i4")),
        (X.tolist(), y.tolist()),
        ((X.tolist(), y.tolist()),),
        (list(X), y),
        (pd.DataFrame(X.numpy()), pd.Series(y.numpy())),
        (pd.DataFrame(X.numpy(), columns=list("abc")).convert_dtypes(), pd.Series(y.numpy()).astype("Int64")),
        (pd.DataFrame(np.c_[X.numpy(), y.numpy()], columns=["a", "b", "c", "y"]), "y"),
        (sp.csr_matrix(X.numpy()), y),
        (X.to_sparse(), y),
        (np.asfortranarray(X.numpy()), y.numpy()[::1]),
        (X, y[:, None]),
        (X, y.bool().numpy()),
        ({"input": X, "y": y},),
        ({"input": X}, y),
        (torch.utils.data.TensorDataset(X, y),),
    ],
)
def test_the_same_numbers_in_another_form_teach_the_same(arguments):
    assert torch.equal(learnt(linear(), *arguments), learnt(linear(), (X, y)))


@pytest.mark.parametrize(
    "arguments",
    [
        ((LEFT, RIGHT, y),),
        (([LEFT, RIGHT], y),),
        ((LEFT, RIGHT), y),
        ([LEFT, RIGHT], y),
        (({"left": LEFT, "right": RIGHT}, y),),
        ({"right": RIGHT, "left": LEFT}, y),
        ({"left": LEFT, "right": RIGHT, "labels": y},),
        ((LEFT, {"right": RIGHT}, y),),
    ],
)
def test_several_inputs_come_by_order_or_by_name(arguments):
    assert torch.equal(learnt(Two(), *arguments), learnt(Two(), (LEFT, RIGHT, y)))


def test_a_module_of_named_inputs_alone_takes_a_dict():
    assert torch.equal(learnt(Named(), {"left": LEFT, "right": RIGHT}, y), learnt(Two(), (LEFT, RIGHT, y)))


def test_a_module_that_takes_one_list_or_dict_gets_it_whole():
    class OfList(Two):
        def forward(self, parts):
            return super().forward(*parts)

    class OfDict(Two):
        def forward(self, batch):
            return super().forward(batch["a"], batch["b"])

    expected = learnt(Two(), (LEFT, RIGHT, y))
    assert torch.equal(learnt(OfList(), [LEFT, RIGHT], y), expected)
    assert torch.equal(learnt(OfDict(), {"a": LEFT, "b": RIGHT}, y), expected)


def test_validation_is_a_share_or_data_in_any_place():
    given = (X[:30], y[:30])
    expected = learnt(linear(), (X, y), given)
    assert torch.equal(learnt(linear(), (X, y), val=given), expected)
    assert torch.equal(learnt(linear(), X, y, given), expected)
    assert torch.equal(learnt(linear(), (X, y), val=0.1), learnt(linear(), (X, y)))
    assert not torch.equal(learnt(linear(), (X, y), val=0.4), learnt(linear(), (X, y)))


def test_bytes_of_pictures_become_shares_and_ids_stay_whole():
    pixels = torch.randint(0, 255, (60, 1, 4, 4), dtype=torch.uint8)
    labels = torch.arange(60) % 2

    def net():
        return nn.Sequential(nn.Flatten(), linear(2, 16))

    assert torch.equal(learnt(net(), pixels.numpy(), labels), learnt(net(), pixels / 255, labels))
    ids = torch.randint(0, 9, (60, 3)).int()

    def embedding():
        torch.manual_seed(0)
        return nn.Sequential(nn.Embedding(9, 4), nn.Flatten(), nn.Linear(12, 2))

    assert torch.equal(learnt(embedding(), ids, labels), learnt(embedding(), ids.long(), labels))
    assert torch.equal(learnt(embedding(), ids.to(torch.uint8), labels), learnt(embedding(), ids.long(), labels))


def test_a_module_that_scales_bytes_itself_gets_bytes():
    class Scales(nn.Linear):
        def forward(self, pixels):
            assert pixels.dtype == torch.uint8
            return super().forward(pixels.flatten(1).float() / 255)

    pixels = torch.randint(0, 255, (40, 1, 2, 2), dtype=torch.uint8)
    dg.fit(Scales(4, 2), pixels, torch.arange(40) % 2, **QUICK)


def test_numbers_come_in_the_type_of_the_module():
    dg.fit(linear(1).double(), X, v, **QUICK)
    dg.fit(linear(), X.half(), y, **QUICK)
    dg.fit(linear(), (10 * X).long(), y, **QUICK)
    dg.fit(linear(), X > 0, y, **QUICK)


@pytest.mark.slow("PyTorch captures a graph")
def test_a_compiled_module_is_read_too():
    dg.fit(torch.compile(Two(), backend="eager"), {"left": LEFT, "right": RIGHT}, y, **QUICK)


REFUSED = {
    "a path": (lambda: ("iris.csv",), "X is 'iris.csv': expected arrays"),
    "nothing": (lambda: (None,), "X is None"),
    "no target": (lambda: ((X,),), "there is no target"),
    "a frame alone": (lambda: (pd.DataFrame(X.numpy()),), "of a frame also y='column'"),
    "no rows": (lambda: (X[:0], y[:0]), r"X has no rows \(shape \(0, 3\)\)"),
    "one row": (lambda: (X[:1], y[:1]), "train has 1 example: expected at least 2"),
    "other lengths": (lambda: (X, y[:100]), "got rows: X 120, y 100"),
    "ragged rows": (lambda: ([[1.0, 2.0], [3.0]], [0, 1]), "X is no array"),
    "another width": (lambda: (X[:, :2], y), r"cannot take X \(5, 2\) float32: mat1 and mat2 shapes"),
    "two for one": (lambda: (X, X, y), "as one list or dict, since its forward takes one argument"),
    "words": (lambda: (np.array([["a", "b", "c"]] * 120), y), "X holds words such as 'a'"),
    "dates": (lambda: (pd.DataFrame({"d": pd.date_range("2024", periods=120)}), y), r"X\['d'\] holds dates"),
    "categories": (lambda: (pd.DataFrame({"c": pd.Categorical(["u"] * 120)}), y), r"X\['c'\] holds categories"),
    "records": (lambda: (np.zeros(120, dtype=[("a", "f4")]), y), "records with the fields a"),
    "sparse and large": (
        lambda: (sp.csr_matrix((10**6, 10**4)), np.zeros(10**6)),
        "1,000,000 x 10,000: with its zeros",
    ),
    "NaN": (
        lambda: (torch.where(X > 2, torch.nan, X), y),
        r"X\[\d+, \d\] is NaN \(\d+ such numbers in \d+ of 120 rows\)",
    ),
    "infinity": (lambda: (torch.where(X > 2, torch.inf, X), y), r"X\[\d+, \d\] is infinite"),
    "channels last": (
        lambda: (np.zeros((9, 8, 8, 3), "f4"), np.arange(9) % 2),
        r"convolutions take channels first, \(5, 3, 8, 8\): X.permute\(0, 3, 1, 2\)",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_right_is_named(name):
    arguments, message = REFUSED[name]
    module = nn.Conv2d(3, 2, 3) if name == "channels last" else linear()
    arguments = arguments()
    with pytest.raises(DataError, match=message):
        dg.fit(
            module,
            arguments if name == "two for one" else arguments[0],
            *arguments[1:2] * (name != "two for one"),
            **QUICK,
        )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (({"left": LEFT, "rigth": RIGHT}, y), r"'rigth' \(did you mean 'right'\?\), which the forward of the module"),
        (({"left": LEFT}, y), "missing 1 required positional argument: 'right'"),
        (((LEFT, RIGHT),), r"the forward of the module takes 2 \(left, right\)"),
        (((LEFT, RIGHT, LEFT, y),), r"train has 3 inputs, the forward of the module takes 2"),
    ],
)
def test_inputs_that_do_not_fit_the_forward_are_named(arguments, message):
    with pytest.raises(DataError, match=message):
        dg.fit(Two(), *arguments, **QUICK)


def test_a_column_that_is_not_there_has_a_nearest_name():
    with pytest.raises(OptionError, match="unknown column 'lable'; did you mean 'label'"):
        dg.fit(linear(), pd.DataFrame(np.zeros((9, 4)), columns=["a", "b", "c", "label"]), "lable", **QUICK)


def test_a_module_may_make_numbers_of_nan_itself():
    class Fills(nn.Linear):
        def forward(self, x):
            return super().forward(torch.nan_to_num(x))

    dg.fit(Fills(3, 2), torch.where(X > 2, torch.nan, X), y, **QUICK)


@pytest.mark.parametrize(
    ("val", "message"),
    [
        (1.5, "expected a share between 0 and 1"),
        (0, "expected a share between 0 and 1"),
        (True, "expected a share between 0 and 1"),
        ((X, X, y), r"val has 2 inputs .* train has 1 input"),
        ((X[:9], ["a"] * 9), "val: y holds words, the target of train numbers"),
        ((X[:9].byte(), y[:9]), "holds bytes"),
    ],
)
def test_validation_data_that_do_not_fit_are_named(val, message):
    with pytest.raises((DataError, OptionError), match=message):
        dg.fit(linear(), X, y, val=val, **QUICK)


def test_a_module_without_weights_is_refused():
    for module in (nn.ReLU(), linear().requires_grad_(False)):
        with pytest.raises(OptionError, match="nothing in it can learn"):
            dg.fit(module, X, X, **QUICK)


def test_what_was_guessed_is_said_with_what_changes_it(capsys):
    dg.fit(linear(1), X, v, **{**QUICK, "quiet": False})
    said = capsys.readouterr().out
    assert re.search(r"guessed loss: mse \(.*change with loss=\)", said)
    assert "y (N,): taken as (N, 1)" in said
