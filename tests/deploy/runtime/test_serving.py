"""The bundle's own server, alone with the standard library: one request, one answer, within bounds, and an end."""

import asyncio
import contextlib
import gzip
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from bench.hostile import heads
from bench.hostile.attack import statuses_of

from deepglass.deploy.runtime import bundle, serving
from deepglass.deploy.runtime.bundle import Bundle
from deepglass.deploy.runtime.limits import Limits
from deepglass.deploy.runtime.origins import Origins
from deepglass.deploy.runtime.serving import Server
from tests import simulated
from tests.deploy.serve import bundles

BODY = heads.BODY
POST = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
TOKEN = "0123456789abcdef0123"
GRACE = 0.02  # seconds that a byte may take on its way through the system


@pytest.fixture(scope="module")
def flowers(tmp_path_factory) -> Path:
    return bundles.flowers(tmp_path_factory.mktemp("bundle") / "flowers")


@pytest.fixture
def ask(flowers):
    """Sends bytes to a server of its own; gives back all that comes until the connection ends or is silent."""

    def begin(
        *contents: bytes, limits: Limits | None = None, tokens=(), origins=None, silence: float = 0.3
    ) -> list[bytes]:
        async def story() -> list[bytes]:
            limited = limits or Limits()
            server = Server(
                Bundle.open(flowers, limits=limited), limited, origins or Origins.of("127.0.0.1"), [*tokens]
            )
            listener = socket.create_server(("127.0.0.1", 0))
            port = listener.getsockname()[1]
            listening = await asyncio.start_server(server.converse, sock=listener, limit=limited.max_head_bytes)
            answers = [await said(port, content, silence) for content in contents]
            listening.close()
            return answers

        return simulated.run(story(), GRACE)

    return begin


async def said(port: int, content: bytes, silence: float) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(content)
    answers = b""
    with contextlib.suppress(TimeoutError, OSError):
        while part := await asyncio.wait_for(reader.read(65536), 60 if not answers else silence):
            answers += part
    writer.close()
    return answers


def content_of(answer: bytes):
    return json.loads(answer.partition(b"\r\n\r\n")[2])


def post(body: bytes, *lines: bytes, kind: bytes = b"application/json") -> bytes:
    head = (POST % (len(body), b"")).replace(b"application/json", kind)
    return head.replace(b"Content-Length", b"".join(line + b"\r\n" for line in lines) + b"Content-Length") + body


def test_one_request_one_answer_on_a_connection_that_goes_on(ask):
    (answers,) = ask(post(BODY) * 3)
    assert statuses_of(answers) == [200] * 3
    assert b"connection: close" not in answers.lower()
    chunked = post(b"").replace(b"Content-Length: 0", heads.CHUNKED) + heads.CHUNKS
    (answers,) = ask(chunked + post(BODY))
    assert statuses_of(answers) == [200, 200]


def test_a_coverage_behind_the_question_mark_adds_a_set_or_is_refused(ask):
    covered, refused = (post(BODY).replace(b"/predict", b"/predict?coverage=" + share) for share in (b"0.9", b"0.999"))
    answers = ask(covered, refused, covered.replace(b"coverage=0.9", b"coverage=0.9&coverage=0.8"))
    assert content_of(answers[0])[0]["set"]
    assert "ask for 0.95 at most" in content_of(answers[1])["error"]
    assert "more than one" in content_of(answers[2])["error"]


def test_an_old_client_gets_one_answer_and_a_closed_connection_unless_it_asks_otherwise(ask):
    old = post(BODY).replace(b"1.1", b"1.0")
    once, kept = ask(old * 2, post(BODY, b"Connection: keep-alive").replace(b"1.1", b"1.0") * 2)
    assert statuses_of(once) == [200]
    assert b"Connection: close" in once
    assert statuses_of(kept) == [200, 200]
    assert kept.count(b"Connection: keep-alive") == 2
    without_host = b"GET /health HTTP/1.0\r\n\r\n"
    assert statuses_of(ask(without_host)[0]) == [200]


