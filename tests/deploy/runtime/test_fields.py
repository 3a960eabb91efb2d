"""Every kind of input is asked the same questions; what only one of them knows has tests of its own."""

import copy
import json

import jsonschema
import numpy as np
import pytest

from deepglass.deploy.runtime import description, fields
from deepglass.deploy.runtime.errors import BodyError, InputError
from deepglass.deploy.runtime.limits import Limits
from tests.deploy.runtime.kinds import BROKEN, SCHEMAS, TOKENS, WRONG

KINDS = fields.kinds()
FORMS = {"cells": {"cells"}, "text": {"value"}, "file": {"what", "accept", "example"}, "rows": {"what", "example"}}
WIDGETS = {"text", "number", "date", "select"}


def field_of(kind: str) -> fields.Field:
    """The input of a kind in its model."""
    return next(one for one in fields.fields_of(SCHEMAS[kind]) if one.described["kind"] == kind)


def encoder_of(kind: str, limits: Limits | None = None):
    return fields.lead_of(SCHEMAS[kind]).encoder(TOKENS, limits)


@pytest.mark.parametrize("kind", KINDS)
def test_its_description_is_accepted_and_a_wrong_one_refused(kind):
    schema = copy.deepcopy(SCHEMAS[kind])
    description.require_fit(schema, None, TOKENS)
    described = next(one for one in schema["inputs"] if one["kind"] == kind)
    described |= WRONG[kind]
    with pytest.raises(ValueError, match="expected "):
        description.require_fit(schema, None, TOKENS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_typical_record_is_one_that_json_and_its_schema_and_the_encoder_take(kind):
    lead, encoder = fields.lead_of(SCHEMAS[kind]), encoder_of(kind)
    record = json.loads(json.dumps(lead.typical_record()))
    for is_open in (True, False):
        schema = lead.record_schema(is_open)
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.validate(record, schema)
    tensors = encoder.encode([lead.from_json(record, 1), lead.from_json(record, 2)])
    wanted = {one.described["tensor"] for one in fields.fields_of(SCHEMAS[kind])} - {None}
    assert set(tensors) == wanted
    assert {len(tensor) for tensor in tensors.values()} == {2}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("limits", [None, Limits()], ids=["all", "a server's"])
def test_what_is_broken_is_refused_with_its_name(kind, limits):
    lead, encoder, name = fields.lead_of(SCHEMAS[kind]), encoder_of(kind, limits), field_of(kind).name
    for broken in BROKEN[kind]:
        record = lead.typical_record() | {name: broken}
        with pytest.raises((BodyError, InputError)) as caught:
            encoder.encode([lead.from_json(record, 1)])
        assert caught.value.field == name, broken
        assert name in str(caught.value)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_record_at_all_is_refused_with_a_sentence(kind):
    lead, encoder = fields.lead_of(SCHEMAS[kind]), encoder_of(kind)
    for record in (5, None, [1, 2], True):
        with pytest.raises((BodyError, InputError), match=r"expected|is missing"):
            encoder.encode([lead.from_json(record, 1)])


@pytest.mark.parametrize("kind", KINDS)
def test_tensors_that_share_a_lane_are_joined(kind):
    lead = fields.lead_of(SCHEMAS[kind])
    tensors = encoder_of(kind).encode([lead.typical_record()])
    for tensor in tensors.values():
        assert lead.lane(tensor) == lead.lane(tensor.copy())
        joined = lead.joined([tensor, tensor, tensor])
        assert joined.shape[0] == 3
        assert joined.dtype == tensor.dtype
    assert lead.length(next(iter(tensors.values()))) >= 1
    assert set(lead.fitted(tensors, encoder_of(kind))) == set(tensors)
    lead.check_shape([*next(iter(tensors.values())).shape], Limits())


@pytest.mark.parametrize("kind", KINDS)
def test_its_drift_is_watched_in_numbers_or_words(kind):
    one = field_of(kind)
    tensors = encoder_of(kind).encode([fields.lead_of(SCHEMAS[kind]).typical_record()] * 3)
    if one.described["tensor"] is None:
        assert not one.HAS_TENSOR
        return
    watched = one.watched(tensors[one.described["tensor"]], 0)
    assert watched.ndim == 1
    assert len(watched) % 3 == 0
    words = one.known_words()
    assert watched.dtype == (object if words is not None else np.float64)
    assert words is None or set(watched) <= words


@pytest.mark.parametrize("kind", KINDS)
def test_parts_can_be_hidden_or_there_are_none(kind):
    lead, encoder = fields.lead_of(SCHEMAS[kind]), encoder_of(kind)
    record = lead.typical_record()
    if lead.PARTS is None:
        with pytest.raises(NotImplementedError):
            lead.cut(record, {})
        return
    cut = lead.cut(record, encoder.encode([record]))
    count = len(cut.parts)
    assert 1 < count < 100 or len(SCHEMAS[kind]["inputs"]) == 1
    json.dumps(cut.parts)
    others = [cut.keep(row) for row in np.concatenate([~np.eye(count, dtype=bool), np.zeros((1, count), bool)])]
    tensors = encoder.encode([cut.record, *others, cut.keep(np.ones(count, bool))])
    assert {len(tensor) for tensor in tensors.values()} == {count + 3}
    for tensor in tensors.values():
        assert np.array_equal(tensor[0], tensor[-1])
    assert lead.PARTS in fields.parts()
    assert lead.HIDDEN_IS


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_can_ask_for_it(kind):
    lead = fields.lead_of(SCHEMAS[kind])
    form = json.loads(json.dumps(lead.form()))
    assert FORMS[form["ask"]] <= set(form)
    assert set(form.get("cells", {}).values()) <= WIDGETS
    json.dumps(lead.shown())
    assert field_of(kind).widget() in WIDGETS


@pytest.mark.parametrize("kind", KINDS)
def test_its_limits_belong_to_every_description_that_is_written(kind):
    one = field_of(kind)
    assert one.LIMITS.items() <= fields.limits().items()
    assert all(most > 0 for most in one.LIMITS.values())
    assert one.most_rows(Limits()) >= 1
    argument, record = one.EXAMPLE
    assert argument
    compile(record.format(name=repr(one.name)).replace(", ...}", "}"), "README.md", "eval")
    assert all(isinstance(package, str) for package in one.packages(TOKENS))


def test_a_bundle_without_a_limit_of_its_kind_is_refused_and_one_without_that_of_another_is_not():
    schema = SCHEMAS["image"] | {"limits": {"rows": 5, "image_pixels": 100}}
    description.require_fit(schema, None, None)
    for limits in ({"rows": 5}, {"rows": 5, "image_pixels": 0}, {"image_pixels": 100}):
        with pytest.raises(ValueError, match=r"image_pixels|rows"):
            description.require_fit(schema | {"limits": limits}, None, None)


def test_a_text_to_continue_is_known_by_its_padding_also_in_bundles_that_do_not_say_how_one_begins():
    [described] = SCHEMAS["text"]["inputs"]
    lead = fields.field_of(described | {"padding": -1}, SCHEMAS["text"])
    assert lead.encoder(TOKENS, None).encode([""])["tokens"].tolist() == [[0, -1]]
    assert lead.form()["value"] == "Once"
    assert field_of("text").encoder(TOKENS, None).encode([""])["tokens"].tolist() == [[0, 0]]
    short, long = np.zeros((1, 3), np.int64), np.zeros((1, 4), np.int64)
    assert lead.lane(short) != lead.lane(long)
    assert field_of("text").lane(short) == field_of("text").lane(long)
    assert field_of("text").joined([short, long]).shape == (2, 4)


@pytest.mark.parametrize(("unit", "size", "zone"), [
    ("seconds", 3600.0, None), ("seconds", 3600.0, "Europe/Berlin"), ("seconds", 86400.0, "America/New_York"),
    ("months", 1.0, None), ("month ends", 1.0, None), ("number", 5.0, None), ("steps", 1.0, None),
])  # fmt: skip
@pytest.mark.parametrize("has_clock", [None, True])
def test_a_model_that_looks_at_times_has_a_typical_past_with_times_of_every_calendar(unit, size, zone, has_clock):
    schema = copy.deepcopy(SCHEMAS["time"])
    axis = {"column": "day", "unit": unit, "size": size, "zone": zone, "has_clock": has_clock}
    schema["series"]["axis"] = axis
    lead = fields.lead_of(schema)
    record = json.loads(json.dumps(lead.typical_record()))
    assert len(set(record["day"])) == len(record["level"]) == 3
    [note] = _notes(lead.encoder({}, None).inspect([record]))
    assert len(note.get("time", "ab")) == 2


def _notes(found):
    found.encode(lambda: True)
    return found.notes
