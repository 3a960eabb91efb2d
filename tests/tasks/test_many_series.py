"""Many series in one long table: one model, static and known columns, series of any length, start and size."""

import json

import numpy as np
import pandas as pd
import pytest

from deepglass.core.console import console
from deepglass.core.errors import DataError, OptionError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Table
from deepglass.tasks.forecasting import Config, Task
from deepglass.tasks.tabular_regression import Task as Regression
from deepglass.zoo import architectures

DAYS = 150
QUICK = {"horizon": 7, "context": 21}


def shops(count: int = 5, lengths: tuple[int, ...] = (), sizes: tuple[float, ...] = ()) -> pd.DataFrame:
    """Sales with a week's course, half as much again under a promotion; each shop of another size."""
    rng, parts = np.random.default_rng(0), []
    for i in range(count):
        length = lengths[i] if i < len(lengths) else DAYS
        size = sizes[i] if i < len(sizes) else 100.0 * (i + 1)
        days = np.arange(DAYS - length, DAYS)
        promotion = (rng.random(length) < 0.2).astype(int)
        sales = size * (1 + 0.3 * np.sin(2 * np.pi * days / 7) + 0.5 * promotion + 0.02 * rng.normal(size=length))
        date = pd.Timestamp("2024-01-01") + pd.to_timedelta(days, unit="D")
        about = {"shop": f"shop{i}", "date": date, "town": ["Ulm", "Bonn"][i % 2], "area": 10.0 * i + 5}
        parts.append(pd.DataFrame(about | {"promotion": promotion, "sales": sales}))
    return pd.concat(parts, ignore_index=True)


def task_of(frame: pd.DataFrame, data: DataConfig = DataConfig(), **options):  # noqa: B008 - frozen
    task = Task(data, Config(**{**QUICK, **options}), 0)
    return task, task.prepare(Table(frame, "shops"))


def begun(task: Task, prepared):
    """The model where training begins, with intervals."""
    settings = task.model_defaults("dlinear", len(prepared.train))
    model = architectures.load("dlinear", task="forecasting", **prepared.dims, **settings)
    task.begin(model, prepared)
    task.calibrate(model, prepared)
    return model.eval()


@pytest.fixture(scope="module")
def known():
    task, prepared = task_of(shops(), known="promotion")
    return task, prepared, begun(task, prepared)


# -- learning -------------------------------------------------------------------------------------------------------


def test_roles_are_told_and_said():
    task, prepared = task_of(shops())
    said = {guess.what: guess.value for guess in prepared.guesses}
    assert (said["series"], said["static"], said["targets"], said["covariates"]) == (
        "shop",
        "town, area",
        "sales",
        "promotion",
    )
    assert prepared.dims["num_static"] == 3  # two towns and the area
    assert task.plan.is_long


def test_what_is_known_in_advance_is_used(known):
    task, prepared, model = known
    scores, baseline = task.evaluate(task.outputs(model, prepared.test)), task.baseline(prepared)
    without, parts = task_of(shops())
    blind = without.evaluate(without.outputs(begun(without, parts), parts.test))
    assert scores["mase"]["value"] < 0.3 * blind["mase"]["value"]
    assert scores["mase"]["value"] < 0.3 * baseline["mase"]["value"]
    assert baseline["count"] == scores["count"] == len(prepared.test)


def test_every_series_is_tested_on_the_last_part_of_the_time(known):
    task, prepared, model = known
    outputs = task.outputs(model, prepared.test)
    assert len({name.split("\t")[0] for name in outputs.extra["series"].tolist()}) == 5
    train_end = shops()["date"].to_numpy()[prepared.ids["train"]].max() + np.timedelta64(6, "D")
    assert outputs.extra["begins"].min() > train_end
    rows = task.evaluate(outputs)["details"]["per_series"]
    assert {row["name"] for row in rows} == {f"shop{i}" for i in range(5)}
    assert [row["mase"] for row in rows] == sorted(row["mase"] for row in rows)


def test_the_size_of_a_series_changes_nothing_of_its_forecast():
    usual, large = shops(), shops(sizes=(1e6,))
    forecasts = []
    for frame in (usual, large):
        task, prepared = task_of(frame, known="promotion")
        outputs = task.outputs(begun(task, prepared), prepared.test)
        own = outputs.extra["series"] == "shop0"
        forecasts.append(outputs.predictions[own] / frame["sales"][:DAYS].std())
    np.testing.assert_allclose(*forecasts, rtol=1e-3)


