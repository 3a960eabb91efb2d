"""Data that are no array: a Dataset, a DataLoader, an IterableDataset, a generator; and how such a training resumes."""

import random

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import (
    DataLoader,
    Dataset,
    IterableDataset,
    Subset,
    TensorDataset,
    WeightedRandomSampler,
    random_split,
)

import deepglass as dg
from deepglass.api import fit as front
from deepglass.api.fitting import source
from deepglass.core.errors import DataError, OptionError, RunError
from deepglass.training.progress import Watcher
from tests.api.fitting.helpers import QUICK, data, linear, weights

X, y, _ = data()
GIVEN = (X[:30], y[:30])


class Noisy(Dataset):
    """Examples that differ a little every time they are asked for, by all three generators."""

    def __len__(self):
        return len(X)

    def __getitem__(self, i):
        return X[i] + 0.1 * torch.randn(3) + 0.1 * random.random() + 0.1 * np.random.rand(), y[i]


class Plain(Noisy):
    def __getitem__(self, i):
        return X[i], y[i]


class Items(IterableDataset):
    """Single examples, always in the same order."""

    def __iter__(self):
        return zip(X, y.tolist())


class Shuffled(IterableDataset):
    def __iter__(self):
        return ((X[i], y[i]) for i in torch.randperm(len(X)))


def batches():
    yield from zip(X.split(16), y.split(16))


def endless():
    while True:
        yield from batches()


def learnt(given, **options):
    module = linear()
    fitted = dg.fit(module, given, **{**QUICK, "val": GIVEN, **options})
    return weights(module), fitted


def test_a_dataset_of_tensors_is_its_tensors():
    arrays = learnt((X, y))[0]
    assert torch.equal(learnt(TensorDataset(X, y))[0], arrays)
    assert torch.equal(learnt(Subset(TensorDataset(X, y), range(len(X))))[0], arrays)
    assert torch.equal(learnt(Plain())[0], arrays)


def test_a_loader_keeps_its_order_its_batches_and_its_collate_function():
    seen = []

    def collate(examples):
        seen.append(len(examples))
        return torch.stack([x for x, _ in examples]), torch.stack([label for _, label in examples])

    module = linear()
    dg.fit(
        module,
        DataLoader(Plain(), 50, collate_fn=collate),
        val=GIVEN,
        **{**QUICK, "optimizer": "sgd", "schedule": "constant", "warmup": 0},
    )
    assert seen[-6:] == [50, 50, 20] * 2
    by_hand = linear()
    optimizer = torch.optim.SGD(
        [{"params": [by_hand.weight], "weight_decay": 0.01}, {"params": [by_hand.bias]}], lr=1e-3
    )
    for _ in range(2):
        for part, labels in zip(X.split(50), y.split(50)):
            optimizer.zero_grad()
            nn.functional.cross_entropy(by_hand(part), labels).backward()
            optimizer.step()
    torch.testing.assert_close(weights(module), weights(by_hand))


@pytest.mark.parametrize(
    ("given", "steps"),
    [
        (lambda: DataLoader(Plain(), 16, shuffle=True), 8),
        (lambda: DataLoader(Plain(), 16, drop_last=True), 7),
        (lambda: DataLoader(Plain(), batch_sampler=[[0, 1, 2], [3, 4], [5, 6, 7, 8]]), 3),
        (lambda: DataLoader(Plain(), 16, sampler=WeightedRandomSampler(torch.ones(120), 60)), 4),
        (lambda: DataLoader(Items(), 16), 8),
        (Items, 2),
        (Shuffled, 2),
        (batches, 8),
        (lambda: batches, 8),
        (lambda: lambda: iter([(X, y)]), 1),
        (lambda: iter([(X, y)]), 1),
    ],
)
def test_whatever_gives_batches_is_learnt_from(given, steps):
    assert learnt(given())[1].history[0]["step"] == steps


def test_single_examples_are_gathered_to_batches():
    assert learnt(Items(), batch_size=10)[1].history[0]["step"] == 12
    assert torch.equal(learnt(Items(), batch_size=10)[0], learnt(DataLoader(Plain(), 10))[0])


def test_dicts_of_a_loader_are_inputs_by_name():
    class Records(Plain):
        def __getitem__(self, i):
            return {"input": X[i].tolist(), "labels": int(y[i])}

    assert torch.equal(learnt(Records())[0], learnt(Plain())[0])


# -- validation -----------------------------------------------------------------------------------------------------


