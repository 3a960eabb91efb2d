"""What `dg.fit` gives back answers for new data in every form that the training took."""

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import deepglass as dg
from deepglass.core.errors import DataError, OptionError
from tests.api.fitting.helpers import QUICK, Two, WithDict, data, linear

X, y, v = data()


def test_answers_are_in_the_words_of_the_target():
    words = np.where(y > 0, "yes", "no")
    fitted = dg.fit(linear(), X, words, **{**QUICK, "epochs": 30, "learning_rate": 0.1})
    assert (fitted.predict(X) == words).mean() > 0.9
    assert fitted.classes.tolist() == ["no", "yes"]
    np.testing.assert_allclose(fitted.predict_proba(X).sum(axis=1), 1, rtol=1e-6)
    assert (fitted.classes[fitted.predict_proba(X).argmax(axis=1)] == fitted.predict(X)).all()


@pytest.mark.parametrize(
    ("outputs", "target"), [(1, v), (1, v[:, None]), (1, y), (2, y), (3, torch.stack([y, y, 1 - y], 1))]
)
def test_answers_have_the_shape_of_the_target(outputs, target):
    assert dg.fit(linear(outputs), X, target, **QUICK).predict(X).shape == tuple(target.shape)


def test_the_same_rows_in_another_form_get_the_same_answers():
    fitted = dg.fit(linear(1), X, v, **QUICK)
    expected = fitted.predict(X)
    for form in (
        X.numpy(),
        X.double(),
        X.tolist(),
        pd.DataFrame(X.numpy()),
        (X,),
        TensorDataset(X, v),
        DataLoader(TensorDataset(X, v), 7),
    ):
        np.testing.assert_allclose(fitted.predict(form), expected, rtol=1e-5)
    assert isinstance(fitted.outputs(X), torch.Tensor)


def test_several_inputs_and_outputs():
    fitted = dg.fit(Two(), {"left": X, "right": X[:, :2]}, y, **QUICK)
    expected = fitted.predict({"left": X, "right": X[:, :2]})
    assert (fitted.predict((X, X[:, :2])) == expected).all()
    fitted = dg.fit(WithDict(), X, {"label": y, "value": v}, **QUICK)
    assert {name: part.shape for name, part in fitted.predict(X).items()} == {"label": (120, 2), "value": (120, 1)}


def test_bytes_are_scaled_as_in_training():
    pixels = torch.randint(0, 255, (60, 1, 4, 4), dtype=torch.uint8)
    module = nn.Sequential(nn.Flatten(), linear(2, 16))
    fitted = dg.fit(module, pixels, torch.arange(60) % 2, **QUICK)
    torch.testing.assert_close(fitted.outputs(pixels.numpy()), module(pixels / 255).detach())
    fitted = dg.fit(nn.Sequential(nn.Flatten(), linear(2, 16)), pixels / 255, torch.arange(60) % 2, **QUICK)
    with pytest.raises(DataError, match="scale it as there"):
        fitted.predict(pixels)


def test_what_cannot_be_answered_is_named():
    fitted = dg.fit(linear(1), X, v, **QUICK)
    with pytest.raises(DataError, match=r"cannot take X \(9, 2\)"):
        fitted.predict(X[:9, :2])
    with pytest.raises(DataError, match="X has 2 inputs"):
        fitted.predict((X, X))
    with pytest.raises(OptionError, match="tells no probabilities"):
        fitted.predict_proba(X)
    own = dg.fit(linear(1), X, v, loss=lambda o, t: (o.squeeze(1) - t).square().mean(), **QUICK)
    assert own.predict(X).shape == (120, 1)


def test_it_says_in_one_line_how_the_training_went():
    assert repr(dg.fit(linear(), X, y, **QUICK)).startswith(
        "FittedModule(2 epochs, the best is 2: all 2 epochs (4 steps)"
    )


def test_a_model_of_hugging_face_is_trained_by_its_own_loss():
    transformers = pytest.importorskip("transformers")
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    torch.manual_seed(0)
    model = transformers.BertForSequenceClassification(
        transformers.BertConfig(vocab_size=50, max_position_embeddings=16, **sizes)
    )
    ids = torch.randint(0, 50, (60, 7), generator=torch.Generator().manual_seed(0))
    batch = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": (ids[:, 0] > 25).long()}
    fitted = dg.fit(model, batch, metrics="accuracy", **QUICK)
    assert "val_accuracy" in fitted.history[0]
    assert fitted.predict({"input_ids": ids, "attention_mask": torch.ones_like(ids)}).shape == (60,)
