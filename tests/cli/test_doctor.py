import json

import pytest

from deepglass.cli.main import app
from deepglass.core import roofline
from tests.commands import deepglass


@pytest.fixture
def bench(monkeypatch, capsys, tmp_path):
    """What `deepglass doctor --bench` prints, in this process, where each rate is measured for a moment only."""

    def look(*words: str) -> str:
        app(["doctor", "--bench", *words], standalone_mode=False)
        return capsys.readouterr().out

    for name, value in {"SECONDS": 0.02, "SIDE": {"cpu": 512}, "SMALLEST_ARRAY": 16 << 20, "CACHES": 0}.items():
        monkeypatch.setattr(roofline, name, value)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.chdir(tmp_path)
    return look


def test_bench_shows_the_limits_and_places_a_model(bench, tmp_path):
    said = bench("--model", "mlp", "--batch-size", "8", "--hidden-dim", "32", "--out", "roofline.svg")
    for expected in ("matrix product, float32", "memory, triad", "one thread (1)", "held up by", "Linear"):
        assert expected in said
    assert "<svg" in (tmp_path / "roofline.svg").read_text()


def test_bench_as_json(bench):
    found = json.loads(bench("--model", "mlp", "--json"))
    assert found["all threads"]["flops"]["float32"] > 1e9
    assert found["model"]["batch_size"] == 16
    assert found["model"]["whole"]["flops"] == sum(layer["flops"] for layer in found["model"]["layers"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--model", "mlp"), "add it, or leave them out"),
        (("--bench", "--batch-size", "8"), "--batch-size belongs to a model"),
        (("--bench", "--model", "mlpp"), "unknown model 'mlpp'"),
        (("--bench", "--model", "mlp", "--batch-size", "0"), "--batch-size: expected 1 or more, got 0"),
    ],
)
def test_a_mistake_is_told_before_anything_is_measured(words, message):
    done = deepglass("doctor", *words)
    assert done.returncode == 2
    assert message in done.stderr
    assert "matrix product" not in done.stdout