@pytest.mark.parametrize("place", range(len(heads.AMBIGUOUS)))
def test_what_can_be_read_in_two_ways_is_refused_and_ends_the_connection(ask, place):
    content = heads.AMBIGUOUS[place].replace(b"/predict?model=flowers", b"/predict")
    (answers,) = ask(content + b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert statuses_of(answers) == [400]


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
        (b"HEAD /health HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
        (b"GET /schema?x=1 HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
        (b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        (b"PUT /health HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
        (b"POST /predict HTTP/1.1\r\nHost: localhost\r\n\r\n", 411),
        (b"GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\0\x01\r\n", 400),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 200 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nX: " + b"y" * 90_000, 431),
        (post(b"{"), 400),
        (post(b"[" * 40 + b"]" * 40), 400),
        (post(b"[" + b"[]," * 200_000 + b"[]]"), 413),
        (post(b"[]"), 422),
        (post(b'{"length": 1, "length": 2}'), 400),
        (post(b'{"length": NaN}'), 400),
        (post(b"\xff", kind=b"text/plain"), 400),
        (post(b"[" + b",".join([BODY] * 1100) + b"]"), 422),
        (post(BODY.replace(b"5.0", b'"0001-01-01T00:00+14:00"')), 422),
        (post(BODY.replace(b"5.0", b"1e308")), 422),
        (post(BODY.replace(b"5.0", b"{}")), 422),
        (post(gzip.compress(BODY, mtime=0), b"Content-Encoding: gzip"), 415),
        (post(BODY, b"Content-Encoding: Identity"), 200),
        (post(BODY, b"X:" + b" " * 60_000 + b"x"), 200),
        ((POST % (10**12, b"")), 413),
        (POST.replace(b"%d", b"9" * 40) % b"", 413),
    ],
)
def test_what_is_asked_gets_its_status_and_the_next_is_answered(ask, content, status):
    answers, next_one = ask(content, post(BODY))
    assert statuses_of(answers) == [status], answers
    assert statuses_of(next_one) == [200]
    if status >= 400:
        assert "error" in content_of(answers)


def test_a_slow_head_and_a_slow_body_are_let_go(ask):
    half, slow = ask(
        b"GET /health HTTP/1.1\r\nHo", post(BODY)[:-5], limits=Limits(max_head_seconds=0.1, max_body_seconds=0.1)
    )
    assert statuses_of(half) == [408]
    assert statuses_of(slow) == [408]


def test_an_address_as_proxies_write_it_is_understood(ask):
    answers = ask(
        post(BODY).replace(b"/predict", b"http://localhost/predict"),
        b"GET http://localhost HTTP/1.1\r\nHost: localhost\r\n\r\n",
    )
    assert [statuses_of(answer) for answer in answers] == [[200], [404]]


def test_an_answer_that_is_not_finite_is_said_to_be_so(ask):
    (answer,) = ask(post(BODY.replace(b"5.0", b"1e308")))
    assert "not finite" in content_of(answer)["error"]


def test_a_client_that_waits_for_100_continue_gets_it(ask):
    (answers,) = ask(post(BODY, b"Expect: 100-continue"))
    assert answers.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 ")


def test_pages_of_others_and_foreign_names_are_refused(ask):
    evil = [b"Origin: https://evil.example", b"Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors"]
    answers = ask(*(post(BODY, line) for line in evil), post(BODY).replace(b"localhost", b"evil.example"))
    assert [statuses_of(answer) for answer in answers] == [[403]] * 3
    assert statuses_of(ask(post(BODY, b"Origin: http://localhost:3000"))[0]) == [200]
    named = Origins.of("0.0.0.0", ["models.example.org"])
    assert statuses_of(ask(post(BODY).replace(b"localhost", b"models.example.org"), origins=named)[0]) == [200]


def test_only_a_token_opens_the_door_and_health_needs_none(ask):
    known, wrong = (b"Authorization: Bearer %b" % token for token in (TOKEN.encode(), b"x" * 20))
    asked = [post(BODY), post(BODY, wrong), post(BODY, known), b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"]
    answers = ask(*asked, b"GET /schema HTTP/1.1\r\nHost: localhost\r\n\r\n", tokens=[TOKEN.encode()])
    assert [statuses_of(answer) for answer in answers] == [[401], [401], [200], [200], [401]]
    assert b"WWW-Authenticate: Bearer" in answers[4]


def test_connections_have_a_bound_and_the_silent_make_room(flowers):
    async def story():
        limits = Limits(max_connections=3)
        server = Server(Bundle.open(flowers), limits, Origins.of("127.0.0.1"), [])
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        await asyncio.start_server(server.converse, sock=listener)
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        while len(server.connections) < 3:
            await asyncio.sleep(0.01)
        assert statuses_of(await said(port, post(BODY), 0.3)) == [200]
        assert await silent[0][0].read(1) == b""
        assert len(server.connections) <= 4

    simulated.run(story(), GRACE)


def test_what_nobody_foresaw_is_one_answer_and_a_line_on_standard_error(ask, monkeypatch, capfd):
    monkeypatch.setattr(bundle.Bundle, "inspect", lambda *_: 1 / 0)
    (answers,) = ask(post(BODY))
    assert statuses_of(answers) == [422]
    assert "ZeroDivisionError" in capfd.readouterr().err


# -- as a process ---------------------------------------------------------------------------------------------------


def begin(folder: Path, *words: str, **environment: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "deepglass.deploy.runtime.serving", str(folder), "--port", "0", *words]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment}
    )


def refused(folder: Path, *words: str, **environment: str) -> str:
    """What the server says where it does not begin."""
    with begin(folder, *words, **environment) as process:
        _, said = process.communicate(timeout=200)
    assert process.returncode == 2
    assert "Traceback" not in said
    return said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_soon_also_beside_connections_that_may_stay_for_an_hour(flowers, number):
    assert serving.END_SECONDS < 1
    hour = [word for name in ("head", "idle", "body") for word in (f"--max-{name}-seconds", "3600")]
    with begin(flowers, *hour) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline().rpartition(":")[2].partition("/")[0])
        with socket.create_connection(("127.0.0.1", port)) as half, socket.create_connection(("127.0.0.1", port)):
            half.sendall(post(BODY)[:-5])
            time.sleep(0.1)  # it has read both, as a rule
            process.send_signal(number)
            assert process.wait(timeout=200) == 0


def test_beyond_this_machine_it_wants_a_token(flowers, tmp_path):
    assert serving.TOKEN in refused(flowers, "--host", "0.0.0.0")
    (tmp_path / "tokens").write_text("# nothing\n")
    assert "no token" in refused(flowers, "--token-file", str(tmp_path / "tokens"))
    assert "16 characters" in refused(flowers, "--host", "0.0.0.0", **{serving.TOKEN: "short"})
    for words, environment in ((["--open"], {}), ([], {serving.TOKEN: TOKEN})):
        with begin(flowers, "--host", "0.0.0.0", *words, **environment) as process:
            assert process.stdout is not None
            assert "http://0.0.0.0:" in process.stdout.readline()
            process.terminate()


def spoil_list(folder: Path) -> None:
    (folder / "SHA256SUMS").write_bytes(b"\xff\xfe\0")


def spoil_name(folder: Path) -> None:
    (folder / "SHA256SUMS").write_text("0" * 64 + "  ../../etc/passwd\n")


BROKEN = {
    "model.onnx is damaged": lambda folder: (folder / "model.onnx").write_bytes(b"damaged"),
    "model.onnx is gone": lambda folder: (folder / "model.onnx").unlink(),
    "schema.json is a folder": lambda folder: ((folder / "schema.json").unlink(), (folder / "schema.json").mkdir()),
    "the list is damaged": spoil_list,
    "the list leads elsewhere": spoil_name,
    "the list is empty": lambda folder: (folder / "SHA256SUMS").write_text(""),
    "a file says that it has a terabyte": lambda folder: os.truncate(folder / "model.onnx", 1 << 40),
    "there is nothing": lambda folder: [path.unlink() for path in folder.iterdir()],
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_bundle_is_one_message(flowers, tmp_path, case):
    copy = Path(shutil.copytree(flowers, tmp_path / "copy"))
    BROKEN[case](copy)
    with pytest.raises(bundle.BundleError):
        Bundle.open(copy)


@pytest.mark.parametrize("schema", [
    b"", b"[]", b"{}", b'{"format": 1}', b'{"format": 1, "inputs": []}', b"\xff", b"[" * 100_000, b'{"format": "1"}',
    b'{"format": 1, "inputs": [{}], "limits": {}}', b'{"format": 1, "inputs": [{"kind": "image"}], "limits": 7}',
])  # fmt: skip
def test_a_description_that_is_none_is_one_message_though_its_checksum_is_right(flowers, tmp_path, schema):
    copy = Path(shutil.copytree(flowers, tmp_path / "copy"))
    (copy / "schema.json").write_bytes(schema)
    bundle.checksums.write(copy)
    with pytest.raises(bundle.BundleError, match=r"schema\.json|description"):
        Bundle.open(copy)


def test_the_command_says_what_is_broken(flowers, tmp_path):
    copy = Path(shutil.copytree(flowers, tmp_path / "copy"))
    (copy / "model.onnx").write_bytes(b"damaged")
    assert "model.onnx" in refused(copy)
    assert "--max-headers" in refused(flowers, "--max-headers", "0")
    bundle.checksums.write(copy)
    assert "model.onnx" in refused(copy)


def test_no_rows_give_no_rows(flowers):
    opened = Bundle.open(flowers)
    nothing = {name: array[:0] for name, array in opened.encode([json.loads(BODY)]).items()}
    assert opened.run(nothing)["probabilities"].shape == (0, 3)
