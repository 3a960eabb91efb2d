"""A file of weights by hand is a safetensors file, and no claim of a stranger's header is believed unseen."""

import json

import numpy as np
import pytest
from safetensors.numpy import load, save

from deepglass.glass.foundations.weight_file import DTYPES, header_of, read, write


def tensors(seed=0):
    rng = np.random.default_rng(seed)
    made = {name: (9 * rng.normal(size=(3, 2))).astype(code) for name, code in DTYPES.items()}
    return made | {"none": np.zeros((0, 4), np.float32), "one": np.array(2.5, np.float32), "ünï": np.ones(1)}


def same(one, other):
    return one.keys() == other.keys() and all(
        one[k].dtype == other[k].dtype and one[k].shape == other[k].shape and one[k].tobytes() == other[k].tobytes()
        for k in one
    )


def test_what_is_written_is_read_by_safetensors_and_the_other_way_round():
    assert same(load(write(tensors())), tensors())
    assert same(read(save(tensors())), tensors())
    assert same(read(save(tensors(), {"author": "somebody"})), tensors())


def test_the_numbers_begin_at_a_multiple_of_eight_and_lie_row_by_row():
    content = write({"w": np.array([[1, 2], [3, 4]], np.float32).T})
    header, start = header_of(content)
    assert start % 8 == 0
    assert content[start:] == np.array([1, 3, 2, 4], "<f4").tobytes()
    assert header == {"w": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}}


def test_what_the_format_does_not_know_is_refused_by_name():
    with pytest.raises(TypeError, match="complex128 under 'w'"):
        write({"w": np.zeros(2, complex)})


def forged(entry):
    text = json.dumps({"w": entry}).encode()
    return len(text).to_bytes(8, "little") + text + bytes(16)


@pytest.mark.parametrize(
    "entry",
    [
        {"dtype": "F32", "shape": [4], "data_offsets": [0, 12]},
        {"dtype": "F32", "shape": [5], "data_offsets": [0, 20]},
        {"dtype": "F32", "shape": [-4], "data_offsets": [0, -16]},
        {"dtype": "F32", "shape": [1], "data_offsets": [-4, 0]},
        {"dtype": "F99", "shape": [4], "data_offsets": [0, 16]},
        {"dtype": "F32", "shape": "four", "data_offsets": [0, 16]},
        {"dtype": "F32", "shape": [4], "data_offsets": [0]},
        ["F32", 4],
    ],
)
def test_a_header_that_claims_what_does_not_fit_is_refused(entry):
    assert read(forged({"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}))["w"].shape == (4,)
    with pytest.raises(ValueError, match="'w'"):
        read(forged(entry))


@pytest.mark.parametrize("content", [b"", b"\x01", (1 << 60).to_bytes(8, "little"), write(tensors())[:40]])
def test_a_file_that_is_cut_off_is_refused(content):
    with pytest.raises(ValueError, match="cut off"):
        read(content)


@pytest.mark.parametrize("text", [b"[1,\xff", b"[1]", b"7"])
def test_a_header_that_is_no_object_is_refused(text):
    with pytest.raises(ValueError, match="header is damaged"):
        read(len(text).to_bytes(8, "little") + text)
