"""One look at every picture: blank ones, copies, groups; each finding in one sentence, in `check` and `train` alike."""

import numpy as np
import pytest
from PIL import Image

from deepglass.data.check import inspect
from deepglass.data.config import DataConfig
from deepglass.data.containers import Images
from deepglass.data.picture_survey import survey, thumbnails
from deepglass.data.reading.source import read
from deepglass.tasks.image_classification import Config, Task
from tests.data.made_pictures import frames, photograph


def save(folder, pictures, labels, names):
    for picture, label, name in zip(pictures, labels, names, strict=True):
        path = folder / label / name
        path.parent.mkdir(parents=True, exist_ok=True)
        (picture if isinstance(picture, Image.Image) else Image.fromarray(picture)).save(path)
    return folder


def photographs(folder, count=60, size=40):
    rng = np.random.default_rng(0)
    names = [f"{i:03}.png" for i in range(count)]
    return save(folder, [photograph(rng, size) for _ in range(count)], ["ab"[i % 2] for i in range(count)], names)


def sentences(images):
    return survey(images).sentences(images)


def test_plain_photographs_say_nothing(tmp_path):
    images = read(photographs(tmp_path / "photos"), DataConfig())
    assert sentences(images) == []
    assert survey(images) is survey(images)


def test_blank_pictures_are_counted_and_named_in_one_sentence(tmp_path):
    folder = photographs(tmp_path / "photos")
    for i in range(8):
        Image.new("RGB", (40, 40), (i, i, i)).save(folder / "a" / f"blank{i}.png")
    (sentence,) = sentences(read(folder, DataConfig()))
    assert sentence.startswith(
        "8 pictures show one colour throughout (a/blank0.png, a/blank1.png, a/blank2.png … (8 in"
    )
    assert inspect(read(folder, DataConfig()), DataConfig()).warnings == [sentence]


def test_copies_between_declared_splits(tmp_path):
    folder = photographs(tmp_path / "photos" / "train")
    (tmp_path / "photos" / "test").mkdir()
    photographs(tmp_path / "photos" / "test", 20, 40)  # the same seed: the first twenty again
    images = read(tmp_path / "photos", DataConfig())
    (sentence,) = sentences(images)
    assert sentence.startswith(
        "20 test pictures of 20 are near copies of training pictures (a/000.png and a/000.png for"
    )
    assert "the test score will flatter" in sentence
    prepared = Task(DataConfig(), Config(), 0).prepare(images)
    assert sentence in prepared.remarks
    assert folder.exists()


def test_copies_with_other_classes_are_doubtful_labels(tmp_path):
    folder = photographs(tmp_path / "photos")
    for i in (0, 2):
        (folder / "b" / f"copy{i}.png").write_bytes((folder / "a" / f"{i:03}.png").read_bytes())
    images = read(folder, DataConfig())
    assert "2 pairs of near copies carry different classes: one of each may be wrong" in sentences(images)


def test_frames_are_kept_together_and_names_offer_their_group(tmp_path):
    pictures, labels, person = frames(12, 10)
    names = [f"patient{p:02}_frame{i:03}.png" for i, p in enumerate(person)]
    folder = save(tmp_path / "frames", pictures, [("well", "sick")[label] for label in labels], names)
    images = read(folder, DataConfig())
    findings = inspect(images, DataConfig())
    assert any("12 groups of look-alikes" in guess for guess in findings.guesses)
    assert findings.images["found"]["near copies"] == 120
    (warning,) = findings.warnings
    assert warning.startswith("the names form 12 groups (what follows 'patient' in the names, such as '01')")
    assert "--group-from-name auto" in warning
    prepared = Task(DataConfig(), Config(augment="none"), 0).prepare(images)
    sides = [{images.names[row].rpartition("/")[2][:9] for row in rows} for rows in prepared.ids.values()]
    assert sum(map(len, sides)) == 12 == len(set.union(*sides))
    assert prepared.remarks == findings.warnings
    assert any(guess.what == "near copies" for guess in prepared.guesses)


