"""Every field is asked the same questions: the folder is the list, and each has a sample of its name in `samples/`."""

import importlib
import json

import numpy as np
import pytest
import torch

from deepglass.core import catalogue, settings
from deepglass.core.errors import DataError
from deepglass.data import statistics
from deepglass.data.config import DataConfig
from deepglass.data.containers import Images, Table, Text
from deepglass.data.fields import AnswerField, InputField, Part
from deepglass.data.fields._sequence import SequenceField

FOLDER = "data/fields"
KINDS = {name: catalogue.load(FOLDER, name).Field for name in catalogue.entries(FOLDER)}
INPUTS = [name for name, kind in KINDS.items() if issubclass(kind, InputField)]
ANSWERS = [name for name, kind in KINDS.items() if issubclass(kind, AnswerField)]
SEQUENCES = [name for name, kind in KINDS.items() if issubclass(kind, SequenceField)]
SAMPLED = sorted(path.stem for path in catalogue.CHECKOUT.glob("tests/data/fields/samples/[!_]*.py"))
LABEL = "label"
OPTIONAL = {"statistics", "reading", "columns", "channels_first"}  # of states of 0.1.0 not all have these


def sample(name):
    assert name in SAMPLED, f"add tests/data/fields/samples/{name}.py: the contract is tried with it"
    return importlib.import_module(f"tests.data.fields.samples.{name}")


def fitted(name, data=None, splits=None):
    """An input of a kind with an answer beside it that its data hold, as a task prepares them."""
    beside = getattr(sample(name), "ANSWER", LABEL)
    field, answer = KINDS[name](None, DataConfig(), 0), KINDS[beside](DataConfig())
    source = field.as_source(sample(name).data() if data is None else data)
    field.take(source)
    answer.take(source)
    field.keep_usable(source, answer)
    answer.require(source)
    splits = splits or field.split(source, answer)[0]
    answer.fit(source, splits["train"])
    field.fit(source, splits, answer)
    return field, answer, source, splits


def examples(field, answer, source, rows):
    targets = torch.from_numpy(answer.encode(source)[rows])
    return field.examples(source, {"new": Part(rows, (targets,))}, answer)["new"]


def as_json(state):
    return json.loads(json.dumps(state))


def test_every_field_is_an_input_or_an_answer_or_a_sequence_and_is_called_as_its_file():
    assert set(INPUTS) | set(ANSWERS) | set(SEQUENCES) == set(KINDS)
    assert len(INPUTS) + len(ANSWERS) + len(SEQUENCES) == len(KINDS)
    assert all(kind.name == name for name, kind in KINDS.items())


def test_every_field_has_a_sample_and_nothing_else_has():
    assert sorted(KINDS) == SAMPLED


# -- inputs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", INPUTS + SEQUENCES)
def test_an_input_knows_its_data_and_refuses_others(name):
    field, data = KINDS[name](None, DataConfig(), 0), sample(name).data()
    other = sample("boxes").data()[0] if isinstance(data, Text) else Text("one long text", "poem")
    assert field.accepts(data, DataConfig())
    assert not field.accepts(other, DataConfig())
    with pytest.raises(DataError, match=other.name):
        field.as_source(other)


@pytest.mark.parametrize("name", INPUTS + SEQUENCES)
def test_the_settings_of_an_input_all_have_a_help_and_a_default(name):
    found = settings.settings_of(catalogue.path_of(FOLDER, name), KINDS[name].SETTINGS.__name__)
    assert found
    assert all(setting.help for setting in found)
    assert {setting.name: setting.default for setting in found} == vars(KINDS[name].SETTINGS())


@pytest.mark.parametrize("name", INPUTS)
def test_splits_cover_every_example_once(name):
    field, _, source, splits = fitted(name)
    assert sorted(np.concatenate([*splits.values()])) == list(range(field.count(source)))


@pytest.mark.parametrize("name", INPUTS)
def test_folds_test_every_example_once(name):
    field, answer, source, _ = fitted(name)
    tested = np.concatenate([splits["test"] for splits in field.folds(source, 4, answer)])
    assert sorted(tested) == list(range(field.count(source)))


