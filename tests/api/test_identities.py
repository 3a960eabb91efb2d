"""Two pictures are compared; people are enrolled, known again, refused, forgotten: in Python and by commands."""

import json

import numpy as np
import pytest

import deepglass as dg
from deepglass.core.errors import DataError, OptionError, RunError
from deepglass.runs.again import own_job
from tests.commands import deepglass
from tests.tasks.contract.case import QUICK
from tests.tasks.small import image_classification, verification

FILE = "people.json"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return verification.data(tmp_path_factory.mktemp("owners"))


@pytest.fixture(scope="module")
def trained(folder, tmp_path_factory):
    options = QUICK | verification.OPTIONS | {"epochs": 8, "model": "cnn"}
    return dg.train(folder, run=tmp_path_factory.mktemp("runs") / "run", task="verification", **options)


@pytest.fixture
def run(trained):
    """Nobody is enrolled yet."""
    trained.folder.remove(FILE)
    return dg.load(trained.path)


def of(folder, owner, *places):
    return [str(folder / f"owner {owner}" / f"{place:02}.png") for place in places]


def test_two_pictures_are_the_same_up_to_the_threshold(run, folder):
    one, other, stranger = *of(folder, 0, 0, 1), *of(folder, 1, 0)
    same, different = run.verify(one, other), run.verify(one, stranger)
    vectors = [np.array([value for key, value in run.predict(path)[0].items() if key.startswith("vector")])
               for path in (one, other)]  # fmt: skip
    assert same["distance"] == pytest.approx(np.linalg.norm(vectors[0] - vectors[1]), abs=1e-6)
    assert same["distance"] < different["distance"]
    assert not different["is_same"]
    for found in (same, different):
        assert found["is_same"] == (found["distance"] <= found["threshold"])
    assert run.verify(one, one)["distance"] == pytest.approx(0, abs=1e-3)
    assert same["pictures"] == ["00.png", "01.png"]


def test_pictures_of_the_test_are_named_by_their_row(run):
    outputs = run.task.outputs(run.model, own_job(run).prepared.test)
    apart = int(np.flatnonzero(outputs.targets != outputs.targets[0])[0])
    found = run.verify("row:1", f"row:{apart + 1}")
    assert found["distance"] == pytest.approx(
        np.linalg.norm(outputs.predictions[0] - outputs.predictions[apart]), abs=1e-5
    )
    assert [name.partition(" (")[0] for name in found["pictures"]] == ["row:1", f"row:{apart + 1}"]
    assert len({name.partition(" (")[2] for name in found["pictures"]}) == 2
    for number in (0, len(outputs.targets) + 1):
        with pytest.raises(OptionError, match=f"row:{number}: .*expected row:1 to row:{len(outputs.targets)}"):
            run.verify("row:1", f"row:{number}")


def test_who_is_enrolled_is_known_and_others_are_not(run, folder):
    assert run.enrol("Ada", of(folder, 0, 0, 1, 2))["people"] == 1
    assert run.enrol("Bea", of(folder, 1, 0, 1))["people"] == 2
    again = dg.load(run.path)
    found = again.identify([*of(folder, 0, 5), *of(folder, 1, 5), *of(folder, 4, 5)])
    assert [one["nearest"][0]["name"] for one in found[:2]] == ["Ada", "Bea"]
    for one in found:
        assert one["name"] == (one["nearest"][0]["name"] if one["distance"] <= one["threshold"] else "unknown")
    again.task.threshold = found[2]["distance"] - 1e-3
    assert again.identify(of(folder, 4, 5))[0]["name"] == "unknown"
    assert again.enrolled == {"Ada": ["00.png", "01.png", "02.png"], "Bea": ["00.png", "01.png"]}


def test_the_distance_to_somebody_is_the_mean_over_the_pictures(run, folder):
    run.enrol("Ada", of(folder, 0, 0, 1, 2))
    asked = of(folder, 0, 5)[0]
    means = np.mean([run.verify(asked, path)["distance"] for path in of(folder, 0, 0, 1, 2)])
    assert run.identify(asked)[0]["distance"] == pytest.approx(means, abs=1e-6)


def test_more_pictures_are_added_and_the_same_ones_are_not(run, folder):
    run.enrol("Ada", of(folder, 0, 0))
    found = run.enrol(" Ada ", of(folder, 0, 0, 1))
    assert (found["pictures"], found["all_pictures"], found["people"]) == (1, 2, 1)
    with pytest.raises(OptionError, match=r"01\.png: enrolled as 'Ada' already"):
        run.enrol("Ada", of(folder, 0, 1))


