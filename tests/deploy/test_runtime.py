"""The small runtime: stands alone, verifies, and says which field is wrong."""

import ast
import base64
import io
import json
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from deepglass.data.preprocess.pixel_scale import PixelScale
from deepglass.data.reading.decode import decode
from deepglass.deploy import runtime
from deepglass.deploy.runtime import pictures, series
from deepglass.deploy.runtime.bundle import Bundle
from deepglass.deploy.runtime.errors import BundleError, InputError
from deepglass.deploy.runtime.picture_files import Budget

FILES = sorted(Path(str(runtime.__file__)).parent.glob("*.py"))
ALLOWED = sys.stdlib_module_names | {"numpy", "onnxruntime", "PIL", "tokenizers", "soundfile"}
BLOCKED = "torch", "deepglass", "pandas", "onnx", "scipy", "sklearn"
ROW = {
    "price": 12.5, "numbers": -122.4, "colour": "red", "member": True, "size code": 2, "sold": "2021-05-01 13:15:00"
}  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_imports_nothing_of_ours(path):
    for node in ast.walk(ast.parse(path.read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module] if isinstance(node, ast.ImportFrom) and node.level == 0 else []
        assert {str(name).split(".")[0] for name in names} <= ALLOWED


def in_bundle(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Run the bundle's own copy where PyTorch, Deepglass and the rest cannot be imported."""
    code = (
        f"import sys, runpy\nfor name in {BLOCKED}: sys.modules[name] = None\n"
        f"sys.argv = {['deepglass_runtime', *arguments]}\nrunpy.run_module('deepglass_runtime', run_name='__main__')"
    )
    return subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)


def test_a_bundle_predicts_without_pytorch_and_without_deepglass(bundle_of, run_of):
    rows = run_of("shop-tabm").path.parent / "shop.csv"
    done = in_bundle(bundle_of("shop-tabm"), ".", str(rows))
    answers = json.loads(done.stdout)
    assert len(answers) == 160, done.stderr
    assert answers[0].keys() == {"label", "probability", "probabilities"}
    table = in_bundle(bundle_of("shop-tabm"), ".", str(rows), "--csv").stdout.splitlines()
    assert table[0] == "label,probability,probabilities no,probabilities yes"
    assert len(table) == 161


@pytest.mark.parametrize("name", ["pictures-cnn", "reviews-bag", "weather-gru", "story-byte-pairs"])
def test_other_bundles_predict_alone_too(name, bundle_of, run_of):
    data = run_of(name).path.parent
    asked = {"pictures-cnn": data / "pictures" / "dark" / "0.png", "weather-gru": data / "weather.csv"}
    done = in_bundle(bundle_of(name), ".", str(asked.get(name, "the film was")))
    assert len(json.loads(done.stdout)) == 1, done.stderr


def test_checksums_are_those_of_sha256sum_and_a_changed_file_is_refused(bundle_of, tmp_path):
    folder = tmp_path / "bundle"
    shutil.copytree(bundle_of("shop-tabm"), folder)
    assert subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=folder, check=False).returncode == 0
    (folder / "labels.json").write_text('["yes", "no"]')
    with pytest.raises(BundleError, match=r"labels\.json was changed or damaged"):
        Bundle.open(folder)
    (folder / "labels.json").unlink()
    with pytest.raises(BundleError, match=r"labels\.json is missing"):
        Bundle.open(folder)
    with pytest.raises(BundleError, match="is no bundle"):
        Bundle.open(tmp_path)


def test_a_foreign_file_is_refused(tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"no model")
    with pytest.raises(BundleError, match="is no ONNX file"):
        Bundle.open(tmp_path / "model.onnx")


def test_tensors_have_the_names_of_the_inference_protocol(bundle_of):
    tensors = Bundle.open(bundle_of("shop-tabm")).tensors
    assert {"name": "price", "datatype": "FP64", "shape": [-1, 1]} in tensors["inputs"]
    assert {"name": "colour", "datatype": "BYTES", "shape": [-1, 1]} in tensors["inputs"]
    assert {"name": "numbers input", "datatype": "FP64", "shape": [-1, 1]} in tensors["inputs"]
    assert tensors["outputs"] == [{"name": "probabilities", "datatype": "FP32", "shape": [-1, 2]}]


def test_the_schema_holds_what_training_looked_like(bundle_of):
    columns = {column["name"]: column for column in Bundle.open(bundle_of("shop-tabm")).schema["inputs"]}
    assert columns.keys() == ROW.keys()
    price = columns["price"]["statistics"]
    assert 0.02 < price["missing"] < 0.2
    assert len(price["quantiles"]) == 11
    assert sum(columns["colour"]["statistics"]["shares"].values()) == pytest.approx(1)
    assert columns["sold"]["kind"] == "date"
    picture = Bundle.open(bundle_of("pictures-cnn")).schema["inputs"][0]["statistics"]["channels"]
    assert [len(channel["histogram"]) for channel in picture] == [16, 16, 16]
    assert Bundle.open(bundle_of("reviews-bag")).schema["inputs"][0]["statistics"]["mean"] > 3
    assert Bundle.open(bundle_of("weather-gru")).schema["inputs"][0]["statistics"]["std"] > 0


