"""What is near a word, and where a sum of words leads."""

import numpy as np
import pytest

from deepglass.core.errors import DataError, OptionError
from deepglass.data.word_vectors import WordVectors, parsed

WORDS = ["king", "queen", "man", "woman", "apple"]
VECTORS = np.array([[1, 1, 0], [1, -1, 0], [0.1, 1, 0], [0.1, -1, 0], [0, 0, 1]], np.float32)


@pytest.fixture
def vectors():
    return WordVectors(WORDS, VECTORS)


def test_an_analogy_leads_where_it_should(vectors):
    assert vectors.near("king - man + woman")[0][0] == "queen"
    assert vectors.near("king − man + woman", 1)[0][0] == "queen"
    assert "king" not in [word for word, _ in vectors.near("king - man + woman")]


def test_the_nearest_come_first_with_their_cosines(vectors):
    near = vectors.near("king", 2)
    assert [word for word, _ in near] == ["man", "apple"] or near[0][0] == "man"
    assert near[0][1] == pytest.approx(vectors.likeness("king", "man"), abs=1e-6)
    assert vectors.likeness("king", "king") == pytest.approx(1.0)


def test_a_word_is_found_as_it_is_written_or_in_lower_case(vectors):
    assert vectors.place("King") == 0
    assert vectors.place("nothing") is None


@pytest.mark.parametrize("query", ["", "+", "king -", " "])
def test_a_sum_without_words_is_refused(vectors, query):
    with pytest.raises(OptionError, match="which word"):
        vectors.near(query)


@pytest.mark.parametrize("count", [0, -3])
def test_a_count_out_of_range_is_refused(vectors, count):
    with pytest.raises(OptionError, match="--count"):
        vectors.near("king", count)


def test_an_unknown_word_is_named_with_what_may_be_meant(vectors):
    with pytest.raises(DataError, match=r"'qeen' has no vector: .* did you mean queen"):
        vectors.near("qeen")


def test_signs_belong_to_the_word_behind_them():
    assert parsed("a - b c + d") == [(1.0, "a"), (-1.0, "b"), (1.0, "c"), (1.0, "d")]
    assert parsed("- a") == [(-1.0, "a")]
