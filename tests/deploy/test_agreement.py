"""Exported and original agree on data as people have them, for every task and family of models."""

import csv
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from deepglass.api.run import Run
from deepglass.core.errors import ExportError
from deepglass.deploy.exporting import export, formats
from deepglass.deploy.runtime.bundle import Bundle
from deepglass.rivals.blend import Blend
from tests.deploy.runs import RUNS, one_by_one

ROWS = 40


def records_of(name: str, run: Run) -> tuple[Any, list[Any]]:
    """The same inputs for `run.predict` and for the small runtime."""
    data = run.path.parent
    kind = name.split("-")[0]
    if kind in ("pictures", "greys", "scans", "icons"):
        paths = sorted((data / kind).rglob("*.png"))
        return [str(path) for path in paths], [path.read_bytes() for path in paths]
    if kind == "story":
        text = (data / "story.txt").read_text()[:33]
        return text, [text[:-1]]
    table = data / {"weather": "weather.csv", "reviews": "reviews.csv"}.get(kind, "shop.csv")
    with table.open() as file:
        rows = list(csv.DictReader(file))
    if kind == "weather":
        return str(table), rows
    if kind == "reviews":
        texts = [row["text"] for row in rows[:ROWS]] + ["", "unheard-of words, 1000 of them " * 30]
        return texts, texts
    short = data / "first_rows.csv"
    with short.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows([*rows[:ROWS], {**rows[0], "colour": "unheard of", "price": "1e9"}])
    with short.open() as file:
        return str(short), list(csv.DictReader(file))


def values_of(answers: list[dict[str, Any]]) -> np.ndarray:
    """The numbers of the runtime's answers, a row each."""
    first = answers[0]
    if "probabilities" in first:
        return np.array([list(answer["probabilities"].values()) for answer in answers])
    if "value" in first:
        return np.array([[answer["value"]] for answer in answers])
    return np.array([np.array(list(answer["forecast"].values())).T for answer in answers])


def expected_of(run: Run, inputs: Any) -> np.ndarray:
    """The same numbers by `run.predict`."""
    answers = run.predict(inputs)
    if run.config["task"] == "forecasting":
        return np.array([[[row[name] for name in run.task.plan.targets] for row in answers]])
    if run.config["task"] == "tabular-regression":
        return np.array([[answer["prediction"]] for answer in answers])
    return np.array([[answer[f"p({name})"] for name in run.task.classes] for answer in answers])