def test_odd_pictures_and_look_alikes_are_said(run, folder):
    odd = run.enrol("Ada", [*of(folder, 0, 0), *of(folder, 1, 0)])["warnings"]
    assert "like no other of the same name" in odd[0]
    run.enrol("Bea", of(folder, 0, 1))
    assert "cannot be told apart" in run.enrol("Cleo", of(folder, 0, 2))["warnings"][0]


def test_whoever_is_forgotten_is_gone_from_the_disk(run, folder):
    run.enrol("Ada", of(folder, 0, 0))
    run.enrol("Bea", of(folder, 1, 0))
    assert run.forget("Ada") == 1
    assert "Ada" not in (run.path / FILE).read_text()
    with pytest.raises(OptionError, match="'Ada' is not enrolled; there are Bea"):
        run.forget("Ada")
    assert run.forget("Bea") == 0
    assert not (run.path / FILE).exists()
    with pytest.raises(OptionError, match="nobody is enrolled yet"):
        run.identify(of(folder, 0, 0))


@pytest.mark.parametrize("name", ["", "  ", "unknown", "Unknown", "a" * 101, "a\x00b"])
def test_what_cannot_be_a_name_is_refused(run, folder, name):
    with pytest.raises(OptionError, match="expected 1 to 100 letters"):
        run.enrol(name, of(folder, 0, 0))


def test_a_broken_picture_enrols_nobody(run, folder, tmp_path):
    (tmp_path / "broken.png").write_bytes(b"no picture")
    for odd in ([*of(folder, 0, 0), str(tmp_path / "broken.png")], [], str(tmp_path / "absent.png")):
        with pytest.raises(DataError):
            run.enrol("Ada", odd)
    assert not (run.path / FILE).exists()


def test_a_picture_is_asked_for_and_not_several(run, folder):
    with pytest.raises(OptionError, match=f"expected a single picture, got {verification.PICTURES}"):
        run.verify(str(folder / "owner 0"), of(folder, 0, 0)[0])


def test_people_of_other_weights_and_damaged_files_are_refused(run, folder):
    run.enrol("Ada", of(folder, 0, 0))
    content = json.loads((run.path / FILE).read_text())
    run.folder.write(FILE, content | {"weights": "0" * 64})
    with pytest.raises(RunError, match="enrolled with other weights"):
        run.identify(of(folder, 0, 0))
    for people in ({"Ada": {"files": ["a"], "embeddings": [[1.0]]}}, {"Ada": 5}, [], {"Ada": {"files": []}}):
        run.folder.write(FILE, content | {"people": people})
        with pytest.raises(RunError, match=r"people\.json cannot be understood"):
            run.identify(of(folder, 0, 0))
    (run.path / FILE).write_text("{}")
    with pytest.raises(RunError, match=r"people\.json"):
        run.identify(of(folder, 0, 0))


@pytest.mark.slow("trains a run of another task")
def test_other_runs_compare_nothing(folder, tmp_path):
    options = QUICK | image_classification.OPTIONS
    other = dg.train(image_classification.data(tmp_path), run=tmp_path / "run", task="image-classification", **options)
    for ask in (lambda: other.verify("a", "b"), lambda: other.identify("a"), lambda: other.enrol("Ada", "a")):
        with pytest.raises(OptionError, match="only runs of --task verification"):
            ask()


def test_the_commands_say_it_in_words_and_as_json(run, folder):
    one, other = of(folder, 0, 0, 1)
    done = deepglass("verify", run.path, one, other)
    assert done.returncode == 0, done.stderr
    assert "the same: 00.png and 01.png" in done.stdout
    assert deepglass("enrol", run.path, "Ada", one, other).returncode == 0
    done = deepglass("identify", run.path, *of(folder, 0, 5), "--json")
    assert json.loads(done.stdout)["pictures"][0]["nearest"][0]["name"] == "Ada"
    assert "Ada" in deepglass("identify", run.path, *of(folder, 0, 5)).stdout
    assert "forgotten" in deepglass("enrol", run.path, "Ada", "--forget").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["verify", "RUN", "absent.png", "absent.png"], "absent.png does not exist"),
        (["enrol", "RUN", "Ada"], "no picture of 'Ada'"),
        (["enrol", "RUN", "Ada", "a.png", "--forget"], "leave the pictures out"),
        (["identify", "RUN", "absent.png"], "nobody is enrolled yet"),
        (["verify", "nowhere", "a.png", "b.png"], "nowhere is not a run"),
    ],
)
def test_the_commands_say_what_is_wrong(run, words, said):
    done = deepglass(*(run.path if word == "RUN" else word for word in words))
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
