"""Files that unpack to more than the memory are refused before they are read."""

import gzip

import numpy as np
import pytest

from deepglass.core import files
from deepglass.core.errors import DataError
from deepglass.data.config import DataConfig
from deepglass.data.reading.source import read

MEMORY = 1 << 20  # bytes, for the tests


@pytest.mark.parametrize("name", ["rows.csv.gz", "rows.jsonl.gz", "t10k-images-idx3-ubyte.gz", "words.txt.gz"])
def test_a_small_gzip_file_that_holds_more_than_the_memory_is_refused(name, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "memory_bytes", lambda: MEMORY)
    line = {"jsonl": b'{"a": 1}\n'}.get(name.split(".")[1], b"0,1\n")
    (tmp_path / name).write_bytes(gzip.compress(line * MEMORY))
    with pytest.raises(DataError, match="unpacks to more than the 1,048,576 bytes"):
        read(str(tmp_path / name), DataConfig())


def test_a_gzip_file_that_fits_is_read_although_it_packs_well(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "memory_bytes", lambda: MEMORY)
    (tmp_path / "rows.csv.gz").write_bytes(gzip.compress(b"a,b\n" + b"0,1\n" * 100_000))
    assert len(read(str(tmp_path / "rows.csv.gz"), DataConfig()).frame) == 100_000


def test_an_archive_of_arrays_that_holds_more_than_the_memory_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "memory_bytes", lambda: MEMORY)
    np.savez_compressed(tmp_path / "pictures.npz", x=np.zeros((2 * MEMORY // 64, 8, 8), np.uint8), y=np.zeros(1))
    with pytest.raises(DataError, match="unpacks to"):
        read(str(tmp_path / "pictures.npz"), DataConfig())