@pytest.mark.parametrize("name", INPUTS)
def test_nothing_is_learnt_from_other_rows_than_those_of_training(name):
    if getattr(sample(name), "IS_WHOLE", False):
        pytest.skip("every batch brings all nodes along, and only labels are kept apart: as tests of the task ask")
    _, _, _, splits = fitted(name)
    spoilt = sample(name).data()
    sample(name).spoil(spoilt, splits["test"])
    assert as_json(fitted(name, spoilt, splits)[0].state()) == as_json(fitted(name, None, splits)[0].state())
    sample(name).spoil(spoilt, splits["train"][:5])
    assert as_json(fitted(name, spoilt, splits)[0].state()) != as_json(fitted(name, None, splits)[0].state())


@pytest.mark.parametrize("name", INPUTS)
def test_a_batch_holds_the_inputs_and_the_target_last(name):
    field, answer, source, splits = fitted(name)
    made = examples(field, answer, source, splits["test"])
    *inputs, target = made.batch(torch.arange(3))
    assert len(made) == len(splits["test"])
    assert len(inputs) == len(field.extremes())
    own = inputs[-1:] if getattr(sample(name), "IS_WHOLE", False) else inputs
    assert all(len(part) == 3 for part in own)
    assert target.tolist() == answer.encode(source)[splits["test"][:3]].tolist()


@pytest.mark.parametrize("name", INPUTS)
def test_extremes_have_the_shape_and_type_of_a_batch(name):
    field, answer, source, splits = fitted(name)
    *inputs, _ = examples(field, answer, source, splits["test"]).batch(torch.arange(2))
    for part, extreme in zip(inputs, field.extremes(), strict=True):
        assert (part.dtype, part.dim()) == (extreme.dtype, extreme.dim())