WRONG_ROWS = {
    "missing field": ({"price": 1}, "numbers", "is missing"),
    "word for a number": (ROW | {"price": "much"}, "price", "a finite number, got 'much'"),
    "infinite": (ROW | {"price": "inf"}, "price", "a finite number"),
    "huge": (ROW | {"price": 10**400}, "price", "a finite number"),
    "list for a number": (ROW | {"price": [1]}, "price", "a finite number"),
    "object for a word": (ROW | {"colour": {"a": 1}}, "colour", "a word or a number"),
    "no date": (ROW | {"sold": "yesterday"}, "sold", "a date such as 2020-01-31"),
    "no object": ([1, 2], "records", "expected an object"),
}


@pytest.mark.parametrize("case", WRONG_ROWS)
def test_a_wrong_row_names_the_field(case, bundle_of):
    record, field, message = WRONG_ROWS[case]
    with pytest.raises(InputError, match=message) as caught:
        Bundle.open(bundle_of("shop-tabm")).predict([ROW, record])
    assert (caught.value.field, caught.value.row) == (field, 2)


def test_spellings_of_a_category_are_one_and_unknown_is_no_error(bundle_of):
    bundle = Bundle.open(bundle_of("shop-tabm"))
    spellings = [ROW | {"member": word, "size code": code} for word, code in (("YES", "2"), ("yes ", 2.0), ("yes", 2))]
    first, *others = bundle.predict(spellings)
    assert others == [first, first]
    assert bundle.predict([ROW | {"colour": "never seen", "price": None, "sold": ""}])[0]["label"] in bundle.labels


def test_too_many_and_no_records_are_refused(bundle_of):
    bundle = Bundle.open(bundle_of("reviews-bag"))
    for records in ([], ["a"] * (bundle.limits["rows"] + 1)):
        with pytest.raises(InputError, match="expected 1 to 10,000"):
            bundle.predict(records)
    with pytest.raises(InputError, match="at most 1,000,000"):
        bundle.predict(["a" * 1_000_001])
    with pytest.raises(InputError, match="expected a text, got int"):
        bundle.predict(["a", 3])


# -- pictures -------------------------------------------------------------------------------------------------------