@pytest.mark.parametrize("name", one_by_one(name for name in RUNS if not name.startswith("story")))
def test_a_bundle_answers_as_the_run(name, run_of, bundle_of):
    run = run_of(name)
    inputs, records = records_of(name, run)
    came, expected = values_of(Bundle.open(bundle_of(name)).predict(records)), expected_of(run, inputs)
    np.testing.assert_allclose(came, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", one_by_one(name for name in RUNS if name.startswith("story")))
def test_a_language_model_says_the_same_next_token(name, run_of, bundle_of):
    run, bundle = run_of(name), Bundle.open(bundle_of(name))
    prompts = ["the film was ", "a", "", "never " * 50]
    answers = bundle.predict(prompts)
    for prompt, answer in zip(prompts, answers, strict=True):
        ids = run.task.tokens.encode(prompt).tolist() or [run.task.inputs.start]
        with torch.no_grad():
            shares = run.model(torch.tensor([ids[-run.task.inputs.context :]], device=run.device))[0, -1].softmax(dim=0)
        assert answer["probability"] == pytest.approx(float(shares.max()), abs=1e-5)
        assert answer["next"] == run.task.tokens.decode([int(shares.argmax())])


def test_forecasts_carry_the_times_they_are_for(run_of, bundle_of):
    run = run_of("weather-dlinear")
    inputs, records = records_of("weather-dlinear", run)
    [answer] = Bundle.open(bundle_of("weather-dlinear")).predict(records)
    assert [row["date"] for row in run.predict(inputs)] == answer["time"]


@pytest.mark.parametrize("to", ["torch", "safetensors"])
@pytest.mark.parametrize("name", one_by_one())
def test_every_format_is_measured_against_the_run(name, to, run_of, tmp_path):
    """ONNX is what the bundles above hold."""
    if to == "safetensors" and isinstance(run_of(name).model, Blend):
        with pytest.raises(ExportError, match="a blend of a network and simple models, which are no weights"):
            export(run_of(name), tmp_path / "model", to=to)
        assert not any(tmp_path.iterdir())
        return
    path, measured = export(run_of(name), tmp_path / f"model{formats()[to]}", to=to)
    assert path.exists()
    assert measured.difference <= 1e-5
    assert len(set(measured.sizes)) == 3
    assert measured.bytes > 1000
    assert measured.latency_ms > 0


def test_a_lone_onnx_file_describes_itself(run_of, tmp_path):
    run = run_of("reviews-bag")
    bundle = Bundle.open(run.export(tmp_path / "model.onnx"))
    texts = ["a good film", "dull"]
    np.testing.assert_allclose(values_of(bundle.predict(texts)), expected_of(run, texts), atol=1e-6)
    assert bundle.name == "reviews-bag"
    assert bundle.labels == run.task.classes


def test_pictures_of_any_size_are_scaled_inside_the_graph(run_of, bundle_of):
    """What the graph makes of a large picture is nearly what Pillow makes of it: one step of 255 moves little."""
    bundle = Bundle.open(bundle_of("pictures-cnn"))
    generator = np.random.default_rng(0)
    for height, width in ((51, 80), (200, 31), (24, 24), (10, 7)):
        picture = generator.integers(0, 256, (height, width, 3), dtype=np.uint8)
        inside = bundle.run({"images": picture[None]})["probabilities"]
        before = bundle.run(bundle.encode([picture]))["probabilities"]
        np.testing.assert_allclose(inside, before, atol=5e-3)


def test_a_graph_of_deep_pictures_keeps_their_fine_steps(run_of, bundle_of):
    bundle = Bundle.open(bundle_of("scans-cnn"))
    described = bundle.schema["inputs"][0]
    assert (described["datatype"], described["scale"]["deep"]) == ("FP32", [0.0, 4095.0])
    assert bundle.tensors["inputs"][0] == {"name": "images", "datatype": "FP32", "shape": [-1, -1, -1, 1]}
    counts = np.random.default_rng(0).integers(0, 4096, (20, 17)).astype(np.uint16)
    encoded = bundle.encode([counts, counts.tolist(), (counts >> 4).astype(np.uint8)])["images"]
    assert encoded.dtype == np.float32
    np.testing.assert_array_equal(encoded[0], encoded[1])
    assert np.abs(encoded[0] - encoded[2]).max() < 1.1  # of 255: the lower four bits
    assert len(np.unique(encoded[0])) > 100
    brightness = counts[None, ..., None] * np.float32(255 / 4095)
    inside = bundle.run({"images": brightness})["probabilities"]
    np.testing.assert_allclose(inside, bundle.run({"images": encoded[:1]})["probabilities"], atol=1e-4)


def test_transparency_lies_on_the_ground_of_the_training(run_of, bundle_of):
    assert run_of("icons-mlp").task.preprocessor.background == "black"
    assert Bundle.open(bundle_of("icons-mlp")).schema["inputs"][0]["background"] == "black"


@pytest.mark.parametrize(
    ("name", "inputs"),
    [("pictures-lenet5", "torch.zeros(2, 3, 20, 20)"), ("reviews-networks", "torch.zeros(2, 5).long()")],
)
def test_weights_and_architecture_need_no_deepglass(name, inputs, run_of, tmp_path):
    """The lines of the README, in a Python that cannot import Deepglass."""
    folder = Path(run_of(name).export(tmp_path / "weights", to="safetensors"))
    code = (folder / "README.md").read_text().split("```python\n")[1].split("```")[0]
    blocked = "import sys; sys.modules['deepglass'] = None\n"
    asked = f"\nimport torch\nprint(tuple(model({inputs}).reshape(2, -1, 2).mean(1).shape))"
    done = subprocess.run(
        [sys.executable, "-c", blocked + code + asked], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.stdout == "(2, 2)\n", done.stderr


def test_an_explanation_hides_squares_of_a_deep_picture_without_losing_depth(run_of, bundle_of):
    from deepglass.deploy.serve.explain import explain

    run, bundle = run_of("scans-cnn"), Bundle.open(bundle_of("scans-cnn"))
    content = next((run.path.parent / "scans").rglob("*.png")).read_bytes()
    variants = explain(bundle, content, 100)
    whole, nothing, *hidden = (bundle.encode([record])["images"] for record in variants.records)
    assert len(hidden) == 64
    assert np.ptp(nothing) == 0
    changed = [picture for picture in hidden if not np.array_equal(picture, whole)]
    assert len(changed) > 50
    assert all((picture != whole).mean() < 0.1 for picture in hidden)  # the rest is what it was, to the last step
    assert sum(abs(part["change"]) for part in variants.conclude(bundle.predict(variants.records))["parts"]) > 0
