"""`deepglass near`: neighbours, sums and likeness of a file of vectors; what cannot be asked."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from deepglass.cli.main import app
from deepglass.core.errors import DeepglassError
from deepglass.data.reading.vector_files import read_vectors, write_vectors
from deepglass.data.word_vectors import WordVectors


@pytest.fixture
def file(tmp_path):
    words, rows = ["king", "queen", "man", "woman"], [[1, 1], [1, -1], [0.1, 1], [0.1, -1]]
    write_vectors(WordVectors(words, np.array(rows, np.float32)), tmp_path / "v.txt")
    return tmp_path / "v.txt"


def near(*arguments):
    return CliRunner().invoke(app, ["near", *map(str, arguments)])


@pytest.mark.parametrize("query", [["king", "-", "man", "+", "woman"], ["king - man + woman"]])
def test_a_sum_is_asked_with_and_without_quotes(file, query):
    found = json.loads(near(file, *query, "--json").stdout)
    assert found["near"][0]["word"] == "queen"


def test_two_words_are_compared(file):
    assert json.loads(near(file, "king", "--like", "king", "--json").stdout)["similarity"] == pytest.approx(1)


def test_vectors_are_written_in_the_other_form(file, tmp_path):
    assert near(file, "--output", tmp_path / "v.bin").exit_code == 0
    assert np.allclose(read_vectors(tmp_path / "v.bin").vectors, read_vectors(file).vectors)


@pytest.mark.parametrize("arguments", [[], ["unheard"], ["king", "-"], ["king", "--count", "0"]])
def test_what_cannot_be_asked_is_refused_in_words(file, arguments):
    assert isinstance(near(file, *arguments).exception, DeepglassError)


def test_what_is_not_there_is_refused_in_words(tmp_path):
    assert isinstance(near(tmp_path / "absent", "king").exception, DeepglassError)
