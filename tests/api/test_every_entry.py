"""The same odd rows get the same answers, whichever way they come in: file, standard input, frame, records, server."""

import io
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import deepglass as dg
from deepglass.cli import predict as predict_command
from deepglass.core.console import console
from deepglass.deploy.runtime.bundle import Bundle
from deepglass.deploy.runtime.rows import rows_of
from tests.data.reading.written import Written, random_table

WAYS = {
    "plain": Written(),
    "German": Written(delimiter=";", decimal=",", thousands=".", date="%d.%m.%Y", unit="{} €", encoding="cp1252"),
    "American": Written(thousands=",", date="%m/%d/%Y %I:%M %p", unit="${}", negative="({})", missing="n/a"),
    "without a header": Written(delimiter="|", decimal=",", date="%d/%m/%Y", header=False, missing="NA"),
    "spoken": Written(delimiter="\t", thousands="'", date="%d %B %Y", unit="{} kg", negative="{}-"),
}
QUICK = {"epochs": 2, "model": "linear", "device": "cpu", "precision": "float32"}
EXPORTED = ("German", "without a header")  # an export takes seconds
ODD = 12  # rows that are asked about


@pytest.fixture(scope="module", params=WAYS)
def asked(request, tmp_path_factory):
    """A run that was trained on one way of writing, and new rows in that way, in a file and as they are."""
    way, folder = WAYS[request.param], tmp_path_factory.mktemp("entries")
    table, digits = random_table(np.random.default_rng(3), 90)
    table["code"] = [f"{i % 7:03d}" for i in range(len(table))]
    table.insert(2, "answer", np.where(table["money"] > table["money"].median(), "many", "few"))
    path = way.to(folder / "train.csv", table, digits)
    target = "answer" if way.header else "column_3"
    mode, console.mode = console.mode, "quiet"
    try:
        run = dg.train(path, target=target, run=folder / "run", **QUICK)
    finally:
        console.mode = mode
    new = table.drop(columns="answer").iloc[:ODD].reset_index(drop=True)
    names = list(new.columns) if way.header else [f"column_{i}" for i in (1, 2, 4, 5, 6, 7)]
    file = way.to(folder / "new.csv", new, digits)
    words = pd.DataFrame(
        [[way.cell(n, c, digits) for n, c in zip(new.columns, row)] for row in new.to_numpy()], columns=names
    )
    answers = dg.load(run.path).predict(file)
    return run, way, file, words, new.set_axis(names, axis=1), [answer["probability"] for answer in answers]


def probabilities(answers: list[dict]) -> list[float]:
    return [float(answer["probability"]) for answer in answers]


def test_answers_follow_the_rows(asked):
    *_, expected = asked
    assert len(expected) == ODD
    assert len(set(np.round(expected, 6))) > ODD // 2


def test_frames_and_records(asked):
    run, _, _, words, values, expected = asked
    for given in (words, words.astype("string"), values, words.to_dict("records")):
        np.testing.assert_allclose(probabilities(run.predict(given)), expected, rtol=1e-6)
    records = [
        {name: None if pd.isna(cell) else cell for name, cell in row.items()} for row in values.to_dict("records")
    ]
    np.testing.assert_allclose(probabilities(run.predict(records)), expected, rtol=1e-6)
    one_by_one = [run.predict(record)[0] for record in words.to_dict("records")]
    np.testing.assert_allclose(probabilities(one_by_one), expected, rtol=1e-6)


def test_other_files(asked, tmp_path):
    run, _, _, words, values, expected = asked
    words.to_json(tmp_path / "a.jsonl", orient="records", lines=True)
    words.to_json(tmp_path / "a.json", orient="records")
    words.to_parquet(tmp_path / "words.parquet")
    values.to_parquet(tmp_path / "values.parquet")
    words.iloc[:, ::-1].to_csv(tmp_path / "reversed.tsv", sep="\t", index=False)
    for path in sorted(tmp_path.iterdir()):
        np.testing.assert_allclose(probabilities(run.predict(str(path))), expected, rtol=1e-6, err_msg=path.name)


@pytest.mark.parametrize("form", ["as it is", "json lines", "parquet", "gzip"])
def test_standard_input(asked, form, monkeypatch, tmp_path, capsys):
    import gzip

    run, _, file, words, _, expected = asked
    words.to_parquet(tmp_path / "a.parquet")
    content = {
        "as it is": file.read_bytes(),
        "json lines": words.to_json(orient="records", lines=True).encode(),
        "parquet": (tmp_path / "a.parquet").read_bytes(),
        "gzip": gzip.compress(file.read_bytes(), mtime=0),
    }[form]
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    predict_command.command(run.path, ["-"], json=True, device="cpu")
    np.testing.assert_allclose(probabilities(json.loads(capsys.readouterr().out)), expected, rtol=1e-6)
    assert not list(temporary.iterdir())