def test_a_part_is_kept_for_validation_where_none_is_given():
    for given in (Plain(), DataLoader(Plain(), 10, shuffle=True), DataLoader(Plain(), 10), batches, batches(), Items()):
        fitted = dg.fit(linear(), given, **QUICK)
        assert "val_loss" in fitted.history[0]
    assert dg.fit(linear(), DataLoader(Plain(), 10), val=0.5, **QUICK).history[0]["step"] == 6
    assert dg.fit(linear(), batches, val=0.5, **QUICK).history[0]["step"] == 4


def test_what_is_kept_is_never_learnt_from():
    seen = []

    class Looks(nn.Linear):
        def forward(self, x):
            if self.training:
                seen.extend(x[:, 0].tolist())
            return super().forward(x)

    for given in (batches, batches(), DataLoader(Plain(), 10), Plain()):
        seen.clear()
        dg.fit(Looks(3, 2), given, **{**QUICK, "epochs": 3})
        assert len(set(seen)) < len(X)
        assert len(seen) == 3 * len(set(seen))


def test_an_order_that_changes_cannot_be_kept_apart():
    for given in (Shuffled(), DataLoader(Plain(), 16, sampler=WeightedRandomSampler(torch.ones(120), 120))):
        with pytest.raises(DataError, match=r"another order every time.*give validation data as val="):
            dg.fit(linear(), given, **QUICK)


def test_validation_comes_in_any_form():
    expected = learnt(Plain())[1].history
    for val in (TensorDataset(*GIVEN), Subset(Plain(), range(30)), DataLoader(Subset(Plain(), range(30)), 7)):
        for fitted in (learnt(Plain(), val=val)[1], dg.fit(linear(), Plain(), val, **QUICK)):
            assert [r["val_loss"] for r in fitted.history] == pytest.approx([r["val_loss"] for r in expected])
    dg.fit(linear(), *random_split(Plain(), [90, 30]), **QUICK)
    dg.fit(linear(), batches, batches, metrics="accuracy", **QUICK)


# -- without an end -------------------------------------------------------------------------------------------------


def test_a_generator_without_an_end_says_how_many_batches_make_an_epoch(monkeypatch):
    for given, more in (
        (endless(), {}),
        (endless, {}),
        (endless(), {"val": GIVEN}),
        (DataLoader(Plain(), 16), {"val": GIVEN}),
    ):
        fitted = dg.fit(linear(), given, steps_per_epoch=5, **{**QUICK, **more})
        assert [r["step"] for r in fitted.history] == [5, 10]
    monkeypatch.setattr(source, "MOST_BATCHES", 50)
    monkeypatch.setattr("deepglass.api.fitting.stream.MOST_BATCHES", 50)
    for given in (endless(), endless):
        with pytest.raises(DataError, match=r"50 batches.*without an end.*steps_per_epoch="):
            learnt(given)
    with pytest.raises(DataError, match="ended after 3 batches of an epoch, where 5 were expected"):
        learnt(batches(), steps_per_epoch=5)


def test_what_is_read_once_is_kept_up_to_a_limit(monkeypatch):
    monkeypatch.setattr(source, "MOST_KEPT_BYTES", 1000)
    with pytest.raises(
        DataError, match=r"a generator, which can be read once only.*a function that makes a new generator"
    ):
        learnt(batches())


# -- what cannot be -------------------------------------------------------------------------------------------------


def broken(make):
    class Broken(Plain):
        def __getitem__(self, i):
            return make(i)

    return Broken()


