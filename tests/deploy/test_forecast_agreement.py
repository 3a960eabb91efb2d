"""A bundle of forecasts answers as its run: hours of work in a zone, many series, known columns, intervals, gaps."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from starlette.testclient import TestClient

import deepglass as dg
from deepglass.api.run import Run
from deepglass.core.console import console
from deepglass.deploy.runtime.bundle import Bundle
from deepglass.deploy.runtime.errors import InputError
from deepglass.deploy.serve.app import create_app
from deepglass.deploy.serve.config import ServeConfig
from deepglass.deploy.serve.metrics import Metrics
from deepglass.deploy.serve.registry import Registry, Sources
from tests.once import once

pytestmark = pytest.mark.slow("trains and exports five forecasters")
QUICK = {"epochs": 1, "device": "cpu", "precision": "float32", "task": "forecasting"}


def office() -> pd.DataFrame:
    """The load of an office in Berlin, from 8 to 17 on working days, through the change of the clock in October."""
    hours = pd.date_range("2024-08-05", "2024-11-08 17:00", freq="h")
    hours = hours[(hours.day_of_week < 5) & (hours.hour >= 8) & (hours.hour <= 17)]
    rng = np.random.default_rng(0)
    load = 50 + 20 * np.sin((hours.hour - 8) / 9 * np.pi) + 8 * (hours.day_of_week == 4) + rng.normal(size=len(hours))
    return pd.DataFrame({"time": hours.strftime("%Y-%m-%d %H:%M"), "load": load.round(3), "heat": (load / 9).round(2)})


def shops() -> pd.DataFrame:
    """Sales of four shops of unlike size, with a promotion that is known in advance and a kind of day in words."""
    rng, parts = np.random.default_rng(0), []
    for i in range(4):
        days = np.arange(30 * (i == 3), 110)
        promotion, kind = rng.integers(0, 2, len(days)), rng.choice(["fair", "none", "race"], len(days))
        sales = 10.0 ** (i + 1) * (
            2 + np.sin(2 * np.pi * days / 7) + promotion + (kind == "fair") + 0.1 * rng.normal(size=len(days))
        )
        date = pd.Timestamp("2024-01-01") + pd.to_timedelta(days, unit="D")
        about = {"shop": f"s{i}", "date": date.strftime("%Y-%m-%d"), "town": ["Ulm", "Bonn"][i % 2], "area": i}
        values = {"promotion": promotion, "kind": kind, "visits": (sales / 3).round(1), "sales": sales.round(2)}
        parts.append(pd.DataFrame(about | values))
    return pd.concat(parts, ignore_index=True)


def visitors() -> pd.DataFrame:
    """Counts that are often zero, at the end of each month."""
    rng = np.random.default_rng(0)
    months = pd.date_range("2010-01-31", periods=120, freq="ME")
    return pd.DataFrame({"month": months.strftime("%Y-%m-%d"), "visitors": rng.poisson(0.8, 120)})


SHOPS = {"known": "promotion,kind", "targets": "sales", "horizon": 5, "context": 14}
RUNS: dict[str, tuple[Any, dict[str, Any]]] = {
    "office": (office, {"time_zone": "Europe/Berlin", "targets": "load", "horizon": 10, "context": 20}),
    "shops": (shops, SHOPS),
    "shops-gru": (shops, SHOPS | {"model": "gru", "hidden_size": 8}),
    "shops-patch": (shops, SHOPS | {"model": "patch-transformer", "context": 16}),
    "visitors": (visitors, {"horizon": 6, "context": 12}),
}  # fmt: skip


def make(name: str, folder: Path) -> None:
    """Train and export a run."""
    data, options = RUNS[name]
    data().to_csv(folder / "data.csv", index=False)
    run = dg.train(str(folder / "data.csv"), run=folder / "run", **{**QUICK, **options})
    run.export(folder / "bundle", to="bundle")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Runs and their bundles, by name."""
    found: dict[str, tuple[Run, Bundle]] = {}

    def get(name: str) -> tuple[Run, Bundle]:
        if name not in found:
            folder = once(tmp_path_factory, f"forecasts-{name}", lambda place: make(name, place))
            found[name] = dg.load(folder / "run", device="cpu"), Bundle.open(folder / "bundle")
        return found[name]

    mode, console.mode = console.mode, "quiet"
    yield get
    console.mode = mode


def with_future(frame: pd.DataFrame, steps: int = 5) -> pd.DataFrame:
    """Rows after the last, of which only what is known in advance is known."""
    last = frame.groupby("shop").tail(1)
    later = [
        last.assign(date=(pd.to_datetime(last["date"]) + pd.Timedelta(days=h)).dt.strftime("%Y-%m-%d"), sales=np.nan,
                    visits=np.nan, promotion=h % 2, kind=["fair", "race"][h % 2])
        for h in range(1, steps + 1)
    ]  # fmt: skip
    return pd.concat([frame, *later], ignore_index=True)