def test_a_moved_run(asked, tmp_path):
    import shutil

    run, _, file, _, _, expected = asked
    moved = shutil.copytree(run.path, tmp_path / "elsewhere")
    np.testing.assert_allclose(probabilities(dg.load(moved).predict(file)), expected, rtol=1e-6)


@pytest.fixture(scope="module")
def bundle(asked, tmp_path_factory) -> Path:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    return asked[0].export(tmp_path_factory.mktemp("bundle") / "bundle", to="bundle")


@pytest.mark.slow("exports a run")
@pytest.mark.parametrize("asked", EXPORTED, indirect=True)
def test_the_bundle(asked, bundle):
    _, way, file, words, values, expected = asked
    opened = Bundle.open(bundle)
    values = [{n: None if pd.isna(c) else c for n, c in row.items()} for row in values.to_dict("records")]
    rows = rows_of(file.read_text(encoding=way.encoding), opened.reading)
    for records in (words.to_dict("records"), values, rows):
        np.testing.assert_allclose(probabilities(opened.predict(records)), expected, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("asked", EXPORTED, indirect=True)
def test_the_server(asked, bundle):
    testclient = pytest.importorskip("starlette.testclient")
    from deepglass.deploy.serve.app import create_app
    from deepglass.deploy.serve.config import ServeConfig
    from deepglass.deploy.serve.metrics import Metrics
    from deepglass.deploy.serve.registry import Registry, Sources

    _, way, file, words, values, expected = asked
    registry = Registry(Sources([bundle], None), ServeConfig(log=False), Metrics(), [])
    typed = values.assign(**{n: values[n].dt.strftime("%Y-%m-%d") for n in values.select_dtypes("datetime")})
    sent = [
        ("text/csv", file.read_text(encoding=way.encoding)),
        ("application/json", json.dumps(json.loads(typed.to_json(orient="records")))),
        ("application/json", words.to_json(orient="records")),
    ]
    with testclient.TestClient(create_app(registry, None), base_url="http://localhost") as client:
        for kind, content in sent:
            answer = client.post("/predict", content=content.encode(), headers={"Content-Type": kind})
            assert answer.status_code == 200, answer.text
            np.testing.assert_allclose(probabilities(answer.json()["predictions"]), expected, rtol=1e-3, atol=1e-5)


def test_a_series_in_the_form_of_its_table(tmp_path):
    from deepglass.deploy.reading import of_table
    from deepglass.deploy.runtime.series import Pasts

    days = pd.date_range("2020-01-01", periods=200)
    rows = [
        f"{day:%d.%m.%Y};{f'{1500 + 300 * np.sin(i / 1.1):,.2f}'.translate(SWAPPED)} €" for i, day in enumerate(days)
    ]
    (tmp_path / "sales.csv").write_text("\n".join(["Tag;Umsatz", *rows]) + "\n")
    (tmp_path / "new.csv").write_text(
        "\n".join(["Umsatz;Tag", *(";".join(row.split(";")[::-1]) for row in rows[100:])])
    )
    console.mode = "quiet"
    quick = {"epochs": 1, "device": "cpu", "precision": "float32", "horizon": 3, "context": 14}
    run = dg.train(tmp_path / "sales.csv", run=tmp_path / "run", **quick)
    frame = pd.DataFrame([row.split(";") for row in rows[100:]], columns=["Tag", "Umsatz"])
    typed = pd.DataFrame(
        {"Tag": days[100:], "Umsatz": [1500 + round(300 * np.sin(i / 1.1), 2) for i in range(100, 200)]}
    )
    expected = run.predict(tmp_path / "new.csv")
    assert [record["Tag"] for record in expected] == ["2020-07-19", "2020-07-20", "2020-07-21"]
    for given in (frame, typed, frame.to_dict("records")):
        found = run.predict(given)
        assert [record["Tag"] for record in found] == [record["Tag"] for record in expected]
        np.testing.assert_allclose([r["Umsatz"] for r in found], [r["Umsatz"] for r in expected], rtol=1e-5)
    plan = {"context": 14, "horizon": 3, "axis": run.task.plan.axis.state()}
    inputs = [{"name": "Umsatz", "role": "target"}]
    pasts = Pasts({"inputs": inputs, "series": plan, "reading": of_table(run.task.reading)})
    asked = pasts.inspect(frame.to_dict("records"))
    past = asked.encode(lambda: True)["past"]
    np.testing.assert_allclose(past[0, :, 0], typed["Umsatz"].to_numpy()[-14:])
    times = asked.notes[0]["time"]
    assert [time[:10] for time in times] == ["2020-07-19", "2020-07-20", "2020-07-21"]


SWAPPED = str.maketrans(",.", ".,")
