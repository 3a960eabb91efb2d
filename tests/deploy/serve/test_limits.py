"""What a request may bring: sizes before work, odd values in every place, lanes in which nothing holds up the rest."""

import asyncio
import base64
import gzip
import json
import logging
import threading
import time

import pytest
from bench.hostile import pictures as hostile

from deepglass.cli.serve import LIMITS
from deepglass.core.errors import OptionError
from deepglass.deploy.runtime import limits
from deepglass.deploy.runtime.limits import Limits
from deepglass.deploy.serve import body as bodies
from deepglass.deploy.serve import multipart
from deepglass.deploy.serve.config import ServeConfig
from tests import simulated
from tests.deploy.serve.conftest import client_of

FLOWER = {"length": 5.0, "width": 1.0, "colour": "red"}
PATIENCE = 120  # seconds, on a machine that does other things
GREY = {"Content-Type": "image/png"}
PART = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n'


def test_every_limit_is_said_in_the_help_and_in_the_document(client):
    said = {limit["name"]: limit for limit in client.get("/openapi.json").json()["x-limits"]}
    assert said.keys() == vars(Limits()).keys()
    for option in LIMITS:
        assert option.help, option.name
        assert said[option.name]["value"] == getattr(Limits(), option.name)


@pytest.mark.parametrize("name", [field for field in vars(Limits()) if field.startswith("max_")])
def test_a_limit_of_nothing_is_refused(name):
    assert name.replace("_", "-") in limits.refusal(ServeConfig(**{name: 0}))
    assert limits.refusal(ServeConfig(**{name: -1}))


def test_the_command_refuses_limits_that_do_not_fit(shelf):
    from deepglass.cli.serve import run_server

    with pytest.raises(OptionError, match="--max-headers"):
        run_server(models=[shelf / "mood"], port="0", max_headers="0")


ODD = {  # model, content type, content, field
    "date": (
        "flowers",
        "application/json",
        {"length": "0001-01-01T00:00+14:00", "width": 1, "colour": "red"},
        "length",
    ),
    "object": ("flowers", "application/json", {"length": {"a": 1}, "width": 1, "colour": "red"}, "length"),
    "list": ("flowers", "application/json", {"length": 1, "width": [1], "colour": "red"}, "width"),
    "true": ("flowers", "application/json", {"length": 1, "width": True, "colour": "red"}, "width"),
    "true for a word": ("flowers", "application/json", {"length": 1, "width": 1, "colour": False}, "colour"),
    "object for a word": ("flowers", "application/json", {"length": 1, "width": 1, "colour": {}}, "colour"),
    "huge": ("flowers", "application/json", {"length": 10**400, "width": 1, "colour": "red"}, "length"),
    "list of lists": ("flowers", "application/json", [[5, 1, "red"]], "length"),
    "null": ("flowers", "application/json", None, "length"),
    "text of numbers": ("mood", "application/json", {"text": [1, 2]}, "text"),
    "picture of words": ("shades", "application/json", {"image": [["a", "b"]]}, "image"),
    "picture of truth": ("shades", "application/json", {"image": [[True, False]]}, "image"),
    "picture of nothing": ("shades", "application/json", {"image": []}, "image"),
    "picture too bright": ("shades", "application/json", {"image": [[256]]}, "image"),
}


@pytest.mark.parametrize("case", ODD)
def test_odd_values_are_refused_by_the_name_of_their_field(client, case):
    model, kind, content, field = ODD[case]
    for path in ("predict", "explain"):
        answer = client.post(f"/{path}?model={model}", content=json.dumps(content), headers={"Content-Type": kind})
        assert answer.status_code in (400, 422), answer.text
        assert answer.json().get("field") == field, answer.text


