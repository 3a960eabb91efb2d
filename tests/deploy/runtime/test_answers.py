"""Every kind of answer is asked the same questions, about outputs of the right shapes."""

import json
from types import SimpleNamespace

import jsonschema
import numpy as np
import pytest

from deepglass.deploy.runtime import answers

KINDS = answers.kinds()
ENCODER = SimpleNamespace(targets=["level", "rain"], piece="abcdefghijklmnop".__getitem__)
LABELS = ["cat", "dog", "hen"]
SHAPES = {  # of the outputs of each kind, for one record
    "probabilities": {"probabilities": (3,)},
    "described_probabilities": {"described_probabilities": (3,)},
    "label_probabilities": {"label_probabilities": (3,), "holds": (3,)},
    "value": {"value": ()},
    "forecast": {"forecast": (4, 2), "lower": (4, 2), "upper": (4, 2)},
    "next_probabilities": {"next_probabilities": (16,)},
    "boxes": {"boxes": (6, 7), "least_score": ()},
    "pixel_probabilities": {"pixel_probabilities": (6, 7, 3)},
    "fine_image": {"fine_image": (6, 8, 3)},
    "transcript": {"transcript": (6, 4), "steps": (), "beam": ()},
    "samples": {"samples": (3,)},
    "embedding": {"embedding": (4,)},
    "anomaly": {"anomaly": (2,)},
    "cluster_distances": {"cluster_distances": (4,)},
    "unit_embedding": {"unit_embedding": (4,)},
    "features": {"features": (4,)},
    "sentence": {"sentence": (5, 2)},
}
SHOWN = {"before", "said", "share", "bars", "chart", "marks", "mask", "colours", "finer"}


def answer_of(kind: str) -> answers.Answer:
    outputs = [{"name": name, "shape": [-1, *shape]} for name, shape in SHAPES[kind].items()]
    schema = {"answer": kind, "outputs": outputs, "columns": ["height", "width", "depth"]}
    return answers.answer_of(schema, LABELS, ENCODER)


def outputs_of(kind: str, rows: int = 5) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(0)
    return {name: generator.dirichlet(np.ones(shape[-1] if shape else 1), (rows, *shape[:-1])).reshape(rows, *shape)
            for name, shape in SHAPES[kind].items()}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_there_is_an_answer_for_each_record_that_fits_its_schema(kind):
    answer = answer_of(kind)
    assert answer.needed == [*SHAPES[kind]]
    decoded = json.loads(json.dumps(answer.decode(outputs_of(kind)), allow_nan=False))
    assert len(decoded) == 5
    schema = answer.json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    for one in decoded:
        jsonschema.validate(one, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({}, schema)
    assert answer.decode(outputs_of(kind, rows=0)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_holds_the_truth_so_often_is_added_or_the_kind_says_that_it_cannot(kind):
    answer, outputs = answer_of(kind), outputs_of(kind)
    if not answer.CAN_COVER:
        with pytest.raises(NotImplementedError):
            answer.decode(outputs, 0.5)
        return
    plain, covered = answer.decode(outputs), answer.decode(outputs, 0.5)
    for one, more in zip(plain, covered, strict=True):
        jsonschema.validate(more, answer.json_schema())
        assert more.items() > one.items()
        assert not any(isinstance(cell, dict | list) for cell in answer.row(more).values())


@pytest.mark.parametrize("kind", KINDS)
def test_an_output_that_is_missing_is_an_error_that_a_bundle_turns_into_a_sentence(kind):
    for name in answer_of(kind).needed:
        outputs = outputs_of(kind)
        del outputs[name]
        with pytest.raises(KeyError):
            answer_of(kind).decode(outputs)


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_a_row_of_a_table_and_what_a_page_draws_is_in_it(kind):
    answer = answer_of(kind)
    [first] = answer.decode(outputs_of(kind, rows=1))
    row = answer.row(first)
    assert row
    assert not any(isinstance(cell, dict) for cell in row.values())
    shown = answer.shown()
    assert set(shown) <= SHOWN
    assert {shown[part] for part in ("said", "share", "bars", "chart") if part in shown} <= set(first)
    assert answer.width([-1, *SHAPES[kind][kind]]) >= 1


@pytest.mark.parametrize("kind", KINDS)
def test_notes_of_the_records_are_taken_where_they_are_of_use(kind):
    answer = answer_of(kind)
    decoded = answer.decode(outputs_of(kind))
    assert answer.with_notes(decoded, []) == decoded
    before = json.dumps(decoded)
    noted = answer.with_notes(decoded, [{"height": 5, "width": 4, "steps": 1, "time": ["now"]}] * 5)
    assert len(noted) == 5
    assert json.dumps(decoded) == before
    for one in noted:
        jsonschema.validate(one, answer.json_schema())


@pytest.mark.parametrize("kind", KINDS)
def test_it_can_be_explained_and_has_a_verb_or_says_that_it_has_none(kind):
    answer = answer_of(kind)
    first, other = answer.decode(outputs_of(kind, rows=2))
    if answer.CAN_EXPLAIN:
        assert isinstance(answer.about(first), str)
        assert np.isfinite(answer.score(first, first) - answer.score(other, first))
    else:
        with pytest.raises(NotImplementedError):
            answer.score(other, first)
    if answer.VERB is None:
        with pytest.raises(NotImplementedError):
            answer.result(first)
    else:
        assert answer.VERB in ("classify", "regress")
        json.dumps(answer.result(first))


def test_a_forecast_is_cut_to_the_steps_that_were_asked_for():
    answer = answer_of("forecast")
    [noted] = answer.with_notes(answer.decode(outputs_of("forecast", rows=1)), [{"steps": 2, "series": {"shop": "a"}}])
    assert [len(noted[part]["rain"]) for part in ("forecast", "lower", "upper")] == [2, 2, 2]
    assert noted["series"] == {"shop": "a"}
    assert "steps" not in noted
    jsonschema.validate(noted, answer.json_schema())


def test_there_is_a_label_for_every_class():
    require = answers.class_of("probabilities").require
    require([-1, 3], LABELS)
    require([-1, -1], LABELS)
    for shape, labels in (([-1, 4], LABELS), ([-1, 3], None), ([-1, 3], [1, 2, 3])):
        with pytest.raises(ValueError, match="expected"):
            require(shape, labels)
