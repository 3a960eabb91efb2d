"""Translation memories: a row for each unit, and nothing that is no sentence."""

import gzip
import tracemalloc
from itertools import pairwise

import pytest

import deepglass as dg
from deepglass.core.errors import DataError
from deepglass.data.containers import Table
from deepglass.data.datasets import english_german
from deepglass.data.reading.source import read
from deepglass.data.reading.tmx import read_tmx
from tests.tasks.contract.case import QUICK

UNIT = '<tu><tuv xml:lang="{}"><seg>{}</seg></tuv><tuv xml:lang="{}"><seg>{}</seg></tuv></tu>'


def memory(
    path, *units, header='<header srclang="en"/>', begin='<?xml version="1.0"?>\n<!DOCTYPE tmx SYSTEM "a.dtd">\n'
):
    path.write_text(f'{begin}<tmx version="1.4">{header}<body>{"".join(units)}</body></tmx>', encoding="utf-8")
    return path


def test_units_are_rows_and_the_source_language_comes_first(tmp_path):
    path = memory(
        tmp_path / "m.tmx",
        UNIT.format("DE", "Ein Hund &amp; ein\n Kater läuft.", "en", "A dog."),
        '<tu><tuv xml:lang="fr"><seg>Seul.</seg></tuv></tu>',
        '<tu><prop>x</prop><tuv lang="en"><seg>A <bpt i="1">&lt;b&gt;</bpt><hi>red</hi> cat<ept i="1">&lt;/b&gt;</ept>!'
        '</seg></tuv><tuv lang="de"><seg>Ein <ph>code<sub>inner</sub></ph>Kater.</seg></tuv>'
        '<tuv lang="de"><seg>Eine Katze.</seg></tuv><tuv lang="fr"><seg> </seg></tuv></tu>',
    )
    found = read(path)
    assert isinstance(found, Table)
    assert found.frame.to_dict("records") == [
        {"en": "A dog.", "de": "Ein Hund & ein Kater läuft."}, {"en": "A red cat!", "de": "Ein Kater."},
    ]  # fmt: skip
    assert any("they have one language alone" in str(guess) for guess in found.guesses)
    packed = tmp_path / "m.tmx.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert read(packed).frame.equals(found.frame)


def test_a_third_language_is_a_third_column_with_gaps(tmp_path):
    units = [UNIT.format("en", f"a {i}", "de", f"ein {i}") for i in range(3)] + [UNIT.format("en", "b", "fr", "un")]
    frame = read_tmx(memory(tmp_path / "m.tmx", *units, header='<header srclang="*all*"/>')).frame
    assert list(frame.columns) == ["en", "de", "fr"]
    assert frame.isna().sum().to_dict() == {"en": 0, "de": 1, "fr": 3}


LEVELS = [f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in pairwise("abcdefghi")]
BOMB = '<?xml version="1.0"?><!DOCTYPE tmx [<!ENTITY a "aaaaaaaaaa">' + "".join(LEVELS) + "]>"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (BOMB + '<tmx><body><tu><tuv xml:lang="en"><seg>&i;</seg></tuv></tu></body></tmx>', "defines the entity 'a'"),
        ('<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]><tmx>&x;</tmx>', "defines the entity 'x'"),
        ("<tmx><body><tu>", "not valid XML"),
        ("", "empty"),
        ("a text", "not valid XML"),
        ("<html><body/></html>", "begins with <html>: expected a translation memory"),
        ("<tmx><body/></tmx>", "0 units, none of two languages"),
        ('<tmx><tu><tuv xml:lang="en"><seg>One.</seg></tuv></tu></tmx>', "1 unit, none of two languages"),
        ('<?xml version="1.0" encoding="klingon"?><tmx/>', "not valid XML"),
    ],
)
def test_what_is_broken_or_dangerous_ends_in_a_message(content, message, tmp_path):
    path = tmp_path / "bad.tmx"
    path.write_text(content)
    tracemalloc.start()
    with pytest.raises(DataError, match=message) as caught:
        read(path)
    assert "bad.tmx" in str(caught.value)
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def test_a_memory_is_translated_and_evaluated_as_any_table(tmp_path):
    frame = english_german.load().frame.iloc[:80]
    pairs = [UNIT.format("en", row.iloc[0], "de", row.iloc[1]) for _, row in frame.iterrows()]
    path = memory(tmp_path / "m.tmx", *pairs)
    options = QUICK | {"tokens": "words", "epochs": 1, "hidden_size": 8, "embed_dim": 8, "model": "seq2seq-luong"}
    run = dg.train(path, run=tmp_path / "run", task="translation", **options)
    assert run.config["train"]["epochs"] == 1
    assert run.task.target == "de"
    assert run.evaluate(path)["count"] == 80
