"""Series and tables as people write them, under attack: in a process, whose other clients and health go on."""

import http.client
import json
import threading
import urllib.error

import pytest
from bench.hostile import bodies

from tests.deploy.serve import bundles
from tests.deploy.serve.conftest import client_of
from tests.slow_tests import descendants, seconds_of

PATIENCE = 200  # seconds, on a machine that does other things
ROWS = 30_000
WALLS = [f"{1990 + i // 720}-{i // 60 % 12 + 1:02d}-{i // 24 % 28 + 1:02d} {i % 24:02d}:00" for i in range(ROWS)]
SLOW = {  # model, body: each once held up the server for minutes
    "ten thousand years of hours": ("hours", {"time": ["0001-01-05", "9999-01-01"] * 6, "load": [1.0] * 12}),
    "ten thousand years of days": ("tides", {"day": ["0001-01-05", "9999-01-01"] * 6, "level, m": [1.0] * 12}),
    "many hours on the wall": ("hours", {"time": WALLS, "load": [1.0] * ROWS}),
    "blanks in a number": ("prices", {"price": "(" + " " * 90 + "-" + " " * 90 + "x", "day": "31 Jan 2020"}),
    "syllables in a date": ("prices", {"price": 1.0, "day": "1 " + "of" * 90}),
    "long numbers": ("prices", [[10**639] * 20_000]),
}


@pytest.mark.parametrize("case", SLOW)
def test_a_request_is_answered_and_health_meanwhile(server, case):
    model, body = SLOW[case]
    content, answers = json.dumps(body).encode(), []

    def ask() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
        connection.request("POST", f"/predict?model={model}", content, bodies.JSON)
        answers.append(connection.getresponse().status)

    def computed() -> float:
        """Seconds of the processor that the server has taken: nothing else on the machine adds to them."""
        return sum(map(seconds_of, (server.process.pid, *descendants(server.process.pid))))

    attacker, most, before = threading.Thread(target=ask), 0.0, computed()
    attacker.start()
    while attacker.is_alive():
        begun = computed()
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
        connection.request("GET", "/v2/health/live")
        assert connection.getresponse().status == 200
        most = max(most, computed() - begun)
    assert answers
    assert answers[0] in (200, 422)
    assert most < 3  # between a question and its answer
    assert computed() - before < 10


def test_a_server_reads_no_number_of_thousands_of_digits(server):
    with pytest.raises(urllib.error.HTTPError) as refused:
        server.post("/predict?model=prices", [10**700])
    assert refused.value.code == 400
    assert "digits" in refused.value.read().decode()


def test_all_models_of_the_attack_answer_what_is_right(app_of, tmp_path):
    paths = [make(tmp_path / make.__name__) for make in bundles.ATTACKED]
    with client_of(app_of(*paths)) as client:
        for model, record in bodies.RECORDS.items():
            assert client.post(f"/predict?model={model}", json=record).status_code == 200
            tensors = {"inputs": bodies.TENSORS[model]}
            assert client.post(f"/v2/models/{model}/infer", json=tensors).status_code == 200
        for nothing in ([], [[]], [{}], {}):
            assert client.post("/explain?model=tides", json=nothing).status_code == 422
            assert client.post("/predict?model=tides", json=nothing).status_code == 422
