"""A seeded handful of the kills of bench/kills.py: what goes on is what nobody killed, and nothing is left behind."""

import json
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from bench.hostile.lives import Aim, Life

from bench import kills
from tests import commands

ROOT = Path(__file__).resolve().parents[2]


SUBJECTS = ("table", "table, 2 processes", "sentences, 2 processes", "export of table", "report of hours")


@pytest.mark.slow("each of twelve kills is followed by a training, a report or an export")
def test_killed_at_random_moments_it_goes_on_to_the_same_bits():
    """All in one program: what they import, and what nobody kills, is there once."""
    done = commands.run("bench.kills", ["--kills", "12", "--seed", "5", "--dry", "--only", *SUBJECTS], cwd=ROOT)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    kept = json.loads(done.stdout)
    assert kept["kills"] >= 12
    assert set(kept["kills of"]) == set(SUBJECTS)
    assert min(kept["kills of"].values()) >= 2


@pytest.mark.parametrize(
    ("touched", "words"),
    [
        ([], "before the first file"),
        ([("open", ".config.json.17.tmp")], "writing config.json"),
        ([("open", ".checkpoint.pt.17.tmp"), ("open", ".checksums.sha256.17.tmp")], "writing checkpoint.pt"),
        ([("open", ".a.17.tmp"), ("os.rename", "a"), ("os.rename", "checksums.sha256")], "after a"),
    ],
)
def test_what_was_cut_short_is_told_from_the_files_that_were_touched(touched, words):
    assert kills.cut_short(Life(-9, touched, "", 1.0)) == words


def test_two_runs_differ_by_a_bit_but_not_by_a_clock():
    first = {"weights": torch.tensor([0.0, float("nan")]), "history": [{"loss": 1.0, "seconds": 2.0}]}
    second = {"weights": torch.tensor([0.0, float("nan")]), "history": [{"loss": 1.0, "seconds": 3.0}]}
    assert not kills.same(first, second)
    assert kills.same(kills.without_clocks(first), kills.without_clocks(second))
    second["weights"][0] = -0.0
    assert not kills.same(first["weights"], second["weights"])
    assert not kills.same(np.zeros(2, np.float32), np.zeros(2))


def test_an_aim_is_drawn_from_what_the_whole_training_has(tmp_path):
    touched = [("open", "config.json"), ("open", ".checkpoint.pt.1.tmp"), ("os.rename", "checkpoint.pt")]
    whole = kills.Whole(tmp_path, tmp_path, Life(0, touched, "", 2.0), None)
    aims = [whole.aim(random.Random(seed)) for seed in range(60)]
    assert {aim.touch for aim in aims} == {0, 1, 2, 3}
    assert all(aim.seconds is None or 0 < aim.seconds <= 2.1 for aim in aims)
    assert Aim(touch=2).delay == 0.0
