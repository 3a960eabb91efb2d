"""Batching, bounds, deadlines, versions, canaries, tokens, drift, metrics and logs."""

import asyncio
import json
import logging
import threading
import time

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from deepglass.core.errors import OptionError
from deepglass.deploy.serve.access_log import JsonLines
from deepglass.deploy.serve.auth import read_tokens
from deepglass.deploy.serve.batching import Batcher
from deepglass.deploy.serve.drift import Moments, Shares
from deepglass.deploy.serve.errors import RequestError
from deepglass.deploy.serve.registry import Canary
from tests.clock import Clock
from tests.deploy.serve import bundles
from tests.deploy.serve.conftest import client_of

TOKEN = b"0123456789abcdef0123"
FLOWER = {"length": 5.0, "width": 1.0, "colour": "red"}

PATIENCE = 120  # seconds, on a machine that does other things


class Echo:
    """Work that notes its batches, and waits until it may go on."""

    def __init__(self):
        self.batches, self.may_go, self.has_begun = [], threading.Event(), threading.Event()
        self.may_go.set()

    def __call__(self, parts, lane):
        self.has_begun.set()
        assert self.may_go.wait(PATIENCE)
        self.batches.append([part["x"].tolist() for part in parts])
        return [ValueError("bad") if -1 in part["x"] else part for part in parts]


async def until(is_so) -> None:
    """Return when it is so."""
    async with asyncio.timeout(PATIENCE):
        while not is_so():
            await asyncio.sleep(0.001)


async def ask(batcher: Batcher, *values: float, lane: str = "", seconds: float = 2 * PATIENCE):
    return (await batcher.compute({"x": np.array(values)}, len(values), lane, seconds))["x"].tolist()


def test_requests_that_wait_together_are_computed_together():
    async def scene():
        echo = Echo()
        batcher = Batcher(echo, max_batch=3, max_wait_s=1, max_queue=100)
        answers = await asyncio.gather(*(ask(batcher, i) for i in range(7)))
        assert answers == [[i] for i in range(7)]
        assert [len(batch) for batch in echo.batches] == [3, 3, 1]
        await batcher.close()

    asyncio.run(scene())


def test_a_lone_job_of_a_quick_kind_is_computed_at_once_and_company_goes_to_the_thread(monkeypatch):
    clock = Clock().replaces(monkeypatch, "deepglass.deploy.serve.batching")

    async def scene():
        threads = []

        def work(parts, lane):
            threads.append(threading.current_thread())
            if lane == "slow":
                clock.sleep(0.002)
            return [ValueError("bad") if -1 in part["x"] else part for part in parts]

        batcher, here = Batcher(work, max_batch=8, max_wait_s=1, max_queue=500), threading.current_thread()
        assert await ask(batcher, 1) == [1]
        assert await ask(batcher, 2) == [2]
        assert threads[0] is not here
        assert threads[1] is here
        await asyncio.gather(ask(batcher, 1), ask(batcher, 2))
        assert threads[2] is not here
        with pytest.raises(ValueError, match="bad"):
            await ask(batcher, -1)
        for _ in range(3):
            await ask(batcher, 1, lane="slow")
        assert here not in threads[-3:]
        lanes = [str(i) for i in range(400)]
        for _ in range(2):  # the second time all of them are quick, one after the other
            assert await asyncio.gather(*(ask(batcher, i, lane=lane) for i, lane in enumerate(lanes)))
        await batcher.close()

    asyncio.run(scene())


def test_lanes_are_not_mixed_and_keep_their_order():
    async def scene():
        echo = Echo()
        batcher = Batcher(echo, max_batch=8, max_wait_s=1, max_queue=100)
        await asyncio.gather(*(ask(batcher, i, lane="ab"[i % 2]) for i in range(6)))
        assert echo.batches == [[[0], [2], [4]], [[1], [3], [5]]]
        await batcher.close()

    asyncio.run(scene())


def test_a_batch_waits_for_those_who_are_arriving_and_not_for_ever():
    async def scene():
        echo = Echo()
        batcher = Batcher(echo, max_batch=8, max_wait_s=PATIENCE, max_queue=100)
        with batcher.arriving():
            first = asyncio.create_task(ask(batcher, 1))
            await asyncio.sleep(0.05)
            assert not echo.batches
            second = asyncio.create_task(ask(batcher, 2))
            await asyncio.sleep(0)
        await asyncio.gather(first, second)
        assert echo.batches == [[[1], [2]]]
        await batcher.close()
        batcher = Batcher(echo, max_batch=8, max_wait_s=0.2, max_queue=100)
        with batcher.arriving():  # one that never comes
            start = time.monotonic()
            assert await ask(batcher, 3) == [3]
            assert time.monotonic() - start > 0.15
        await batcher.close()

    asyncio.run(scene())


