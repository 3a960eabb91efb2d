import json

import pytest

from tests.commands import deepglass


@pytest.mark.slow("measures the machine")
def test_bench_shows_the_limits_and_places_a_model(tmp_path):
    words = ("doctor", "--bench", "--model", "mlp", "--batch-size", "8", "--hidden-dim", "32", "--out", "roofline.svg")
    done = deepglass(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for expected in ("matrix product, float32", "memory, triad", "one thread (1)", "held up by", "Linear"):
        assert expected in done.stdout
    assert "<svg" in (tmp_path / "roofline.svg").read_text()


@pytest.mark.slow("measures the machine")
def test_bench_as_json():
    found = json.loads(deepglass("doctor", "--bench", "--model", "mlp", "--json").stdout)
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
