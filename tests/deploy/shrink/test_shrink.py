"""`run.shrink` and `deepglass shrink`: every method end to end on tiny runs, what is refused, what is written."""

import json
import shutil

import numpy as np
import onnx
import pytest
from typer.testing import CliRunner

import deepglass as dg
from deepglass.cli.main import app
from deepglass.core.errors import DataError, ExportError, OptionError, RunError
from deepglass.deploy.runtime.bundle import Bundle
from deepglass.deploy.shrink import _stored
from deepglass.deploy.shrinking import methods
from deepglass.deploy.shrinking.judge import Judged, lost
from tests.deploy.runs import one_by_one

FREE = 1000.0  # points that may go: runs of one epoch are not meant to be good
SMALL = 128  # numbers that are worth storing in few bits: the networks of these tests are tiny


@pytest.fixture
def tiny(monkeypatch):
    monkeypatch.setattr(_stored, "LEAST", SMALL)


@pytest.fixture
def bag(run_of):
    return run_of("reviews-bag")


def test_the_folder_is_the_list_of_methods():
    assert methods() == ["distil", "float16", "int8", "prune"]


@pytest.mark.parametrize("name", one_by_one())
def test_int8_of_every_kind_of_model(name, run_of, tmp_path, tiny):
    shrunk = run_of(name).shrink("int8", tmp_path / "small", most_lost=FREE)
    assert shrunk.is_good
    assert shrunk.after.bytes < 0.8 * shrunk.before.bytes
    if shrunk.lost["unit"] == "%":
        assert abs(shrunk.lost["value"]) < 3
    bundle = Bundle.open(shrunk.path)
    assert bundle.schema["name"] == name
    assert (shrunk.path / "shrink.html").is_file()
    own, test = run_of(name).path / "conformal.json", run_of(name).folder.read_outputs()
    if own.is_file():  # scores are those of the smaller model, on examples that nobody has learnt from
        kept = json.loads((shrunk.path / "conformal.json").read_text())
        assert kept["count"] == len(test["predictions"])
        assert kept != json.loads(own.read_text())
        assert Bundle.open(bundle.model).coverage.scores.tolist() == kept["scores"]
    assert signed_products(onnx.load(bundle.model)) == []


def signed_products(model) -> list[str]:
    """Nodes that multiply signed by unsigned integers: these overflow on processors without VNNI."""
    types = {weight.name: weight.data_type for weight in model.graph.initializer}
    quantized = {node.output[0] for node in model.graph.node if node.op_type == "QuantizeLinear"}
    sources = {node.output[0]: node.input[0] for node in model.graph.node if node.op_type == "DequantizeLinear"}
    found = [n for n in model.graph.node if n.op_type in ("DynamicQuantizeLSTM", "QLinearConv", "QLinearMatMul")]
    for node in model.graph.node:
        factors = [sources.get(name, name) for name in node.input[:2]]
        is_integer = node.op_type in ("MatMulInteger", "ConvInteger") or (
            node.op_type in ("MatMul", "Gemm", "Conv") and factors[0] in quantized
        )
        if is_integer and types.get(factors[1]) == onnx.TensorProto.INT8:
            found.append(node)
    return [node.name for node in found]


@pytest.mark.slow("exports, shrinks and judges a run")
@pytest.mark.parametrize("name", ["reviews-lstm", "shop-mlp-profit"])
def test_float16_answers_nearly_as_before(name, run_of, tmp_path, tiny):
    shrunk = run_of(name).shrink("float16", tmp_path / "small")
    assert shrunk.is_good
    assert shrunk.after.bytes < 0.8 * shrunk.before.bytes
    assert shrunk.after.score["value"] == pytest.approx(shrunk.before.score["value"], rel=1e-2)
    assert {tensor["datatype"] for tensor in Bundle.open(shrunk.path).tensors["outputs"]} <= {"FP32", "FP64"}


@pytest.mark.slow("exports, shrinks and judges a run")
@pytest.mark.parametrize("name", ["reviews-bag", "shop-mlp-profit", "weather-dlinear"])
def test_before_is_what_the_run_says_of_itself(name, run_of, tmp_path, tiny):
    """The bundle, judged through its raw inputs, has the score of the network on its prepared ones."""
    run = run_of(name)
    shrunk = run.shrink("float16", tmp_path / "small", most_lost=FREE)
    known = run.metrics["test"][shrunk.score]
    assert shrunk.before.score == pytest.approx(known, rel=1e-4)


