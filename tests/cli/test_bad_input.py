"""What goes wrong for people: one clear message, exit code 2, no traceback, no half-written run."""

import gzip
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests import commands
from tests.cli.test_commands import ENVIRONMENT
from tests.commands import deepglass

ROWS = "".join(f"{i},{i % 7},{'yes' if i % 3 else 'no'}\n" for i in range(60))
TABLE = "x,z,label\n" + ROWS

DAYS = "".join(f"2024-01-{day:02},{day % 5}\n" for day in range(1, 29))
FILES = {  # name → content, and what the message must say
    "empty.csv": (b"", "empty"),
    "one_row.csv": (b"x,z,label\n1,2,yes\n", "row"),
    "constant.csv": (TABLE.replace("no", "yes").encode(), "label"),
    "no_target.csv": (TABLE.replace("yes", "").replace("no", "").encode(), "label"),
    "ragged.csv": ((TABLE + "1,2,yes,more,cells\n").encode(), "62"),
    "quotes.csv": (("x,z,label\n" + '1,"2, 3",yes\n2,"3, 4",no\n' * 30 + '5,"2,yes\n').encode(), "quot"),
    "wrong_type.csv": (TABLE.replace("\n30,", "\nthirty,").encode(), "thirty"),
    "infinite.csv": (TABLE.replace("\n30,", "\ninf,").encode(), "inf"),
    "single.csv": (TABLE.replace("\n30,2,no", "\n30,2,perhaps").encode(), "perhaps"),
    "dates.csv": (("day,label\n" + DAYS + "13/02/2024,1\n").encode(), "13/02/2024"),
    "cut.csv.gz": (gzip.compress(TABLE.encode(), mtime=0)[:40], "cut.csv.gz"),
    "binary.csv": (bytes(range(256)) * 20, "binary.csv"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_bad_table_is_one_message(tmp_path, name):
    content, expected = FILES[name]
    (tmp_path / name).write_bytes(content)
    target = ["--target", "label"] if name != "dates.csv" else ["--time-column", "day"]
    done = deepglass("train", name, *target, "--epochs", "1", "--run", "run", cwd=tmp_path)
    assert_one_message(done, expected)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-8-sig"])
def test_other_encodings_are_read(tmp_path, encoding):
    (tmp_path / "a.csv").write_bytes(TABLE.replace("yes", "süß").encode(encoding))
    done = deepglass("train", "a.csv", "--model", "linear", "--epochs", "1", "--run", "run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "süß" in (tmp_path / "run" / "task.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "words", ["train {}", "check {}", "see {}", "report {}", "export {}", "predict {} a.csv", "train iris --run {}"]
)
def test_a_text_in_the_place_of_a_name_is_one_short_message(tmp_path, words):
    done = deepglass(*(word.format("a text, and no name " * 50) for word in words.split(" ")), cwd=tmp_path)
    assert_one_message(done, "a text, and no name")
    assert len(done.stderr) < 1_500
    assert not list(tmp_path.iterdir())


BROKEN = {
    "truncated.png": (lambda good: good[: len(good) // 2], "truncated.png"),
    "zero.png": (lambda good: b"", "zero.png"),
    "words.jpg": (lambda good: b"this is no picture\n" * 10, "words.jpg"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_picture_is_named(tmp_path, name):
    pictures(tmp_path / "pictures")
    good = (tmp_path / "pictures" / "a" / "0.png").read_bytes()
    (tmp_path / "pictures" / "a" / name).write_bytes(BROKEN[name][0](good))
    done = deepglass("train", "pictures", "--epochs", "1", "--run", "run", cwd=tmp_path)
    assert_one_message(done, BROKEN[name][1])


def test_a_test_folder_with_unknown_classes_is_refused(tmp_path):
    pictures(tmp_path / "pictures" / "train")
    pictures(tmp_path / "pictures" / "test", classes=("a", "stranger"))
    done = deepglass("train", "pictures", "--epochs", "1", "--run", "run", cwd=tmp_path)
    assert_one_message(done, "stranger")


def test_a_full_disk_costs_a_message_and_nothing_else(tmp_path):
    (tmp_path / "a.csv").write_text(TABLE)
    done = commands.run(
        "deepglass", ["train", "a.csv", "--epochs", "2", "--run", "run"], cwd=tmp_path, most_bytes=20_000
    )
    assert_one_message(done, "no space left")
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]  # nothing was learnt: no run is in the way


@pytest.mark.slow("a process of its own")
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv (util-linux) is not installed")
def test_a_folder_without_permission_is_named(tmp_path):
    (tmp_path / "a.csv").write_text(TABLE)
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o555)
    program = [sys.executable, "-m", "deepglass", "train", "a.csv", "--epochs", "1", "--run", str(locked / "run")]
    if os.geteuid() == 0:
        program = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override", *program]
    done = subprocess.run(program, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        pytest.skip("this system lets us write everywhere")
    assert_one_message(done, "locked")


def pictures(folder: Path, classes: tuple[str, ...] = ("a", "b"), count: int = 12) -> None:
    rng = np.random.default_rng(0)
    for name in classes:
        (folder / name).mkdir(parents=True)
        for i in range(count):
            Image.fromarray(rng.integers(0, 255, (12, 12), dtype=np.uint8)).save(folder / name / f"{i}.png")


def assert_one_message(done: subprocess.CompletedProcess, expected: str) -> None:
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert expected in done.stderr
