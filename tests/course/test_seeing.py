"""The pages of runs and data without a browser: who may ask, what is answered, what is not."""

import json
import re
import shutil

import pytest
from starlette.testclient import TestClient

from deepglass.core import run_log
from deepglass.core.run_folder import RunFolder
from deepglass.course import app, seeing
from deepglass.see import all_panels

HERE = ("127.0.0.1", 50000)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def client(folder):
    return TestClient(app.build(), base_url="http://127.0.0.1:2718", client=HERE)


@pytest.fixture
def ask(client):
    key = key_of(client.get("/see/").text)

    def asked(question, /, **told):
        return client.post(f"/see/ask/{question}", json=told, headers={seeing.KEY: key})

    return asked


@pytest.fixture
def run(folder):
    made = RunFolder(folder / "runs" / "a & b").create()
    made.write("task.json", {})
    epochs = [{"epoch": i, "step": 8 * i, "loss": 1 / i, "val_loss": 1.1 / i, "seconds": 0.1} for i in (1, 2, 3)]
    made.write("history.json", {"monitor": "loss", "best_epoch": 3, "epochs": epochs})
    made.write("config.json", {"task": "tabular-classification", "model": "mlp", "source": "<b>.csv"})
    return made


def key_of(page):
    return re.search(r'name="deepglass-key" content="([\w-]{32})"', page)[1]


def test_the_page_of_a_run_has_every_panel_with_its_lesson(client, run):
    page = client.get(f"/see/at{run.path}").text
    for panel in all_panels():
        assert f'id="panel-{panel.name}"' in page
        assert f'href="/lessons/{panel.lesson}/"' in page
    assert "a &amp; b" in page
    assert "on &lt;b&gt;.csv" in page
    assert client.get("/lessons/05_perceptron/").status_code == 200


def test_it_may_stand_in_no_frame_and_is_not_kept(client, run):
    headers = client.get(f"/see/at{run.path}").headers
    assert headers["content-security-policy"] == "frame-ancestors 'none'"
    assert headers["cache-control"] == "no-store"


def test_panels_that_need_files_alone_are_drawn(ask, run):
    told = ask("panel", path=str(run.path), name="curves").json()
    assert told["fits"]
    assert "After epoch 3 the loss is 0.3333" in told["html"]
    assert 'role="img"' in told["html"]
    assert ask("panel", path=str(run.path), name="result").json()["html"].startswith('<p class="dg-none">Not for this')
    assert "no weights yet" in ask("panel", path=str(run.path), name="valley").json()["html"]


def test_a_growing_log_is_followed(ask, run):
    with run_log.keeping(run.path) as log:
        log.write("start", total_steps=80, monitor="loss")
        before = ask("stage", path=str(run.path)).json()
        log.write("epoch", epoch=4, step=32, loss=0.25, val_loss=0.3, seconds=0.1)
        with (run.path / run_log.NAME).open("ab") as file:
            file.write(b'{"event": "epoch", "epoch": 5, "lo')  # in the middle of a line
        after = ask("stage", path=str(run.path)).json()
        curves = ask("panel", path=str(run.path), name="curves").json()["html"]
    assert (before["name"], before["epoch"], after["epoch"], after["step"]) == ("learning", 4, 5, 32)
    assert before["stamp"] != after["stamp"]
    assert "After epoch 4 the loss is 0.25" in curves


def test_nobody_asks_without_the_key(client, run):
    told = {"path": str(run.path), "name": "curves"}
    for name in ("stage", "panel", "data", "folder", "code", "train", "stop", "resume"):
        for headers in ({}, {seeing.KEY: "guessed"}, {seeing.KEY: ""}):
            assert client.post(f"/see/ask/{name}", json=told, headers=headers).status_code == 403
        assert client.get(f"/see/ask/{name}").status_code in (404, 405)


def test_a_page_elsewhere_starts_nothing(client, folder):
    """Neither with a form, nor with a script, nor by another name for this machine; not even if it knew the key."""
    (folder / "houses.csv").write_text("a,b\n1,2\n")
    key, told = key_of(client.get("/see/").text), {"path": str(folder / "houses.csv")}
    for origin in ("https://evil.example", "null", "http://localhost:9999", "http://127.0.0.1:2719"):
        answer = client.post("/see/ask/train", json=told, headers={seeing.KEY: key, "origin": origin})
        assert answer.status_code == 403
    answer = client.post("/see/ask/train", json=told, headers={seeing.KEY: key, "host": "evil.example:2718"})
    assert answer.status_code == 403
    assert not (folder / "runs").exists()


def test_another_machine_sees_nothing_whatever_the_course_listens_on(folder, run):
    far = TestClient(app.build(names=("*",)), base_url="http://desk:2718", client=("192.168.0.7", 50000))
    for address in ("/see/", f"/see/at{run.path}", "/see/bundled/iris"):
        assert far.get(address).status_code == 403
    assert far.post("/see/ask/stage", json={"path": str(run.path)}).status_code == 403
    assert far.get("/").status_code == 200


