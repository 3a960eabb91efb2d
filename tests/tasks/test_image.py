"""Image classification from a folder to a judged model, on small made pictures."""

import base64
import io
import json

import numpy as np
import pytest
import torch
from PIL import Image

from deepglass.core.errors import DataError
from deepglass.data.check import inspect
from deepglass.data.config import DataConfig
from deepglass.data.containers import Table
from deepglass.data.examples import InMemory
from deepglass.data.pictures import PicturesOnDisk
from deepglass.data.reading.images import read_images
from deepglass.data.reading.source import read
from deepglass.runs.options import train_config
from deepglass.tasks import Outputs
from deepglass.tasks.image_classification import Config, Task
from deepglass.training.config import TrainConfig
from deepglass.training.loop import fit
from deepglass.zoo import architectures
from tests.data.made_pictures import photograph

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
    model = architectures.load("cnn", **prepared.dims, width=8, **task.model_defaults("cnn", len(prepared.train)))
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
    model = architectures.load("cnn", **prepared.dims, width=8).train()
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
    assert guess.value == ", ".join(task.inputs.augmentations)
    assert "crop" in task.inputs.augmentations


def test_what_is_asked_for_is_no_guess(folder):
    task = make_task(augment="flip,erase", image_size=20)
    prepared = task.prepare(read(folder, DataConfig()))
    assert prepared.guesses == []
    assert task.inputs.augmentations == ["flip", "erase"]
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


# -- depth ----------------------------------------------------------------------------------------------------------


