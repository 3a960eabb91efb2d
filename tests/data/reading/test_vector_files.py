"""Files of vectors: the usual forms are read and written, broken ones are named with the line."""

import numpy as np
import pytest

from deepglass.core.errors import DataError
from deepglass.data.reading.vector_files import read_vectors, write_vectors
from deepglass.data.word_vectors import WordVectors
from tests.shared_data import shared

WORDS = ["sea", "naïve", "東京", "👍"]
VECTORS = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)


@pytest.mark.parametrize("name", ["a.txt", "a.vec", "a.bin", "a.txt.gz", "a.bin.gz"])
def test_what_is_written_is_read(name, tmp_path):
    write_vectors(WordVectors(WORDS, VECTORS), tmp_path / name)
    again = read_vectors(tmp_path / name)
    assert again.words == WORDS
    assert np.allclose(again.vectors, VECTORS, rtol=1e-5)


def test_binary_keeps_every_bit(tmp_path):
    write_vectors(WordVectors(WORDS, VECTORS), tmp_path / "a.bin")
    assert np.array_equal(read_vectors(tmp_path / "a.bin").vectors, VECTORS)
    assert (tmp_path / "a.bin").read_bytes().startswith(b"4 3\nsea ")


def test_text_with_and_without_a_header_and_words_with_blanks(tmp_path):
    (tmp_path / "glove.txt").write_text("the 0.5 -1\nnew york 1 2\n\n. 3 4\n")
    found = read_vectors(tmp_path / "glove.txt")
    assert found.words == ["the", "new york", "."]
    assert found.vectors.tolist() == [[0.5, -1], [1, 2], [3, 4]]
    (tmp_path / "w2v.txt").write_text("2 2\na 1 2 \nb 3 4 \n")
    assert read_vectors(tmp_path / "w2v.txt").words == ["a", "b"]


def test_the_first_of_a_word_that_stands_twice_is_taken(tmp_path):
    (tmp_path / "a.txt").write_text("a 1 2\nb 3 4\na 5 6\n")
    found = read_vectors(tmp_path / "a.txt")
    assert found.words == ["a", "b"]
    assert found.vectors[0].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.txt", b"a 1 2\nb 3\n", "line 2"),
        ("a.txt", b"a 1 2\nb 3 x\n", "line 2"),
        ("a.txt", b"a 1 nan\n", "line 1"),
        ("a.txt", b"alone\n", "line 1"),
        ("a.txt", b"", "no vectors"),
        ("a.bin", b"", "begins with"),
        ("a.bin", b"2 2\nsea " + b"\0" * 8, "word 2 of 2"),
        ("a.bin", b"9999999999 3\n", "begins with"),
        ("a.txt.gz", b"\x1f\x8bbroken", "cannot be read"),
    ],
)
def test_what_is_broken_is_named(name, content, said, tmp_path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=said):
        read_vectors(tmp_path / name)
    with pytest.raises(DataError, match="does not exist"):
        read_vectors(tmp_path / "absent.txt")


def test_published_vectors_are_read_and_near_words_are_near():
    vectors = read_vectors(shared("glove-50d-top", "glove.6B.50d.top2445.txt"))
    assert vectors.vectors.shape == (2445, 50)
    assert vectors.near("king - man + woman", 1)[0][0] == "queen"
