"""The benchmark of a GPU where there is none: it says so, and its rehearsal runs every part on the processor."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).resolve().parents[2]


def bench(*words: object) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "bench.gpu", *map(str, words)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_it_says_so_and_measures_nothing(tmp_path):
    done = bench("--json", tmp_path / "gpu.json")
    assert done.returncode == 0
    assert "no GPU here" in done.stdout
    assert not (tmp_path / "gpu.json").exists()


@pytest.mark.slow("rehearses every part of bench/gpu.py")
def test_the_rehearsal_runs_every_part(tmp_path):
    done = bench("--device", "cpu", "--tiny", "--json", tmp_path / "gpu.json")
    assert done.returncode == 0, done.stderr
    results = json.loads((tmp_path / "gpu.json").read_text())
    assert results["limit"]["flops_per_second"] > 0
    assert results["gpt2"]["parameters"] == 128 * 32 + 16 * 32 + 2 * (12 * 32 * 32 + 13 * 32) + 2 * 32
    assert 0 < results["gpt2"]["utilisation"] < 1
    assert set(results["small"]) == {"LeNet", "MLP"}
    assert results["waiting"] == {"steps": 3, "error": None, "was_forbidden": True}
    assert results["agreement"]["agrees"]
    assert "| GPT-2, bfloat16, as it is |" in done.stdout
    assert "the numbers mean nothing" in done.stdout
