import errno
import os

import numpy as np
import pytest

from deepglass.core import files
from deepglass.core.errors import RunError


def write_half(path, error):
    with files.atomic(path) as draft:
        draft.write_text("ne")
        raise error


def test_what_was_written_is_read_back(tmp_path):
    files.write_json(
        tmp_path / "deep" / "a.json", {"x": np.float32(0.5), "y": np.arange(3), "path": tmp_path, "ü": "ß"}
    )
    assert files.read_json(tmp_path / "deep" / "a.json") == {"x": 0.5, "y": [0, 1, 2], "path": str(tmp_path), "ü": "ß"}


def test_a_failed_write_leaves_the_old_file_and_no_draft(tmp_path):
    path = tmp_path / "a.txt"
    files.write_text(path, "old")
    with pytest.raises(ValueError, match="half way"):
        write_half(path, ValueError("half way"))
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_failed_write_leaves_no_folder_that_it_made_and_keeps_others(tmp_path):
    (tmp_path / "mine").mkdir()
    for folder in ("new/deep", "mine"):
        with pytest.raises(ValueError, match="half way"):
            write_half(tmp_path / folder / "a.txt", ValueError("half way"))
    assert [path.name for path in tmp_path.rglob("*")] == ["mine"]


def test_a_full_disk_is_explained_and_nothing_is_lost(tmp_path):
    path = tmp_path / "a.txt"
    files.write_text(path, "old")
    with pytest.raises(RunError, match="no space left on the disk"):
        write_half(path, OSError(errno.ENOSPC, "No space left on device"))
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_damaged_or_missing_file_is_named(tmp_path):
    (tmp_path / "bad.json").write_text('{"a": ')
    with pytest.raises(RunError, match=r"bad\.json is damaged"):
        files.read_json(tmp_path / "bad.json")
    with pytest.raises(RunError, match=r"gone\.json is missing"):
        files.read_json(tmp_path / "gone.json")


def test_an_object_without_json_form_is_refused(tmp_path):
    with pytest.raises(TypeError, match="has no JSON form"):
        files.write_json(tmp_path / "a.json", {"x": object()})
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["long " * 2_000, "a\0b", "~nobody-has-this-name/x", "nope"])
def test_what_can_be_no_name_is_not_there(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert not files.is_file(name)
    assert not files.is_folder(name)
    assert not files.is_there(name)
