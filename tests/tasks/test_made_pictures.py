"""Generation of pictures: binary rows, a bound beside exact likelihoods, files that are written."""

import base64
import io

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import deepglass as dg
from deepglass.cli.main import app
from deepglass.core import label_pictures
from deepglass.core.errors import DataError, OptionError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Images
from deepglass.data.datasets import digits
from deepglass.evaluate.judges.pictures import Judge, copied, unused_code
from deepglass.evaluate.metrics import pictures
from deepglass.rivals import bernoulli_mixture
from deepglass.tasks.generation import Config, Task
from deepglass.zoo import architectures

SMALL = {"epochs": 2, "hidden_dim": 16, "num_layers": 1, "threads": 1, "task": "generation"}


def bars(count=120, side=5, seed=0):
    """Pictures of one dark or bright column each, with an eighth of the pixels turned over."""
    rng = np.random.default_rng(seed)
    pixels = np.zeros((count, side, side, 1), np.uint8)
    pixels[np.arange(count), :, rng.integers(side, size=count)] = 220
    turned = rng.random(pixels.shape) < 0.1
    return Images("bars", None, [], 1, pixels=np.where(turned, 220 - pixels, pixels).astype(np.uint8))


def task_for(model, data, **config):
    task = Task(DataConfig(), Config(**config))
    task.model = model
    return task, task.prepare(data)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures") / "run"
    dg.train(bars().pixels, run=folder, **SMALL)
    return dg.load(folder)


def test_pictures_are_rows_of_zeros_and_ones():
    task, ready = task_for("vae", bars())
    (rows,) = ready.train.tensors
    assert rows.shape[1] == 25
    assert set(rows.unique().tolist()) == {0.0, 1.0}
    assert task.dims == {"num_features": 25, "latent_dim": 16, "is_binary": True}
    assert task.noise_dim == 16
    assert task.monitor == "loss"


def test_the_model_says_how_it_learns_and_nobody_asks_for_its_name():
    (game, _), (bound, _) = (task_for(model, bars()) for model in ("gan", "vae"))
    assert (game.way, bound.way) == ("game", "bound")
    pair, single = (architectures.load(name, **task.dims) for name, task in (("gan", game), ("vae", bound)))
    assert len(game.updates(pair)) == 2
    assert bound.updates(single) == []


def test_of_rows_the_noise_is_that_of_the_code_and_that_of_their_numbers(tmp_path):
    table = np.random.default_rng(0).normal(size=(60, 3))
    run = dg.train(table, run=tmp_path / "run", model="vae", **SMALL)
    assert run.task.maker.latent_dim == 3
    assert run.task.noise_dim == 6
    for name in ("negative_elbo", "reconstruction", "kl", "energy_distance"):
        assert np.isfinite(run.metrics["test"][name]["value"]), name
    assert len(list(dg.load(tmp_path / "run").generate(count=4))) == 4


def test_both_parts_of_the_bound_are_measured_and_add_up(run):
    test = run.metrics["test"]
    parts = test["reconstruction"]["value"] + test["kl"]["value"]
    assert test["negative_elbo"]["value"] == pytest.approx(parts, rel=1e-5)
    assert {"val_loss", "val_reconstruction", "val_kl"} <= set(run.folder.read("history.json")["epochs"][0])
    assert run.metrics["baseline"]["name"] == "independent pixels"
    assert run.metrics["rival"]["name"].endswith("Bernoullis")


def test_independent_pixels_cost_their_entropy():
    """A fair coin for each pixel: log 2 nats."""
    rows = np.tile([[0.0, 1.0], [1.0, 0.0]], (500, 1))
    assert bernoulli_mixture.fit(rows, 1).nats(rows) == pytest.approx(2 * np.log(2), rel=1e-3)


def test_a_mixture_finds_templates_that_independent_pixels_cannot_say():
    rows = np.repeat(np.eye(4), 60, axis=0)
    one, four = (bernoulli_mixture.fit(rows, count).nats(rows).mean() for count in (1, 8))
    assert four < 0.7 * one
    assert four == pytest.approx(np.log(4), rel=0.2)
    assert len(bernoulli_mixture.best(rows, rows).shares) >= 5


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (Images("red", None, [], 3, pixels=np.zeros((40, 4, 4, 3), np.uint8)), DataError, "expected grey ones"),
        (bars(12), DataError, "12 pictures: expected at least 20"),
        (Images("big", None, [], 1, pixels=np.eye(70)[None, ..., None].repeat(30, 0) * 255), OptionError, "image-size"),
    ],
)
def test_what_cannot_be_made_is_refused(data, error, message):
    with pytest.raises(error, match=message):
        task_for("vae", data, image_size=70 if data.name == "big" else None)


