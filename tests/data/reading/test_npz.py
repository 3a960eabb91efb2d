"""NumPy's files: names say which array is what."""

import numpy as np
import pytest

from deepglass.core.errors import DataError
from deepglass.data.config import DataConfig
from deepglass.data.preprocess.image import read_inputs
from deepglass.data.reading.npz import _meaning
from deepglass.data.reading.source import read

RNG = np.random.default_rng(0)
CONFIG = DataConfig()


def pictures(count):
    return RNG.integers(0, 256, (count, 8, 8), dtype=np.uint8)


def labels(count):
    return (np.arange(count) % 3).astype(np.uint8)[:, None]


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("train_images", ("train", "x")), ("val_labels", ("val", "y")), ("x_train", ("train", "x")),
        ("y_test", ("test", "y")), ("X", (None, "x")), ("y", (None, "y")), ("images", (None, "x")),
        ("test_labels", ("test", "y")), ("X_valid", ("val", "x")), ("xtrain", ("train", "x")),
        ("trainImages", ("train", "x")), ("data", (None, "x")), ("target", (None, "y")), ("mean", (None, None)),
    ],
)  # fmt: skip
def test_names(name, meaning):
    assert _meaning(name) == meaning


def test_train_val_and_test_as_in_medmnist(tmp_path):
    sizes = {"train": 12, "val": 3, "test": 6}
    arrays = {f"{split}_images": pictures(count) for split, count in sizes.items()}
    arrays |= {f"{split}_labels": labels(count) for split, count in sizes.items()}
    np.savez(tmp_path / "medical.npz", **arrays)
    images = read(tmp_path / "medical.npz", CONFIG)
    assert images.pixels.shape == (21, 8, 8, 1)
    assert images.classes == ["0", "1", "2"]
    assert {split: len(rows) for split, rows in images.splits.items()} == sizes
    np.testing.assert_array_equal(images.pixels[images.splits["test"], ..., 0], arrays["test_images"])
    np.testing.assert_array_equal(images.labels[images.splits["val"]], arrays["val_labels"].ravel())


def test_train_and_test_as_in_keras_and_a_pair_without_splits(tmp_path):
    np.savez(tmp_path / "a.npz", x_train=pictures(9), y_train=labels(9).ravel(), x_test=pictures(6), y_test=labels(6))
    assert {s: len(rows) for s, rows in read(tmp_path / "a.npz", CONFIG).splits.items()} == {"train": 9, "test": 6}
    for names in (("X", "y"), ("images", "labels"), ("arr_0", "arr_1")):
        np.savez(tmp_path / "b.npz", **dict(zip(names, (pictures(9), labels(9)))))
        images = read(tmp_path / "b.npz", CONFIG)
        assert (len(images), images.splits, len(images.classes)) == (9, {}, 3)


def test_rows_of_a_table(tmp_path):
    np.savez(tmp_path / "a.npz", X=RNG.normal(size=(30, 4)), y=np.arange(30) % 2)
    table = read(tmp_path / "a.npz", CONFIG)
    assert (table.frame.shape, table.target) == ((30, 5), "target")


def test_one_npy_its_labels_beside_it_and_a_folder_of_them(tmp_path):
    for split, count in (("train", 9), ("test", 6)):
        np.save(tmp_path / f"X_{split}.npy", pictures(count))
        np.save(tmp_path / f"y_{split}.npy", labels(count))
    images = read(tmp_path / "X_test.npy", CONFIG)
    assert (len(images), images.classes) == (6, ["0", "1", "2"])
    assert {s: len(rows) for s, rows in read(tmp_path, CONFIG).splits.items()} == {"train": 9, "test": 6}
    np.save(tmp_path / "stack.npy", pictures(4))
    assert read(tmp_path / "stack.npy", CONFIG).labels is None


def test_they_can_be_predicted(tmp_path):
    np.savez(tmp_path / "new.npz", images=pictures(5))
    images, names = read_inputs(tmp_path / "new.npz", 1, CONFIG)
    assert (len(images), names) == (5, {"row": [0, 1, 2, 3, 4]})
    np.savez(tmp_path / "test.npz", x_test=pictures(2))
    assert len(read_inputs(str(tmp_path / "test.npz"), 1, CONFIG)[0]) == 2


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"a": np.zeros(3), "b": np.zeros((2, 2))}, r"holds the arrays a 3, b 2x2: expected names such as X and y"),
        ({"X": np.array([object()]), "y": np.zeros(1)}, "X of .*bad.npz holds pickled objects"),
        ({"x_train": pictures(6), "y_train": labels(6) * 0, "x_test": pictures(3), "y_test": labels(3)},
         r"test has classes that train does not have \(1, 2\)"),
        ({"x_train": pictures(6), "x_test": np.zeros((3, 9, 9), np.uint8)}, "pictures of shapes"),
        ({"X": pictures(6), "y": np.zeros(5)}, "X has 6 rows and y has 5"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said(tmp_path, arrays, message):
    np.savez(tmp_path / "bad.npz", **arrays)
    with pytest.raises(DataError, match=message):
        read(tmp_path / "bad.npz", CONFIG)


def test_damaged_files_are_named(tmp_path):
    (tmp_path / "a.npz").write_bytes(b"PK\x03\x04 no archive")
    (tmp_path / "b.npy").write_bytes(b"\x93NUMPY\x01\0 no array")
    (tmp_path / "c.npz").write_bytes(b"")
    for name in ("a.npz", "b.npy", "c.npz"):
        with pytest.raises(DataError, match=name):
            read(tmp_path / name, CONFIG)
