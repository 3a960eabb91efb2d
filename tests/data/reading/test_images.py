"""Folders of pictures: classes, splits, memory, and folders that do not fit."""

import numpy as np
import pytest
from PIL import Image

from deepglass.core.errors import DataError, OptionError
from deepglass.data.config import DataConfig
from deepglass.data.reading.decode import decode
from deepglass.data.reading.images import read_images
from deepglass.data.reading.source import read
from deepglass.runs.job import plan_job

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
    assert "frames or pages: the first (1 picture of several" in words


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
    (tmp_path / "a.xyz").write_bytes(b"RIFF")
    with pytest.raises(DataError, match=r"holds files ending in .xyz: expected a table"):
        read(tmp_path, CONFIG)
    (tmp_path / "photos.zip").write_bytes(b"PK")
    with pytest.raises(DataError, match=r"unpack the archives first, for instance `unzip .*photos.zip`"):
        read(tmp_path, CONFIG)
    with pytest.raises(DataError, match=r"photos.zip is an archive: unpack it and give the folder"):
        read(tmp_path / "photos.zip", CONFIG)


def test_an_archive_that_unpacked_into_one_folder(tmp_path):
    fill(tmp_path / "pets" / "pets-2024")
    (tmp_path / "pets" / "__MACOSX").mkdir()
    (tmp_path / "pets" / "__MACOSX" / "._0.png").write_bytes(b"x")
    assert read(tmp_path / "pets", CONFIG).classes == ["cat", "dog"]


def test_splits_that_are_wrapped_in_themselves(tmp_path):
    for split in ("train", "test"):
        fill(tmp_path / f"seg_{split}" / f"seg_{split}", count=2)
    images = read(tmp_path, CONFIG)
    assert (images.classes, sorted(images.splits)) == (["cat", "dog"], ["test", "train"])


def test_a_test_folder_without_classes_is_left_aside_and_said(tmp_path):
    fill(tmp_path / "train")
    (tmp_path / "test").mkdir()
    for number in range(4):
        Image.new("RGB", (8, 6)).save(tmp_path / "test" / f"{number}.png")
    images = read(tmp_path, CONFIG)
    assert (len(images), images.splits) == (6, {})
    assert any(guess.what == "test folder" and "4 pictures" in guess.why for guess in images.guesses)
    with pytest.raises(DataError, match=r"--test .*: expected pictures in folders of their classes, got 4 without"):
        read(tmp_path / "train", DataConfig(test=str(tmp_path / "test")))


def test_pictures_that_cannot_be_read_are_named_and_left_out(tmp_path):
    folder = fill(tmp_path / "pets")
    for name in ("a.heic", "b.HEIC", "c.cr2"):
        (folder / "cat" / name).write_bytes(b"x")
    images = read(folder, CONFIG)
    assert len(images) == 6
    assert any(guess.what == "files left out" and "2 .heic" in guess.value for guess in images.guesses)
    (folder / "cow").mkdir()
    (folder / "cow" / "a.heic").write_bytes(b"x")
    with pytest.raises(DataError, match=r"does not read files ending in .cr2, .heic, and there are no others in 'cow'"):
        read(folder, CONFIG)


def test_the_training_pictures_decide_on_colour(tmp_path):
    fill(tmp_path / "train", mode="L")
    fill(tmp_path / "test", mode="RGB")
    assert read(tmp_path, CONFIG).channels == 1


def test_deep_pictures_keep_their_values(tmp_path):
    for position, name in enumerate(("dim", "bright")):
        (tmp_path / name).mkdir()
        for number in range(3):
            Image.fromarray(np.full((6, 8), 300 * position + number, np.uint16)).save(tmp_path / name / f"{number}.png")
    images = read(tmp_path, CONFIG)
    assert (images.pixels.dtype, images.channels, images.is_deep) == (np.uint16, 1, True)
    assert images.pixels[:, 0, 0, 0].tolist() == [300, 301, 302, 0, 1, 2]
    assert images.facts["depth"] == {"more than 8 bits": 6}


def test_eight_and_sixteen_bits_in_one_folder_stay_in_their_files(tmp_path):
    folder = fill(tmp_path / "scans", mode="L")
    Image.fromarray(np.full((6, 8), 3000, np.uint16)).save(folder / "cat" / "deep.png")
    images = read(folder, CONFIG)
    assert images.pixels is None
    assert images.is_deep
    assert any(guess.what == "depths" for guess in images.guesses)


def test_names_are_kept_for_messages(tmp_path):
    assert read(fill(tmp_path / "pets"), CONFIG).names[:2] == ["cat/0.png", "cat/1.png"]


def test_groups_follow_the_names_and_the_classes_that_are_kept(tmp_path):
    folder = tmp_path / "scans"
    for name in ("sick", "well", "other"):
        (folder / name).mkdir(parents=True)
        for number in range(8):
            Image.new("L", (8, 6), number).save(folder / name / f"patient{number // 2}_{number}.png")
    images = read(folder, DataConfig(group_from_name="patient", classes="sick,well"))
    assert images.groups.tolist() == list("00112233") * 2
    assert len(images.names) == 16
    assert any(guess.what == "groups" and guess.value == "4" for guess in images.guesses)


def test_a_training_of_one_class_leaves_the_others_to_be_found(tmp_path):
    """As inspection sets come: train/good, test/good, test/dent."""
    for part, kind in (("train", "good"), ("test", "good"), ("test", "dent")):
        (tmp_path / part / kind).mkdir(parents=True)
        for i in range(3):
            Image.fromarray(np.full((4, 4), 40 * i, np.uint8)).save(tmp_path / part / kind / f"{i}.png")
    images = read_images(tmp_path, CONFIG)
    assert images.classes == ["dent", "good"]
    assert [images.classes[label] for label in images.labels[images.splits["train"]]] == ["good"] * 3
    with pytest.raises(DataError, match=r"1 class without a picture to train on \(dent\)"):
        plan_job(tmp_path, "image-classification", None, {"device": "cpu"})
