"""Every command and every Python line of the README runs, in the order in which it stands there."""

import contextlib
import itertools
import os
import re
import shlex
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from deepglass.cli.main import app
from tests import commands as commands_of_tests

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


def commands() -> list[str]:
    """The indented lines that call deepglass, in one process or several, without their comments."""
    lines = re.findall(r"^    ((?:deepglass|torchrun) .*)$", README, re.MULTILINE)
    return [line.partition("  #")[0].strip() for line in lines]


MODULES = {"deepglass": "deepglass", "torchrun": "torch.distributed.run"}  # what a command is a name for
STAYS = {"see": ["--no-browser"], "serve": ["--port", "0"]}  # commands that run until they are stopped


def shortened(command: str) -> list[str]:
    """The command as words; a training is one epoch long, a search has two trials, and no browser is opened."""
    words = [word for word in shlex.split(command) if word != "--open"]
    if "tune" in words:
        words += ["--trials", "2", "--epochs", "1"]
    if "train" in words and "--help" not in words and "--resume" not in words:
        words += ["--steps", "500"] if "--steps" in words else ["--epochs", "1"]
    return words


@pytest.fixture(scope="module")
def folder(tmp_path_factory, counted_models) -> Path:
    """The files that the README speaks of."""
    folder = tmp_path_factory.mktemp("reader")
    rng = np.random.default_rng(0)
    houses = pd.DataFrame({"rooms": rng.integers(1, 8, 200), "town": rng.choice(["Ulm", "Bern", "Graz"], 200)})
    houses["price"] = houses["rooms"] * 100 + rng.normal(0, 20, 200)
    houses.to_csv(folder / "houses.csv", index=False)
    houses.drop(columns="price").head(3).to_csv(folder / "new_houses.csv", index=False)
    data = pd.DataFrame({"id": range(200), "name": [f"n{i}" for i in range(200)], "x": rng.normal(size=200).round(3)})
    data["label"] = np.where(data["x"] > 0.5, "yes", "no")
    data.loc[::20, "x"] = -200
    data.to_csv(folder / "data.csv", index=False)
    from deepglass.data.datasets.iris import load

    load().frame.to_csv(folder / "iris.csv", index=False)
    days = pd.date_range("2024-01-01", periods=120).strftime("%Y-%m-%d")
    shops = [pd.DataFrame({"day": days, "shop": shop, "price": rng.integers(5, 9, 120)}) for shop in ("north", "south")]
    sales = pd.concat(shops, ignore_index=True)
    sales.assign(sold=100 - 7 * sales["price"] + rng.integers(0, 9, len(sales))).to_csv(
        folder / "sales.csv", index=False
    )
    for name, bright in (("healthy", 60), ("ill", 150)):
        (folder / "xrays" / name).mkdir(parents=True)
        for i in range(24):
            pixels = rng.normal(bright, 40, (12, 12)).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / "xrays" / name / f"patient{i // 2:02}_{name}{i % 2}.png")
    return folder


def test_the_readme_has_commands():
    assert len(commands()) > 12


def chains(commands: list[str]) -> list[list[str]]:
    """The commands in order, those together of which one works on a run that another leaves."""
    taken = set(re.findall(r"runs/[\w.-]+", " ".join(re.sub(r"--run \S+", "", command) for command in commands)))
    found: list[tuple[set[str], list[str]]] = []
    for command in commands:
        names = {name for name in [*re.findall(r"runs/[\w.-]+", command), left_by(command)] if name in taken}
        joined = [chain for chain in found if chain[0] & names]
        found = [chain for chain in found if chain not in joined]
        found.append(
            (names.union(*(each for each, _ in joined)), [*(line for _, lines in joined for line in lines), command])
        )
    return [chain for _, chain in found]


def left_by(command: str) -> str:
    """The run that a training leaves where nobody names one."""
    trained = re.search(r"\btrain ([\w-]+)", command)
    return f"runs/{trained[1]}" if trained and "--run" not in command else ""


def test_what_works_on_a_run_comes_after_what_leaves_it():
    lines = [
        "deepglass train iris", "deepglass models", "deepglass train a.csv --run runs/a", "deepglass train b.csv",
        "deepglass compare runs/a runs/iris", "deepglass train iris --engine glass", "deepglass train digits",
    ]  # fmt: skip
    assert chains(lines) == [[lines[1]], [lines[3]], [lines[0], lines[2], lines[4], lines[5]], [lines[6]]]
    assert sorted(line for chain in chains(commands()) for line in chain) == sorted(commands())


