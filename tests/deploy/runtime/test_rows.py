"""Delimited text as programs write it: line ends of three kinds, empty lines, quotes that never end."""

import time

import pytest

from deepglass.deploy.runtime.errors import BodyError
from deepglass.deploy.runtime.rows import rows_of

READING = {"delimiter": ",", "header": True, "names": ["a", "b"], "known": ["a", "b"]}
ROWS = [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]


@pytest.mark.parametrize("text", [
    "a,b\n1,2\n3,4", "a,b\r\n1,2\r\n3,4\r\n", "a,b\r1,2\r3,4\r", "a,b\r\n1,2\n3,4\r", "\r\n\na,b\n\n1,2\n\r3,4\n\n\n",
    "a;b\n1;2\n3;4", "b\ta\r2\t1\r4\t3", '"a","b"\n"1","2"\r"3","4"',
])  # fmt: skip
def test_lines_end_as_every_system_ends_them(text):
    assert rows_of(text, READING) == ROWS


def test_a_line_end_inside_of_a_cell_stays_there():
    assert rows_of('a,b\r\n"1\r\n1",2', READING) == [{"a": "1\r\n1", "b": "2"}]


@pytest.mark.parametrize("text", [
    "\n" * 500_000 + "a,b\n1,2", "\r\n" * 500_000 + "x", "a,b\n" + "\r" * 500_000 + "1,2", 'a,b\n1,"' + "x\n" * 500_000,
    "a,b\n" + '"' * 500_001, "," * 500_000,
])  # fmt: skip
def test_a_text_of_nearly_nothing_is_refused_at_once(text):
    begun = time.thread_time()
    with pytest.raises(BodyError):
        rows_of(text, READING, most_cells=300_000)
    assert time.thread_time() - begun < 3