@pytest.mark.parametrize(("kind", "content", "status"), [
    ("application/json", b'{"length": 1, "length": 2, "width": 1, "colour": "red"}', 400),
    ("application/json", b'{"text": "\\ud800"}', 400),
    ("application/x-www-form-urlencoded", b"length=1&length=2&width=1&colour=red", 400),
    ("application/x-www-form-urlencoded", b"%41" * 400_000, 413),
    ("text/csv", b"length,length\n1,2\n", 400),
    ("text/csv", b"x," * 800_000, 413),
    ("text/csv", b"length,width,colour\n" + b"1,1,red\n" * 200_000, 413),
    ("text/csv", b'length\n"' + b"a" * 5_000_000 + b'"\n', 413),
    ("application/json", b"[" + b"{}," * 160_000 + b"{}]", 413),
    ("multipart/form-data; boundary=x", PART * 2000 + b"--x--", 413),
    ("multipart/form-data; boundary=x", b"--x\r\n" + b"A: b\r\n" * 2000 + b"\r\nb\r\n--x--", 400),
])  # fmt: skip
def test_sizes_are_judged_before_the_work(client, kind, content, status):
    began = time.process_time()
    answer = client.post("/predict?model=flowers", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status, answer.text
    assert time.process_time() - began < 3


def test_a_context_is_not_copied_beyond_the_columns(client):
    context = {f"key {i}": i for i in range(40_000)} | {"colour": "red"}
    asked = {"context": context, "examples": [{"length": 5, "width": 1}] * 1000}
    began = time.process_time()
    assert len(client.post("/v1/models/flowers:classify", json=asked).json()["results"]) == 1000
    assert time.process_time() - began < 5


def test_texts_are_bounded_alone_and_together(client):
    long, many = "good " * 41_000, ["good"] * 1023 + ["good " * 1900]
    assert client.post("/predict?model=mood", json=long).status_code == 422
    assert client.post("/predict?model=mood", json=many).status_code == 200  # cut to the 50 words that the model reads
    with client_of(client.app):
        model = client.app.state.registry.choose("mood")
        model.bundle.encoder.max_tokens = 1000
        refused = client.post("/predict?model=mood", json=many)
        assert (refused.status_code, refused.json()["field"]) == (422, "text")


def test_large_pictures_share_one_budget_and_are_judged_first(app_of, shelf):
    content = hostile.bomb("L", 900)
    text = base64.b64encode(content).decode()
    with client_of(app_of(shelf / "shades", max_pixels=1_000_000)) as client:
        assert client.post("/predict", content=content, headers=GREY).status_code == 200
        refused = client.post("/predict", json=[{"image": text}] * 2)
        assert (refused.status_code, refused.json()["field"]) == (422, "image")
        assert "1,000,000 a request" in refused.json()["error"]
        assert client.post("/predict", content=hostile.EPS, headers=GREY).status_code == 422
        assert client.post("/explain", content=content, headers=GREY).status_code == 200
    with client_of(app_of(shelf / "shades", max_picture_bytes=500_000)) as client:
        refused = client.post("/predict", content=content, headers=GREY)
        assert (refused.status_code, refused.json()["field"]) == (422, "image")


def test_a_deadline_counts_from_the_first_byte_and_stops_the_work(client):
    model, begun, may_go = client.app.state.registry.choose("shades"), [], threading.Event()
    opened = model.bundle.inspect

    def slowly(records):
        begun.append(len(records))
        assert may_go.wait(PATIENCE)
        return opened(records)

    model.bundle.inspect = slowly
    short = {"X-Request-Timeout-Ms": "100", **GREY}
    content = hostile._saved("PNG", "L", 8) + bytes(20_000)  # not small: in a thread
    with client_of(client.app):
        threads = [threading.Thread(target=client.post, args=["/predict?model=shades"],
                                    kwargs={"content": content, "headers": short}) for _ in range(30)]  # fmt: skip
        for thread in threads:
            thread.start()
        late = client.post("/predict?model=shades", content=content, headers=short)
        assert late.status_code == 504
        assert client.post("/predict?model=flowers", json=FLOWER, headers={"X-Request-Timeout-Ms": "200000"}).is_success
        for thread in threads:
            thread.join()
        may_go.set()
        patient = {"X-Request-Timeout-Ms": "200000", **GREY}  # its turn comes after all of theirs
        assert client.post("/predict?model=shades", content=content, headers=patient).is_success
    assert len(begun) < 20  # those whose time was over in the queue were never begun


def test_a_full_queue_answers_503(app_of, shelf):
    with client_of(app_of(shelf / "shades", queue=2)) as client:
        model, may_go = client.app.state.registry.choose("shades"), threading.Event()
        opened = model.bundle.inspect
        model.bundle.inspect = lambda records: (may_go.wait(PATIENCE), opened(records))[1]
        content, statuses = hostile._saved("PNG", "L", 8) + bytes(20_000), []
        ask = lambda: statuses.append(client.post("/predict", content=content, headers=GREY).status_code)  # noqa: E731
        threads = [threading.Thread(target=ask) for _ in range(12)]
        for thread in threads:
            thread.start()
        until = time.monotonic() + PATIENCE
        while len(statuses) < len(threads) - 3 and time.monotonic() < until:  # all but those that may wait are refused
            time.sleep(0.01)
        may_go.set()
        for thread in threads:
            thread.join()
        assert set(statuses) == {200, 503}
        assert 1 <= statuses.count(200) <= 3


def test_what_nobody_foresaw_is_the_requests_fault_and_stands_in_the_log(client, caplog):
    model = client.app.state.registry.choose("flowers")
    model.bundle.inspect = lambda _: 1 / 0
    logging.getLogger("deepglass.serve").propagate = True
    with caplog.at_level(logging.ERROR, "deepglass.serve"):
        answer = client.post("/predict?model=flowers", json=FLOWER)
    assert answer.status_code == 422
    assert "ZeroDivisionError" in caplog.text


def test_an_answer_too_large_to_write_is_refused_before_it_is_computed(app_of, shelf):
    with client_of(app_of(shelf / "flowers", max_values=300)) as client:
        assert client.post("/predict", json=[FLOWER] * 20).status_code == 200
        assert client.post("/predict", json=[FLOWER] * 101).status_code == 413
        rows = 99
        request = {"inputs": [
            {"name": "length", "datatype": "FP64", "shape": [rows, 1], "data": [5.0] * rows},
            {"name": "width", "datatype": "FP64", "shape": [rows, 1], "data": [5.0] * rows},
            {"name": "colour", "datatype": "BYTES", "shape": [rows, 1], "data": [""] * rows},
        ]}  # fmt: skip
        with client_of(app_of(shelf / "flowers", max_values=3000)) as roomy:
            assert roomy.post("/v2/models/flowers/infer", json=request).status_code == 200
        refused = client.post("/v2/models/flowers/infer", json=request)
        assert refused.status_code == 413


def test_large_answers_are_written_in_parts_that_make_one_document(client):
    rows = [FLOWER] * 1000
    one = client.post("/predict?model=flowers", json=FLOWER).json()["predictions"][0]
    csv = b"length,width,colour\n" + b"5.0,1.0,red\n" * 1000
    answer = client.post("/predict?model=flowers", content=csv, headers={"Content-Type": "text/csv"}).json()
    assert answer["predictions"] == [one] * 1000
    written = client.post("/v1/models/flowers:predict", json={"instances": rows}).json()["predictions"]
    assert written == [[pytest.approx(p, abs=1e-7) for p in one["probabilities"].values()]] * 1000


def test_a_packed_body_is_unpacked_no_further_than_the_limit(client):
    packed = gzip.compress(bytes(40_000_000))
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    assert client.post("/predict?model=flowers", content=packed, headers=headers).status_code == 413
    fine = gzip.compress(json.dumps([FLOWER] * 900).encode())
    assert client.post("/predict?model=flowers", content=fine, headers=headers).status_code == 200
    for broken in (fine[:-5], fine[:20] + bytes(20) + fine[40:], b""):
        assert client.post("/predict?model=flowers", content=broken, headers=headers).status_code == 400


@pytest.mark.parametrize(
    "behind", [b"x", gzip.compress(b"[]", mtime=0), gzip.compress(b"", mtime=0) * 5000, bytes(200_000)]
)
def test_nothing_behind_a_packed_body_is_passed_over(client, behind):
    packed = gzip.compress(json.dumps(FLOWER).encode())
    headers = {"Content-Encoding": "GZIP", "Content-Type": "application/json"}
    assert client.post("/predict?model=flowers", content=packed, headers=headers).status_code == 200
    refused = client.post("/predict?model=flowers", content=packed + behind, headers=headers)
    assert refused.status_code == 400
    assert "left over" in refused.json()["error"]
    plain = {"Content-Encoding": "Identity"}
    assert client.post("/predict?model=flowers", json=FLOWER, headers=plain).status_code == 200


def test_what_parts_of_a_form_say_of_themselves_is_read_as_far_as_anybody_says_something():
    part = b'--x\r\nContent-Disposition: form-data; name="a"; filename="b.csv"%b\r\n\r\nb\r\n'
    begun = time.process_time()
    found = multipart.parts_of(part % (b"; =" * 500) * 1000 + b"--x--", "multipart/form-data; boundary=x")
    assert time.process_time() - begun < 3
    assert {(one.name, one.filename, one.content) for one in found} == {("a", "b.csv", b"b")}


@pytest.mark.parametrize(("announced", "is_within"), [
    ("0", True), ("1000", True), ("1001", False), ("9" * 5000, False), ("-1", False), ("+5", False), ("", False),
    ("٣", False), ("0" * 400 + "5", False),
])  # fmt: skip
def test_a_length_is_judged_by_its_digits_first(announced, is_within):
    assert bodies._is_within(announced, 1000) == is_within


def test_bodies_share_the_memory_and_the_slow_make_way(app_of, shelf, monkeypatch):
    from deepglass.deploy.runtime import room

    monkeypatch.setattr(room, "time", simulated.clock())
    monkeypatch.setattr(room, "PACE_SECONDS", 0.1)
    monkeypatch.setattr(room, "LOOK_SECONDS", 0.05)
    app = app_of(shelf / "mood", max_body_bytes=1_000_000, max_pending_bytes=1_000_000, max_body_seconds=10)

    async def post(parts, pause: float) -> int:
        """Status of a request whose body comes part by part."""
        waiting, sent = list(parts), []

        async def receive():
            await asyncio.sleep(pause)
            part = waiting.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(waiting)}

        async def send(message):
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": "/predict", "query_string": b"", "http_version": "1.1"}
        scope |= {"headers": [(b"host", b"localhost"), (b"content-type", b"text/plain")]}
        await app(scope, receive, send)
        return sent[0]["status"]

    async def story():
        await app.state.registry.load_all()
        slow = asyncio.create_task(post([b"a" * 60_000] * 12 + [b"a"] * 400, 0.02))
        await asyncio.sleep(0.5)
        fast = [asyncio.create_task(post([b"good " * 10_000] * 10, 0.001)) for _ in range(3)]
        assert [await task for task in fast] == [422] * 3  # read to the end, and too long for the model
        assert await slow == 408
        assert app.state.registry.bodies.taken == 0

    simulated.run(story())
