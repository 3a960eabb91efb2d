"""The application without a browser: who may come in, what is answered, what is kept."""

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from deepglass.course import app, catalogue, front_end, home


@pytest.fixture(autouse=True)
def _progress(tmp_path, monkeypatch):
    monkeypatch.setenv("DEEPGLASS_PROGRESS", str(tmp_path / "progress.json"))


@pytest.fixture(scope="module")
def client():
    return TestClient(app.build(), base_url="http://127.0.0.1:2718")


def test_the_home_page_lists_every_lesson_in_order_and_asks_nobody_else(client):
    page = client.get("/").text
    places = [page.index(f'href="lessons/{lesson.slug}/"') for lesson in catalogue.lessons()]
    assert places == sorted(places)
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page


def test_a_lesson_has_its_own_address_and_its_frame(client):
    page = client.get("/lessons/05_perceptron/")
    assert page.status_code == 200
    assert "/assets/frame.js" in page.text
    assert client.get("/api/lessons/05_perceptron").json()["title"] == "The perceptron"
    assert client.get("/api/lessons/nothing").status_code == 404


def test_the_front_end_comes_from_this_machine_and_is_kept(client):
    page = client.get("/lessons/05_perceptron/").text
    assert "cdn" not in page.lower()
    script = page.split('type="module" crossorigin src="')[1].split('"')[0]
    answer = client.get(script)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]


def test_the_home_page_has_the_front_end_fetched_ahead(client):
    ahead, lesson = front_end.ahead(), client.get("/lessons/05_perceptron/").text
    assert len(ahead) > 50
    assert all(f'href="{address}"' in client.get("/").text for address in ahead)
    assert all(client.get(address).status_code == 200 for address in ahead)
    script = lesson.split('type="module" crossorigin src="')[1].split('"')[0]
    assert script in ahead
    assert not any(address in home.page(exported=True) for address in ahead)


def test_nothing_else_than_the_front_end_is_read_there(client):
    assert client.get("/marimo/../__init__.py").status_code == 404
    assert client.get("/marimo/%2e%2e/__init__.py").status_code == 404
    assert client.get("/marimo/nothing.js").status_code == 404


def test_there_are_no_other_lessons(client):
    assert client.get("/lessons/99_nothing/").status_code == 404
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/lessons/99_nothing/ws"):
        pass


def test_progress_is_told_and_read(client):
    assert client.get("/api/progress").json() == {}
    client.post("/api/progress", json={"slug": "05_perceptron", "done": True})
    assert client.get("/api/progress").json()["05_perceptron"]["done"]
    client.post("/api/progress", json={"slug": "05_perceptron", "kept": {"update": {"code": "def update"}}})
    assert client.get("/api/progress").json()["05_perceptron"]["kept"]["update"]["code"] == "def update"
    assert client.post("/api/progress", json={"slug": "05_perceptron", "kept": {"update": 3}}).status_code == 400
    assert client.post("/api/progress", json={"slug": "05_perceptron", "kept": "x"}).status_code == 400
    assert client.post("/api/progress", json={"slug": "nothing"}).status_code == 400
    assert client.post("/api/progress", content="nonsense").status_code == 400


def test_source_shows_lessons_and_their_tests_and_nothing_else(client):
    assert "LESSON" in client.get("/source/05_perceptron.py").text
    assert client.get("/source/../../pyproject.toml").status_code == 404
    assert client.get("/source/tests/conftest.py").status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example:2718"},
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "null"},
    ],
)
def test_strangers_stay_outside(client, headers):
    assert client.get("/", headers=headers).status_code == 403
    with (
        pytest.raises(WebSocketDisconnect) as closed,
        client.websocket_connect("/lessons/05_perceptron/ws", headers=headers),
    ):
        pass
    assert closed.value.code == 4403


def test_our_own_page_may_talk(client):
    assert client.get("/api/progress", headers={"origin": "http://127.0.0.1:2718"}).status_code == 200


def test_elsewhere_the_token_is_asked_for_once():
    visitor = TestClient(app.build(token="secret-token", names=("*",)), base_url="http://192.0.2.7:2718")
    assert visitor.get("/").status_code == 403
    assert visitor.get("/lessons/05_perceptron/").status_code == 403
    assert visitor.get("/?token=wrong").status_code == 403
    assert visitor.get("/?token=%C3%BC").status_code == 403
    welcome = visitor.get("/?token=secret-token", follow_redirects=False)
    assert welcome.status_code == 303
    assert "token" not in welcome.headers["location"]
    assert "httponly" in welcome.headers["set-cookie"].lower()
    assert visitor.get("/").status_code == 200
