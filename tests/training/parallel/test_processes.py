"""Several processes are one: the same numbers, the same decisions, whoever is killed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from deepglass.core.errors import OptionError
from deepglass.core.run_folder import RunFolder
from deepglass.training import loop
from deepglass.training.autotune import ComputePlan
from deepglass.training.config import TrainConfig
from deepglass.training.loop import Trainer
from deepglass.training.parallel import processes, restart
from deepglass.training.parallel.processes import Team
from deepglass.training.plan import Plan
from deepglass.training.progress import Watcher
from deepglass.training.stopping import INTERRUPTED
from tests.once import once
from tests.training.helpers import DigitsLearner, digits
from tests.training.parallel.several_processes import CONFIG, TRAININGS, InTurns, StopsAt, learn, plain, summary

ROOT = Path(__file__).parents[3]
SAME = ("plain", "clipped", "weighted", "in turns", "synced", "sharded")  # as one process with the whole batch would do


def launch(folder, *names, options=()):
    """Two processes that torchrun starts."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", *options]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*command, "-m", "tests.training.parallel.several_processes", str(folder), *names],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-6000:]
    return done


@pytest.fixture(scope="module")
def together(tmp_path_factory):
    """Every training in two processes, after one process has begun those that two resume."""
    return once(tmp_path_factory, "together", train_together)


def train_together(folder):
    """Train all of them in a folder."""
    for name in ("begun-alone", "alone"):
        assert learn(folder=folder / name, watcher=StopsAt(17)).interrupted
    begun = learn(learner=InTurns, folder=folder / "in-turns-alone", watcher=StopsAt(17), clip_gradient=0.1)
    assert begun.interrupted
    launch(folder, *TRAININGS, "run")


def read(folder, name, rank=0):
    return json.loads((folder / f"{name}-{rank}.json").read_text())


def assert_same(found, expected):
    torch.testing.assert_close(torch.tensor(found["weights"]), torch.tensor(expected["weights"]), rtol=1e-4, atol=1e-5)
    assert len(found["history"]) == len(expected["history"])
    for ours, theirs in zip(found["history"], expected["history"]):
        assert ours == pytest.approx(theirs, rel=1e-4)


@pytest.mark.slow("torchrun starts two processes")
@pytest.mark.parametrize("name", SAME)
def test_two_processes_learn_what_one_learns_with_the_whole_batch(together, tmp_path, name):
    alone = summary(TRAININGS[name](tmp_path))
    assert_same(read(together, name), alone)


@pytest.mark.slow("torchrun starts two processes")
@pytest.mark.parametrize("name", [name for name in TRAININGS if name not in ("stopped", "lost")])
def test_all_processes_end_with_the_same_weights_and_scores(together, name):
    first, last = read(together, name), read(together, name, rank=1)
    assert first["weights"] == last["weights"]
    assert first["history"] == last["history"]


@pytest.mark.slow("torchrun starts two processes")
def test_batch_norm_sees_the_part_of_each_process_unless_it_is_synced(together, tmp_path):
    alone = summary(TRAININGS["own statistics"](tmp_path))["history"]
    assert read(together, "own statistics")["history"][0]["loss"] != pytest.approx(alone[0]["loss"], rel=1e-4)


@pytest.mark.slow("torchrun starts two processes")
@pytest.mark.parametrize("name", ["resumed", "sharded resumed"])
def test_two_processes_go_on_where_one_stopped(together, tmp_path, name):
    assert_same(read(together, name), summary(TRAININGS["plain"](tmp_path)))


@pytest.mark.slow("torchrun starts two processes")
def test_one_process_goes_on_where_two_stopped_because_one_of_them_was_asked_to(together, tmp_path):
    assert all(read(together, "stopped", rank)["reason"].startswith(INTERRUPTED) for rank in (0, 1))
    resumed = learn(lambda: plain(7), folder=together / "stopped", resume=True)
    assert_same(summary(resumed), summary(TRAININGS["plain"](tmp_path)))


@pytest.mark.slow("torchrun starts two processes")
def test_a_loss_that_is_no_number_in_one_process_stops_all(together):
    for rank in (0, 1):
        assert "not a number" in read(together, "lost", rank)["reason"]
        assert "; epoch 1 is kept: val loss" in read(together, "lost", rank)["reason"]


@pytest.mark.slow("torchrun starts two processes")
def test_one_process_can_use_the_weights_of_a_sharded_network(together):
    from deepglass.training.weights import load_weights

    model = plain(7)
    load_weights(together / "sharded" / "weights.safetensors", model)
    weights = torch.cat([tensor.flatten().double() for tensor in model.state_dict().values()])
    assert weights.tolist() == read(together, "sharded")["weights"]