def test_a_full_queue_answers_at_once_and_a_deadline_is_kept():
    async def scene():
        echo = Echo()
        echo.may_go.clear()
        batcher = Batcher(echo, max_batch=1, max_wait_s=0, max_queue=2)
        busy = asyncio.create_task(ask(batcher, 0))
        await until(echo.has_begun.is_set)
        with pytest.raises(RequestError) as passed:
            await ask(batcher, 1, seconds=0.05)
        assert passed.value.status == 504
        waits = asyncio.create_task(ask(batcher, 2))
        await until(lambda: len(batcher) == 2)  # with the one for which nobody waits any more
        with pytest.raises(RequestError) as full:
            await ask(batcher, 3)
        assert full.value.status == 503
        assert full.value.headers == {"Retry-After": "1"}
        echo.may_go.set()
        assert await busy == [0]
        assert await waits == [2]
        assert [[1]] not in echo.batches  # nobody waited for it any more
        await batcher.close()

    asyncio.run(scene())


def test_closing_finishes_what_waits():
    async def scene():
        echo = Echo()
        batcher = Batcher(echo, max_batch=1, max_wait_s=0, max_queue=9)
        waiting = [asyncio.create_task(ask(batcher, i)) for i in range(4)]
        await asyncio.sleep(0)
        await batcher.close()
        assert await asyncio.gather(*waiting) == [[0], [1], [2], [3]]
        with pytest.raises(RequestError):
            await ask(batcher, 5)

    asyncio.run(scene())


def test_the_error_of_one_request_is_its_own():
    async def scene():
        batcher = Batcher(Echo(), max_batch=8, max_wait_s=0, max_queue=9)
        answers = await asyncio.gather(ask(batcher, 1), ask(batcher, -1), ask(batcher, 2), return_exceptions=True)
        assert answers[0] == [1]
        assert isinstance(answers[1], ValueError)
        assert answers[2] == [2]
        await batcher.close()

    asyncio.run(scene())


def test_texts_of_different_length_share_a_batch_without_a_difference(client):
    model = client.app.state.registry.choose("mood")
    alone = [model._compute([model.bundle.encode([text])], _lane(model))[0] for text in ("good", "awful bad great")]
    together = model._compute([model.bundle.encode([text]) for text in ("good", "awful bad great")], _lane(model))
    for one, other in zip(alone, together, strict=True):
        assert one["probabilities"] == pytest.approx(other["probabilities"])


def _lane(model):
    from deepglass.deploy.serve.served_model import Lane

    return Lane(tuple(model.outputs), (), is_watched=False)


def test_versions_are_loaded_and_dropped_while_the_server_runs(app_of, tmp_path):
    bundles.half_plus_three(tmp_path / "half" / "1", "1")
    with client_of(app_of(repository=tmp_path)) as client:
        assert client.get("/v2/models/half-plus-three").json()["versions"] == ["1"]
        bundles.half_plus_three(tmp_path / "half" / "10", "10")
        assert client.get("/v2/models/half-plus-three").json()["versions"] == ["1"]  # nothing changes by itself
        states = {row["version"]: row["state"] for row in client.post("/v2/repository/index").json()}
        assert states == {"1": "READY", "10": "UNAVAILABLE"}
        assert client.post("/v2/repository/models/half-plus-three/load").json() == {}
        assert client.post("/predict", json={"x": 1}).json()["version"] == "10"
        assert client.post("/predict?model=half-plus-three&version=1", json={"x": 1}).json()["version"] == "1"
        assert client.post("/v2/repository/models/half-plus-three/unload").status_code == 200
        assert client.post("/predict", json={"x": 1}).status_code == 503
        assert client.get("/v2/health/ready").status_code == 503
        assert client.post("/v2/repository/models/half-plus-three/unload").status_code == 404
        assert client.post("/v2/repository/models/half-plus-three/load").status_code == 200
        assert client.get("/v2/health/ready").status_code == 200
        (tmp_path / "half" / "10" / "model.onnx").write_bytes(b"damaged")
        assert client.post("/v2/repository/models/half-plus-three/load").status_code == 409
        assert client.post("/predict", json={"x": 1}).json()["predictions"] == [{"value": 3.5}]  # the old one goes on


