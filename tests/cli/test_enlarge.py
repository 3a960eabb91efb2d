"""`deepglass enlarge` and `run.enlarge`: files and arrays of any size, and what cannot be enlarged."""

import json

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import deepglass as dg
from deepglass.cli.main import app
from deepglass.core.console import console
from deepglass.core.errors import DataError, OptionError
from deepglass.runs import enlarging
from tests.tasks.small import super_resolution as small


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder, console.mode = tmp_path_factory.mktemp("finer"), "quiet"
    options = {**small.OPTIONS, "epochs": 1, "max_rows": 24}
    run = dg.train(small.data(folder), task="super-resolution", run=folder / "run", **options)
    return run, folder


def asked(*words):
    return CliRunner().invoke(app, ["enlarge", *map(str, words)])


def test_files_become_twice_as_large_beside_themselves_or_elsewhere(trained, tmp_path):
    run, _ = trained
    picture = np.random.default_rng(0).integers(0, 256, (41, 150, 3)).astype(np.uint8)
    Image.fromarray(picture).save(tmp_path / "wide.png")
    done = asked(run.path, tmp_path / "wide.png", "--output", tmp_path / "out", "--json")
    assert done.exit_code == 0, done.output
    [path] = json.loads(done.stdout)["written"]
    assert path == str(tmp_path / "out" / "wide_x2.png")
    written = np.asarray(Image.open(path))
    assert written.shape == (82, 300, 3)
    assert np.array_equal(written, run.enlarge(picture))
    assert np.array_equal(written, run.enlarge(str(tmp_path / "wide.png")))
    again = asked(run.path, tmp_path / "wide.png", "--output", tmp_path / "out")
    assert again.exit_code != 0
    assert "exists" in str(again.exception)
    assert asked(run.path, tmp_path / "wide.png", "--output", tmp_path / "out", "--force").exit_code == 0
    assert asked(run.path, tmp_path / "wide.png").exit_code == 0
    assert (tmp_path / "wide_x2.png").exists()


def test_what_cannot_be_enlarged_is_said_and_nothing_is_written(trained, tmp_path, monkeypatch):
    run, _ = trained
    (tmp_path / "odd.png").write_text("hello")
    for words in ([tmp_path / "absent.png"], [tmp_path / "odd.png", "--output", tmp_path / "out"]):
        done = asked(run.path, *words)
        assert done.exit_code != 0
        assert words[0].name in str(done.exception)
    assert not (tmp_path / "out").exists()
    Image.new("RGB", (30, 30)).save(tmp_path / "large.png")
    monkeypatch.setattr(enlarging, "MOST_PIXELS", 100)
    with pytest.raises(DataError, match=r"large\.png: 30 x 30 pixels would become 3,600"):
        run.enlarge(str(tmp_path / "large.png"))
    with pytest.raises(DataError, match="one picture at a time"):
        run.enlarge(np.zeros((2, 9, 9, 3), np.uint8))


def test_two_pictures_of_one_name_are_refused(trained, tmp_path):
    run, _ = trained
    for name in "ab":
        (tmp_path / name).mkdir()
        Image.new("RGB", (9, 9)).save(tmp_path / name / "one.png")
    done = asked(run.path, tmp_path, "--output", tmp_path / "out")
    assert done.exit_code != 0
    assert "one_x2.png" in str(done.exception)


def test_runs_of_other_tasks_enlarge_nothing(tmp_path):
    console.mode = "quiet"
    run = dg.train("iris", run=tmp_path / "iris", model="linear", epochs=1)
    with pytest.raises(OptionError, match="super-resolution"):
        run.enlarge(np.zeros((9, 9, 3), np.uint8))


def test_predict_writes_enlarged_pictures_too(trained, tmp_path):
    run, folder = trained
    words = ["predict", str(run.path), small.inputs(folder)[0], "--pictures", str(tmp_path)]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    [written] = tmp_path.glob("*_picture.png")
    assert Image.open(written).size == (64, 64)
