"""A server that examines itself: health, both protocols, what is refused, latencies, drift."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from deepglass.cli.main import app
from deepglass.core.errors import DeepglassError
from deepglass.deploy.serve.self_test import Finding, brief, examine, percentile, shifted
from tests.deploy.serve.conftest import ENVIRONMENT


def over(client):
    """Requests to an application in this process."""

    def ask(method, path, content=None):
        response = client.request(method, path, json=content)
        return response.status_code, response.json()

    return ask


def test_every_model_is_asked_over_both_protocols_and_its_drift_is_told(client):
    found = examine(over(client), count=60, clients=1)
    assert found[0] == Finding("GET /v2/health/ready", 200, '{"ready": true}')
    assert all(finding.is_right is not False for finding in found)
    for name, version in (("half-plus-three", "123"), ("flowers", "1"), ("shades", "1"), ("mood", "1")):
        told = [finding for finding in found if f"model={name}" in finding.asked or f"/{name}/" in finding.asked]
        assert [finding.status for finding in told] == [200, 200, None]
        assert f"versions/{version}:predict" in told[1].asked
        assert told[2].told.startswith("60 of 60 answered, 1 clients at once; latency p50 ")
    drifts = [finding.told for finding in found if "/drift" in finding.asked]
    assert any(told.startswith("drifted: x (") for told in drifts)
    assert any("has drifted" in told for told in drifts)


def test_what_is_refused_names_the_field(client):
    found = examine(over(client), count=1, clients=1)
    refused = [finding for finding in found if finding.asked == "POST /predict without 'length'"]
    assert len(refused) == 1
    assert refused[0].status == 422
    assert "'length': is missing" in refused[0].told


def test_what_is_not_answered_is_wrong():
    model = {"name": "m", "version": "1", "example": {"x": 1.0}, "inputs": [{"name": "x"}]}

    def ask(method, path, content=None):
        answers = {
            "/models": (200, [model]),
            "/drift": (200, [{"model": "m", "version": "1", "inputs": []}]),
            "/v2/health/ready": (503, {"ready": False}),
        }
        return answers.get(path, (500, {"error": "broken"}))

    wrong = [finding.asked for finding in examine(ask, 3, 1) if finding.is_right is False]
    assert wrong[0] == "GET /v2/health/ready"
    assert len(wrong) == 5


def test_a_percentile_is_the_least_time_that_so_many_did_not_exceed():
    times = list(range(1, 101))
    assert [percentile(times, share) for share in (50, 95, 99, 100)] == [50, 95, 99, 100]
    assert percentile([7.0], 99) == 7.0
    assert percentile([1, 1, 1, 9], 50) == 1


def test_only_numbers_whose_spread_is_known_are_moved():
    inputs = [{"name": "a", "statistics": {"mean": 1, "std": 2}}, {"name": "b", "statistics": {"shares": {"x": 1}}}]
    model = {"example": {"a": 1.0, "b": "x"}, "inputs": inputs}
    assert shifted(model) == {"a": 7.0, "b": "x"}
    assert shifted({"example": "a text", "inputs": inputs}) is None
    assert shifted({"example": {"b": "x"}, "inputs": inputs[1:]}) is None


def test_a_long_answer_is_cut():
    assert len(brief({"x": "y" * 500})) == 100


def test_one_process_is_examined(monkeypatch):
    monkeypatch.setattr("deepglass.cli.serve._require_packages", lambda: None)
    monkeypatch.setattr("deepglass.deploy.serve.bundles.bundle_of", lambda path: path)
    with pytest.raises(DeepglassError, match=r"--self-test examines one process"):
        CliRunner().invoke(app, ["serve", "x", "--self-test", "5", "--workers", "2"], catch_exceptions=False)


@pytest.mark.slow("a training and a server in processes of their own")
def test_the_command_serves_asks_and_ends(shelf):
    command = [sys.executable, "-m", "deepglass", "serve", str(shelf / "flowers"), "--self-test", "150"]
    done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    for part in ('{"ready": true}', "150 of 150 answered", "p95", "422", "drifted: length"):
        assert part in done.stdout
    assert not any(line.startswith("{") and "status" in json.loads(line) for line in done.stderr.splitlines())