@pytest.mark.slow("exports, shrinks and judges a run")
def test_a_pruned_run_is_a_run_with_zeros(bag, tmp_path):
    shrunk = bag.shrink("prune", tmp_path / "pruned", most_lost=FREE, sparsity=0.97, epochs=1)
    run = dg.load(shrunk.path)
    assert run.task.classes == bag.task.classes
    for name, weights in run.model.named_parameters():
        if weights.dim() >= 2:
            assert float((weights == 0).float().mean()) >= 0.97 - 1 / weights.numel(), name
    assert shrunk.after.packed_bytes < shrunk.before.packed_bytes
    assert shrunk.after.bytes == pytest.approx(shrunk.before.bytes, rel=0.01)
    assert "prediction" in run.predict(["a good film"])[0]


@pytest.mark.slow("exports, shrinks and judges a run")
def test_a_student_is_an_ordinary_run_of_half_the_width(bag, tmp_path):
    shrunk = bag.shrink("distil", tmp_path / "student", most_lost=FREE, epochs=1)
    run = dg.load(shrunk.path)
    assert run.config["model_options"]["embed_dim"] == 16
    assert run.config["model_options"]["buckets"] == 512
    assert shrunk.after.bytes < 0.8 * shrunk.before.bytes
    assert (shrunk.path / "report.html").is_file()
    assert run.metrics["test"]["accuracy"]["value"] == pytest.approx(shrunk.after.score["value"])


@pytest.mark.slow("exports, shrinks and judges a run")
def test_a_student_of_another_kind_takes_its_settings(bag, tmp_path):
    options = {"student": "lstm", "hidden_size": 8, "embed_dim": 8, "epochs": 1}
    shrunk = bag.shrink("distil", tmp_path / "student", most_lost=FREE, **options)
    config = dg.load(shrunk.path).config
    assert (config["model"], config["model_options"]["hidden_size"]) == ("lstm", 8)
    assert "lstm (hidden_size 8, embed_dim 8)" in shrunk.notes[0]


# -- what is refused ------------------------------------------------------------------------------------------------