def test_copies_may_be_left_to_chance_and_then_warn(tmp_path):
    pictures, labels, person = frames(12, 10)
    folder = save(tmp_path / "frames", pictures, ["ab"[y] for y in labels], [f"{i:03}.png" for i in range(120)])
    images = read(folder, DataConfig())
    prepared = Task(DataConfig(), Config(augment="none", near_copies="apart"), 0).prepare(images)
    (remark,) = prepared.remarks
    assert remark.startswith("120 pictures of 120 are near copies of another")
    assert set(person[prepared.ids["train"]]) & set(person[prepared.ids["test"]])


def test_one_large_group_of_copies_is_not_made_a_side_of_the_split():
    """Without a fair split of whole groups, the user is warned instead."""
    pictures, labels, _ = frames(4, 30)
    images = Images("frames", labels, ["a", "b"], 1, pixels=pictures[..., None])
    groups, guesses = survey(images).together(images)
    assert (groups, guesses) == (None, [])


def test_groups_that_declared_splits_part_are_told(tmp_path):
    rng = np.random.default_rng(0)
    for split in ("train", "test"):
        names = [f"patient{i // 4}_{split}{i}.png" for i in range(40)]
        save(tmp_path / split, [photograph(rng, 24) for _ in range(40)], ["ab"[i // 4 % 2] for i in range(40)], names)
    for config in (DataConfig(), DataConfig(group_from_name="patient")):
        (sentence,) = sentences(read(tmp_path, config))
        assert sentence.startswith("10 groups of pictures (0, 1, 2 … (10 in all)) are in training and test")


def test_clusters_without_names_are_told(tmp_path):
    pictures, labels, _ = frames(24, 20, noise=40)
    images = Images("faces", labels, ["a", "b"], 1, pixels=pictures[..., None])
    (sentence,) = sentences(images)
    assert "come in clusters of about" in sentence
    images = Images("faces", labels, ["a", "b"], 1, pixels=pictures[..., None])
    images.groups = np.repeat(np.arange(24), 20).astype(str)
    assert sentences(images) == []


@pytest.mark.parametrize("ending", ["jpg", "png"])
def test_files_and_arrays_give_nearly_the_same_thumbnails(tmp_path, ending):
    rng = np.random.default_rng(0)
    pictures = [photograph(rng, 96) for _ in range(4)]
    for i, picture in enumerate(pictures):
        picture.save(tmp_path / f"{i}.{ending}", **({"quality": 95} if ending == "jpg" else {}))
    in_files = Images("f", None, [], 3, paths=[tmp_path / f"{i}.{ending}" for i in range(4)])
    in_memory = Images("m", None, [], 3, pixels=np.stack([np.asarray(picture) for picture in pictures]))
    (first, blank), (second, _) = (thumbnails(images, np.arange(4)) for images in (in_files, in_memory))
    assert first.shape == second.shape == (4, 32, 32, 3)
    assert np.abs(first.astype(int) - second).mean() < 3
    assert not blank.any()


@pytest.mark.parametrize("channels", [1, 2, 3, 5])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_thumbnails_of_any_array(channels, dtype):
    pixels = np.random.default_rng(0).integers(0, 200, (3, 20, 50, channels)).astype(dtype)
    pixels[1] = 7
    small, blank = thumbnails(Images("m", None, [], channels, pixels=pixels), np.arange(3))
    assert small.shape == (3, 32, 32, channels if channels in (1, 3) else 1)
    assert blank.tolist() == [False, True, False]


def test_of_a_large_folder_runs_of_neighbours_are_looked_at(monkeypatch, tmp_path):
    monkeypatch.setattr("deepglass.data.picture_survey.MOST_FILES", 20)
    monkeypatch.setattr("deepglass.data.picture_survey.RUN", 5)
    folder = photographs(tmp_path / "photos", 60)
    for i in range(60):
        Image.open(folder / "ab"[i % 2] / f"{i:03}.png").crop((0, 0, 39, 38 + i % 2)).save(
            folder / "ab"[i % 2] / f"{i:03}.png"
        )
    images = read(folder, DataConfig())
    assert images.paths is not None
    rows = survey(images).looked_at
    assert len(rows) == 20
    assert rows[:5].tolist() == [0, 1, 2, 3, 4]
