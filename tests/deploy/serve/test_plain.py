"""Plain requests: every form a person may have, and every way in which it may be broken."""

import base64
import io
import json
import zlib

import numpy as np
import pytest
from PIL import Image

from deepglass.explain.methods import shapley
from tests.deploy.serve.conftest import client_of

FLOWER = {"length": 5.0, "width": 1.0, "colour": "red"}


def png(size: tuple[int, int] = (8, 8), value: int = 250) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.full(size, value, np.uint8)).save(file, "PNG")
    return file.getvalue()


def bomb() -> bytes:
    """A PNG of a few kilobytes that claims 30,000 × 30,000 pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")

    size = (30_000).to_bytes(4, "big")
    head, rows = chunk(b"IHDR", size + size + bytes([8, 0, 0, 0, 0])), chunk(b"IDAT", zlib.compress(bytes(1_000_000)))
    return b"\x89PNG\r\n\x1a\n" + head + rows + chunk(b"IEND", b"")


def test_records_of_a_table_come_as_json_csv_or_form(client):
    url = "/predict?model=flowers"
    one = client.post(url, json=FLOWER).json()["predictions"]
    assert one[0]["label"] == "iris"
    assert list(one[0]["probabilities"]) == ["iris", "poppy", "daisy"]
    csv = b"length,width,colour\r\n5.0,1.0,red\r\n,2,blue\r\n"
    rows = client.post(url, content=csv, headers={"Content-Type": "text/csv"}).json()["predictions"]
    assert rows[0] == one[0]
    assert client.post(url, json=[FLOWER]).json()["predictions"] == one
    assert client.post(url, data=FLOWER).json()["predictions"] == one
    assert client.post(url, files={"table": ("flowers.csv", csv)}).json()["predictions"] == rows
    curl = {"Content-Type": "application/x-www-form-urlencoded"}  # what curl -d says of JSON
    assert client.post(url, content=json.dumps(FLOWER), headers=curl).json()["predictions"] == one


def test_a_coverage_adds_sets_and_intervals(client):
    unsure = {"length": 0, "width": 0, "colour": "blue"}
    [flower] = client.post("/predict?model=flowers&coverage=0.95", json=unsure).json()["predictions"]
    assert flower["set"] == ["daisy", "iris", "poppy"]
    [value] = client.post("/predict?model=half-plus-three&coverage=0.5", json={"x": 2.0}).json()["predictions"]
    assert value == {"value": 4.0, "lower": 2.0, "upper": 6.0}  # the tenth of nineteen scores from 0 to 4
    assert "lower" not in client.post("/predict?model=half-plus-three", json={"x": 2.0}).json()["predictions"][0]


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("predict?model=flowers&coverage=0.99", "needs 99 examples that the model has not learnt from, and there were"),
        ("predict?model=flowers&coverage=90", "expected a share between 0 and 1, such as 0.9, got 90"),
        ("predict?model=flowers&coverage=nan", "expected a share between 0 and 1, such as 0.9, got nan"),
        ("predict?model=flowers&coverage=much", "expected a share between 0 and 1, such as 0.9, got 'much'"),
        ("predict?model=flowers&coverage=0.8&coverage=0.9", "the address names more than one coverage"),
        ("predict?model=mood&coverage=0.9", "the model came without scores of examples"),
        ("explain?model=flowers&coverage=0.9", "belongs to /predict"),
    ],
)
def test_a_coverage_that_cannot_be_promised_is_refused(client, address, message):
    answer = client.post("/" + address, json=FLOWER)
    assert answer.status_code in (400, 422)
    assert message in answer.json()["error"]
    assert answer.json()["field"] == "coverage"


def test_pictures_come_as_bytes_uploads_base64_or_numbers(client):
    url = "/predict?model=shades"
    answers = [
        client.post(url, content=png(), headers={"Content-Type": "image/png"}),
        client.post(url, files={"file": ("a.png", png(), "image/png")}),
        client.post(url, json={"image": base64.b64encode(png()).decode()}),
        client.post(url, json={"image": np.full((8, 8), 250).tolist()}),
    ]
    assert {answer.json()["predictions"][0]["label"] for answer in answers} == {"light"}
    two = client.post(url, files=[("file", ("a.png", png())), ("file", ("b.png", png(value=3)))]).json()["predictions"]
    assert [answer["label"] for answer in two] == ["light", "dark"]


def test_texts_come_as_they_are_or_in_json(client):
    plain = client.post("/predict?model=mood", content="a great film", headers={"Content-Type": "text/plain"}).json()
    for content in ("a great film", {"text": "a great film"}, ["a great film"]):
        assert client.post("/predict?model=mood", json=content).json() == plain


BROKEN = {  # model, content type, content, status, field
    "no json": ("flowers", "application/json", b"{", 400, None),
    "no utf-8": ("flowers", "application/json", b'"\xff"', 400, None),
    "nan": ("flowers", "application/json", b'{"length": NaN, "width": 1, "colour": "red"}', 400, None),
    "deep": ("flowers", "application/json", b"[" * 50_000 + b"]" * 50_000, 400, None),
    "long number": ("flowers", "application/json", b"1" * 6000, 400, None),
    "empty": ("flowers", "application/json", b"", 400, None),
    "no records": ("flowers", "application/json", b"[]", 422, "records"),
    "many records": ("mood", "application/json", json.dumps(["good"] * 1025).encode(), 422, "records"),
    "missing": ("flowers", "application/json", b'{"length": 1, "colour": "red"}', 422, "width"),
    "text": ("flowers", "application/json", b'{"length": "long", "width": 1, "colour": "red"}', 422, "length"),
    "boolean": ("flowers", "application/json", b'{"length": true, "width": 1, "colour": "red"}', 422, "length"),
    "huge number": ("flowers", "application/json", b'{"length": 1e999, "width": 1, "colour": "red"}', 422, "length"),
    "csv cell": ("flowers", "text/csv", b"length,width,colour\nlong,1,red\n", 422, "length"),
    "csv ragged": ("flowers", "text/csv", b"length,width,colour\n1,1\n", 400, None),
    "xml": ("flowers", "application/xml", b"<a/>", 415, "Content-Type"),
    "form": ("flowers", "multipart/form-data; boundary=x", b"--y\r\n\r\n", 400, "Content-Type"),
    "form without boundary": ("flowers", "multipart/form-data", b"--y", 400, "Content-Type"),
    "no picture": ("shades", "image/png", b"GIF89 no", 422, "image"),
    "half a picture": ("shades", "image/png", png((200, 200))[:60], 422, "image"),
    "bomb": ("shades", "image/png", bomb(), 422, "image"),
    "form without a picture": ("shades", "application/x-www-form-urlencoded", b"a=1", 422, "image"),
    "no base64": ("shades", "application/json", b'{"image": {"b64": "%%%"}}', 422, "image"),
    "long text": ("mood", "application/json", json.dumps("good " * 3000).encode(), 422, "text"),
    "no text": ("mood", "application/json", b"5", 422, "text"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_requests_are_refused_by_name_and_the_next_is_answered(client, case):
    model, kind, content, status, field = BROKEN[case]
    for path in ("predict", "explain"):
        answer = client.post(f"/{path}?model={model}", content=content, headers={"Content-Type": kind})
        assert answer.status_code == status, answer.text
        assert answer.json().get("field") == field, answer.text
    assert client.post("/predict?model=flowers", json=FLOWER).status_code == 200


def test_brackets_inside_a_text_are_no_nesting(client):
    assert client.post("/predict?model=mood", json="[" * 500 + '"{' * 500).status_code == 200


def test_a_body_is_refused_by_its_announced_size_before_it_is_read(app_of, shelf):

    with client_of(app_of(shelf / "mood", max_body_bytes=1000)) as client:
        assert client.post("/predict", content=b" " * 1001).status_code == 413
        assert client.post("/predict", content=iter([b" " * 600] * 2)).status_code == 413  # in pieces, unannounced
        packed = zlib.compress(b" " * 100_000)
        bombed = client.post("/predict", content=packed, headers={"Content-Encoding": "deflate"})
        assert bombed.status_code == 413
        assert client.post("/predict", json="good").status_code == 200


def test_a_model_must_be_named_where_there_are_several(client):
    refused = client.post("/predict", json=FLOWER)
    assert refused.status_code == 422
    assert refused.json()["field"] == "model"
    for query in ("model=flowers&model=mood", "model=flowers&version=1&version=2"):
        refused = client.post(f"/predict?{query}", json=FLOWER)
        assert (refused.status_code, refused.json()["field"]) == (400, query.split("&")[1].split("=")[0])
    assert client.post("/predict?model=flowers&model=flowers", json=FLOWER).status_code == 200


def test_explanations_point_at_what_matters(client):
    words = client.post("/explain?model=mood", json="a great film, never awful").json()["explanation"]
    changes = {part["word"]: part["change"] for part in words["parts"]}
    assert changes["great"] > 0.1 > abs(changes["a"])
    columns = client.post("/explain?model=flowers", json=FLOWER).json()
    assert columns["explanation"]["about"] == columns["prediction"]["label"]
    moved = client.post("/predict?model=flowers", json=FLOWER | {"length": 4.1}).json()["predictions"][0]
    change = columns["prediction"]["probability"] - moved["probabilities"][columns["prediction"]["label"]]
    assert columns["explanation"]["parts"][0]["change"] == pytest.approx(change)
    half = np.hstack([np.full((8, 4), 20), np.full((8, 4), 120)])
    squares = client.post("/explain?model=shades", json={"image": half.tolist()}).json()["explanation"]
    assert len(squares["parts"]) == 64
    assert squares["about"] == "dark"
    by_column = np.array([part["change"] for part in squares["parts"]]).reshape(8, 8).mean(axis=0)
    assert by_column[0] > 0 > by_column[-1]  # the dark half speaks for dark


@pytest.mark.parametrize("method", ["shapley", "kernel-shapley", "lime"])
def test_methods_that_need_scores_alone_are_asked_of_the_server(client, method):
    answer = client.post(f"/explain?model=flowers&method={method}", json=FLOWER).json()
    found = answer["explanation"]
    assert (found["method"], found["kind"], found["base_is"]) == (method, "columns", "typical values")
    assert found["score"] == pytest.approx(answer["prediction"]["probability"])
    if method != "lime":
        assert sum(part["change"] for part in found["parts"]) == pytest.approx(found["score"] - found["base"], abs=1e-6)
    usual = client.post("/explain?model=flowers", json=FLOWER).json()["explanation"]
    assert usual["method"] == "occlusion"
    assert [part["name"] for part in usual["parts"]] == [part["name"] for part in found["parts"]]


def test_shapley_values_of_the_server_are_those_of_the_game_that_it_plays(client):
    names = list(FLOWER)
    typical = {part["name"]: part["typical"] for part in explained(client, "occlusion")}

    def game(present):
        rows = [{n: (FLOWER if there else typical)[n] for n, there in zip(names, row)} for row in present]
        label = client.post("/predict?model=flowers", json=FLOWER).json()["predictions"][0]["label"]
        answers = client.post("/predict?model=flowers", json=rows).json()["predictions"]
        return np.array([answer["probabilities"][label] for answer in answers])

    changes = [part["change"] for part in explained(client, "shapley")]
    assert changes == pytest.approx(shapley.exact(game, len(names)), abs=1e-6)
    assert [part["change"] for part in explained(client, "kernel-shapley")] == pytest.approx(changes, abs=1e-6)


def explained(client, method):
    return client.post(f"/explain?model=flowers&method={method}", json=FLOWER).json()["explanation"]["parts"]


def test_what_is_drawn_has_intervals_and_a_seed(client):
    ask = "/explain?model=mood&method=lime&samples=60"
    text = "a great film, never awful"
    first, again, other = (client.post(ask + seed, json=text).json()["explanation"] for seed in ("", "", "&seed=7"))
    assert first == again != other
    assert all(part["low"] <= part["change"] <= part["high"] for part in first["parts"])


REFUSED = {
    "method=grad-cam": ("method", "occlusion, kernel-shapley, lime, shapley"),
    "method=lime&samples=0": ("samples", "from 1 on"),
    "method=lime&samples=many": ("samples", "from 1 on"),
    "method=lime&samples=9999999": ("samples", "at most"),
    "samples=5": ("samples", "no use for it"),
    "method=shapley&seed=1": ("seed", "no use for it"),
    "method=lime&seed=-1": ("seed", "from 0 on"),
}


@pytest.mark.parametrize("query", REFUSED)
def test_a_method_or_a_setting_that_does_not_fit_is_refused_by_name(client, query):
    field, words = REFUSED[query]
    refused = client.post(f"/explain?model=flowers&{query}", json=FLOWER)
    assert (refused.status_code, refused.json()["field"]) == (422, field)
    assert words in refused.json()["error"]


def test_too_many_parts_for_every_coalition_and_none_at_all(client):
    refused = client.post("/explain?model=mood&method=shapley", json=" ".join("abcdefghijklmno"))
    assert refused.status_code == 422
    assert "kernel-shapley" in refused.json()["error"]
    for method in ("occlusion", "kernel-shapley", "lime"):
        one = client.post(f"/explain?model=mood&method={method}", json="great").json()["explanation"]
        assert [part["word"] for part in one["parts"]] == ["great"]
