"""Every task answers new inputs, one or many, and says what is wrong with those that do not fit."""

from pathlib import Path

import pytest

from deepglass.core.errors import DeepglassError
from deepglass.data.fields import itself
from tests.tasks.contract.case import numbers_in

POSITIONS = ("row",)  # say which of the inputs an answer is for


@pytest.fixture(autouse=True)
def inputs_are_answered(case):
    if not case.Task.PREDICTS:
        pytest.skip("it draws samples")


def bare(answers):
    return [{name: part for name, part in answer.items() if name not in POSITIONS} for answer in answers]


def test_one_input_is_answered_as_among_many(case):
    assert len(case.inputs) > 1
    alone = [answer for one in case.inputs for answer in bare(case.run.predict(one))]
    together = bare(case.run.predict(case.together))
    assert len(together) == len(alone) >= len(case.inputs)
    for one, other in zip(alone, together, strict=True):
        assert numbers_in(one) == pytest.approx(numbers_in(other), rel=1e-4, abs=1e-5)
        words = [{name: part for name, part in answer.items() if isinstance(part, str)} for answer in (one, other)]
        assert words[0] == words[1]


def test_answers_depend_on_the_input(case):
    answers = [numbers_in(case.run.predict(one)) for one in case.inputs]
    assert any(answer != answers[0] for answer in answers[1:])


def attempt(case, inputs):
    """Answers, or an error that was meant for the user."""
    try:
        return case.run.predict(inputs)
    except DeepglassError as error:
        return error


@pytest.mark.parametrize("odd", [[], {}, [[]], [{}], None, 7, [{"nope": 1}], [object()], object()])
def test_odd_inputs_are_refused_in_words(case, odd):
    assert isinstance(attempt(case, odd), DeepglassError)


LONG = "longer than the name of any file. " * 200


@pytest.mark.parametrize(
    "odd", [[None], [1, "a"], "", "nope", [""], [float("nan")], b"nope", {"nope": [1]}, LONG, [LONG]]
)
def test_what_may_be_an_input_never_ends_in_a_traceback(case, odd):
    attempt(case, odd)


def test_a_column_that_is_missing_is_named(case):
    rows = case.inputs[0] if isinstance(case.inputs[0], list) else case.inputs[:1]
    if not isinstance(rows[0], dict):
        pytest.skip("inputs have no columns")
    named = 0
    for name in rows[0]:
        found = attempt(case, [{key: cell for key, cell in row.items() if key != name} for row in rows])
        if isinstance(found, DeepglassError):
            assert repr(name) in str(found) or name in str(found), found
            named += 1
    assert named, "no column is needed"


@pytest.mark.parametrize("content", [b"", b"\x00\xff\xfe\x01" * 9, b"\n\n\n"], ids=["empty", "garbage", "blank"])
def test_a_broken_file_is_named(case, content, tmp_path):
    ending = case.source.suffix if case.source.is_file() else next(p for p in case.source.rglob("*.*")).suffix
    path = tmp_path / f"broken{ending}"
    path.write_bytes(content)
    found = attempt(case, str(path))
    if isinstance(found, DeepglassError):
        assert path.name in str(found) or path.stem in str(found), found
    else:
        assert case.Task.plain_text == ".txt", "only a text may hold anything"


def test_a_file_that_is_not_there_is_named(case, tmp_path):
    found = attempt(case, tmp_path / "absent.csv")
    assert isinstance(found, DeepglassError)
    assert "absent.csv" in str(found)


def test_evaluating_the_data_of_the_training_says_so(case):
    found = case.run.evaluate(case.source)
    assert found["count"] > 0
    if not (case.run.path / "seen.npz").exists():
        pytest.skip("its examples cannot be known again")
    learnt = sum(len(case.job.prepared.ids[part]) for part in ("train", "val") if case.job.prepared.fold is None)
    assert found["seen"]["of"] == found["count"]
    assert found["seen"]["examples"] >= max(1, learnt)
    assert found["seen"]["examples"] < found["seen"]["of"]
    assert found["unseen"]["count"] == found["seen"]["of"] - found["seen"]["examples"]


def test_data_without_the_target_cannot_be_judged(case):
    rows = case.inputs[0] if isinstance(case.inputs[0], list) else case.inputs
    if not isinstance(rows[0], dict) or not hasattr(case.run.task, "target"):
        pytest.skip("its inputs hold their own truth")
    if issubclass(getattr(case.Task, "ANSWER", object), itself.Field):
        pytest.skip("nothing has to be labelled")
    with pytest.raises(DeepglassError, match=case.run.task.target):
        case.run.evaluate(rows)


def test_a_folder_without_anything_is_refused(case, tmp_path):
    (tmp_path / "hollow").mkdir()
    with pytest.raises(DeepglassError, match="hollow"):
        case.run.predict(Path(tmp_path / "hollow"))