def records_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as a client sends them: numbers, texts, nothing."""
    return frame.astype(object).where(frame.notna(), None).to_dict("records")


def assert_agree(run: Run, bundle: Bundle, frame: pd.DataFrame, records: list[Any]) -> list[dict[str, Any]]:
    """The answers of the bundle, after comparing them with those of the run."""
    expected, plan = pd.DataFrame(run.predict(frame)), run.task.plan
    answers = bundle.predict(records)
    rows = []
    for answer in answers:
        times = answer.get("time", [None] * len(next(iter(answer["forecast"].values()))))
        for h, time in enumerate(times):
            values = {name: answer["forecast"][name][h] for name in plan.targets}
            ends = {
                f"{n}_{end}": answer[end][n][h] for n in plan.targets for end in ("lower", "upper") if end in answer
            }
            rows.append({**answer.get("series", {}), plan.axis.name: time, **values, **ends})
    came = pd.DataFrame(rows).sort_values([*plan.columns.keys, plan.axis.name], kind="stable").reset_index(drop=True)
    assert set(came.columns) == set(expected.columns)
    for column in expected:
        if expected[column].dtype.kind == "f":
            np.testing.assert_allclose(
                came[column], expected[column], rtol=1e-4, atol=1e-4 * expected[column].abs().max()
            )
        else:
            assert came[column].astype(str).tolist() == expected[column].astype(str).tolist()
    return answers


def test_working_hours_in_a_zone(trained):
    run, bundle = trained("office")
    assert run.task.plan.periods  # the calendar is an input
    [answer] = assert_agree(run, bundle, office(), records_of(office()))
    assert answer["time"][0] == "2024-11-11T08:00:00+01:00"
    assert {time[11:13] for time in answer["time"]} == {f"{hour:02}" for hour in range(8, 18)}


def test_rows_in_any_order_and_with_gaps(trained):
    run, bundle = trained("office")
    frame = office().drop(index=[400, 401, 650]).sample(frac=1, random_state=0).reset_index(drop=True)
    assert_agree(run, bundle, frame, records_of(frame))


@pytest.mark.parametrize("name", ["shops", "shops-gru", "shops-patch"])
def test_many_series_with_known_and_static_columns(trained, name):
    run, bundle = trained(name)
    answers = assert_agree(run, bundle, with_future(shops()), records_of(with_future(shops())))
    assert [answer["series"] for answer in answers] == [{"shop": f"s{i}"} for i in range(4)]


def test_a_list_a_column_says_the_same_as_rows(trained):
    run, bundle = trained("shops")
    frame = with_future(shops())
    one = frame[frame["shop"] == "s2"].reset_index(drop=True)
    record = {name: [None if pd.isna(cell) else cell for cell in one[name]] for name in one}
    record |= {"shop": "s2", "town": "Ulm", "area": 2}  # what never changes may come once
    assert_agree(run, bundle, one, [record])


def test_a_series_that_training_did_not_have(trained):
    run, bundle = trained("shops")
    frame = with_future(shops())
    new = (
        frame[frame["shop"] == "s1"]
        .tail(30)
        .assign(shop="new", sales=lambda rows: 777 * rows["sales"])
        .reset_index(drop=True)
    )
    assert_agree(run, bundle, new, records_of(new))


def test_a_short_past_and_a_short_future(trained):
    run, bundle = trained("shops")
    frame = with_future(shops(), 2)
    short = frame[frame["shop"] == "s0"].tail(9).reset_index(drop=True)
    [answer] = assert_agree(run, bundle, short, records_of(short))
    assert len(answer["time"]) == len(answer["forecast"]["sales"]) == 2


def test_counts_stay_above_zero(trained):
    run, bundle = trained("visitors")
    [answer] = assert_agree(run, bundle, visitors(), records_of(visitors()))
    assert answer["time"][:3] == ["2020-01-31", "2020-02-29", "2020-03-31"]
    assert min(answer["lower"]["visitors"]) == 0
    assert bundle.schema["series"]["coverage"] == 0.8


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("office", lambda record: record.pop("time"), "time.*is missing: the model looks at hours"),
        ("office", lambda record: record["time"].pop(), "time.*a time for each of 700 steps, got 699"),
        ("office", lambda record: record.update(time=["noon"] * 700), "time.*such as 2020-01-31 12:00:00, got 'noon'"),
        (
            "office",
            lambda record: record.update(load=[1.0] * 3, heat=[1.0] * 3, time=record["time"][:3]),
            "at least 20 steps",
        ),
        ("office", lambda record: record["heat"].pop(), "equally many steps"),
    ],
)
def test_what_does_not_fit_is_said(trained, name, change, message):
    _, bundle = trained(name)
    frame = office()
    record = {column: frame[column].tolist() for column in frame}
    assert len(frame) == 700
    change(record)
    with pytest.raises(InputError, match=message):
        bundle.predict([record])


def test_the_future_of_known_columns_is_asked_for(trained):
    _, bundle = trained("shops")
    with pytest.raises(InputError, match=r"promotion.*known in advance: add up to 5 steps"):
        bundle.predict(records_of(shops()))


# -- served ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["office", "shops", "visitors"])
def test_the_end_of_the_training_is_a_request_that_is_answered(trained, name):
    run, bundle = trained(name)
    record = bundle.lead.typical_record()
    json.dumps(record)
    [answer] = bundle.predict([record])
    assert set(answer) >= {"forecast", "lower", "upper", "time"}
    assert len(answer["time"]) == run.task.plan.horizon


@pytest.mark.parametrize("name", ["office", "shops"])
def test_a_server_answers_and_describes_what_it_takes(trained, name):
    _, bundle = trained(name)
    registry = Registry(Sources([bundle.model.parent], None), ServeConfig(log=False), Metrics(), [])
    with TestClient(create_app(registry), base_url="http://localhost") as client:
        record = bundle.lead.typical_record()
        sent = client.post("/predict", json=record)
        assert sent.status_code == 200, sent.text
        answer = sent.json()["predictions"][0]
        assert answer == bundle.predict([record])[0]
        document = client.get("/openapi.json").json()
        described = document["components"]["schemas"]["Records"]["anyOf"][0]["properties"]
        assert set(described) >= set(record)
        assert client.get("/drift").status_code == 200