def test_series_of_any_length_and_start_share_a_model():
    frame = shops(6, lengths=(150, 150, 90, 40, 3, 150))
    closed = frame[~((frame["shop"] == "shop5") & (frame["date"] > "2024-03-15"))].reset_index(drop=True)
    task, prepared = task_of(closed, known="promotion")
    said = {guess.what: str(guess) for guess in prepared.guesses}
    assert "shop4" in said["not learnt from"]
    outputs = task.outputs(begun(task, prepared), prepared.test)
    assert np.isfinite(outputs.predictions).all()
    assert "shop5" not in set(outputs.extra["series"].tolist())  # closed before the test begins
    assert task.evaluate(outputs)["mase"]["value"] < 0.5


def test_a_series_that_never_changes_and_one_of_zeros_harm_no_other():
    frame = shops(6)
    frame.loc[frame["shop"] == "shop1", "sales"] = 7.0
    frame.loc[frame["shop"] == "shop2", "sales"] = 0.0
    task, prepared = task_of(frame, known="promotion")
    outputs = task.outputs(begun(task, prepared), prepared.test)
    flat = outputs.extra["series"] == "shop1"
    np.testing.assert_allclose(outputs.predictions[flat], 7.0, atol=2.0)
    assert np.abs(outputs.predictions[outputs.extra["series"] == "shop2"]).max() < 1e-3
    assert task.evaluate(outputs)["mase"]["value"] < 1


def test_gaps_and_disorder_of_single_series():
    frame = shops().drop(index=[20, 21, 400]).sample(frac=1, random_state=0).reset_index(drop=True)
    frame.loc[frame.index[:30], "sales"] = np.nan
    task, prepared = task_of(frame, known="promotion")
    assert task.evaluate(task.outputs(begun(task, prepared), prepared.test))["mase"]["value"] < 0.5


def test_two_key_columns_and_an_option_for_them():
    frame = shops(4).assign(
        product=lambda f: f["shop"].str[-1].astype(int) % 2, shop=lambda f: f["shop"].str[-1].astype(int) // 2
    )
    task, _ = task_of(frame, DataConfig(series_column="shop,product"), static="none")
    assert task.plan.names == [("0", "0"), ("0", "1"), ("1", "0"), ("1", "1")]
    grouped, _ = task_of(shops(3), DataConfig(group_column="shop", time_column="date"))
    assert grouped.plan.columns.keys == ("shop",)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"known": "promo"}, "--known.*did you mean 'promotion'"),
        ({"known": "sales"}, "sales"),
        ({"known": "shop"}, "shop is a key already"),
        ({"targets": "sales", "covariates": "sales"}, "sales is forecast already"),
        ({"coverage": 80}, "--coverage: expected a share between 0 and 1, got 80"),
    ],
)
def test_roles_that_do_not_fit_are_refused(options, message):
    with pytest.raises((OptionError, DataError), match=message):
        task_of(shops(), **{"targets": "sales", **options})


# -- prediction -----------------------------------------------------------------------------------------------------


def past_and_future(frame: pd.DataFrame, steps: int) -> pd.DataFrame:
    """The table with rows beyond its end, of which only the sales are not known."""
    ends = frame.groupby("shop").tail(1)
    more = [
        ends.assign(date=ends["date"] + pd.Timedelta(days=h), sales=np.nan, promotion=h % 2)
        for h in range(1, steps + 1)
    ]
    return pd.concat([frame, *more], ignore_index=True)


def forecast(task: Task, model, frame: pd.DataFrame) -> pd.DataFrame:
    examples, names = task.read(Table(frame, "new"), with_target=False)
    return pd.DataFrame(task.answers(task.outputs(model, examples), names))


def test_forecasts_come_in_long_form_with_their_keys(known):
    task, _, model = known
    found = forecast(task, model, past_and_future(shops(), 7))
    assert list(found.columns) == ["shop", "date", "sales", "sales_lower", "sales_upper"]
    assert len(found) == 5 * 7
    own = found[found["shop"] == "shop2"].reset_index(drop=True)
    assert own["date"].tolist()[0] == "2024-05-30"
    expected = 300 * (1 + 0.3 * np.sin(2 * np.pi * np.arange(DAYS, DAYS + 7) / 7) + 0.5 * (np.arange(1, 8) % 2))
    np.testing.assert_allclose(own["sales"], expected, rtol=0.05)
    assert ((own["sales_lower"] < own["sales"]) & (own["sales"] < own["sales_upper"])).all()


