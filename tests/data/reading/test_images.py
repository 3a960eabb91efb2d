"""Folders of pictures: classes, splits, memory, and folders that do not fit."""

import numpy as np
import pytest
from PIL import Image

from deepglass.core.errors import DataError, OptionError
from deepglass.data.config import DataConfig
from deepglass.data.reading.decode import decode
from deepglass.data.reading.images import read_images
from deepglass.data.reading.source import read

CONFIG = DataConfig()


def fill(folder, classes=("cat", "dog"), count=3, size=(8, 6), mode="RGB"):
    for position, name in enumerate(classes):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            Image.new(mode, size, None if mode == "1" else position * 50 + number).save(folder / name / f"{number}.png")
    return folder


def test_a_folder_a_class(tmp_path):
    images = read(fill(tmp_path / "pets"), CONFIG)
    assert images.classes == ["cat", "dog"]
    assert images.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert images.pixels.shape == (6, 6, 8, 3)
    assert images.pixels.dtype == np.uint8
    assert images.splits == {}


def test_grey_pictures_have_one_channel(tmp_path):
    assert read(fill(tmp_path / "pets", mode="L"), CONFIG).pixels.shape == (6, 6, 8, 1)


@pytest.mark.parametrize("val", ["val", "valid", "validation", "dev"])
def test_folders_named_after_splits(tmp_path, val):
    for split in ("train", val, "test"):
        fill(tmp_path / split, count=2)
    images = read(tmp_path, CONFIG)
    assert {split: rows.tolist() for split, rows in images.splits.items()} == {
        "train": [0, 1, 2, 3], "val": [4, 5, 6, 7], "test": [8, 9, 10, 11],
    }  # fmt: skip


def test_a_test_folder_of_its_own(tmp_path):
    fill(tmp_path / "pets")
    fill(tmp_path / "others", count=1)
    images = read(tmp_path / "pets", DataConfig(test=str(tmp_path / "others")))
    assert {split: len(rows) for split, rows in images.splits.items()} == {"train": 6, "test": 2}


def test_classes_named_like_splits_are_classes(tmp_path):
    assert read(fill(tmp_path / "vehicles", classes=("train", "bus")), CONFIG).classes == ["bus", "train"]


def test_unknown_classes_of_a_test_folder_are_named(tmp_path):
    fill(tmp_path / "train")
    fill(tmp_path / "test", classes=("cat", "cow"))
    with pytest.raises(DataError, match=r"test has 1 class that .*train does not have \(cow\): expected cat, dog"):
        read(tmp_path, CONFIG)


def test_pictures_of_several_sizes_stay_in_their_files(tmp_path):
    fill(tmp_path / "pets", classes=("cat",))
    fill(tmp_path / "pets", classes=("dog",), size=(20, 10))
    images = read(tmp_path / "pets", CONFIG)
    assert images.pixels is None
    assert [decode(path, images.channels).shape for path in images.paths] == [(6, 8, 3)] * 3 + [(10, 20, 3)] * 3
    assert any(guess.what == "sizes" for guess in images.guesses)


def test_pictures_beyond_the_budget_stay_in_their_files(tmp_path):
    folder = fill(tmp_path / "pets")
    size = 6 * 6 * 8 * 3
    assert read_images(folder, CONFIG, budget=size).pixels is not None
    assert read_images(folder, CONFIG, budget=size - 1).pixels is None


def test_broken_pictures_are_reported_together(tmp_path):
    folder = fill(tmp_path / "pets")
    (folder / "cat" / "a.jpg").write_text("words")
    (folder / "dog" / "b.png").write_bytes(b"")
    with pytest.raises(DataError, match=r"2 pictures cannot be read:\n.*a.jpg is text.*\n.*b.png is empty"):
        read(folder, CONFIG)


def test_a_truncated_picture_is_named(tmp_path):
    folder = fill(tmp_path / "pets")
    noise = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    Image.fromarray(noise).save(folder / "cat" / "half.png")
    content = (folder / "cat" / "half.png").read_bytes()
    (folder / "cat" / "half.png").write_bytes(content[: len(content) // 2])
    with pytest.raises(DataError, match=r"half.png is truncated"):
        read(folder, CONFIG)


def test_conversions_are_guesses(tmp_path):
    folder = fill(tmp_path / "pets")
    Image.new("CMYK", (8, 6)).save(folder / "cat" / "c.jpg")
    frames = [Image.new("L", (8, 6), value) for value in (10, 200)]
    frames[0].save(folder / "dog" / "d.gif", save_all=True, append_images=frames[1:])
    words = " ".join(str(guess) for guess in read(folder, CONFIG).guesses)
    assert "1 CMYK" in words
    assert "first frame (1 picture" in words


def test_one_picture_and_a_folder_without_classes_have_no_labels(tmp_path):
    folder = fill(tmp_path / "pets", classes=("cat",))
    for source in (folder / "cat" / "0.png", folder / "cat"):
        images = read(source, CONFIG)
        assert images.labels is None
        assert images.classes == []


def test_loose_pictures_beside_classes_are_named(tmp_path):
    folder = fill(tmp_path / "pets")
    Image.new("L", (8, 6)).save(folder / "loose.png")
    with pytest.raises(DataError, match=r"1 picture outside the folders of its classes \(loose.png\)"):
        read(folder, CONFIG)


def test_classes_can_be_chosen(tmp_path):
    folder = fill(tmp_path / "pets", classes=("cat", "cow", "dog"))
    assert read(folder, DataConfig(classes="dog,cat")).classes == ["cat", "dog"]
    with pytest.raises(OptionError, match="'pig' does not occur"):
        read(folder, DataConfig(classes="pig"))


def test_hidden_files_and_other_files_are_no_pictures(tmp_path):
    folder = fill(tmp_path / "pets")
    (folder / "cat" / ".hidden.png").write_text("")
    (folder / "cat" / "notes.txt").write_text("not a picture")
    assert len(read(folder, CONFIG)) == 6


def test_max_rows_takes_pictures_of_every_class(tmp_path):
    images = read(fill(tmp_path / "pets", count=10), DataConfig(max_rows=4))
    assert len(images) == 4
    assert set(images.labels.tolist()) == {0, 1}


def test_a_folder_of_nothing_known_says_what_it_holds(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"RIFF")
    with pytest.raises(DataError, match=r"holds files ending in .wav: expected a table"):
        read(tmp_path, CONFIG)
