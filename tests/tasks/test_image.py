"""Image classification from a folder to a judged model, on small made pictures."""

import base64
import io
import json

import numpy as np
import pytest
import torch
from PIL import Image

from deepglass.api.options import train_config
from deepglass.core.errors import DataError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Table
from deepglass.data.examples import InMemory
from deepglass.data.pictures import PicturesOnDisk
from deepglass.data.reading.source import read
from deepglass.models import _build
from deepglass.tasks._contract import Outputs
from deepglass.tasks.image_classification import Config, Task
from deepglass.training.config import TrainConfig
from deepglass.training.loop import fit

CLASSES = ["bar", "disc"]


def draw(name: str, rng: np.random.Generator, size: int = 16) -> Image.Image:
    """A bright bar or disc somewhere on a dark, noisy ground."""
    y, x = np.mgrid[:size, :size]
    cy, cx = rng.integers(5, size - 5, 2)
    shape = abs(x - cx) <= 1 if name == "bar" else (x - cx) ** 2 + (y - cy) ** 2 <= 9
    pixels = rng.integers(0, 60, (size, size, 3)) + 180 * shape[..., None]
    return Image.fromarray(pixels.astype(np.uint8))


def make_folder(root, splits=("train", "val", "test"), count: int = 12, odd_sizes: bool = False):
    rng = np.random.default_rng(0)
    for split in splits:
        for name in CLASSES:
            (root / split / name).mkdir(parents=True)
            for i in range(count):
                size = 16 + 2 * (i % 3) if odd_sizes else 16
                draw(name, rng, size).save(root / split / name / f"{i}.png")
    return root


@pytest.fixture
def folder(tmp_path):
    return make_folder(tmp_path / "shapes")


def make_task(**options) -> Task:
    return Task(DataConfig(), Config(**options), 0)


def train(task: Task, prepared, epochs: int = 25):
    torch.manual_seed(0)
    defaults = task.train_defaults("cnn", len(prepared.train)) | {
        "epochs": epochs,
        "batch_size": 8,
        "learning_rate": 5e-3,
        "device": "cpu",
    }
    task.train_config = train_config({}, defaults)
    model = _build.load("cnn", **prepared.dims, width=8, **task.model_defaults("cnn", len(prepared.train)))
    return fit(model, task, prepared.train, prepared.val, task.train_config).model


def test_learns_judges_and_answers(folder):
    data = read(folder, DataConfig())
    task = make_task(augment="crop")
    prepared = task.prepare(data)
    assert (len(prepared.train), len(prepared.val), len(prepared.test)) == (24, 24, 24)
    assert prepared.dims == {
        "num_classes": 2,
        "num_outputs": 2,
        "in_channels": 3,
        "image_size": (16, 16),
        "num_features": 768,
    }
    model = train(task, prepared)
    outputs = task.outputs(model, prepared.test)
    metrics, baseline = task.evaluate(outputs), task.baseline(prepared)
    assert metrics["accuracy"]["value"] >= 0.9
    assert baseline["accuracy"]["value"] == 0.5
    assert baseline["name"] == "most frequent class (bar)"

    again = make_task()
    again.load_state(json.loads(json.dumps(task.state())))
    examples, names = again.read(folder / "test" / "disc", with_target=False)
    answers = again.answers(again.outputs(model, examples), names)
    assert len(answers) == 12
    assert answers[0]["file"].endswith("0.png")
    assert sum(answer["prediction"] == "disc" for answer in answers) >= 10
    assert answers[0]["p(bar)"] + answers[0]["p(disc)"] == pytest.approx(1, abs=1e-5)

    judged, _ = again.read(folder, with_target=True)
    torch.testing.assert_close(
        torch.from_numpy(again.outputs(model, judged).predictions), torch.from_numpy(outputs.predictions)
    )


def test_mistakes_carry_their_pictures_the_worst_first(folder):
    data = read(folder, DataConfig())
    task = make_task(augment="none")
    prepared = task.prepare(data)
    targets = prepared.test.tensors[-1].numpy()
    wrong, worst = np.flatnonzero(targets == 0)[:2]
    predictions = np.eye(2)[targets]
    predictions[wrong], predictions[worst] = (0.4, 0.6), (0.1, 0.9)
    losses = -np.log(np.maximum(predictions[np.arange(24), targets], 1e-9))
    mistakes = task.mistakes(Outputs(predictions, targets, losses), prepared, data)
    assert [mistake["id"] for mistake in mistakes] == [prepared.ids["test"][worst], prepared.ids["test"][wrong]]
    assert (mistakes[0]["target"], mistakes[0]["predicted"], mistakes[0]["probability"]) == ("bar", "disc", 0.9)
    shown = Image.open(io.BytesIO(base64.b64decode(mistakes[0]["image"].removeprefix("data:image/png;base64,"))))
    np.testing.assert_array_equal(np.asarray(shown), data.pixels[mistakes[0]["id"]])


