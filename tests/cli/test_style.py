"""`deepglass style` and `deepglass paint`: a picture that is written, both losses that are said, and mistakes."""

import json

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import deepglass as dg
from deepglass.cli.main import app
from deepglass.core.console import console
from deepglass.core.errors import DataError, OptionError
from deepglass.painting.pictures import drawn
from deepglass.runs import painting
from tests.tasks.small import style_transfer as small


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder, console.mode = tmp_path_factory.mktemp("painter"), "quiet"
    options = {**small.OPTIONS, "epochs": 1, "max_rows": 20}
    return dg.train(small.data(folder), task="style-transfer", run=folder / "run", **options), folder


def asked(*words):
    return CliRunner().invoke(app, [*map(str, words)])


QUICK = ("--size", 48, "--steps", 12)


def test_a_picture_is_written_and_both_losses_are_said(tmp_path):
    target = tmp_path / "new" / "painted.png"
    done = asked("style", "flower", "strokes", *QUICK, "--output", target, "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert Image.open(found["written"]).size == (48, 32)
    assert found["falls"]["style"] > 1
    assert found["before"]["style"] / found["after"]["style"] == pytest.approx(found["falls"]["style"])
    assert "random filters" in found["features"]
    again = asked("style", "flower", "strokes", *QUICK, "--output", target)
    assert "exists" in str(again.exception)
    said = asked("style", "flower", "strokes", *QUICK, "--output", target, "--force")
    assert said.exit_code == 0
    assert "style   loss" in said.output
    assert "÷" in said.output
    jpeg = asked("style", "flower", "strokes", *QUICK, "--output", tmp_path / "painted.jpg")
    assert jpeg.exit_code == 0, jpeg.output
    assert Image.open(tmp_path / "painted.jpg").format == "JPEG"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("absent.png", "strokes"), "no such file"),
        (("flower", "odd.png"), "odd.png"),
        (("flower", "tiny.png"), "8 x 8 pixels"),
        (("flower", "strokes", "--steps", 0), "--steps"),
        (("flower", "strokes", "--start", "middle"), "--start"),
        (("flower", "strokes", "--features", "absent"), "--features absent"),
        (("flower", "strokes", "--output", "painted.txt"), "painted.txt"),
    ],
)
def test_what_cannot_be_painted_is_said_and_nothing_is_written(words, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "odd.png").write_text("hello")
    Image.fromarray(drawn("tiles")[:8, :8]).save(tmp_path / "tiny.png")
    before = sorted(path.name for path in tmp_path.iterdir())
    done = asked("style", *words)
    assert done.exit_code != 0
    assert said in str(done.exception)
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_a_run_paints_pictures_of_any_size(trained, tmp_path):
    run, _ = trained
    picture = drawn("tiles")[:41, :150]
    Image.fromarray(picture).save(tmp_path / "wide.png")
    done = asked("paint", run.path, tmp_path / "wide.png", "--output", tmp_path / "out", "--json")
    assert done.exit_code == 0, done.output
    [path] = json.loads(done.stdout)["written"]
    assert path == str(tmp_path / "out" / "wide_painted.png")
    written = np.asarray(Image.open(path))
    assert written.shape == (41, 150, 3)
    assert np.array_equal(written, run.paint(picture))
    assert max(run.paint(picture, 120).shape) == 120
    Image.fromarray(picture[..., 0]).save(tmp_path / "grey.png")
    assert asked("paint", run.path, tmp_path / "grey.png").exit_code == 0
    assert np.asarray(Image.open(tmp_path / "grey_painted.png")).shape == (41, 150, 3)


def test_pictures_that_a_run_cannot_paint_are_refused(trained, tmp_path, monkeypatch):
    run, _ = trained
    with pytest.raises(OptionError, match="--size 3"):
        run.paint(drawn("tiles"), 3)
    monkeypatch.setattr(painting, "MOST_PIXELS", 100)
    with pytest.raises(DataError, match="256 x 256 pixels, expected at most 100"):
        run.paint(drawn("tiles"))


def test_runs_of_other_tasks_paint_nothing(tmp_path):
    console.mode = "quiet"
    run = dg.train("iris", run=tmp_path / "iris", model="linear", epochs=1)
    with pytest.raises(OptionError, match="style-transfer"):
        run.paint(drawn("tiles"))


def test_predict_writes_painted_pictures_too(trained, tmp_path):
    run, folder = trained
    done = asked("predict", run.path, small.inputs(folder)[0], "--pictures", tmp_path)
    assert done.exit_code == 0, done.output
    [written] = tmp_path.glob("*_picture.png")
    assert Image.open(written).mode == "RGB"
