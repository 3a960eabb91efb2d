"""A run's list of checksums: damage is seen, and a process that was killed between two writes is not damage."""

import shutil
import subprocess

import pytest

from deepglass.core import checksums, files
from deepglass.core.errors import RunError
from deepglass.core.run_folder import RunFolder


@pytest.fixture
def folder(tmp_path):
    folder = RunFolder(tmp_path)
    folder.write("config.json", {"epochs": 1})
    return folder


def flip(path, place=3):
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def test_one_flipped_bit_is_named_with_what_to_do(folder):
    assert folder.read("config.json") == {"epochs": 1}
    flip(folder / "config.json", 5)
    with pytest.raises(
        RunError, match=r"config\.json was changed or damaged .*restore it from a copy.*remove its line"
    ):
        folder.read("config.json")
    with pytest.raises(RunError, match=r"config\.json was changed or damaged"):
        folder.verify("config.json")


def test_a_file_whose_line_was_removed_is_used_as_it_is(folder):
    folder.write("metrics.json", {})
    (folder / "config.json").write_text('{"epochs": 2}')
    path = folder / checksums.NAME
    path.write_text("".join(line for line in path.read_text().splitlines(True) if "config.json" not in line))
    assert folder.read("config.json") == {"epochs": 2}
    assert folder.read("metrics.json") == {}


def test_a_run_without_a_list_is_read_and_gets_one_for_what_is_written(folder):
    (folder / checksums.NAME).unlink()
    assert folder.read("config.json") == {"epochs": 1}
    folder.write("metrics.json", {"a": 1})
    assert list(checksums.read(folder.path)) == ["metrics.json"]


@pytest.mark.parametrize("is_first", [True, False])
def test_a_kill_between_the_list_and_the_file_leaves_a_good_run(folder, monkeypatch, is_first):
    name = "metrics.json" if is_first else "config.json"

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(files.os, "replace", replaces_only(checksums.NAME, files.os.replace, killed))
    for content in ({"epochs": 2}, {"epochs": 3}):  # killed twice in a row, at the same place
        with pytest.raises(KeyboardInterrupt):
            folder.write(name, content)
        checksums._in_place.clear()  # another process comes next
    monkeypatch.undo()
    assert folder.read("config.json") == {"epochs": 1}
    assert folder.has(name) != is_first
    folder.write(name, {"epochs": 4})
    assert RunFolder(folder.path).read(name) == {"epochs": 4}


def replaces_only(name, usual, otherwise):
    return lambda draft, path: usual(draft, path) if path.name == name else otherwise(draft, path)


def test_a_kill_after_the_file_was_moved_leaves_a_good_run(folder, monkeypatch):
    monkeypatch.setattr(checksums, "settle", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        folder.write("metrics.json", {"a": 1})
    monkeypatch.undo()
    checksums._in_place.clear()
    assert folder.read("metrics.json") == {"a": 1}
    folder.write("metrics.json", {"a": 2})
    flip(folder / "metrics.json")
    with pytest.raises(RunError, match="was changed or damaged"):
        folder.read("metrics.json")


def test_a_file_that_was_deleted_is_missed_and_one_that_was_removed_is_not(folder):
    folder.write("blend.json", {})
    (folder / "blend.json").unlink()
    assert folder.has("blend.json")
    with pytest.raises(RunError, match=r"blend\.json is missing"):
        folder.read("blend.json")
    folder.remove("blend.json")
    assert not folder.has("blend.json")


def test_the_list_is_one_that_sha256sum_verifies(folder):
    folder.write("config.json", {"epochs": 2})  # with the sum before it in a comment
    if shutil.which("sha256sum") is None:
        pytest.skip("no sha256sum here")
    done = subprocess.run(
        ["sha256sum", "-c", checksums.NAME], cwd=folder.path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "config.json: OK\n"


@pytest.mark.parametrize("content", [b"\xff\xfe", b"short  config.json\n", b"g" * 64 + b"  config.json\n", b"a" * 64])
def test_a_damaged_list_is_said_to_be_one(folder, content):
    (folder / checksums.NAME).write_bytes(content)
    with pytest.raises(RunError, match=r"checksums\.sha256 is damaged: .* or remove it"):
        folder.read("config.json")
