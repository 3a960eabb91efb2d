"""Files for clusters: read by bash and by PyYAML, refused where a checkpoint would be lost, rehearsed without any."""

import json
import subprocess

import pytest
import yaml
from typer.testing import CliRunner

from deepglass.cli.main import app
from deepglass.core import catalogue
from deepglass.core.errors import DeepglassError, OptionError
from deepglass.deploy.submit import image, rehearsal
from deepglass.deploy.submit.job import Needs, of_words, without

COMMAND = "deepglass train 'my photos' --run /shared/runs/My_Photos --epochs 40"
NEEDS = {"storage": "lasting", "image": "registry.example/deepglass:1"}
PLACES = catalogue.entries("deploy/submit/places")


def place_of(name):
    return catalogue.load("deploy/submit/places", name)


def written(name, **needs):
    return place_of(name).write(of_words([COMMAND], Needs(**{**NEEDS, **needs})))


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("needs", [{}, {"gpus": "H100:2", "processes": 2, "cpus": 16, "time": "3d"}])
def test_what_is_written_is_right_and_starts_the_command_as_it_was_given(name, needs, tmp_path):
    text = written(name, **needs)
    assert rehearsal.syntax(text, place_of(name)) == []
    stub = tmp_path / "torchrun"
    stub.write_text('#!/bin/bash\nprintf "%s\\n" "$@"\n')
    for helper, line in (("srun", 'exec "$@"'), ("scontrol", "echo first-machine")):
        (tmp_path / helper).write_text(f"#!/bin/bash\n{line}\n")
    for path in tmp_path.iterdir():
        path.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "SLURM_JOB_NODELIST": "x", "SKYPILOT_NODE_IPS": "first-machine"}
    done = subprocess.run(
        ["bash", "-c", place_of(name).script(text)], env=environment, capture_output=True, text=True, check=True
    )
    told = done.stdout.splitlines()
    assert told[told.index("deepglass") :] == [
        "deepglass", "train", "my photos", "--run", "/shared/runs/My_Photos", "--epochs", "40",
    ]  # fmt: skip
    assert told[told.index("--rdzv-id") + 1] == "my-photos"
    assert told[told.index("--nproc-per-node") + 1] == str(needs.get("processes", 1))


def test_slurm_is_told_time_memory_and_to_come_back():
    lines = written("slurm", time="90m", memory_gb=32, nodes=2).splitlines()
    assert {"#SBATCH --time=0-01:30:00", "#SBATCH --mem=32G", "#SBATCH --nodes=2", "#SBATCH --requeue"} <= {*lines}


def test_kubernetes_is_told_its_limits_in_the_fields_of_a_job():
    job = yaml.safe_load(written("kubernetes", gpus="2", time="2h"))
    assert (job["apiVersion"], job["kind"], job["spec"]["activeDeadlineSeconds"]) == ("batch/v1", "Job", 7200)
    pod = job["spec"]["template"]["spec"]
    assert pod["containers"][0]["resources"]["limits"] == {"memory": "16Gi", "nvidia.com/gpu": 2}
    assert pod["volumes"][0]["persistentVolumeClaim"]["claimName"] == "lasting"


def test_sky_is_told_a_kind_of_gpu_and_where_checkpoints_last():
    task = yaml.safe_load(written("sky", gpus="H100:1"))
    assert task["resources"]["accelerators"] == "H100:1"
    assert task["resources"]["use_spot"] is True
    assert task["file_mounts"] == {"/shared": {"name": "lasting", "mode": "MOUNT"}}


@pytest.mark.parametrize(
    ("name", "spoil", "found"),
    [
        ("slurm", ("#SBATCH --time=", "#SBATCH time="), "not a directive"),
        ("slurm", ("#SBATCH --requeue\n", ""), "--requeue is missing"),
        ("slurm", ("set -euo pipefail", "if true"), "bash:"),
        ("slurm", ("#SBATCH --requeue\n", "set -e\n#SBATCH --requeue\n"), "behind the first command"),
        ("kubernetes", ("backoffLimit: 20", "backoffLimit: many"), "backoffLimit: expected int"),
        ("sky", ("run: |", "runs: |"), "run: expected str, got nothing"),
    ],
)
def test_a_spoilt_file_is_found(name, spoil, found):
    text = written(name)
    assert spoil[0] in text
    assert any(found in problem for problem in rehearsal.syntax(text.replace(*spoil), place_of(name)))


