"""Scripts of users: they crash, never end, read arguments, fork; what they compute stays the same to the bit."""

import json
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from deepglass.core.errors import DataError, OptionError
from deepglass.diagnosis.observing.observer import observing
from deepglass.diagnosis.script import diagnose_script, require_script
from deepglass.diagnosis.script_child import diagnose_script as in_process
from tests.diagnosis.loops import adam, classes, cross_entropy, net, shuffled, usual

SCRIPT = """
import torch
from torch import nn
torch.manual_seed(0)
X = torch.randn(64, 4)
y = (X[:, 0] > 0).long()
model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for step in range(30):
    where = torch.randint(64, (16,))
    loss = nn.functional.cross_entropy(model(X[where]), y[where])
    FORGET
    loss.backward()
    optimizer.step()
    EACH
END
"""


def written(folder: Path, each: str = "pass", end: str = "", forget: str = "optimizer.zero_grad()") -> str:
    path = folder / "train.py"
    path.write_text(SCRIPT.replace("FORGET", forget).replace("EACH", each).replace("END", end))
    return str(path)


def causes(found: dict) -> list[str]:
    return [finding["cause"] for finding in found["findings"]]


def losses() -> list[float]:
    torch.manual_seed(0)
    model = nn.Sequential(net(), nn.Dropout(0.2), nn.BatchNorm1d(3))
    descend = adam(model)
    found = []
    for x, y in shuffled(classes()):
        loss = cross_entropy(model, x + 0.1 * torch.randn_like(x), y)
        usual(loss, descend)
        found.append(loss.item())
    return found


def test_what_is_computed_is_the_same_to_the_bit():
    plain = losses()
    with observing() as observer:
        watched = losses()
    assert watched == plain == losses()
    assert [fact.loss for fact in observer.observed.steps] == plain


def test_data_that_are_made_call_by_call_do_not_hide_the_first_step(monkeypatch):
    monkeypatch.setattr("deepglass.diagnosis.observing.observer.MOST_ENTRIES", 40)
    with observing() as observer:
        for _ in range(100):
            torch.rand(3).sum()
        losses()
    assert observer.observed.tapes[0].step == 0
    assert observer.observed.tapes[0].loss.item() == observer.observed.steps[0].loss


def test_everything_is_put_back():
    before = nn.Module.__call__, torch.Tensor.backward, torch.optim.Optimizer.__init__, torch.compile
    with observing():
        pass
    assert (nn.Module.__call__, torch.Tensor.backward, torch.optim.Optimizer.__init__, torch.compile) == before


@pytest.mark.slow("a whole diagnosis, the first of the process")
def test_a_script_that_crashes_is_diagnosed_and_its_line_is_named(tmp_path):
    found = in_process(written(tmp_path, end="raise ValueError('too late')", forget="pass"), [], 600, 1000)
    assert causes(found)[0] == "forgotten-zero-grad"
    assert found["error"].startswith("line 16: ValueError: too late")


def test_a_script_without_an_end_is_stopped_after_so_many_steps(tmp_path):
    path = written(tmp_path)
    Path(path).write_text(Path(path).read_text().replace("for step in range(30):", "while True:"))
    found = in_process(path, [], 600, 40)
    assert found["facts"]["steps"] == 40
    assert found["error"] == ""


def test_a_script_that_catches_everything_is_stopped_too(tmp_path):
    path = written(tmp_path)
    text = (
        Path(path)
        .read_text()
        .replace("    optimizer.step()", "    try:\n        optimizer.step()\n    except:\n        raise")
    )
    Path(path).write_text(text)
    assert in_process(path, [], 600, 10)["facts"]["steps"] == 10


def test_a_script_sees_its_arguments_and_its_own_folder(tmp_path):
    (tmp_path / "beside.py").write_text("NAME = 'beside'")
    end = "import sys, beside, json\nopen(sys.argv[2], 'w').write(json.dumps([sys.argv, beside.NAME, __name__]))"
    path, out = written(tmp_path, end=end), str(tmp_path / "out.json")
    argv = list(sys.argv)
    assert in_process(path, ["--out", out], 600, 1000)["error"] == ""
    assert json.loads(Path(out).read_text()) == [[path, "--out", out], "beside", "__main__"]
    assert sys.argv == argv


def test_a_script_that_trains_nothing_and_one_that_exits(tmp_path):
    path = tmp_path / "train.py"
    path.write_text("print('hello')")
    found = in_process(str(path), [], 600, 10)
    assert found["findings"] == []
    path.write_text("import sys; sys.exit(3)")
    assert in_process(str(path), [], 600, 10)["error"] == "sys.exit(3)"


@pytest.mark.slow("a process of its own, and a whole diagnosis in it")
def test_a_process_of_its_own_bears_forks_and_exits(tmp_path):
    each = "import os; child = os.fork() if step == 3 else -1; child or os._exit(0)"
    end = "import os; os._exit(1)"
    found = diagnose_script(written(tmp_path, each, end, forget="pass"), seconds=120, output=sys.stderr)
    assert found.findings[0].cause == "forgotten-zero-grad"
    assert found.facts["steps"] == 30


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"for x in:\n    pass", "line 1"), (b"\x00\x01", "not a Python script"), (b"print 'old'", "line 1")],
)
def test_what_is_no_script_is_refused_by_its_line(tmp_path, content, says):
    path = tmp_path / "bad.py"
    path.write_bytes(content)
    with pytest.raises(DataError, match=says):
        require_script(path)


def test_a_missing_script_and_no_time_are_refused(tmp_path):
    with pytest.raises(DataError, match="found nothing of this name"):
        diagnose_script(tmp_path / "none.py")
    with pytest.raises(OptionError, match="expected 1 or more"):
        diagnose_script(written(tmp_path), seconds=0)