def test_pictures_on_disk_give_the_same_as_in_memory(tmp_path):
    data = read(make_folder(tmp_path / "shapes", odd_sizes=True), DataConfig())
    assert data.paths is not None
    weights = []
    for max_memory, kind in [(2.0, InMemory), (0.0, PicturesOnDisk)]:
        task = make_task(max_memory=max_memory, decode_workers=2)
        prepared = task.prepare(data)
        assert type(prepared.train) is kind
        model = train(task, prepared, epochs=2)
        weights.append(torch.cat([p.detach().flatten() for p in model.parameters()]))
        outputs = task.outputs(model, prepared.test, batch_size=7)
        inverted = Outputs(1 - outputs.predictions, outputs.targets, outputs.losses)
        mistakes = [*task.mistakes(outputs, prepared, data), *task.mistakes(inverted, prepared, data)]
        assert all(mistake["file"].endswith(".png") for mistake in mistakes)
        assert len(task.sample_weights(prepared)) == 24
        assert task.baseline(prepared)["accuracy"]["value"] == 0.5
    assert torch.equal(*weights)


def test_draws_splits_where_none_are_declared(tmp_path):
    root = make_folder(tmp_path / "shapes", splits=("all",), count=20) / "all"
    prepared = make_task().prepare(read(root, DataConfig()))
    assert (len(prepared.train), len(prepared.val), len(prepared.test)) == (29, 3, 8)
    everything = np.concatenate(list(prepared.ids.values()))
    assert sorted(everything.tolist()) == list(range(40))


def test_folds_cover_every_picture_once(folder):
    data = read(folder, DataConfig())
    splits = make_task().folds(data, 3)
    assert sorted(np.concatenate([s["test"] for s in splits]).tolist()) == list(range(len(data)))
    assert all(not set(s["train"]) & set(s["test"]) for s in splits)


def test_mixup_and_cutmix_are_used_in_training_only(folder):
    task = make_task(augment="none")
    prepared = task.prepare(read(folder, DataConfig()))
    model = _build.load("cnn", **prepared.dims, width=8).train()
    for layer in model.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.eval()  # so that only the mixing can make a difference
    batch = prepared.train.batch(torch.arange(24))
    plain = task.loss(model, batch)
    task.train_config = TrainConfig(mixup=1.0, cutmix=1.0)
    torch.manual_seed(0)
    assert not torch.isclose(task.loss(model, batch), plain)
    torch.testing.assert_close(task.loss(model.eval(), batch), plain)


def test_guesses_say_what_was_chosen(folder):
    task = make_task()
    (guess,) = task.prepare(read(folder, DataConfig())).guesses
    assert guess.option == "--augment"
    assert guess.value == ", ".join(task.augmentations)
    assert "crop" in task.augmentations


def test_what_is_asked_for_is_no_guess(folder):
    task = make_task(augment="flip,erase", image_size=20)
    prepared = task.prepare(read(folder, DataConfig()))
    assert prepared.guesses == []
    assert task.augmentations == ["flip", "erase"]
    assert prepared.dims["image_size"] == (20, 20)


# -- bad input ------------------------------------------------------------------------------------------------------


def test_a_broken_picture_stops_before_training_and_is_named(folder):
    (folder / "train" / "bar" / "3.png").write_bytes(b"")
    with pytest.raises(DataError, match=r"bar/3\.png is empty"):
        make_task().prepare(read(folder, DataConfig()))


def test_unknown_classes_in_the_test_folder(folder):
    (folder / "test" / "ring").mkdir()
    draw("disc", np.random.default_rng(1)).save(folder / "test" / "ring" / "0.png")
    with pytest.raises(DataError, match="ring"):
        make_task().prepare(read(folder, DataConfig()))


def test_unknown_classes_in_data_to_evaluate(folder, tmp_path):
    task = make_task()
    task.prepare(read(folder, DataConfig()))
    (folder / "train" / "bar").rename(folder / "train" / "beam")
    with pytest.raises(DataError, match=r"1 class that the model does not know \(beam\): expected bar, disc"):
        task.read(folder / "train", with_target=True)


def test_a_class_of_one_picture(folder):
    for split in ("train", "val", "test"):
        for path in (folder / split / "bar").iterdir():
            if split != "train" or path.name != "0.png":
                path.unlink()
    with pytest.raises(DataError, match="single example"):
        make_task().prepare(read(folder, DataConfig()))


def test_a_single_class_cannot_be_learnt(tmp_path):
    root = make_folder(tmp_path / "shapes")
    with pytest.raises(DataError, match="only the class"):
        make_task().prepare(read(root / "train", DataConfig(classes="bar")))


def test_a_table_is_no_set_of_pictures():
    import pandas as pd

    with pytest.raises(DataError, match="holds no pictures"):
        make_task().prepare(Table(pd.DataFrame({"x": [1]}), "people"))