def png(image: Image.Image, form: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def sample_pictures() -> dict[str, bytes]:
    noise = np.random.default_rng(0).integers(0, 256, (9, 7, 4), dtype=np.uint8)
    colour = Image.fromarray(noise[..., :3])
    sideways = Image.Exif()
    sideways[0x0112] = 6
    return {
        "colour": png(colour),
        "transparent": png(Image.fromarray(noise)),
        "grey with alpha": png(Image.fromarray(noise[..., :2], "LA")),
        "palette": png(colour.convert("P")),
        "one bit": png(colour.convert("1")),
        "16 bit": png(Image.fromarray(noise[..., 0].astype(np.uint16) * 255)),
        "16 bit on its side": png(Image.fromarray(noise[..., 0].astype(np.uint16) * 255), exif=sideways),
        "whole numbers below zero": png(Image.fromarray(noise[..., 0].astype(np.int32) - 100), "TIFF"),
        "cmyk": png(colour.convert("CMYK"), "TIFF"),
        "floats": png(Image.fromarray(noise[..., 0].astype(np.float32) / 255), "TIFF"),
        "upright by a note": png(colour, "JPEG", exif=sideways),
    }


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("case", sample_pictures())
def test_pictures_are_decoded_as_in_training(case, channels, tmp_path):
    content = sample_pictures()[case]
    (tmp_path / "picture").write_bytes(content)
    for background in ("white", "black", "grey", "none"):
        came = pictures.decode(content, channels, 10_000, background)
        expected = decode(tmp_path / "picture", channels, background)
        assert came.dtype == expected.dtype
        np.testing.assert_array_equal(came, expected)


@pytest.mark.parametrize(
    "scale",
    [
        PixelScale(),
        PixelScale((0, 4095), keeps_depth=True),
        PixelScale(None, (-2.0, 3.0), True),
        PixelScale((0, 255), (0, 1)),
    ],
)
def test_values_are_scaled_as_in_training(scale):
    generator = np.random.default_rng(0)
    for values in (
        generator.integers(0, 256, (5, 6, 1), dtype=np.uint8),
        generator.integers(0, 5000, (5, 6, 1)).astype(np.uint16),
        generator.integers(0, 256, (5, 6, 1)),
        generator.uniform(0, 1, (5, 6, 3)),
    ):
        came, expected = pictures.Scale(scale.state()).apply(values), scale.apply(values)
        assert came.dtype == expected.dtype
        np.testing.assert_array_equal(came, expected)


def test_an_older_description_means_bytes_on_white():
    described = {"name": "image", "tensor": "images", "height": 4, "width": 4, "channels": 1}
    encoder = pictures.Pictures(described, Budget(1000))
    grey = Image.new("LA", (4, 4), (0, 0))
    assert encoder.encode([png(grey)])["images"].tolist() == np.full((1, 4, 4, 1), 255).tolist()
    deep = png(Image.fromarray(np.full((4, 4), 40_000, np.uint16)))
    assert encoder.encode([deep])["images"].max() == 40_000 >> 8


def test_a_model_of_many_channels_takes_numbers_and_no_files():
    described = {"name": "image", "tensor": "images", "height": 4, "width": 4, "channels": 5}
    encoder = pictures.Pictures(described, Budget(1000))
    assert encoder.encode([np.zeros((6, 6, 5), np.uint8)])["images"].shape == (1, 4, 4, 5)
    with pytest.raises(InputError, match="at most 4 channels, the training had 5: send numbers"):
        encoder.encode([png(Image.new("L", (4, 4)))])


WRONG_PICTURES = {
    "text": (b"hello", "in a known format"),
    "truncated": (sample_pictures()["colour"][:120], "truncated or damaged"),
    "too large": (png(Image.new("1", (9_000, 9_000))), "expected at most 40,000,000"),
    "no base64": ("%%%", "base64"),
    "a number": (3, "got none of these"),
    "numbers beyond bytes": ([[0, 300]], "from 0 to 255"),
    "ragged": ([[1, 2], [3]], "got none of these"),
}


@pytest.mark.parametrize("case", WRONG_PICTURES)
def test_a_wrong_picture_is_refused(case, bundle_of):
    content, message = WRONG_PICTURES[case]
    with pytest.raises(InputError, match=message) as caught:
        Bundle.open(bundle_of("pictures-cnn")).predict([content])
    assert caught.value.field == "image"


def test_a_picture_comes_in_many_forms(bundle_of):
    bundle = Bundle.open(bundle_of("pictures-cnn"))
    pixels = np.random.default_rng(1).integers(0, 256, (30, 24, 3), dtype=np.uint8)
    content = png(Image.fromarray(pixels))
    text = base64.b64encode(content).decode()
    forms = [content, text, f"data:image/png;base64,{text}", pixels, pixels.tolist(), {"image": text}]
    first, *others = bundle.predict(forms)
    assert others == [first] * 5


# -- series ---------------------------------------------------------------------------------------------------------


def times_after(times, count, unit, size, column):
    axis = series.Axis(column, unit, size)
    return axis.texts(axis.after(axis.read([times[-1]])[0], count))


def test_times_after_the_last(run_of):
    assert times_after(["2020-01-31"], 2, "month ends", 1, "t") == ["2020-02-29", "2020-03-31"]
    assert times_after(["2020-01-31"], 2, "months", 1, "t") == ["2020-02-29", "2020-03-31"]
    assert times_after(["2020-01-01 22:00"], 2, "seconds", 7200, "t")[-1] == "2020-01-02T02:00:00"
    assert times_after([7], 2, "number", 0.5, "t") == [7.5, 8.0]
    with pytest.raises(InputError, match="expected a time"):
        times_after(["soon"], 2, "months", 1, "date")


def test_a_short_or_uneven_past_is_refused(bundle_of):
    bundle = Bundle.open(bundle_of("weather-patch"))
    past = {"warmth": [1.0] * 30, "rain": [2.0] * 30, "wind": [3.0] * 30}
    assert len(bundle.predict([past])[0]["forecast"]["rain"]) == 7
    for wrong in (past | {"rain": [2.0] * 29}, {name: values[:20] for name, values in past.items()}):
        with pytest.raises(InputError, match=r"equally many steps|at least 28 steps"):
            bundle.predict([wrong])
    with pytest.raises(InputError, match="missing or no list"):
        bundle.predict([{"warmth": [1.0] * 30}])


def test_a_bundle_knows_the_end_of_its_series(bundle_of):
    recent = Bundle.open(bundle_of("weather-gru")).schema["series"]["recent"]
    assert len(recent["times"]) == 28
    assert recent["times"][-1] == "2020-10-26"
    assert [*recent["values"]] == ["warmth", "rain", "wind"]


# -- serving --------------------------------------------------------------------------------------------------------


def test_a_bundle_serves_by_itself(bundle_of):
    command = [sys.executable, "-m", "deepglass_runtime.serving", ".", "--port", "0"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    folder = bundle_of("shop-tabm")
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            address = process.stdout.readline().split()[-1].removesuffix("/predict")
            assert ask(f"{address}/health") == (200, {"ready": True, "name": "shop-tabm"})
            status, answers = ask(f"{address}/predict", json.dumps([ROW, ROW]).encode())
            assert (status, len(answers)) == (200, 2)
            status, answer = ask(f"{address}/predict", json.dumps(ROW | {"price": "much"}).encode())
            assert (status, answer["field"]) == (422, "price")
            assert ask(f"{address}/predict", b"{")[0] == 400
            assert ask(f"{address}/predict", b"[" * 100_000)[0] == 400
            assert ask(f"{address}/elsewhere")[0] == 404
        finally:
            process.terminate()


def ask(address: str, body: bytes | None = None) -> tuple[int, dict]:
    """Status and answer of a request."""
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