def scans(folder, count=40, size=16):
    """Twelve-bit scans in 16-bit files: stripes of 60 counts, lying or upright, on a ground of about 1,100."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:size, :size]
    for way in ("lying", "upright"):
        (folder / way).mkdir(parents=True)
        for i in range(count):
            wave = 30 * np.sin((x if way == "upright" else y) * 1.6 + rng.uniform(0, 6))
            ground = rng.integers(1030, 1200) + wave + rng.normal(0, 3, (size, size))
            Image.fromarray(ground.astype(np.uint16)).save(folder / way / f"{i:03}.png")
    return folder


def test_fine_stripes_of_deep_scans_are_learnt(tmp_path):
    data = read(scans(tmp_path / "scans"), DataConfig())
    task = make_task(augment="none")
    prepared = task.prepare(data)
    assert any(guess.what == "pixel range" and "4,095 is white" in guess.value for guess in prepared.guesses)
    assert prepared.train.tensors[0].dtype == torch.float32
    model = train(task, prepared, epochs=20)
    assert task.evaluate(task.outputs(model, prepared.test))["accuracy"]["value"] >= 0.9
    shown = task.mistakes(Outputs(np.eye(2)[1 - prepared.test.tensors[-1].numpy()], prepared.test.tensors[-1].numpy(),
                                  np.ones(len(prepared.test))), prepared, data)  # fmt: skip
    assert shown[0]["image"].startswith("data:image/png;base64,")
    assert shown[0]["file"].endswith(".png")


def test_the_scale_of_the_training_holds_for_new_scans(tmp_path):
    task = make_task(augment="none")
    task.prepare(read(scans(tmp_path / "scans"), DataConfig()))
    again = make_task()
    again.load_state(json.loads(json.dumps(task.state())))
    for level in (200, 300):
        Image.fromarray(np.full((16, 16), level, np.uint16)).save(tmp_path / f"{level}.png")
    examples, _ = again.read([tmp_path / "200.png", tmp_path / "300.png"], with_target=False)
    dim, bright = examples.tensors[0].mean(dim=(1, 2, 3)).tolist()
    assert bright - dim == pytest.approx(100 * 255 / 4095, rel=1e-3)


def test_deep_pictures_on_disk_give_the_same_as_in_memory(tmp_path):
    data = read(scans(tmp_path / "scans", 12), DataConfig())
    batches = []
    for memory in (2.0, 0.0):
        task = make_task(augment="none", max_memory=memory, image_size=12)
        from_files = read_images(tmp_path / "scans", DataConfig(), budget=0)
        prepared = task.prepare(data if memory else from_files)
        batches.append(prepared.test.batch(torch.arange(len(prepared.test)))[0])
    assert type(prepared.test) is PicturesOnDisk
    torch.testing.assert_close(*batches)


def test_what_lies_beyond_the_scale_is_clipped_and_said(tmp_path, capsys):
    task = make_task(augment="none")
    task.prepare(read(scans(tmp_path / "scans", 12), DataConfig()))
    Image.fromarray(np.full((16, 16), 60_000, np.uint16)).save(tmp_path / "bright.png")
    Image.fromarray(np.full((16, 16), 60, np.uint8)).save(tmp_path / "bytes.png")
    examples, _ = task.read([tmp_path / "bright.png", tmp_path / "bytes.png"], with_target=False)
    assert examples.tensors[0].mean(dim=(1, 2, 3)).tolist() == [255, 60]
    assert "1 picture with values beyond the scale of the training: they are clipped" in capsys.readouterr().err


def test_deep_pictures_for_a_run_of_bytes_are_said(folder, tmp_path, capsys):
    task = make_task(augment="none")
    task.prepare(read(folder, DataConfig()))
    Image.fromarray(np.full((16, 16), 3000, np.uint16)).save(tmp_path / "deep.png")
    examples, _ = task.read(tmp_path / "deep.png", with_target=False)
    assert examples.tensors[0].unique().tolist() == [11]
    assert "pictures deeper than the bytes of the training" in capsys.readouterr().err


@pytest.mark.parametrize(
    "kind", ["shares", "standardised", "counts", "channels first", "five channels", "grey and alpha"]
)
def test_arrays_of_every_kind_are_learnt_and_asked(kind):
    rng = np.random.default_rng(0)
    labels = np.arange(80) % 2
    bright = rng.uniform(0.2, 0.4, (80, 12, 12, 3)) + 0.4 * labels[:, None, None, None]
    arrays = {
        "shares": bright.astype(np.float32),
        "standardised": ((bright - 0.5) / 0.2).astype(np.float32),
        "counts": (bright * 4000).astype(np.int64),
        "channels first": (bright * 255).astype(np.uint8).transpose(0, 3, 1, 2),
        "five channels": (bright[..., [0, 1, 2, 0, 1]] * 255).astype(np.uint8),
        "grey and alpha": (bright[..., :2] * 60_000).astype(np.uint16),
    }
    X = arrays[kind]
    task = make_task(augment="none")
    prepared = task.prepare(read((X, labels), DataConfig()))
    assert prepared.dims["in_channels"] == {"five channels": 5, "grey and alpha": 2}.get(kind, 3)
    model = train(task, prepared, epochs=8)
    again = make_task()
    again.load_state(json.loads(json.dumps(task.state())))
    examples, _ = again.read(X, with_target=False)
    answers = again.outputs(model, examples).predictions.argmax(axis=1)
    assert (answers == labels).mean() >= 0.9
    one, _ = again.read(X[7], with_target=False)
    torch.testing.assert_close(one.tensors[0], examples.tensors[0][7:8])


def test_arrays_that_do_not_fit_the_run_are_refused():
    labels = np.arange(40) % 2
    task = make_task(augment="none")
    task.prepare(
        read((np.random.default_rng(0).integers(0, 256, (40, 12, 12, 5), dtype=np.uint8), labels), DataConfig())
    )
    with pytest.raises(DataError, match="pictures with 3 channels: expected 5, as in training"):
        task.read(np.zeros((2, 12, 12, 3), np.uint8), with_target=False)


# -- groups, copies, where the test comes from ----------------------------------------------------------------------


def patients(folder, persons=12, each=8):
    """Noise of a person; the label is a matter of the person."""
    rng = np.random.default_rng(0)
    for person in range(persons):
        for k in range(each):
            path = folder / ("sick" if person % 2 else "well") / f"patient{person:02}_frame{k}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(rng.integers(0, 256, (12, 12), dtype=np.uint8)).save(path)
    return folder


@pytest.mark.parametrize(
    "options", [{"group_from_name": "auto"}, {"group_from_name": "patient"}, {"group_column": "patient"}]
)
def test_no_group_crosses_the_split_or_the_folds(tmp_path, options):
    images = read(patients(tmp_path / "scans"), DataConfig(**options))
    task = Task(DataConfig(**options), Config(augment="none"), 0)
    prepared = task.prepare(images)
    sides = [set(images.groups[rows]) for rows in prepared.ids.values()]
    assert sum(map(len, sides)) == len(set.union(*sides)) == 12
    folds = task.folds(images, 3)
    assert sorted(np.concatenate([fold["test"] for fold in folds]).tolist()) == list(range(96))
    for fold in folds:
        assert not set(images.groups[fold["train"]]) & set(images.groups[fold["test"]])


def test_a_later_folder_needs_no_groups(tmp_path):
    config = DataConfig(group_from_name="patient")
    task = Task(config, Config(augment="none"), 0)
    task.prepare(read(patients(tmp_path / "scans"), config))
    make_folder(tmp_path / "other", splits=("well", "sick"))
    for name in ("well", "sick"):
        Image.new("L", (12, 12), 9).save(tmp_path / "other" / name / "a.png")
    assert len(task.read(tmp_path / "scans" / "sick", with_target=False)[0]) == 48
    assert len(task.read(patients(tmp_path / "again", 2, 3), with_target=True)[0]) == 6


def test_a_class_of_a_single_group_cannot_be_learnt_by_folds(tmp_path):
    folder = patients(tmp_path / "scans", 6)
    (folder / "rare").mkdir()
    for k in range(4):
        noise = np.random.default_rng(k).integers(0, 256, (12, 12), dtype=np.uint8)
        Image.fromarray(noise).save(folder / "rare" / f"patient99_frame{k}.png")
    images = read(folder, DataConfig(group_from_name="patient"))
    task = Task(DataConfig(), Config(augment="none"), 0)
    task.prepare(images)
    held_out = next(fold for fold in task.folds(images, 3) if (images.labels[fold["test"]] == 0).any())
    images.splits = held_out
    with pytest.raises(
        DataError, match=r"without a picture to train on \(rare\): all of its pictures are in one group"
    ):
        task.prepare(images)


def test_where_the_test_comes_from_is_said(tmp_path):
    root = make_folder(tmp_path / "shapes", splits=("train", "val"), count=20)
    prepared = make_task(augment="none").prepare(read(root, DataConfig()))
    (guess,) = [guess for guess in prepared.guesses if guess.what == "test"]
    assert guess.value == "8 drawn from train"
    assert "train and val only" in guess.why
    assert len(prepared.val) == 40


def test_few_photographs_are_told_what_to_begin_with(tmp_path):
    rng = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for i in range(12):
            photograph(rng, 80).save(tmp_path / "photos" / name / f"{i}.jpg")
    source = str(tmp_path / "photos")
    images = read(source, DataConfig())
    (remark,) = make_task(augment="none").prepare(images).remarks
    assert remark.startswith("about 8 photographs of each class are few")
    assert f"deepglass train {source} --model resnet18 --pretrained FILE" in remark
    assert "hub:OWNER/NAME" in remark
    assert inspect(images, DataConfig()).warnings == [remark.replace("about 8", "about 12")]


def test_small_or_many_or_grey_pictures_are_no_few_photographs(folder):
    assert make_task(augment="none").prepare(read(folder, DataConfig())).remarks == []


def test_state_of_an_older_run_still_loads(folder):
    task = make_task(augment="none")
    task.prepare(read(folder, DataConfig()))
    state = json.loads(json.dumps(task.state()))
    for name in ("columns", "channels_first"):
        del state[name]
    for name in ("background", "scale"):
        del state["preprocessing"][name]
    older = make_task()
    older.load_state(state)
    first, second = (t.read(folder / "test" / "bar", with_target=False)[0] for t in (task, older))
    assert torch.equal(first.tensors[0], second.tensors[0])


# -- folders as they come -------------------------------------------------------------------------------------------

STORED = {1: None, 3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}


def test_photographs_with_a_note_of_the_camera_are_learnt_upright(tmp_path):
    """Bars above or at the left; how the camera was held stands in the file."""
    rng = np.random.default_rng(0)
    for split, count in (("train", 30), ("test", 12)):
        for way in ("up", "left"):
            (tmp_path / split / way).mkdir(parents=True)
            for i in range(count):
                pixels = rng.integers(30, 50, (24, 32, 3)).astype(np.uint8)
                pixels[2:12] = 220 if way == "up" else pixels[2:12]
                pixels[:, 2:14] = 220 if way == "left" else pixels[:, 2:14]
                turn, note = int(rng.choice(list(STORED))), Image.Exif()
                note[0x0112] = turn
                picture = Image.fromarray(pixels)
                picture = picture.transpose(STORED[turn]) if STORED[turn] is not None else picture
                picture.save(tmp_path / split / way / f"{i}.jpg", exif=note, quality=95)
    images = read(tmp_path, DataConfig())
    assert images.pixels.shape == (84, 24, 32, 3)
    up = images.pixels[images.labels == images.classes.index("up")]
    assert up[:, 4:10].mean() > 200 > 60 > up[:, 14:].mean()
    task = make_task()
    task.prepare(images)
    assert "flip" not in task.inputs.augmentations


def test_splits_that_lack_a_class_or_hold_an_empty_folder(tmp_path):
    """Classes go by the names of folders: a position in the list would be another class in each split."""
    rng = np.random.default_rng(0)
    for split, turns, count in (("train", (0, 90, 180, 270), 12), ("val", (0, 90, 270), 4), ("test", (0, 90, 270), 5)):
        for turn in turns:
            (tmp_path / split / str(turn)).mkdir(parents=True)
            for i in range(count):
                pixels = rng.integers(0, 60, (20, 20)).astype(np.uint8)
                pixels[:6] = 250
                Image.fromarray(np.rot90(pixels, turn // 90).copy()).save(tmp_path / split / str(turn) / f"{i}.png")
    (tmp_path / "val" / "180").mkdir()
    images = read(tmp_path, DataConfig())
    assert images.classes == ["0", "180", "270", "90"]
    tops = images.pixels[:, :6].mean(axis=(1, 2, 3)) > 200
    assert (tops == (images.labels == 0)).all()
    task = make_task(augment="none")
    prepared = task.prepare(images)
    model = train(task, prepared, epochs=6)
    assert task.evaluate(task.outputs(model, prepared.test))["accuracy"]["value"] == 1


def test_batch_normalisation_begins_with_the_statistics_of_the_pictures(folder):
    task = make_task(augment="none")
    prepared = task.prepare(read_images(folder, DataConfig()))
    model = architectures.load("cnn", task=task.name, **prepared.dims)
    layer = next(layer for layer in model.modules() if isinstance(layer, torch.nn.BatchNorm2d))
    seen: list[torch.Tensor] = []
    layer.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    task.begin(model, prepared)
    assert torch.equal(torch.rand(1), expected)  # the training draws as if nothing had been
    torch.testing.assert_close(layer.running_mean, seen[0].mean(dim=(0, 2, 3)))
    torch.testing.assert_close(layer.running_var, seen[0].var(dim=(0, 2, 3)))
    assert layer.momentum == torch.nn.BatchNorm2d(1).momentum
    assert len(seen[0]) == len(prepared.train)