@pytest.mark.slow("torchrun starts two processes")
def test_a_killed_worker_changes_no_number(together, tmp_path):
    done = launch(tmp_path, "killed", options=("--max-restarts", "2"))
    assert "which goes on with it" in done.stdout
    (killed,), whole = list((tmp_path / "runs").iterdir()), together / "run"
    assert set(os.listdir(killed)) == set(os.listdir(whole))
    assert json.loads((killed / "metrics.json").read_text()) == json.loads((whole / "metrics.json").read_text())
    assert (killed / "weights.safetensors").read_bytes() == (whole / "weights.safetensors").read_bytes()
    for rank in (0, 1):  # no connection that was used outlives the training: those are of PyTorch's first group
        assert read(tmp_path, "threads", rank).count("pt_gloo_runloop") <= 2


# -- the pieces, in one process -------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [2, 3, 8])
@pytest.mark.parametrize("count", [1, 2, 3, 5, 7, 16, 50])
def test_parts_cover_a_batch_once_and_their_shares_sum_to_one(size, count):
    indices = torch.arange(count)
    teams = [Team(rank, size) for rank in range(size)]
    parts = [team.part(indices) for team in teams]
    shares = [team.share(DigitsLearner(), (part,), count) for team, part in zip(teams, parts)]
    assert sum(shares) == pytest.approx(1.0)
    counted = [part for team, part in zip(teams, parts) if not team.is_spare]
    assert torch.equal(torch.cat(counted), indices)
    assert [len(part) / count for part in counted] == pytest.approx(shares[: len(counted)])
    assert min(len(part) for part in parts) >= min(2, count)


def test_processes_draw_apart_and_repeatably():
    drawn = []
    for rank in (1, 2, 1):
        Team(rank, 3).draw_apart(seed=0)
        drawn.append(float(torch.rand(())))
    assert drawn[0] == drawn[2] != drawn[1]


@pytest.mark.parametrize(
    ("size", "changes", "engine", "message"),
    [
        (1, {"shard": True}, "torch", "divides a model among processes, here is one"),
        (4, {"batch_size": 3}, "torch", "3 examples are the whole batch of 4 processes"),
        (2, {"shard": True, "ema": 0.9}, "torch", "--ema needs the whole network"),
        (2, {"shard": True, "learning_rate": "auto"}, "torch", "--learning-rate auto needs the whole network"),
        (2, {"sync_batch_norm": True}, "glass", "--engine glass needs the whole network"),
    ],
)
def test_what_several_processes_cannot_do_is_refused(size, changes, engine, message):
    with pytest.raises(OptionError, match=message):
        processes.check(Team(size=size), TrainConfig(device="cpu", **changes), 100, engine)


def test_a_profile_of_several_processes_is_refused():
    with pytest.raises(OptionError, match="--profile watches the steps of one process"):
        processes.check(Team(size=2), TrainConfig(device="cpu"), 100, is_profiled=True)


def test_several_processes_let_no_stop_watch_choose(monkeypatch):
    ways = [ComputePlan("float32", 2), ComputePlan("float32", 1)]
    monkeypatch.setattr(loop, "open_ways", lambda *given: list(ways))
    trainer = Trainer(plain(), DigitsLearner(), *digits(), TrainConfig(**CONFIG), None, None, Watcher(), None)
    trainer.plan = Plan.of(10, 12, None)
    assert trainer.open_ways() == ways
    trainer.team = Team(size=2)
    assert trainer.open_ways() == ways[:1]


def test_a_folder_belongs_to_the_launch_that_began_it(tmp_path, monkeypatch):
    folder = RunFolder(tmp_path / "runs" / "iris").create()
    folder.write("config.json", {})
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "job 17")
    assert restart.begun(None, tmp_path / "runs") is None
    restart.mark(folder)
    assert restart.begun(None, tmp_path / "runs") == restart.begun(folder.path, "elsewhere") == folder.path
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "job 18")
    assert restart.begun(folder.path, "elsewhere") is None
    restart.release(folder)
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "job 17")
    assert restart.begun(folder.path, "elsewhere") is None


def test_without_torchrun_nothing_is_marked(tmp_path, monkeypatch):
    monkeypatch.delenv("TORCHELASTIC_RUN_ID", raising=False)
    restart.mark(RunFolder(tmp_path))
    assert not os.listdir(tmp_path)