def test_a_canary_gets_its_share(app_of, tmp_path):
    for version in ("1", "2"):
        bundles.half_plus_three(tmp_path / version, version)
    canary = Canary.parse("half-plus-three:2=0.25")
    with client_of(app_of(tmp_path / "1", tmp_path / "2", canaries=[canary])) as client:
        versions = [client.post("/predict", json={"x": 1}).json()["version"] for _ in range(400)]
    assert 0.15 < versions.count("2") / 400 < 0.35  # five standard deviations of a fair draw


@pytest.mark.parametrize("text", ["x", "x=1", "a:1=2", "a:1=-0.1", "a:1=nan"])
def test_a_canary_is_spelt_one_way(text):
    with pytest.raises(OptionError, match="NAME:VERSION=SHARE"):
        Canary.parse(text)


def test_readiness_follows_real_inferences(client):
    model = client.app.state.registry.choose("mood")
    assert client.get("/v2/health/ready").status_code == 200
    model._last_success = float("-inf")
    model.bundle.run = None  # every inference fails
    assert client.get("/v2/models/mood/ready").status_code == 503
    assert client.get("/v2/health/ready").json() == {"ready": False}
    assert client.post("/predict?model=mood", json="good").status_code == 500


def test_only_tokens_open_the_door(app_of, shelf, tmp_path):
    file = tmp_path / "tokens"
    file.write_bytes(b"# ours\n\n" + TOKEN + b"\nanother-token-of-twenty\n")
    with client_of(app_of(shelf / "mood", tokens=read_tokens(file))) as client:
        assert client.get("/v2/health/live").status_code == 200
        assert client.get("/").status_code == 200
        for header in ({}, {"Authorization": "Bearer nope"}, {"Authorization": "Basic " + TOKEN.decode()}):
            for path in ("/predict", "/v2/models/mood/infer", "/metrics", "/openapi.json", "/nowhere"):
                refused = client.post(path, json="good", headers=header)
                assert refused.status_code == 401
                assert refused.headers["www-authenticate"] == "Bearer"
        known = {"Authorization": "bearer " + TOKEN.decode()}
        assert client.post("/predict", json="good", headers=known).status_code == 200
        assert client.get("/openapi.json", headers=known).json()["security"] == [{"token": []}]


@pytest.mark.parametrize("content", [b"", b"# nothing\n", b"short\n", None])
def test_a_poor_token_file_is_refused(tmp_path, content):
    if content is not None:
        (tmp_path / "tokens").write_bytes(content)
    with pytest.raises(OptionError, match="--token-file"):
        read_tokens(tmp_path / "tokens")


def test_deadlines_come_by_header_or_parameter(client):
    assert client.post("/predict?model=mood", json="good", headers={"X-Request-Timeout-Ms": "x"}).status_code == 400
    assert client.post("/predict?model=mood", json="good", headers={"X-Request-Timeout-Ms": "90000"}).status_code == 200
    model = client.app.state.registry.choose("mood")
    slowly, quick = threading.Event(), model.bundle.run
    model.bundle.run = lambda *given: (slowly.wait(1), quick(*given))[1]
    late = client.post("/predict?model=mood", json="good", headers={"X-Request-Timeout-Ms": "20"})
    assert late.status_code == 504
    slowly.set()


def test_moments_and_shares_stream_by():
    values = np.random.default_rng(0).normal(3, 2, 5000)
    moments = Moments({"mean": 1.0, "std": 2.0})
    for part in np.split(values, 50):
        moments.observe(part)
    assert moments.now() == {"mean": pytest.approx(values.mean()), "std": pytest.approx(values.std())}
    assert moments.distance() == pytest.approx((values.mean() - 1) / 2)
    moments.observe(np.array([np.nan, 1e300]))
    assert np.isfinite(moments.now()["std"])
    shares = Shares({"shares": {"a": 0.5, "b": 0.5}})
    shares.observe(np.array(["a"] * 50 + ["b"] * 50, object))
    assert shares.distance() == pytest.approx(0)
    shares.observe(np.array(["c"] * 100, object))
    assert shares.distance() > 0.25
    many = Shares({"shares": {str(i): 0.005 for i in range(100)}})  # of 200 levels, of which a hundred are kept
    many.observe(np.array([str(i) for i in range(200)], object))
    assert many.distance() == pytest.approx(0)


