"""One's own texts in pieces that can be found."""

import pytest

from deepglass.core.errors import DataError
from deepglass.data.config import DataConfig
from deepglass.data.reading.passages import passages_of


def found(texts):
    return passages_of(texts, DataConfig())


def test_paragraphs_lines_rows_and_replies_are_passages(tmp_path):
    (tmp_path / "a.txt").write_text("one\ntwo\n\n three \n \n\nfour")
    (tmp_path / "b.md").write_text("first line\nsecond line\n")
    assert found(tmp_path / "a.txt") == [
        ("a.txt, passage 1", "one two"), ("a.txt, passage 2", "three"), ("a.txt, passage 3", "four"),
    ]  # fmt: skip
    assert [text for _, text in found(tmp_path)] == ["one two", "three", "four", "first line", "second line"]
    rows = [f"{i},what one may say about the number {i} and its friends" for i in range(30)]
    (tmp_path / "faq.csv").write_text("\n".join(["id,text", *rows]))
    assert found(str(tmp_path / "faq.csv"))[4] == ("faq.csv, row 5", rows[4].split(",")[1])
    (tmp_path / "talk.jsonl").write_text('{"messages": [{"role": "user", "content": "hi"}, '
                                         '{"role": "assistant", "content": "hello"}]}\n' * 3)  # fmt: skip
    assert found(tmp_path / "talk.jsonl") == [("talk.jsonl, reply 1", "hello")]
    assert found(["a text of its own", ""]) == [("text", "a text of its own")]


def test_what_holds_no_passage_is_named(tmp_path):
    (tmp_path / "hollow").mkdir()
    (tmp_path / "numbers.csv").write_text("a,b\n1,2\n3,4\n")
    for texts, named in (
        ("absent.txt", "absent.txt"), (tmp_path / "hollow", "hollow"), (tmp_path / "numbers.csv", "numbers.csv"),
        ([""], "no passage"), ([], "no texts"), ([object()], "expected a text"),
    ):  # fmt: skip
        with pytest.raises(DataError, match=named):
            found(texts)
