"""`make bench` runs every program of the folder that measures something, each once."""

import re
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "bench"
ASKED_BY_NAME = {"frameworks"}  # it writes into the package, from environments of other frameworks


def test_every_program_is_listed_once():
    listed = re.findall(
        r'"(\w+)"', re.search(r"BENCHMARKS = \((.*?)\)  # fmt", (FOLDER / "__main__.py").read_text(), re.S)[1]
    )
    programs = {path.stem for path in FOLDER.glob("[a-z]*.py") if 'if __name__ == "__main__"' in path.read_text()}
    assert len(listed) == len(set(listed))
    assert set(listed) == programs - ASKED_BY_NAME
