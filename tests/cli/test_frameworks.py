"""`deepglass frameworks`: what it shows, writes and refuses; the rows themselves are those that were measured."""

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from deepglass.cli.main import app
from deepglass.core.errors import DeepglassError, OptionError
from deepglass.frameworks import running


@pytest.fixture
def frameworks(monkeypatch):
    rows = {name: replace(row, note="measured then; not installed here") for name, row in running.recorded().items()}
    asked = []

    def some(wanted=(), may_install=False, once=False):
        asked.append(may_install)
        return [rows[name] for name in (wanted or rows)]

    monkeypatch.setattr(running, "rows", some)
    call = lambda *arguments: CliRunner().invoke(app, ["frameworks", *map(str, arguments)], env={"COLUMNS": "200"})  # noqa: E731
    call.asked = asked
    return call


def test_a_row_per_framework_and_why_it_is_not_of_now(frameworks):
    done = frameworks("jax", "keras")
    assert done.exit_code == 0
    lines = done.output.splitlines()
    assert any(line.strip().startswith("JAX") and running.recorded()["jax"].version in line for line in lines)
    assert "exported to ONNX and run by onnxruntime" in done.output
    assert "JAX: measured then; not installed here" in done.output
    assert frameworks.asked == [False]  # nothing is downloaded unless it is asked for


def test_installing_has_to_be_asked_for(frameworks):
    assert frameworks("theano", "--install").exit_code == 0
    assert frameworks.asked == [True]


def test_everything_as_json_and_as_a_page(frameworks, tmp_path):
    found = json.loads(frameworks("--json", "--output", tmp_path / "all.html").stdout)
    assert {row["name"] for row in found} == set(running.recorded())
    assert all(row["agrees"] for row in found)
    page = (tmp_path / "all.html").read_text()
    assert "<h2>Traps" in page
    assert "gate order of a GRU" in page


def test_a_wrong_name_or_a_wrong_kind_of_page_is_refused(frameworks, tmp_path):
    assert isinstance(frameworks("cafe").exception, OptionError)
    refused = frameworks("jax", "--output", tmp_path / "all.pdf").exception
    assert isinstance(refused, DeepglassError)
    assert "frameworks.html" in str(refused)
    assert list(tmp_path.iterdir()) == []
