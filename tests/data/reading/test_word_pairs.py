"""Rated pairs are recognised in every usual form, and a text is not taken for them."""

import pandas as pd
import pytest

from deepglass.data.reading.word_pairs import read_pairs

PAIRS = [("tiger", "cat", 7.35), ("book", "paper", 7.46)]


@pytest.mark.parametrize("separator", ["\t", ",", ";", " ", "  "])
@pytest.mark.parametrize("header", [[], [("word", "other", "mean")], [("# of 2002", "", "")]])
def test_pairs_are_read_with_any_separator(separator, header, tmp_path):
    lines = [separator.join(map(str, row)) for row in [*header, *PAIRS]]
    (tmp_path / "pairs.txt").write_text("\n".join(lines) + "\n\n")
    assert read_pairs(tmp_path / "pairs.txt") == PAIRS
    assert read_pairs(str(tmp_path / "pairs.txt")) == PAIRS


def test_pairs_come_as_a_frame_or_a_list():
    assert read_pairs(PAIRS) == PAIRS
    assert read_pairs(pd.DataFrame(PAIRS)) == PAIRS


@pytest.mark.parametrize("content", ["", "one line", "a b c\nd e f", "a b 1\nc d", "a b 1"])
def test_what_is_no_list_of_pairs_is_left_to_others(content, tmp_path):
    (tmp_path / "text.txt").write_text(content)
    assert read_pairs(tmp_path / "text.txt") is None


@pytest.mark.parametrize("odd", [None, 7, "nope", [], [("a", "b")], [("a", "b", "c")]])
def test_odd_inputs_are_left_to_others(odd):
    assert read_pairs(odd) is None