@pytest.mark.parametrize("name", INPUTS)
def test_an_input_that_was_read_back_reads_the_same_data_alike(name):
    field, answer, source, _ = fitted(name)
    again = KINDS[name](None, DataConfig(), 0)
    again.load_state(as_json(field.state() | answer.state()))
    assert as_json(again.state()) == as_json(field.state())
    assert again.dims == field.dims
    data, rows, names = again.read(sample(name).data(), with_target=False)
    assert all(len(column) == len(rows) for column in names.values())
    *ours, _ = examples(field, answer, source, np.arange(field.count(source))).batch(torch.arange(5))
    blank = torch.from_numpy(answer.blank(len(rows)))
    *theirs, _ = again.examples(data, {"new": Part(rows, (blank,))}, answer)["new"].batch(torch.arange(5))
    assert all(torch.equal(one, other) for one, other in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("name", INPUTS)
def test_a_state_that_lacks_a_part_is_refused_or_read_as_an_earlier_version_wrote_it(name):
    field, *_ = fitted(name)
    for part in field.state():
        state = as_json(field.state())
        del state[part]
        again = KINDS[name](None, DataConfig(), 0)
        if part in OPTIONAL:
            again.load_state(state)
        else:
            with pytest.raises(ValueError, match=part):
                again.load_state(state)


@pytest.mark.parametrize("name", INPUTS)
def test_statistics_are_such_as_a_server_can_read(name):
    field, answer, source, splits = fitted(name)
    parts = {part: examples(field, answer, source, rows) for part, rows in splits.items()}
    field.observe(source, splits, parts, is_bag=False)
    assert statistics.read_back({"statistics": as_json(field.statistics)})


@pytest.mark.parametrize("name", INPUTS)
def test_an_example_is_known_again_and_can_be_shown(name):
    field, answer, source, _ = fitted(name)
    prints = field.fingerprints(source)
    assert prints is None or np.array_equal(prints, field.fingerprints(field.as_source(sample(name).data())))
    shown = field.shown(source, 2, answer)
    assert 2 in shown.values()
    json.dumps(shown)


@pytest.mark.parametrize("name", INPUTS)
def test_augmentation_can_be_turned_off(name):
    field, answer, source, splits = fitted(name)
    rows = splits["train"]
    part = Part(rows, (torch.from_numpy(answer.encode(source)[rows]),), is_training=True)
    train = field.examples(source, {"train": part}, answer)["train"]
    field.disable_augmentation(train)
    assert not field.augments
    first, second = (train.batch(torch.arange(8))[0] for _ in range(2))
    assert torch.equal(first, second)


# -- sequences --------------------------------------------------------------------------------------------------------


def cut(name, data=None):
    """A sequence with the windows of its parts."""
    kind = KINDS[name]
    field = kind(kind.SETTINGS(**sample(name).SETTINGS), DataConfig(), 0)
    return field, field.fit(field.as_source(sample(name).data() if data is None else data))


@pytest.mark.parametrize("name", SEQUENCES)
def test_every_part_has_windows_that_end_with_what_follows(name):
    field, found = cut(name)
    assert found.examples.keys() == {"train", "val", "test"}
    for examples in found.examples.values():
        batch = examples.batch(torch.arange(min(2, len(examples))))
        assert {len(part) for part in batch} == {min(2, len(examples))}
        for part, extreme in zip(batch, field.extremes(), strict=False):
            assert (part.dtype, part.dim()) == (extreme.dtype, extreme.dim())


@pytest.mark.parametrize("name", SEQUENCES)
def test_nothing_is_learnt_from_another_part_than_training(name):
    def learnt(data):
        state = as_json(cut(name, data)[0].state())
        return {part: value for part, value in state.items() if part not in sample(name).SHOWN}

    state = learnt(sample(name).data())
    assert learnt(sample(name).spoilt(sample(name).data(), "test")) == state
    assert learnt(sample(name).spoilt(sample(name).data(), "train")) != state


@pytest.mark.parametrize("name", SEQUENCES)
def test_a_sequence_that_was_read_back_reads_the_same_data_alike(name):
    field, _ = cut(name)
    again = KINDS[name](None, DataConfig(), 0)
    again.load_state(as_json(field.state()))
    assert as_json(again.state()) == as_json(field.state())
    assert again.dims == field.dims
    ours, theirs = (one.read(sample(name).data(), with_target=True) for one in (field, again))
    assert ours[1] == theirs[1]
    batches = [part[0].batch(torch.arange(min(5, len(part[0])))) for part in (ours, theirs)]
    assert all(torch.equal(one.nan_to_num(), other.nan_to_num()) for one, other in zip(*batches, strict=True))


@pytest.mark.parametrize("name", SEQUENCES)
def test_the_statistics_of_a_sequence_are_such_as_a_server_can_read(name):
    assert statistics.read_back({"statistics": as_json(cut(name)[0].statistics)})


# -- answers ----------------------------------------------------------------------------------------------------------


def answered(name, data, rows):
    answer = KINDS[name](DataConfig())
    answer.take(data)
    answer.require(data)
    answer.fit(data, rows)
    return answer


def count(data):
    return len(data) if isinstance(data, Images) else len(data.frame)


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_has_a_target_for_every_example_and_a_blank_like_it(name):
    for data in sample(name).data():
        rows = np.arange(0, count(data), 2)
        answer = answered(name, data, rows)
        targets, blank = answer.encode(data), answer.blank(5)
        assert len(targets) == count(data)
        assert (blank.shape[1:], blank.dtype) == (targets.shape[1:], targets.dtype)
        assert len(blank) == 5
        assert not np.array_equal(blank[0], targets[0])
        assert answer.size >= 1
        strata = answer.strata(data)
        assert strata is None or len(strata) == count(data)


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_that_was_read_back_gives_the_same_targets(name):
    for data in sample(name).data():
        answer, again = answered(name, data, np.arange(0, count(data), 2)), KINDS[name](DataConfig())
        again.load_state(as_json(answer.state()))
        assert as_json(again.state()) == as_json(answer.state())
        assert np.array_equal(again.encode(data), answer.encode(data))
        assert (again.size, again.columns, again.labels) == (answer.size, answer.columns, answer.labels)


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_a_column_that_is_not_an_input(name):
    for data in sample(name).data():
        if isinstance(data, Table):
            assert set(answered(name, data, np.arange(count(data))).columns) <= set(data.frame)


@pytest.mark.parametrize("name", ANSWERS)
def test_the_state_of_an_answer_goes_beside_that_of_any_input(name):
    states = [fitted(other)[0].state() for other in INPUTS]
    for data in sample(name).data():
        own = answered(name, data, np.arange(count(data))).state()
        assert not [own.keys() & state.keys() for state in states if own.keys() & state.keys()]


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_says_what_augmentation_it_can_follow(name):
    from deepglass.data.augment.image import AUGMENTATIONS

    answer = KINDS[name](DataConfig())
    assert answer.follows is None or set(answer.follows) <= set(AUGMENTATIONS)
