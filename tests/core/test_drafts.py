"""Drafts of processes that were killed are removed by whoever comes next, those of live ones never."""

import os
import subprocess
import sys
import time

from deepglass.core import drafts, files
from deepglass.core.run_folder import RunFolder


def dead():
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_training_begins_by_removing_drafts_of_the_dead_alone(tmp_path):
    pid, alive = dead(), os.getppid()
    stale = [f".checkpoint.pt.{pid}.tmp", f".weights.safetensors.{pid}.tmp", f".{pid}.bundle"]
    kept = [
        f".checkpoint.pt.{alive}.tmp",
        f".{alive}.bundle",
        ".launch",
        "checkpoint.pt",
        f".{pid}",
        "x.1.tmp",
        ".a.tmp",
    ]
    for name in (*stale, *kept):
        (tmp_path / name).mkdir() if name.endswith("bundle") else (tmp_path / name).touch()
    (tmp_path / f".{pid}.bundle" / "model.onnx").touch()
    RunFolder(tmp_path).create()
    assert sorted(os.listdir(tmp_path)) == sorted(kept)


def test_whoever_writes_a_file_removes_its_drafts_and_no_others(tmp_path):
    pid = dead()
    (tmp_path / f".answers.csv.{pid}.tmp").touch()
    (tmp_path / f".other.csv.{pid}.tmp").touch()
    files.write_text(tmp_path / "answers.csv", "a")
    assert sorted(os.listdir(tmp_path)) == [f".other.csv.{pid}.tmp", "answers.csv"]


def test_a_draft_under_our_own_number_is_an_earlier_process_s_if_it_is_older(tmp_path):
    path = tmp_path / f".checkpoint.pt.{os.getpid()}.tmp"
    path.touch()
    assert drafts.remove_stale(tmp_path) == []
    os.utime(path, (time.time() - 10 * 86400,) * 2)
    assert drafts.remove_stale(tmp_path) == [path]


def test_a_training_that_was_killed_while_it_wrote_leaves_nothing_for_the_next(tmp_path):
    code = (
        "import os, signal, sys; from pathlib import Path; from deepglass.core.run_folder import RunFolder\n"
        "with RunFolder(sys.argv[1]).create().writing('checkpoint.pt') as draft:\n"
        "    draft.write_bytes(b'half'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert any(name.endswith(".tmp") for name in os.listdir(tmp_path))
    RunFolder(tmp_path).create()
    assert os.listdir(tmp_path) == []
