"""Data, seen: every kind that can be read, and nothing of a file becomes a part of the page."""

import re

import numpy as np
import pytest

from deepglass.core.errors import DataError
from deepglass.see.data import histogram, look


def test_a_table_shows_its_columns_and_rows(tmp_path):
    path = tmp_path / "shop.csv"
    lines = [f"{i * 0.5},{'red' if i % 3 else 'blue'},2024-01-{i % 28 + 1:02d},{i % 2}" for i in range(60)]
    path.write_text("x,colour,day,label\n" + "\n".join(lines))
    found = look(str(path))
    assert found.kind == "table"
    assert found.size == {"rows": 60, "columns": 4}
    assert found.task == "tabular-classification" or found.task
    assert "label" in found.targets
    assert re.search(r'aria-label="x: from 0 to 29.5, median 14.8', found.html)
    assert "<dt>red</dt><dd>40 (67%)</dd>" in found.html
    assert "2024-01-01 00:00:00 to 2024-01-28" in found.html
    assert found.html.count("<tr>") == 9


def test_what_is_written_in_a_file_stays_text(tmp_path):
    evil = '<script>alert(1)</script>"&'
    path = tmp_path / "evil.csv"
    rows = "\n".join(f'"{evil.replace(chr(34), chr(34) * 2)} {i % 3}",{i}' for i in range(30))
    path.write_text(f'"{evil.replace(chr(34), chr(34) * 2)}","<img src=x onerror=y>"\n{rows}\n')
    html = look(str(path)).html
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html


def test_pictures_are_shown_with_their_class(tmp_path):
    from PIL import Image

    for name in ("cat", "dog & co"):
        (tmp_path / "animals" / name).mkdir(parents=True)
        for i in range(6):
            pixels = np.random.default_rng(i).integers(0, 255, (200, 150, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "animals" / name / f"{i}.png")
    found = look(str(tmp_path / "animals"))
    images = re.findall(r'<img src="data:image/png;base64,[^"]+" alt="([^"]+)"', found.html)
    assert len(images) == 12
    assert "example: dog &amp; co" in images


@pytest.mark.parametrize("name", ["digits", "shakespeare", "shapes-with-boxes", "co2", "reviews"])
def test_bundled_data_of_every_kind_are_shown(name):
    found = look(name)
    assert found.task
    assert found.html


@pytest.mark.parametrize(
    ("name", "content"),
    [("empty.csv", b""), ("broken.parquet", b"PAR1 and no more"), ("broken.csv.gz", b"\x1f\x8bnothing"),
     ("noise.png", b"\x89PNG\r\n\x1a\n"), ("zeros.npz", b"PK\x03\x04")],
)  # fmt: skip
def test_data_that_are_broken_are_refused_with_a_sentence(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=re.escape(name.partition(".")[0])):
        look(str(tmp_path / name))


def test_a_histogram_says_where_most_values_are():
    picture = histogram("size", np.array([0.0] * 9 + [14.0]))
    assert 'aria-label="size: from 0 to 14, median 0; most values between 0 and 1"' in picture
    assert histogram("size", np.array([np.nan, np.inf])) == ""
    assert "<rect" in histogram("same", np.ones(5))
