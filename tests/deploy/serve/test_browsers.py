"""Requests of browsers: the server's own page works, a page of this machine may read, and no other page reaches it."""

import pytest
from starlette.testclient import TestClient

from tests.deploy.serve.conftest import client_of

FLOWER = {"length": 5.0, "width": 1.0, "colour": "red"}
EVIL = "https://evil.example"
CHANGES = [("POST", "/v2/repository/models/flowers/unload"), ("POST", "/v2/repository/models/flowers/load")]
READS = [("GET", "/metrics"), ("GET", "/models"), ("GET", "/openapi.json"), ("GET", "/v2/models/flowers"), ("GET", "/")]


@pytest.mark.parametrize(
    ("method", "path"), CHANGES + READS + [("POST", "/predict?model=flowers"), ("OPTIONS", "/predict")]
)
def test_a_foreign_page_changes_nothing_and_reads_nothing(client, method, path):
    for headers in (
        {"Origin": EVIL},
        {"Origin": "null"},
        {"Host": "evil.example"},
        {"Host": "evil.example", "Origin": EVIL},
    ):
        answer = client.request(method, path, headers=headers)
        assert answer.status_code == 403, (headers, answer.text)
        assert answer.json()["field"] in ("Host", "Origin")
        assert "access-control-allow-origin" not in answer.headers
    assert client.get("/v2/models/flowers/ready").status_code == 200


def test_what_a_foreign_page_embeds_is_refused_and_a_link_is_followed(client):
    embedded = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    assert client.get("/metrics", headers=embedded).status_code == 403
    assert client.get("/", headers=embedded | {"Sec-Fetch-Mode": "navigate"}).status_code == 200


def test_the_own_page_and_pages_of_this_machine_ask_and_read(client):
    for origin in ("http://localhost:8000", "http://127.0.0.1:3000", "http://[::1]:5173"):
        answer = client.post("/predict?model=flowers", json=FLOWER, headers={"Origin": origin})
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == origin
        assert answer.headers["vary"] == "Origin"


def test_a_preflight_is_answered_for_known_pages_alone(client):
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    allowed = client.options("/predict", headers=asked | {"Origin": "http://localhost:3000"})
    assert allowed.status_code == 204
    assert "POST" in allowed.headers["access-control-allow-methods"]
    assert "authorization" in allowed.headers["access-control-allow-headers"]
    refused = client.options("/predict", headers=asked | {"Origin": EVIL})
    assert refused.status_code == 403
    assert not [name for name in refused.headers if name.startswith("access-control")]


def test_a_preflight_needs_no_token_and_the_request_behind_it_does(app_of, shelf):
    with client_of(app_of(shelf / "flowers", tokens=[b"0123456789abcdef"])) as client:
        headers = {"Origin": "http://localhost:3000"}
        assert (
            client.options("/predict", headers=headers | {"Access-Control-Request-Method": "POST"}).status_code == 204
        )
        assert client.post("/predict", json=FLOWER, headers=headers).status_code == 401
        assert client.post("/predict", json=FLOWER, headers={"Origin": EVIL}).status_code == 403


def test_a_configured_name_is_answered(app_of, shelf):
    app = app_of(shelf / "flowers", host_name="models.example.org, other.example.org")
    with TestClient(app, base_url="https://models.example.org") as client:
        headers = {"Origin": "https://other.example.org"}
        assert client.post("/predict", json=FLOWER, headers=headers).status_code == 200
        assert client.post("/predict", json=FLOWER, headers={"Host": "localhost:9"}).status_code == 200
        assert client.post("/predict", json=FLOWER, headers={"Host": "third.example.org"}).status_code == 403


def test_beyond_this_machine_any_name_is_answered_and_other_pages_are_not(app_of, shelf):
    with TestClient(app_of(shelf / "flowers", host="0.0.0.0"), base_url="http://box.lan:8000") as client:
        assert client.post("/predict", json=FLOWER).status_code == 200
        assert client.post("/predict", json=FLOWER, headers={"Origin": "http://box.lan:8000"}).status_code == 200
        assert client.post("/predict", json=FLOWER, headers={"Origin": EVIL}).status_code == 403


def test_no_answer_is_ever_taken_for_a_page(client):
    name = "<img src=x onerror=alert(1)>"
    for path in (f"/v2/models/{name}", "/nowhere", "/predict?model=" + name):
        answer = client.get(path) if "predict" not in path else client.post(path, json=name)
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
