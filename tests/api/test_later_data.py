"""What a run knows of its data: which were seen, where they are, which classes it left out; and older runs."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest

import deepglass as dg
from deepglass.core.errors import DataError
from deepglass.data.config import DataConfig
from deepglass.data.fingerprints import of_rows
from deepglass.data.reading.source import read, read_known
from deepglass.runs import options

QUICK = {"epochs": 1, "model": "linear", "device": "cpu", "precision": "float32"}


@pytest.fixture(autouse=True)
def quietly(monkeypatch):
    from deepglass.core.console import console

    monkeypatch.setattr(console, "mode", "quiet")


def people(count: int = 120, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"age": rng.normal(40, 9, count).round(3), "city": rng.choice(["Rome", "Oslo"], count)})
    frame["born"] = pd.Timestamp("1980-01-01") + pd.to_timedelta(rng.integers(0, 9000, count), unit="D")
    return frame.assign(bought=np.where(frame["age"] > 40, "yes", "no"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("people")
    people().to_csv(folder / "people.csv", index=False, date_format="%d/%m/%Y")
    return folder


@pytest.fixture(scope="module")
def run(folder):
    return dg.train(folder / "people.csv", target="bought", run=folder / "run", **QUICK)


# -- what was seen --------------------------------------------------------------------------------------------------


def test_an_evaluation_on_the_training_file_scores_the_others_apart(folder, run):
    result = run.evaluate(folder / "people.csv")
    assert result["seen"] == {"examples": 96, "of": 120}
    assert result["unseen"]["count"] == 24
    test = json.loads((run.path / "metrics.json").read_text())["test"]
    assert result["unseen"]["log_loss"]["value"] == pytest.approx(test["log_loss"]["value"])


def test_answers_for_what_was_learnt_from_are_told_apart(folder, run, monkeypatch):
    said = []
    monkeypatch.setattr("deepglass.core.console.console.say", lambda text, **style: said.append(text))
    run.predict(folder / "people.csv")
    assert "96 of 120 examples were seen in training" in said[-1]
    said.clear()
    run.predict(people(seed=1))
    run.predict(people().drop(columns="bought"))  # without its answer a row is not known again
    assert not any("seen in training" in text for text in said)


def test_rows_are_known_again_in_any_form_and_others_are_not(folder, run):
    known = people().iloc[:40]
    count = run.evaluate(folder / "people.csv")["seen"]["examples"]
    shuffled = known.sample(frac=1, random_state=1)[["bought", "born", "city", "age"]]
    parts = [run.evaluate(part)["seen"]["examples"] for part in (people().iloc[:60], people().iloc[60:])]
    assert sum(parts) == count
    assert run.evaluate(shuffled)["seen"]["examples"] == run.evaluate(known)["seen"]["examples"] > 20
    fresh = run.evaluate(people(seed=1))
    assert fresh["seen"]["examples"] == 0
    assert "unseen" not in fresh


def test_fingerprints_do_not_depend_on_how_a_row_is_written():
    table = read(people(), DataConfig())
    words = people().assign(age=lambda f: f["age"].astype(str), born=lambda f: f["born"].dt.strftime("%Y-%m-%d"))
    again = read_known(words, table.format)
    np.testing.assert_array_equal(of_rows(table.frame, table.format), of_rows(again.frame, table.format))
    assert len(np.unique(of_rows(table.frame, table.format))) == 120
    assert of_rows(table.frame.drop(columns="city"), table.format) is None


def test_the_command_says_what_was_seen(folder, run, capsys, monkeypatch):
    from deepglass.cli import evaluate
    from deepglass.core.console import console

    evaluate.command(run.path, str(folder / "people.csv"))
    said = capsys.readouterr()
    assert "96 of the 120 examples were seen in training" in said.err
    assert "24 examples that were not seen in training" in said.out
    monkeypatch.setattr(console, "mode", "normal")
    evaluate.command(run.path, str(folder / "people.csv"), json=True)
    assert json.loads(capsys.readouterr().out)["seen"]["examples"] == 96


def test_pictures_are_known_again():
    rng = np.random.default_rng(0)
    pictures, labels = rng.integers(0, 255, (40, 8, 8), dtype=np.uint8), np.arange(40) % 2
    from deepglass.data.fingerprints import of_pictures

    images = read((pictures, labels))
    assert len(np.unique(of_pictures(images))) == 40
    np.testing.assert_array_equal(of_pictures(images)[:5], of_pictures(read((pictures[:5], labels[:5]))))


def test_rows_that_training_left_out_are_left_out_of_an_evaluation(tmp_path):
    frame = people()
    frame.loc[3, "bought"], frame.loc[5, "bought"], frame.loc[6, "bought"] = None, "perhaps", "never"
    run = dg.train(frame, target="bought", rare_classes="drop", run=tmp_path / "run", **QUICK)
    assert run.evaluate(frame)["count"] == 117
    joined = dg.train(frame, target="bought", rare_classes="other", run=tmp_path / "other", **QUICK)
    assert joined.task.classes == ["no", "other", "yes"]
    assert joined.evaluate(frame)["count"] == 119
    with pytest.raises(DataError, match="maybe"):
        joined.evaluate(frame.assign(bought="maybe"))


# -- where the data are ---------------------------------------------------------------------------------------------


def test_a_configuration_is_repeated_from_any_folder(tmp_path, monkeypatch):
    project, elsewhere = tmp_path / "project", tmp_path / "elsewhere"
    (project / "data").mkdir(parents=True)
    elsewhere.mkdir()
    people().to_csv(project / "data" / "people.csv", index=False)
    people(40, seed=2).to_csv(project / "data" / "later.csv", index=False)
    monkeypatch.chdir(project)
    dg.train("data/people.csv", test="data/later.csv", target="bought", run="runs/a", **QUICK)
    monkeypatch.chdir(elsewhere)
    again = dg.train(config=project / "runs" / "a", run="b")
    assert again.config["source"] == str(project / "data" / "people.csv")
    assert again.metrics["test"]["count"] == 40
    third = dg.train(config="b/config.json", run="c")
    assert third.metrics["test"]["log_loss"] == again.metrics["test"]["log_loss"]
    shutil.move(project, tmp_path / "moved")
    found = options.from_file(tmp_path / "moved" / "runs" / "a")
    assert found.settled["source"] == str(tmp_path / "moved" / "data" / "people.csv")
    assert found.values["test"] == str(tmp_path / "moved" / "data" / "later.csv")


def test_a_bundled_name_stays_a_name(tmp_path):
    run = dg.train("iris", run=tmp_path / "run", **QUICK)
    assert "folder" not in run.config
    assert options.from_file(run.path).settled["source"] == "iris"


# -- texts ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("texts")
    rows = [(f"a {'lovely' if i % 2 else 'dreadful'} film, number {i}", "good" if i % 2 else "bad") for i in range(80)]
    pd.DataFrame(rows, columns=["review", "label"]).to_csv(folder / "a.csv", index=False)
    bare = "".join(f"{label}\t{text}\n" for text, label in rows)
    (folder / "bare.tsv").write_text(bare)
    quick = QUICK | {"model": "bag-of-ngrams"}
    runs = [dg.train(folder / name, run=folder / f"run-{name}", **quick, **o) for name, o in
            (("a.csv", {}), ("bare.tsv", {"target": "column_1", "text_column": "column_2"}))]  # fmt: skip
    return folder, runs


def test_texts_get_the_same_answer_through_every_entry(texts, tmp_path):
    _, (run, bare) = texts
    words = ["a lovely film, number 3", "NA", "a dreadful one"]
    frame = pd.DataFrame({"review": words})
    frame.to_csv(tmp_path / "new.csv", index=False)
    frame.to_json(tmp_path / "new.jsonl", orient="records", lines=True)
    (tmp_path / "one.txt").write_text(words[0] + "\n")
    expected = [answer["probability"] for answer in run.predict(words)]
    for given in (frame, tmp_path / "new.csv", tmp_path / "new.jsonl", frame.to_dict("records"), tuple(words)):
        assert [answer["probability"] for answer in run.predict(given)] == pytest.approx(expected)
    assert run.predict(words[0])[0]["probability"] == pytest.approx(expected[0])
    assert run.predict(tmp_path / "one.txt")[0]["probability"] == pytest.approx(expected[0])
    (tmp_path / "bare.tsv").write_text("\n".join(words) + "\n")
    lines = bare.predict(tmp_path / "bare.tsv")
    assert [line["prediction"] for line in lines] == [answer["prediction"] for answer in bare.predict(words)]


def test_texts_that_were_seen_are_counted(texts):
    folder, (run, _) = texts
    assert run.evaluate(folder / "a.csv")["seen"] == {"examples": 64, "of": 80}


@pytest.mark.parametrize("empty", [None, float("nan"), pd.NA, "", "  "])
def test_an_empty_text_is_one(texts, empty):
    _, (run, _) = texts
    expected = run.predict([""])[0]["probability"]
    assert run.predict(pd.DataFrame({"review": [empty, "x"]}))[0]["probability"] == pytest.approx(expected)


# -- older runs -----------------------------------------------------------------------------------------------------


def test_a_run_of_version_0_1_still_predicts(folder, run, tmp_path):
    older = shutil.copytree(run.path, tmp_path / "older")
    task = json.loads((older / "task.json").read_text())
    for name in ("reading", "class_choice"):
        del task["state"][name]
    (older / "task.json").write_text(json.dumps(task))
    (older / "seen.npz").unlink()
    (older / "checksums.sha256").unlink()
    frame = people(seed=1)
    expected = [answer["probability"] for answer in run.predict(frame)]
    assert [answer["probability"] for answer in dg.load(older).predict(frame)] == pytest.approx(expected)
    assert "seen" not in dg.load(older).evaluate(folder / "people.csv")


def test_rows_are_known_again_where_columns_were_left_out(tmp_path):
    frame = people().assign(
        name=[f"person {i}" for i in range(120)], part=["train"] * 60 + ["val"] * 20 + ["test"] * 40
    )
    run = dg.train(frame, target="bought", ignore="name", split_column="part", run=tmp_path / "run", **QUICK)
    assert run.evaluate(frame)["seen"] == {"examples": 80, "of": 120}


# -- gaps, unknown words, other columns -----------------------------------------------------------------------------


def test_gaps_unknown_words_and_other_columns_only_later(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"rooms": rng.integers(1, 9, 90), "heating": rng.choice(["gas", "oil"], 90), "empty": [None] * 90}
    )
    run = dg.train(frame.assign(price=frame["rooms"] * 10.5), target="price", run=tmp_path / "run", **QUICK)
    new = tmp_path / "new.csv"
    new.write_text("more,empty,heating,rooms\nx,words,pellets,3\ny,,,\nz,5,gas,2\n")
    assert len(run.predict(new)) == 3
    opened = run.task.open(new)
    run.task.read(opened, with_target=False)
    assert "'pellets' does not occur in training" in " ".join(map(str, opened.guesses))


def test_whole_numbers_are_classes_and_come_back_as_such(tmp_path):
    for values in ([-1, 0, 1], [0.0, 1.0]):
        frame = pd.DataFrame({"x": np.arange(90) % 7, "sign": np.resize(values, 90)})
        run = dg.train(frame, target="sign", run=tmp_path / str(len(values)), **QUICK)
        expected = [str(int(value)) for value in values]
        assert run.task.classes == expected
        assert {answer["prediction"] for answer in run.predict(frame)} <= set(expected)
        assert run.evaluate(frame.astype({"sign": "str"}))["count"] == 90


def test_truth_values_are_classes(tmp_path):
    frame = pd.DataFrame({"x": np.arange(60) % 7, "ok": np.arange(60) % 3 == 0})
    frame.to_csv(tmp_path / "a.csv", index=False)
    run = dg.train(tmp_path / "a.csv", target="ok", run=tmp_path / "run", **QUICK)
    assert run.task.classes == ["False", "True"]
    for given in (frame, tmp_path / "a.csv", frame.astype(str)):
        assert run.evaluate(given)["count"] == 60