def test_with_a_token_the_page_is_reached_by_its_address_and_found_again(folder, run):
    near = TestClient(app.build(token="open sesame"), base_url="http://127.0.0.1:2718", client=HERE)
    address = f"/see/at{run.path}".replace(" ", "%20").replace("&", "%26")
    assert near.get(address).status_code == 403
    page = near.get(f"{address}?token=open%20sesame")
    assert page.status_code == 200
    assert 'id="panel-curves"' in page.text


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "/etc", "{folder}/.ssh/id", "{folder}/../other"])
def test_paths_outside_are_refused_everywhere(client, ask, folder, path):
    path = path.format(folder=folder)
    for name in ("stage", "panel", "data", "folder", "train", "stop", "resume"):
        answer = ask(name, path=path)
        assert answer.status_code == 400
        assert "outside" in answer.json()["error"]
    assert "outside" in client.get(f"/see/at{path}").text or client.get(f"/see/at{path}").status_code == 404


def test_a_file_outside_is_not_read_as_an_input_of_ones_own(ask, run):
    answer = ask("panel", path=str(run.path), name="walk", input="/etc/passwd")
    assert answer.status_code == 400
    assert "outside" in answer.json()["error"]


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"{", b'{"path": 3}', b'{"path": null}', b"[" * 50_000, b'{"path": "' + b"x" * 200_000],
)
def test_what_is_no_question_is_refused(client, body):
    key = key_of(client.get("/see/").text)
    answer = client.post("/see/ask/stage", content=body, headers={seeing.KEY: key})
    assert answer.status_code == 400
    assert answer.json()["error"]


@pytest.mark.parametrize(
    "more", [{"row": -1}, {"row": 1.5}, {"row": "x"}, {"row": True}, {"layer": [1]}, {"name": "nope"}]
)
def test_what_cannot_be_asked_is_said(ask, run, more):
    answer = ask("panel", **{"path": str(run.path), "name": "walk", **more})
    assert answer.status_code == 400


def test_a_run_that_is_deleted_while_it_is_open_is_said(client, ask, run):
    assert ask("stage", path=str(run.path)).status_code == 200
    shutil.rmtree(run.path)
    for name in ("stage", "panel"):
        answer = ask(name, path=str(run.path), **({"name": "curves"} if name == "panel" else {}))
        assert answer.status_code == 404
        assert "is not a run" in answer.json()["error"]
    page = client.get(f"/see/at{run.path}")
    assert page.status_code == 404
    assert "is there no longer" in page.text


def test_a_run_that_is_damaged_costs_an_error_message(ask, run):
    (run / "history.json").write_text("{")
    (run / "metrics.json").write_text('{"test": 3}')
    (run / "mistakes.json").write_text("3")
    assert ask("stage", path=str(run.path)).status_code == 200
    for panel in ("result", "mistakes", "curves"):
        answer = ask("panel", path=str(run.path), name=panel)
        assert answer.status_code in (200, 404)
        assert answer.json().get("error", "damaged cannot be understood")


def test_data_are_shown_with_what_check_found(ask, folder):
    (folder / "houses.csv").write_text("size,price\n" + "\n".join(f"{i % 7},{i}" for i in range(40)))
    told = ask("data", path=str(folder / "houses.csv")).json()
    assert told["size"] == {"rows": 40, "columns": 2}
    assert told["targets"]
    json.dumps(told, allow_nan=False)
    assert ask("data", path="iris").json()["target"] == "species"


def test_data_that_are_broken_are_refused_with_a_sentence(ask, folder):
    (folder / "broken.parquet").write_bytes(b"PAR1")
    answer = ask("data", path=str(folder / "broken.parquet"))
    assert answer.status_code == 400
    assert "broken.parquet" in answer.json()["error"]
    assert "not there" in ask("folder", path=str(folder / "nope.csv")).json()["error"]


def test_a_folder_is_listed_and_a_file_has_an_address(ask, folder, run):
    (folder / "ä b.csv").write_text("a\n1\n")
    listed = ask("folder", path=str(folder)).json()
    assert {entry["name"] for entry in listed["entries"]} == {"runs", "ä b.csv"}
    assert ask("folder", path="ä b.csv").json()["address"].endswith("/%C3%A4%20b.csv")
    assert ask("folder", path="iris").json()["address"] == "/see/bundled/iris"


def test_training_is_started_with_the_options_of_the_page(client, ask, folder, monkeypatch):
    begun = []
    monkeypatch.setattr(seeing.Trainings, "_begin", lambda self, run, words: begun.append(words))
    (folder / "houses.csv").write_text("a,b\n1,2\n")
    told = ask("train", path=str(folder / "houses.csv"), target="b", epochs="3").json()
    assert begun == [["train", str(folder / "houses.csv"), "--target=b", "--epochs=3", "--run=runs/houses"]]
    assert told["address"] == f"/see/at{folder}/runs/houses"
    ask("train", path="iris")
    assert begun[1] == ["train", "iris", "--run=runs/iris"]


def test_a_run_is_not_trained_on(ask, run):
    answer = ask("train", path=str(run.path))
    assert answer.status_code == 400
    assert "is not data" in answer.json()["error"]


def test_the_code_behind_a_panel_is_shown_and_no_other(ask):
    assert "def directions" in re.sub("<[^>]+>", "", ask("code", topic="see/panels/valley.py").json()["html"])
    assert ask("code", topic="core/files.py").status_code == 400


def test_numbers_that_are_none_are_null_for_a_browser():
    assert seeing.plain({"a": float("nan"), "b": [float("inf"), 1.5], 3: (None, True)}) == {
        "a": None, "b": [None, 1.5], "3": [None, True],
    }  # fmt: skip


def test_the_home_page_leads_to_them_and_its_export_does_not(client):
    from deepglass.course import home

    assert 'href="see/"' in client.get("/").text
    assert 'href="see/"' not in home.page(exported=True)