REFUSED = {
    "nothing": (lambda: iter(()), {}, "gave no batch"),
    "an empty set": (lambda: Subset(Plain(), []), {}, "an empty Subset"),
    "one batch": (lambda: iter([(X, y)]), {"val": None}, "gave one batch alone"),
    "words": (lambda: broken(lambda i: (X[i], "ab"[y[i]])), {}, "y holds words such as '.'.*in the Dataset"),
    "other shapes": (lambda: broken(lambda i: (X[i][: 1 + i % 3], y[i])), {}, "do not make a batch.*collate_fn"),
    "a label beyond": (lambda: DataLoader(broken(lambda i: (X[i], 5 * y[i])), 16), {}, "labels beyond the 2 outputs"),
    "NaN": (
        lambda: broken(lambda i: (X[i] / (i != 77) * (i != 77), y[i])),
        {},
        "X of train holds numbers that are NaN",
    ),
    "another kind of batch": (lambda: iter([(X, y), (X, X, y)]), {}, "a later batch of train"),
    "a target twice": (lambda: DataLoader(Plain(), 9), {"y": y}, "brings its own target"),
    "no target": (lambda: TensorDataset(X), {}, "there is no target"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_data_that_cannot_be_right_are_named(name):
    given, options, message = REFUSED[name]
    with pytest.raises(DataError, match=message):
        learnt(given(), **options)


@pytest.mark.parametrize(
    ("given", "options", "message"),
    [
        (lambda: DataLoader(Plain(), 16), {"batch_size": 8}, "batch_size has no effect: the batches come as they are"),
        (lambda: (X, y), {"steps_per_epoch": 3}, "steps_per_epoch has no effect"),
        (Plain, {"class_weights": "balanced"}, "class_weights has no effect"),
        (lambda: batches, {"sample_weight": np.ones(120)}, "sample_weight has no effect"),
        (lambda: batches, {"learning_rate": "auto"}, "name a rate"),
        (endless, {"steps_per_epoch": 3, "run": "r", "resume": True}, "cannot be asked again"),
        (lambda: (X, y), {"resume": True}, "name the folder"),
        (lambda: (X, y), {"steps_per_epoch": 0}, "expected a whole number of 1 or more"),
    ],
)
def test_an_option_that_a_stream_has_no_use_for_is_refused(given, options, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OptionError, match=message):
        learnt(given(), **options)


def test_several_processes_do_not_divide_a_stream():
    from deepglass.api.fitting.preparation import prepare
    from deepglass.api.fitting.wishes import Wishes

    with pytest.raises(OptionError, match="give arrays or a Dataset, or train without torchrun"):
        prepare(linear(), DataLoader(Plain(), 16), None, GIVEN, Wishes({}), processes=2)
    prepare(linear(), Plain(), None, GIVEN, Wishes({}), processes=2)


# -- resumed --------------------------------------------------------------------------------------------------------


class PowerCut(Exception):
    """Ends a training at a step."""


def cut_at(step_to_end):
    class Cut(Watcher):
        def step(self, step, *rest):
            if step == step_to_end:
                raise PowerCut

    return Cut


SOURCES = {
    "shuffled": lambda: DataLoader(Noisy(), 16, shuffle=True),
    "seeded": lambda: DataLoader(Noisy(), 16, shuffle=True, generator=torch.Generator().manual_seed(7)),
    "dataset": Noisy,
    "iterable": Shuffled,
    "function": lambda: batches,
    "generator": batches,
    "endless": lambda: endless,
}


@pytest.mark.slow("trains again for every kind of stream")
@pytest.mark.parametrize("name", SOURCES)
def test_a_killed_training_goes_on_to_the_bit(name, tmp_path, monkeypatch):
    options = {**QUICK, "epochs": 3, "val": GIVEN, "checkpoint_every": 0.0, "batch_size": None}
    options |= (
        {"steps_per_epoch": 8} if name == "endless" else {"batch_size": 16} if name in ("dataset", "iterable") else {}
    )

    def net():
        torch.manual_seed(2)
        return nn.Sequential(nn.Dropout(0.2), nn.Linear(3, 2))

    whole = dg.fit(net(), SOURCES[name](), run=str(tmp_path / "whole"), **options)
    for step in (11, 16):  # amid an epoch, and at the end of one
        folder = str(tmp_path / str(step))
        with monkeypatch.context() as patch:
            patch.setattr(front, "Watcher", cut_at(step))
            with pytest.raises(PowerCut):
                dg.fit(net(), SOURCES[name](), run=folder, **options)
        torch.manual_seed(99)
        resumed = dg.fit(net(), SOURCES[name](), run=folder, resume=True, **options)
        assert torch.equal(weights(resumed.model), weights(whole.model))
        assert [r["loss"] for r in resumed.history] == [r["loss"] for r in whole.history]


def test_other_batches_than_before_are_noticed(tmp_path, monkeypatch):
    order = [0]

    def moving():  # its order is nobody's: it goes on from call to call
        order[0] += 1
        rows = torch.roll(torch.arange(120), order[0])
        yield from zip(X[rows].split(16), y[rows].split(16))

    options = {**QUICK, "epochs": 3, "val": GIVEN, "run": str(tmp_path), "checkpoint_every": 0.0}
    with monkeypatch.context() as patch:
        patch.setattr(front, "Watcher", cut_at(11))
        with pytest.raises(PowerCut):
            dg.fit(linear(), moving, **options)
    with pytest.raises(RunError, match="gives other batches than before"):
        dg.fit(linear(), moving, resume=True, **options)


def test_the_random_numbers_of_a_dataset_are_not_those_of_the_training():
    """What a Dataset draws is repeated by the seed, and moves no generator that the training draws from."""
    first = learnt(Noisy())[0]
    assert torch.equal(learnt(Noisy())[0], first)
    assert not torch.equal(learnt(Noisy(), seed=1)[0], first)
    following = []
    for given in (Noisy(), Plain(), DataLoader(Noisy(), 16, shuffle=True)):
        learnt(given)
        following.append((float(torch.rand(1)), random.random(), np.random.rand()))
    assert len(set(following)) == 1