def test_as_many_steps_as_are_known_in_advance(known):
    task, _, model = known
    assert forecast(task, model, past_and_future(shops(), 3)).groupby("shop").size().tolist() == [3] * 5
    with pytest.raises(DataError, match=r"promotion: known in advance.*shop0.*add up to 7 rows after the last"):
        task.read(Table(shops(), "new"), with_target=False)


def test_a_new_series_is_forecast_from_its_own_past_and_said(known, capsys):
    task, _, model = known
    new = shops(1, sizes=(5e4,)).assign(shop="new shop").tail(40)
    mode, console.mode = console.mode, "normal"
    try:
        found = forecast(task, model, past_and_future(new, 7))
    finally:
        console.mode = mode
    assert "new shop: not in the training" in " ".join(capsys.readouterr().err.split())
    expected = 5e4 * (1 + 0.3 * np.sin(2 * np.pi * np.arange(DAYS, DAYS + 7) / 7) + 0.5 * (np.arange(1, 8) % 2))
    np.testing.assert_allclose(found["sales"], expected, rtol=0.1)


def test_too_short_a_past_is_left_out_or_refused(known):
    task, _, model = known
    frame = past_and_future(shops(2, lengths=(150, 2)), 7)
    assert set(forecast(task, model, frame)["shop"]) == {"shop0"}
    with pytest.raises(DataError, match="has 2 steps: expected at least"):
        task.read(Table(frame[frame["shop"] == "shop1"].reset_index(drop=True), "new"), with_target=False)


def test_the_order_of_rows_does_not_matter(known):
    task, _, model = known
    frame = past_and_future(shops(), 7)
    shuffled = frame.sample(frac=1, random_state=1).reset_index(drop=True)
    pd.testing.assert_frame_equal(forecast(task, model, frame), forecast(task, model, shuffled))


def test_the_state_makes_the_same_task(known):
    task, _, model = known
    again = Task(DataConfig(), Config(), 0)
    again.load_state(json.loads(json.dumps(task.state())))
    assert again.state() == task.state()
    frame = past_and_future(shops(), 7)
    pd.testing.assert_frame_equal(forecast(again, model, frame), forecast(task, model, frame))


def test_rolling_evaluation_of_new_data(known):
    task, _, model = known
    examples, names = task.read(Table(shops(), "new"), with_target=True)
    outputs = task.outputs(model, examples)
    assert task.evaluate(outputs)["mase"]["value"] < 0.3
    first = task.answers(outputs, names)[0]
    assert (first["shop"], first["step"]) == ("shop0", 1)


def test_mistakes_name_their_series(known):
    task, prepared, model = known
    worst = task.mistakes(task.outputs(model, prepared.test), prepared, Table(shops(), "shops"), count=3)
    assert all(mistake["text"].startswith("shop") for mistake in worst)
    assert len(worst[0]["series"]["times"]) == len(worst[0]["series"]["past"]) + 7
    json.dumps(worst)


# -- the table as a table -------------------------------------------------------------------------------------------


def test_a_table_of_series_is_never_judged_by_a_random_split():
    task = Regression(DataConfig(target="sales"), _config(), 0)
    prepared = task.prepare(Table(shops(), "shops"))
    dates = shops()["date"].to_numpy()
    assert dates[prepared.ids["train"]].max() < dates[prepared.ids["val"]].min()
    assert dates[prepared.ids["val"]].max() < dates[prepared.ids["test"]].min()
    assert any(guess.what == "split" and "random" in guess.why for guess in prepared.guesses)


@pytest.mark.parametrize("config", [{"time_column": "none"}, {"group_column": "shop"}])
def test_unless_asked_for(config):
    task = Regression(DataConfig(target="sales", **config), _config(), 0)
    prepared = task.prepare(Table(shops(), "shops"))
    assert not any(guess.what == "split" for guess in prepared.guesses)


def _config():
    from deepglass.tasks.tabular_regression import Config

    return Config()