@pytest.mark.slow("runs what the README shows")
@pytest.mark.parametrize("chain", chains(commands()), ids=lambda chain: chain[0].removeprefix("deepglass "))
def test_every_command_runs(folder, chain, monkeypatch):
    failed = {}
    for command in chain:
        if command.split()[1:3] == ["course", "export"]:
            few_lessons(monkeypatch)
            monkeypatch.chdir(folder)
            app(shortened(command)[1:], standalone_mode=False)
            assert len(list((folder / "site" / "notebooks").iterdir())) == 2
            continue
        if command.split()[1] in STAYS and "--self-test" not in command:
            failed |= starts_and_answers(command, folder)
            continue
        done = finished(shortened(command), folder)
        if done.returncode != 0:
            failed[command] = done.stderr[-500:]
    assert not failed


def few_lessons(monkeypatch) -> None:
    """A course of two lessons that compute little: `tests/lessons` makes a page of every one."""
    from deepglass.course import catalogue

    two = tuple(lesson for lesson in catalogue.lessons() if lesson.slug in ("05_perceptron", "37_sentiment"))
    monkeypatch.setattr(catalogue, "lessons", lambda: two)


def finished(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """What a command did; torchrun starts processes of its own."""
    return commands_of_tests.run(MODULES[words[0]], words[1:], cwd=folder, is_brief=True)


def starts_and_answers(command: str, folder: Path) -> dict[str, str]:
    """Start a server, open the address that it names, and stop it; what went wrong by command."""
    words = shlex.split(command)
    words += STAYS[words[1]]
    with subprocess.Popen(
        words, cwd=folder, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as server:
        said, address = "", None
        for line in server.stdout:  # type: ignore[union-attr]
            said += line
            if address := re.search(r"http://\S+", line):
                break
        answer = address and status_of(address[0], server)
        server.terminate()
    return {} if answer == 200 else {command: said}


def status_of(address: str, server: subprocess.Popen) -> int | None:
    """The HTTP status of a page, as soon as there is one."""
    for _ in range(1000):
        with contextlib.suppress(urllib.error.URLError):
            return urllib.request.urlopen(address, timeout=60).status
        if server.poll() is not None:
            return None
        time.sleep(0.2)
    return None


@pytest.mark.slow("runs what the README shows")
def test_every_python_line_runs(folder):
    blocks = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    given = "import torch\nfrom torch import nn\nX, y = torch.randn(64, 3).numpy(), torch.randint(2, (64,)).numpy()\n"
    given += "my_module = nn.Linear(3, 2)\n"
    for block in blocks:
        block = block.replace('budget="60s"', 'epochs=1, run="from-python"').replace("runs/houses", "from-python")
        (folder / "block.py").write_text(given + block.replace("epochs=20", "epochs=1"), encoding="utf-8")
        done = commands_of_tests.run("block", [], cwd=folder, is_brief=True)
        assert done.returncode == 0, block + done.stderr


def test_the_count_of_whole_topics_is_true():
    from deepglass.api import topics

    rows = topics.topics()
    assert f"Of the {len(rows)} topics, {sum(row['is_whole'] for row in rows)} are whole" in README


def test_every_bundled_data_set_is_named_once():
    """In the one row of the table of sources that asks for no file."""
    (row,) = re.findall(r"^\| nothing yet \| (.*?) \|", README, re.MULTILINE)
    there = (ROOT / "src/deepglass/data/datasets").glob("[!_]*.py")
    assert sorted(re.findall(r"`([\w-]+)`", row)) == sorted(path.stem.replace("_", "-") for path in there)


def test_no_row_of_the_sources_stands_twice():
    """A merge that takes both sides leaves two."""
    table = README.partition("| you have | give |")[2].partition("\n\n")[0]
    had = [row.split("|")[1].strip() for row in table.splitlines()[2:]]
    assert len(had) > 15
    assert len(set(had)) == len(had)


def test_every_file_of_the_tree_exists_and_every_folder_is_in_it():
    tree = re.search(r"^    README\.md .*?(?=^\S)", README, re.MULTILINE | re.DOTALL)
    assert tree, "the README has no annotated tree"
    names = re.findall(r"^ {4,}(\S+?)/? {2,}\S", tree[0], re.MULTILINE)
    lines = re.findall(r"^ {4,}\S+/ {2,}\S", tree[0], re.MULTILINE)
    twice = [line for before, line in itertools.pairwise(lines) if before.split()[0] == line.split()[0]]
    assert not twice, f"twice in the README's tree: {twice}"
    folders = {path.name for path in (ROOT / "src" / "deepglass").iterdir() if path.is_dir() and path.name[0] != "_"}
    assert folders <= set(names), f"not in the README's tree: {sorted(folders - set(names))}"
    everything = {path.name for path in ROOT.rglob("*") if ".venv" not in path.parts}
    assert set(names) <= everything, f"in the tree but not there: {sorted(set(names) - everything)}"