REFUSED = {
    "unknown method": (("int4", {}), OptionError, "unknown method 'int4'; did you mean 'int8'"),
    "unknown option": (("int8", {"sparsity": 0.5}), OptionError, r"unknown option 'sparsity'.*\(for --by int8\)"),
    "negative loss": (("int8", {"most_lost": -1}), OptionError, "--most-lost: expected 0 or more"),
    "no share": (("prune", {"sparsity": 1.5}), OptionError, "--sparsity: expected a share between 0 and 1"),
    "cold teacher": (("distil", {"temperature": 0}), OptionError, "--temperature: expected more than 0"),
    "nothing to calibrate": (("int8", {"calibration": 9}), OptionError, "--calibration has no effect: no convolution"),
    "other data": (("float16", {"data": "iris"}), DataError, "iris"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_makes_no_sense_is_refused(case, bag, tmp_path):
    (method, options), error, message = REFUSED[case]
    with pytest.raises(error, match=message):
        bag.shrink(method, tmp_path / "small", **options)
    assert list(tmp_path.iterdir()) == []


def test_data_that_have_gone_are_asked_for_and_found_elsewhere(bag, tmp_path, tiny):
    run = dg.load(shutil.copytree(bag.path, tmp_path / "run", ignore=shutil.ignore_patterns("export", "shrunk")))
    moved, gone = tmp_path / "moved.csv", tmp_path / "gone.csv"
    shutil.copy(run.config["source"], moved)
    run.folder.write("config.json", run.config | {"source": str(gone)})
    with pytest.raises(DataError, match=r"cannot be read from .*gone.csv again .*--data"):
        dg.load(run.path).shrink("float16")
    moved.write_text("".join(moved.read_text().splitlines(keepends=True)[:100]))
    with pytest.raises(DataError, match=r"is not what .* learnt from: expected the same rows"):
        dg.load(run.path).shrink("float16", data=str(moved))
    shutil.copy(bag.config["source"], moved)
    shrunk = dg.load(run.path).shrink("float16", data=str(moved))
    assert shrunk.path == run.path / "shrunk" / "float16"


def test_a_model_that_is_small_already_is_left_alone(run_of, tmp_path):
    with pytest.raises(ExportError, match="is small already"):
        run_of("weather-dlinear").shrink("int8", tmp_path / "small")
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten_unless_asked(bag, tmp_path, tiny):
    (tmp_path / "mine").mkdir()
    with pytest.raises(RunError, match="exists: choose another --output, or replace it with --force"):
        bag.shrink("float16", tmp_path / "mine")
    (tmp_path / "new-rejected").mkdir()
    with pytest.raises(RunError, match="is no rejected model"):
        bag.shrink("float16", tmp_path / "new")
    assert bag.shrink("float16", tmp_path / "mine", force=True).path == tmp_path / "mine"


# -- the verdict ----------------------------------------------------------------------------------------------------


def side(value: float) -> Judged:
    return Judged({"value": value, "low": value - 0.1, "high": value + 0.1}, 1, 1, {1: 1.0, 64: 1.0})


def test_loss_is_counted_in_points_of_shares_and_percent_of_the_rest():
    points = lost("accuracy", side(0.92), side(0.90), {"value": 0.02, "low": -0.01, "high": 0.05})
    assert points == pytest.approx({"value": 2, "low": -1, "high": 5, "unit": "points"})
    worse = lost("perplexity", side(20.0), side(21.0), {"value": -1.0, "low": -1.4, "high": -0.6})
    assert worse == pytest.approx({"value": 5, "low": 3, "high": 7, "unit": "%"})
    assert lost("r2", side(0.8), side(0.9), None)["value"] == pytest.approx(-12.5)


@pytest.mark.slow("exports, shrinks and judges a run")
def test_what_lost_too_much_is_kept_under_another_name(bag, tmp_path, tiny, monkeypatch):
    """Every weight but zero bits: the command says so, ends with 1, and a second try makes room by itself."""
    from deepglass.deploy import shrinking

    honest = shrinking.compare

    def pessimist(*sides):
        name, before, after, gone = honest(*sides)
        return name, before, after, gone | {"value": 2.5}

    monkeypatch.setattr(shrinking, "compare", pessimist)
    for _ in range(2):
        done = CliRunner().invoke(app, ["shrink", str(bag.path), "-o", str(tmp_path / "small")])
        assert done.exit_code == 1, done.output
    assert "Rejected: accuracy" in done.output
    assert "try --by float16" in done.output
    assert [path.name for path in tmp_path.iterdir()] == ["small-rejected"]
    page = (tmp_path / "small-rejected" / "shrink.html").read_text()
    assert "More was lost than is allowed" in page
    assert (
        CliRunner().invoke(app, ["shrink", str(bag.path), "-o", str(tmp_path / "s"), "--most-lost", "3"]).exit_code == 0
    )


@pytest.mark.slow("exports, shrinks and judges a run")
def test_the_command_ends_in_a_table_and_a_page(bag, tmp_path, tiny):
    done = CliRunner().invoke(app, ["shrink", str(bag.path), "-o", str(tmp_path / "a"), "--most-lost", "100"])
    assert done.exit_code == 0, done.output
    for words in ("before", "size under gzip", "latency, batch 64", "Accuracy", "stored in int8", "Good: ", "wrote"):
        assert words in done.output
    page = (tmp_path / "a" / "shrink.html").read_text()
    assert page.count("<svg") == 1
    assert "http" not in page.replace("http://www.w3.org", "")
    command = ["shrink", str(bag.path), "-o", str(tmp_path / "b"), "--by", "float16", "--json"]
    said = json.loads(CliRunner().invoke(app, command).stdout)
    assert said == json.loads((tmp_path / "b" / "shrink.json").read_text())
    assert said["is_good"]
    assert "Shrunk by float16" in (tmp_path / "b" / "MODEL_CARD.md").read_text()


@pytest.mark.slow("exports, shrinks and judges a run")
def test_a_bundle_in_int8_answers_records_as_before(run_of, bundle_of, tmp_path, tiny):
    records = ["a good film", "dull and never warm", ""]
    shares = [
        np.array([list(answer["probabilities"].values()) for answer in Bundle.open(path).predict(records)])
        for path in (bundle_of("reviews-bag"), run_of("reviews-bag").shrink(output=tmp_path / "s", most_lost=FREE).path)
    ]
    np.testing.assert_allclose(*shares, atol=0.01)