def test_what_is_not_yaml_is_said():
    with pytest.raises(DeepglassError, match="not YAML"):
        rehearsal.syntax("a: [1", place_of("sky"))


@pytest.mark.parametrize(
    ("words", "needs", "place", "message"),
    [
        (["serve runs/a"], {}, "slurm", "neither a run folder nor a training"),
        (["deepglass train photos"], {}, "slurm", "add --run DIR"),
        ([COMMAND], {"storage": None}, "kubernetes", "--storage NAME"),
        ([COMMAND], {"mount": "/data"}, "sky", "lost with its machine"),
        ([COMMAND], {"image": None}, "kubernetes", "--image"),
        ([COMMAND], {"nodes": 2}, "kubernetes", "--nodes"),
        ([COMMAND], {"gpus": "2"}, "sky", "H100:2"),
        ([COMMAND], {"gpus": "many"}, "slurm", "H100:2"),
        ([COMMAND], {"time": "soon"}, "slurm", "90m, 12h or 3d"),
        ([COMMAND], {"processes": 0}, "slurm", "--processes"),
    ],
)
def test_what_could_not_go_on_is_refused(words, needs, place, message):
    with pytest.raises(OptionError, match=message):
        place_of(place).write(of_words(words, Needs(**{**NEEDS, **needs})))


def test_a_run_goes_on_unless_it_is_finished(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    assert of_words([str(tmp_path)], Needs()).command == ("train", "--run", str(tmp_path), "--resume")
    (tmp_path / "metrics.json").write_text("{}")
    with pytest.raises(OptionError, match="finished"):
        of_words([str(tmp_path)], Needs())


def test_a_rehearsal_is_the_same_command_for_a_moment():
    command = ("train", "digits", "--epochs", "40", "--budget=5m", "--model", "mlp", "--run", "x")
    assert without(command, *rehearsal.LEFT_OUT) == ("train", "digits", "--model", "mlp")


def test_the_image_that_trains_is_pinned_and_installs_what_was_tested():
    text = image.containerfile("Containerfile.train")
    assert "@sha256:" in text
    assert "podman build -f Containerfile.train" in text
    assert "pip install --no-cache-dir --no-compile -c constraints.txt ." in text
    root = catalogue.CHECKOUT
    copied = [name for line in text.splitlines() if line.startswith("COPY") for name in line.split()[1:-1]]
    assert all((root / name).exists() for name in copied)


def test_nothing_is_written_over_and_a_place_that_is_none_is_refused(tmp_path):
    path = tmp_path / "job.sh"
    arguments = ["submit", COMMAND, "--to", "slurm", "--output", str(path)]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    before = path.read_text()
    again = CliRunner().invoke(app, arguments)
    assert isinstance(again.exception, OptionError)
    assert path.read_text() == before
    other = CliRunner().invoke(app, ["submit", COMMAND, "--to", "slurmm"])
    assert "slurm" in str(other.exception)


@pytest.mark.slow("torchrun starts a training with one process, one with two, and one of them again")
def test_a_rehearsal_proves_that_two_equal_one_and_that_a_killed_worker_comes_back(tmp_path):
    command = "deepglass train iris --target species --model mlp --dropout 0 --run /shared/runs/iris"
    path = tmp_path / "iris.sh"
    done = CliRunner().invoke(
        app, ["submit", command, "--to", "slurm", "--check", "--check-seconds", "400", "--json", "-o", str(path)]
    )
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)["check"]
    assert told["agrees"]
    assert told["was_killed"]
    assert told["difference"] < 1e-6


@pytest.mark.slow("torchrun starts a training that cannot begin")
def test_a_rehearsal_that_fails_says_why_and_leaves_no_file(tmp_path):
    path = tmp_path / "job.sh"
    command = "deepglass train nowhere.csv --run /shared/runs/none"
    done = CliRunner().invoke(app, ["submit", command, "--to", "slurm", "--check", "-o", str(path)])
    assert isinstance(done.exception, DeepglassError)
    assert "nowhere.csv" in str(done.exception)
    assert not path.exists()