@pytest.mark.parametrize(
    ("model", "options", "message"),
    [
        ("vae", {"gradient_penalty": 1.0}, "learns by a bound, it is for a game"),
        ("vae", {"scaling": "quantile"}, "pictures are made, it is for rows"),
        ("vae", {"beta": -1.0}, "--beta: expected 0 or more"),
        ("gan", {"beta": 2.0}, "beta"),
    ],
)
def test_options_of_another_way_or_kind_are_refused(tmp_path, model, options, message):
    with pytest.raises(OptionError, match=message):
        dg.train(bars().pixels, run=tmp_path / "run", model=model, **{**SMALL, **options})


def test_new_pictures_are_written_as_files(run, tmp_path):
    done = CliRunner().invoke(app, ["generate", str(run.path), "--count", "3", "--pictures", str(tmp_path / "new")])
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["00001.png", "00002.png", "00003.png"]
    first = next(iter(run.generate(count=1)))["picture"]
    with (
        Image.open(io.BytesIO(base64.b64decode(first.partition(",")[2]))) as made,
        Image.open(tmp_path / "new" / "00001.png") as written,
    ):
        assert made.size == (5, 5)
        assert np.array_equal(np.asarray(made), np.asarray(written))


def test_pictures_without_a_place_are_refused_before_anything_is_written(run):
    done = CliRunner().invoke(app, ["generate", str(run.path), "--count", "3"])
    assert done.exit_code != 0
    assert "--pictures FOLDER writes them" in str(done.exception)


def test_the_report_shows_samples_beside_the_nearest_of_the_training(run):
    page = (run.path / "report.html").read_text(encoding="utf-8")
    for words in ("Samples, none of them chosen", "nearest to each", "Both parts", "independent pixels"):
        assert words in page


def test_a_loaded_run_judges_other_pictures(run):
    found = run.evaluate(bars(60, seed=5).pixels)
    assert found["negative_elbo"]["value"] > 0
    assert found["count"] == 60


def test_copies_and_a_code_that_is_not_used_are_told():
    details = {"nearest": {"samples": 1.0, "real": 4.0}, "sides": [4, 4]}
    test = {"kind": "pictures", "count": 500, "kl": {"value": 0.01}, "details": details}
    assert "may be copies" in copied(test, {})
    assert "posterior collapse" in unused_code(test, {})
    fine = test | {"kl": {"value": 3.0}, "details": {"nearest": {"samples": 3.0, "real": 4.0}}}
    assert copied(fine, {}) is unused_code(fine, {}) is None
    assert Judge.checks[:2] == (unused_code, copied)


def test_a_pair_that_plays_is_judged_by_its_samples(tmp_path):
    run = dg.train(bars().pixels, run=tmp_path / "run", model="gan", **SMALL)
    assert run.metrics["test"]["headline"] == ["energy_distance", "kid"]
    assert run.metrics["baseline"]["energy_distance"]["value"] is not None
    assert "val_kid" in run.folder.read("history.json")["epochs"][0]
    made = np.stack([label_pictures.from_uri(one["picture"]) for one in run.generate(count=20)])
    assert 0 < made.min() < made.max() < 255  # between the zeros and ones of the real ones


def test_the_kernel_distance_has_an_interval_and_stands_beside_that_of_real_pictures(run):
    test, page = run.metrics["test"], (run.path / "report.html").read_text(encoding="utf-8")
    assert test["kid"]["low"] < test["kid"]["value"] < test["kid"]["high"]
    chance = test["details"]["kid_of_real"]
    assert chance["low"] < 0 < chance["high"]
    assert run.metrics["baseline"]["kid"]["value"] is not None
    assert "Kernel distance (KID)" in page
    assert "between halves of the unseen real pictures" in page


def test_pixels_that_know_nothing_of_each_other_are_farther_from_pictures_than_a_mixture_and_pictures_are_near():
    data = digits.load()
    order = np.random.default_rng(0).permutation(len(data))  # writers come one after the other
    rows = 255.0 * (data.pixels.reshape(len(data), -1) > 127.5)[order]
    real, other, learnt = rows[:300], rows[300:600], rows[600:] / 255
    alone, mixed = (255 * bernoulli_mixture.fit(learnt, count).sample(300, 0) for count in (1, 40))
    for score in (
        lambda made: pictures.kid_of_pixels(made, real),
        lambda made: pictures.evaluate(made, real, {}, sides=(8, 8))["energy_distance"]["value"],
    ):
        assert score(other) < score(mixed) < 0.5 * score(alone)


def test_of_three_pictures_there_is_no_kernel_distance():
    found = pictures.evaluate(np.eye(3), np.eye(3), {}, sides=(1, 3))
    assert found["headline"] == ["energy_distance"]
    assert found["details"]["kid_of_real"] is None