def test_drift_is_seen_and_nothing_is_kept(client):
    for _ in range(2):
        rows = [{"length": 9.0, "width": 1.0, "colour": c} for c in ["blue"] * 25 + ["red"] * 15 + ["white"] * 10]
        client.post("/predict?model=flowers", json=rows)
    client.post("/explain?model=flowers", json=FLOWER)  # variants that nobody sent do not count
    (report,) = [row for row in client.get("/drift").json() if row["model"] == "flowers"]
    length, width, colour = report["inputs"]
    assert length["count"] == 100
    assert length["has_drifted"] is True
    assert length["distance"] == pytest.approx(5.0)
    assert width["has_drifted"] is False
    assert colour["distance"] == pytest.approx(0, abs=1e-9)
    assert 'deepglass_drift{input="length",model="flowers",version="1"} 5.0' in client.get("/metrics").text


def test_metrics_count_requests_errors_batches_and_time(client):
    for _ in range(3):
        client.post("/predict?model=flowers", json=FLOWER)
    client.post("/predict?model=flowers", json={})
    families = {family.name: family for family in text_string_to_metric_families(client.get("/metrics").text)}
    requests = {tuple(s.labels.values()): s.value for s in families["deepglass_requests"].samples if "total" in s.name}
    assert requests["/predict", "200"] == 3
    assert requests["/predict", "422"] == 1
    assert {"deepglass_errors", "deepglass_request_seconds", "deepglass_batch_rows", "deepglass_queue_length"} <= set(
        families
    )


def test_the_log_has_ids_and_no_payload(client, caplog):
    logging.getLogger("deepglass.serve").setLevel(logging.INFO)
    logging.getLogger("deepglass.serve").propagate = True
    with caplog.at_level(logging.INFO, "deepglass.serve"):
        answer = client.post("/predict?model=mood", json="a secret text", headers={"X-Request-ID": "trace-1"})
        client.post("/secret-path?x=secret", json="secret", headers={"X-Request-ID": 'se"cret'})
    assert answer.headers["x-request-id"] == "trace-1"
    lines = [JsonLines().format(record) for record in caplog.records if record.name == "deepglass.serve"]
    first = json.loads(lines[0])
    assert first["id"] == "trace-1"
    assert (first["model"], first["status"], first["path"]) == ("mood", 200, "/predict")
    assert "secret" not in "".join(lines)


@pytest.mark.parametrize("unknown", ["allow", "refuse"])
def test_words_that_training_has_not_seen_have_one_rule_in_every_protocol(app_of, shelf, unknown):
    record = FLOWER | {"colour": "green"}
    tensors = [
        {"name": name, "datatype": "BYTES" if name == "colour" else "FP64", "shape": [1, 1], "data": [value]}
        for name, value in record.items()
    ]
    with client_of(app_of(shelf / "flowers", unknown=unknown)) as client:
        answers = [
            client.post("/predict", json=[FLOWER, record]),
            client.post("/predict", content=b"length,width,colour\n5,1,green\n", headers={"Content-Type": "text/csv"}),
            client.post("/explain", json=record),
            client.post("/v2/models/flowers/infer", json={"inputs": tensors}),
            client.post("/v1/models/flowers:predict", json={"instances": [record]}),
            client.post("/v1/models/flowers:classify", json={"examples": [record]}),
        ]
    for answer in answers:
        if unknown == "refuse":
            assert (answer.status_code, answer.json()["field"]) == (422, "colour")
        else:
            said = answer.json().get("warnings") or [answer.json()["parameters"]["warnings"]]
            assert answer.status_code == 200
            assert "'green'" in said[0]
            assert "blue, red, white" in said[0]
    if unknown == "allow":
        known = client.post("/predict", json=FLOWER).json()
        assert "warnings" not in known


def test_a_list_of_bundles_is_read_when_somebody_asks_and_not_at_every_wrong_name(client, monkeypatch):
    monkeypatch.setattr(type(client.app.state.registry.sources), "bundles", lambda _: pytest.fail("the disk was read"))
    assert client.get("/v2/models/nobody").status_code == 404
    assert client.get("/openapi.json").status_code == 200
