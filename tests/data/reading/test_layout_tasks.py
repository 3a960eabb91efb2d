"""A recognised layout finds the task that opens it, and the task is handed the layout."""

import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from typer.testing import CliRunner

from deepglass.cli.main import app
from deepglass.core import catalogue
from deepglass.core.errors import DataError, OptionError
from deepglass.data.check import inspect
from deepglass.data.config import DataConfig
from deepglass.data.containers import Layout
from deepglass.data.reading.layout_tasks import require_reader, task_for, tasks_for
from deepglass.data.reading.source import guess_task, read
from deepglass.runs.job import plan_job
from tests.arrivals import Arrivals

MASKED_SHARE = """
    \"\"\"How much of a picture its mask covers.\"\"\"

    import numpy as np
    import torch
    from PIL import Image

    from deepglass.data.containers import Layout
    from deepglass.data.examples import InMemory
    from deepglass.tasks import Prepared
    from deepglass.tasks.tabular_regression import Task as Regression


    class Task(Regression):
        name = "masked-share"
        default_model = "share-net"
        READS = ("share masks", "masks")
        CHECKS = ()
        HONOURS = ("val_fraction",)

        def prepare(self, data):
            assert isinstance(data, Layout)
            pixels, masks = (
                np.stack([np.asarray(Image.open(path).convert("L")) for path in data.files[side]])
                for side in ("images", "masks")
            )
            pixels, shares = pixels.reshape(len(pixels), -1) / 255, (masks > 0).mean(axis=(1, 2))
            self.answer.mean, self.answer.deviation = 0.0, 1.0
            examples = InMemory(torch.tensor(pixels).float(), torch.tensor(shares).float())
            self.width = pixels.shape[1]
            return Prepared(examples, examples, examples, self.dims, ids={})

        @property
        def dims(self):
            return {"num_features": self.width}

        def train_defaults(self, model_name, num_examples):
            return {"epochs": 1}

        def model_defaults(self, model_name, num_examples):
            return {}

        def unused_options(self, asked, data, model):
            return iter(())
"""
SHARE_NET = """
    \"\"\"A line.\"\"\"

    from torch import nn

    TASKS = ("masked-share",)


    class Net(nn.Module):
        def __init__(self, num_features):
            super().__init__()
            self.layer = nn.Linear(num_features, 1)

        def forward(self, numeric):
            return self.layer(numeric)


    Model = Net
"""


@pytest.fixture
def masks(tmp_path):
    """A folder of pictures with masks."""
    rng = np.random.default_rng(0)
    for i in range(6):
        covered = np.zeros((9, 9), dtype=np.uint8)
        covered[: 1 + i] = 255
        for name, pixels in (("images", rng.integers(0, 255, (9, 9), dtype=np.uint8)), ("masks", covered)):
            (tmp_path / "plates" / name).mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(tmp_path / "plates" / name / f"{i}.png")
    return tmp_path / "plates"


@pytest.fixture
def arrived(monkeypatch, tmp_path):
    """A task for masks and its model, in the place of the one that is there."""
    arrivals = Arrivals(monkeypatch, tmp_path)
    arrivals.remove("tasks", "segmentation")
    arrivals.add("tasks", "masked_share", MASKED_SHARE)
    arrivals.add("models", "share_net", SHARE_NET)
    return arrivals


def test_a_layout_finds_the_task_that_opens_it(masks, arrived):
    layout = read(masks)
    task, guess = guess_task(layout, DataConfig())
    assert task == "masked-share"
    assert str(guess) == "task: masked-share (pictures with masks; change with --task)"


def test_the_task_is_handed_the_layout(masks, arrived):
    job = plan_job(masks, None, None, {})
    assert (job.task.name, job.model, len(job.prepared.train)) == ("masked-share", "share-net", 6)
    assert isinstance(job.data, Layout)
    again = plan_job(masks, "masked-share", None, {})
    assert again.prepared.train.tensors[1].tolist() == pytest.approx([(1 + i) / 9 for i in range(6)])


def test_an_option_that_the_task_of_a_layout_does_not_honour_is_refused(masks, arrived):
    plan_job(masks, None, None, {"val_fraction": 0.3})
    with pytest.raises(OptionError, match="--group-column has no effect"):
        plan_job(masks, None, None, {"group_column": "person"})
    done = CliRunner().invoke(app, ["check", str(masks), "--time-column", "day"])
    assert done.exit_code != 0
    assert "--time-column has no effect" in str(done.output) + str(done.exception)


def test_check_says_which_task_a_layout_is_for(masks, arrived):
    findings = inspect(read(masks), DataConfig())
    assert (findings.kind, findings.task, findings.warnings) == ("masks", "masked-share", [])
    assert findings.size == {"pictures": 6, "masks": 6, "values in a mask": 2}
    json.dumps(findings.as_dict())
    done = CliRunner().invoke(app, ["check", str(masks)])
    assert done.exit_code == 0
    assert "guessed task: masked-share" in done.output
    assert "no task" not in done.output


def test_another_task_refuses_the_layout_and_names_the_one_that_opens_it(masks, arrived):
    message = r"plates holds pictures with masks .*, which image-classification does not read: choose --task masked-sh"
    with pytest.raises(DataError, match=message):
        plan_job(masks, "image-classification", None, {})


def test_without_a_task_the_layout_says_what_can_be_done(masks, monkeypatch, tmp_path):
    Arrivals(monkeypatch, tmp_path).remove("tasks", "segmentation")
    assert not tasks_for("masks")
    layout = read(masks)
    for attempt in (
        lambda: guess_task(layout, DataConfig()),
        lambda: require_reader(layout, "image-classification"),
        lambda: plan_job(masks, None, None, {}),
        lambda: plan_job(masks, "tabular-regression", None, {}),
    ):
        with pytest.raises(DataError) as refused:
            attempt()
        assert str(refused.value) == str(layout)
    assert "there is no task for that yet" in str(layout)


def test_of_several_tasks_the_first_is_the_one_whose_main_kind_it_is(monkeypatch):
    opened = {"asking": ("captions", "masks"), "filling": ("masks",), "colouring": ("masks",), "other": ()}
    monkeypatch.setattr(catalogue, "entries", lambda folder: list(opened))
    monkeypatch.setattr(catalogue, "declared_by", lambda task, variable: opened[task])
    assert tasks_for("masks") == ["colouring", "filling", "asking"]
    task, why = task_for(Layout("masks", "plates", "pictures with masks"))
    assert (task, why) == ("colouring", "pictures with masks, which filling, asking can read too")
    with pytest.raises(DataError, match="which other does not read: choose --task colouring or filling or asking"):
        require_reader(Layout("masks", "plates", "pictures with masks"), "other")


def test_a_table_of_sentence_pairs_goes_to_the_task_that_reads_them(monkeypatch):
    words = ["the sea was calm", "we went home", "it rained all day", "nobody came back"]
    frame = pd.DataFrame({"one": [f"{w} {i}" for w in words for i in range(5)]}).assign(
        two=lambda t: t["one"].str[::-1]
    )
    if not tasks_for("sentence pairs"):
        with pytest.raises(DataError, match="there is no task for that yet"):
            guess_task(read(frame), DataConfig())
    monkeypatch.setattr(catalogue, "declared_by", lambda task, variable: ("sentence pairs",) * (task == "forecasting"))
    assert guess_task(read(frame), DataConfig())[0] == "forecasting"
