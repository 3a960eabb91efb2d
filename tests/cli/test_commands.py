"""The commands as a person types them: output, exit codes, errors without tracebacks."""

import json
import os

import pytest

from tests.commands import deepglass

ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "COLUMNS": "120"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with one run in `runs/iris` and its table in `iris.csv`."""
    folder = tmp_path_factory.mktemp("work")
    from sklearn.datasets import load_iris

    frame = load_iris(as_frame=True).frame
    frame["species"] = frame.pop("target").map(dict(enumerate(("setosa", "versicolor", "virginica"))))
    frame.to_csv(folder / "iris.csv", index=False)
    done = deepglass("train", "iris.csv", "--model", "mlp", "--epochs", "20", cwd=folder)
    assert done.returncode == 0, done.stderr
    (folder / "out.txt").write_text(done.stdout)
    return folder


def test_train_says_what_it_guessed_and_where_the_report_is(folder):
    out = (folder / "out.txt").read_text()
    assert "guessed target: species" in out
    assert "--target" in out
    assert "report   runs/iris/report.html" in out
    assert "\x1b" not in out  # no colours in a pipe
    assert (folder / "runs" / "iris" / "report.html").stat().st_size > 10_000


def test_predict_answers_in_csv_and_json(folder):
    done = deepglass("predict", "runs/iris", "iris.csv", cwd=folder)
    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert len(lines) == 151
    assert "prediction" in lines[0]
    assert "setosa" in lines[1]
    records = json.loads(deepglass("predict", "runs/iris", "iris.csv", "--json", cwd=folder).stdout)
    assert records[0]["prediction"] == "setosa"


def test_predict_reads_standard_input(folder):
    text = (folder / "iris.csv").read_text().splitlines()
    done = deepglass("predict", "runs/iris", "-", cwd=folder, stdin="\n".join(text[:3]) + "\n")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 3


def test_predict_writes_to_a_file(folder):
    done = deepglass("predict", "runs/iris", "iris.csv", "-o", "answers.csv", cwd=folder)
    assert done.stdout == ""
    assert "wrote 150 predictions" in done.stderr
    assert len((folder / "answers.csv").read_text().splitlines()) == 151


@pytest.mark.slow("counts every model")
def test_evaluate_runs_report_models_doctor_check(folder, counted_models):
    assert "Accuracy" in deepglass("evaluate", "runs/iris", "iris.csv", cwd=folder).stdout
    assert "runs/iris" in deepglass("runs", cwd=folder).stdout
    assert "wrote runs/iris/report.html" in deepglass("report", "runs/iris", cwd=folder).stdout
    listed = deepglass("models").stdout
    assert "(default)" in listed
    assert "mobilenet-v1-0.25" in listed
    assert "--hidden-dim" in deepglass("models", "mlp").stdout or "--hidden" in deepglass("models", "mlp").stdout
    assert "torch" in deepglass("doctor").stdout
    assert "species" in deepglass("check", "iris.csv", cwd=folder).stdout


COUNTS = pytest.mark.slow("counts every model")


@pytest.mark.parametrize(
    "words",
    [
        ["runs"], pytest.param(["models"], marks=COUNTS), ["doctor"], ["check", "iris.csv"],
        ["evaluate", "runs/iris", "iris.csv"],
    ],
)  # fmt: skip
def test_json_is_one_document(folder, words, request):
    if words == ["models"]:
        request.getfixturevalue("counted_models")
    done = deepglass(*words, "--json", cwd=folder)
    assert done.returncode == 0
    json.loads(done.stdout)


def test_quiet_says_nothing(folder):
    done = deepglass("train", "iris.csv", "--model", "linear", "--epochs", "1", "--quiet", "--run", "quiet", cwd=folder)
    assert done.returncode == 0
    assert done.stdout == ""


def test_train_help_shows_the_settings_of_the_named_model():
    out = deepglass("train", "--help", "--model", "resnet18").stdout
    assert "--learning-rate" in out
    assert "--depth" in out
    assert "--depth" not in deepglass("train", "--help").stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["train", "iri.csv"], "iris.csv"),
        (["train", "iris.csv", "--target", "specie"], "species"),
        (["train", "iris.csv", "--epochs", "x", "--run", "e1"], "--epochs: expected float"),
        (["predict", "runs/iri", "iris.csv"], "is not a run"),
        (["predict", "runs/iris", "gone.csv"], "gone.csv"),
        (["compare", "runs/iris", "iris.csv"], "is not a run"),
        (["generate", "runs/iris"], "only language models"),
        (["train", "--resume"], "--run DIR"),
    ],
)
def test_a_mistake_is_one_message_and_exit_code_2(folder, words, message):
    done = deepglass(*words, cwd=folder)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("error: ")
