"""Codes: what passes a bottleneck, held against PCA; what colours the map is not learnt from (K01, K02)."""

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.linalg import subspace_angles
from sklearn.decomposition import PCA
from typer.testing import CliRunner

import deepglass as dg
from deepglass.cli.main import app
from deepglass.core.console import console
from deepglass.core.errors import DataError, OptionError
from deepglass.core.run_folder import RunFolder
from deepglass.data.config import DataConfig
from deepglass.data.containers import Images
from deepglass.data.fields import columns
from deepglass.evaluate import code_map, code_page
from deepglass.models import autoencoder, conv_autoencoder
from deepglass.rivals import principal
from deepglass.runs.job import plan_job
from deepglass.see import Asked
from deepglass.see.opened import Opened
from deepglass.see.panels import embedding as panel
from deepglass.tasks.embedding import Config, Task, evenness


def task_of(num_features, **changes):
    """The task, as it is once its inputs are rows of so many numbers."""
    task = Task(DataConfig(), Config(**changes))
    task._bind(columns.Field)
    task.inputs.preprocessor = SimpleNamespace(num_features=num_features, cardinalities=(), bin_edges=())
    return task


def learnt(model, rows, steps, rate=0.01, **changes):
    """A model after so many steps on all rows, by the loss of the task."""
    task = task_of(rows.shape[1], **changes)
    optimizer = torch.optim.Adam(model.parameters(), rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    batch = (rows, torch.zeros(len(rows), 0, dtype=torch.int64), torch.zeros(len(rows)))
    for _ in range(steps):
        optimizer.zero_grad()
        task.loss(model, batch).backward()
        optimizer.step()
        schedule.step()
    return model.eval()


def error(model, rows):
    with torch.no_grad():
        return float((model(rows)[:, -rows.shape[1] :] - rows).square().mean())


def parabola(seed, count=256):
    """Points on a bent line in the plane, turned into five dimensions."""
    t = np.random.default_rng(seed).uniform(-1, 1, count)
    turn = np.linalg.qr(np.random.default_rng(7).normal(size=(5, 5)))[0][:2]
    rows = np.stack([2 * t, 1.5 * (t**2 - 1 / 3)], 1) @ turn
    return torch.from_numpy(rows).float()


@pytest.mark.parametrize("seed", range(3))
def test_a_linear_autoencoder_spans_the_plane_of_the_principal_components(seed):
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(200, 6)) * [3, 2.5, 1, 0.7, 0.5, 0.2] @ np.linalg.qr(rng.normal(size=(6, 6)))[0]
    torch.manual_seed(seed)
    model = autoencoder.Model(6, config=autoencoder.Config(code_dim=2, num_layers=0)).double()
    learnt(model, torch.from_numpy(rows), steps=1500, rate=0.03)
    plane = PCA(2).fit(rows).components_.T
    assert subspace_angles(model.decoder[0].weight.detach().numpy(), plane).max() < 1e-3
    assert subspace_angles(model.encoder[0].weight.detach().numpy().T, plane).max() < 1e-3


def test_a_bent_line_passes_through_one_number_where_no_plane_lets_it():
    train, test = parabola(0), parabola(1)
    torch.manual_seed(0)
    model = autoencoder.Model(5, config=autoencoder.Config(code_dim=1, num_layers=1, hidden_dim=32))
    learnt(model, train, steps=600)
    linear = principal.fit(train.numpy(), 1).answer(test.numpy())[1].mean()
    assert error(model, test) < 0.5 * linear


def test_the_rival_is_scikit_learns_pca_and_no_numbers_leave_the_mean():
    rows = np.random.default_rng(0).normal(size=(80, 5)).astype(np.float32) * [1, 2, 3, 4, 5]
    theirs = PCA(2).fit(rows)
    codes, errors = principal.fit(rows, 2).answer(rows)
    made = theirs.inverse_transform(theirs.transform(rows))
    assert errors == pytest.approx(((made - rows) ** 2).mean(1), rel=1e-3)
    assert np.abs(codes) == pytest.approx(np.abs(theirs.transform(rows)), rel=1e-2, abs=1e-3)
    assert principal.fit(rows, 0).answer(rows)[1].mean() == pytest.approx(principal.spread(rows), rel=1e-5)


def test_noise_spoils_what_goes_in_and_not_what_has_to_come_out():
    rows = parabola(0)
    seen = []

    class Watcher(torch.nn.Module):
        def forward(self, numeric, categories):
            seen.append(numeric)
            return torch.cat([numeric[:, :1], rows], dim=1)  # what comes out is right

    task = task_of(5, noise=0.5)
    batch = (rows, torch.zeros(len(rows), 0, dtype=torch.int64), torch.zeros(len(rows)))
    assert float(task.loss(Watcher(), batch)) == 0
    assert float((seen[0] - rows).std()) == pytest.approx(0.5, rel=0.1)
    assert not task.has_one_loss(Watcher())
    task.loss(Watcher().eval(), batch)
    assert torch.equal(seen[1], rows)


def test_a_price_on_even_codes_makes_few_numbers_of_a_code_large_and_no_scale_escapes_it():
    code = torch.randn(50, 4)
    assert float(evenness(3 * code)) == pytest.approx(float(evenness(code)), rel=1e-5)
    assert float(evenness(torch.eye(4))) == pytest.approx(0.5)
    assert float(evenness(torch.ones(3, 4))) == pytest.approx(1)
    rows, found = torch.from_numpy(np.random.default_rng(0).normal(size=(200, 4))).float(), []
    for price in (0.0, 1.0):
        torch.manual_seed(0)
        model = autoencoder.Model(4, config=autoencoder.Config(code_dim=4, num_layers=1, hidden_dim=16))
        found.append(float(evenness(learnt(model, rows, 200, sparsity=price).encode(rows).detach())))
    assert found[1] < found[0] - 0.1


@pytest.mark.parametrize("size", [(8, 8), (7, 10), (5, 5)])
def test_a_convolutional_one_gives_pictures_of_any_size_back(size):
    model = conv_autoencoder.Model(3, size, conv_autoencoder.Config(code_dim=4, width=4))
    pictures = torch.randn(2, 3, *size)
    code = model.encode(pictures)
    assert model.decode(code).shape == pictures.shape
    assert torch.allclose(model(pictures), torch.cat([code, model.decode(code).flatten(1)], 1), atol=1e-6)


# -- the task ---------------------------------------------------------------------------------------------------------


def squares():
    rng = np.random.default_rng(0)
    labels = rng.permutation([0, 1] * 30)
    pixels = rng.integers(0, 90, (60, 6, 6, 1))
    pixels[labels == 1, :3] += 120
    return Images("squares", labels, ["low", "high"], 1, pixels=pixels.astype(np.uint8))


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    rng = np.random.default_rng(0)
    hidden = rng.normal(size=(90, 1))
    frame = pd.DataFrame(hidden @ rng.normal(size=(1, 4)) + 0.1 * rng.normal(size=(90, 4)), columns=list("abcd"))
    frame["kind"] = np.where(hidden[:, 0] > 0, "up", "down")
    path = tmp_path_factory.mktemp("table") / "rows.csv"
    frame.round(4).to_csv(path, index=False)
    return path


QUICK = {"epochs": 3, "threads": 1, "device": "cpu"}


@pytest.fixture(scope="module")
def run(table):
    console.mode = "quiet"
    options = {"target": "kind", "model": "autoencoder", "hidden_dim": 8, "code_dim": 2, "learning_rate": 0.01}
    return dg.train(table, run=table.parent / "run", task="embedding", **QUICK, **options)


@pytest.fixture(scope="module")
def pictures_run(tmp_path_factory):
    console.mode = "quiet"
    return dg.train(squares(), run=tmp_path_factory.mktemp("squares") / "run", task="embedding", **QUICK, width=4)


def test_pictures_take_the_convolutional_model_and_rows_the_other(run, pictures_run):
    assert (run.config["model"], pictures_run.config["model"]) == ("autoencoder", "conv-autoencoder")
    assert pictures_run.metrics["rival"]["name"] == "PCA of 4 numbers"
    assert run.metrics["rival"]["name"] == "PCA of 2 numbers"


def test_the_column_that_colours_the_map_is_no_input(run):
    assert run.task.preprocessor.columns == ["a", "b", "c", "d"]
    assert run.task.answer.groups == ["down", "up"]
    without = pd.DataFrame([{"a": 0.1, "b": 0.2, "c": 0.3, "d": 0.4}])
    [answer] = run.predict(without)
    assert list(answer) == ["row", "code_1", "code_2", "error"]
    assert run.predict(without.assign(kind="up")) == [answer]
    assert run.evaluate(without)["count"] == 1  # nothing has to be labelled


def test_none_makes_the_target_of_a_bundled_set_an_input_again():
    named, bare = (plan_job("iris", "embedding", None, {**QUICK, **more}) for more in ({}, {"target": "none"}))
    assert len(bare.prepared.dims["cardinalities"]) == 1 + len(named.prepared.dims["cardinalities"])
    assert [guess.what for guess in named.guesses if guess.what == "left out"]


def test_what_can_not_be_done_is_said(table):
    with pytest.raises(OptionError, match="--target has no effect: the data name no target"):
        plan_job(table, "embedding", None, {**QUICK, "target": "none"})
    with pytest.raises(OptionError, match="--noise: expected 0 or more, got -1"):
        plan_job(table, "embedding", None, {**QUICK, "noise": -1.0})
    with pytest.raises(OptionError, match="--target has no effect: pictures are learnt without"):
        plan_job(squares(), "embedding", None, {**QUICK, "target": "low"})
    with pytest.raises(DataError, match="a single number per example"):
        plan_job(pd.DataFrame({"only": np.random.default_rng(0).normal(size=40)}), "embedding", None, QUICK)


def test_pictures_without_classes_are_learnt(tmp_path):
    images = squares()
    images.labels, images.classes = None, []
    job = plan_job(images, "embedding", None, QUICK)
    assert job.task.answer.groups == []
    assert set(job.prepared.train.tensors[-1].tolist()) == {-1}


def test_outputs_are_there_in_bfloat16_too(run):
    examples, _ = run.task.read(pd.DataFrame({name: [0.1, 1.0] for name in "abcd"}), with_target=False)
    with torch.autocast("cpu", torch.bfloat16):
        rough = run.task.outputs(run.model, examples)
    assert rough.losses == pytest.approx(run.task.outputs(run.model, examples).losses, rel=0.1, abs=0.02)


def test_a_code_as_long_as_the_example_is_warned_of(table):
    console.mode = "quiet"
    wide = dg.train(
        table, run=table.parent / "wide", task="embedding", **QUICK, target="kind", code_dim=4, hidden_dim=8
    )
    assert any("it need not leave anything out" in said for said in wide.metrics["warnings"])


# -- codes ------------------------------------------------------------------------------------------------------------


def test_codes_of_the_training_stand_in_the_order_of_the_data_with_their_part(run, table):
    found = run.embed()
    assert found.names["row"] == list(range(1, 91))
    assert {part: found.names["part"].count(part) for part in ("train", "val", "test")}["test"] == 18
    assert found.names["group"] == pd.read_csv(table)["kind"].tolist()
    answers = run.predict(table)
    assert found.codes[:, 0] == pytest.approx([one["code_1"] for one in answers], abs=1e-5)
    assert found.errors == pytest.approx([one["error"] for one in answers], abs=1e-5)


def test_codes_are_written_in_every_form(run, table, tmp_path):
    for ending in ("csv", "json", "parquet", "npz"):
        done = CliRunner().invoke(app, ["embed", str(run.path), str(table), "-o", str(tmp_path / f"codes.{ending}")])
        assert done.exit_code == 0, done.output
    frame = pd.read_csv(tmp_path / "codes.csv")
    assert frame.columns.tolist() == ["row", "code_1", "code_2", "error"]
    again = pd.read_parquet(tmp_path / "codes.parquet")
    assert again["code_2"].to_numpy() == pytest.approx(frame["code_2"].to_numpy(), abs=1e-6)
    assert json.loads((tmp_path / "codes.json").read_text())[3]["row"] == 4
    with np.load(tmp_path / "codes.npz") as arrays:
        assert arrays["codes"].shape == (90, 2)
        assert arrays["row"].tolist() == frame["row"].tolist()


def test_other_endings_and_other_runs_are_refused(run, tmp_path):
    with pytest.raises(OptionError, match=r"expected a file that ends in \.csv"):
        CliRunner().invoke(app, ["embed", str(run.path), "-o", "x.txt"], catch_exceptions=False)
    with pytest.raises(OptionError, match="leave INPUT out"):
        run.embed("rows.csv", data="rows.csv")
    console.mode = "quiet"
    other = dg.train("iris", run=tmp_path / "iris", model="linear", epochs=1)
    with pytest.raises(OptionError, match="only runs of --task embedding or self-supervised make codes"):
        other.embed()


@pytest.mark.parametrize("which", ["run", "pictures_run"])
def test_the_map_shows_neighbours(which, request, tmp_path):
    run = request.getfixturevalue(which)
    found = run.embed(None, squares() if which == "pictures_run" else None)
    told = code_page.write(tmp_path / "map.html", {"name": "n", "task": "embedding", "model": "m"}, found)
    page = (tmp_path / "map.html").read_text()
    assert told["neighbours_agree"] > told["chance"] - 0.2
    assert "Who is near whom" in page
    assert ("<img" in page) == (which == "pictures_run")


def test_the_report_has_the_map_and_shows_what_comes_back(pictures_run):
    assert "A map of the test examples by their codes" in (pictures_run.path / "report.html").read_text()
    assert all(item["image"].startswith("data:image/png") for item in pictures_run.folder.read("mistakes.json"))


def test_what_is_seen_of_a_run_are_its_codes_in_the_colours_of_the_groups(run):
    opened = Opened(RunFolder(run.path), lambda: run)
    view = panel.show(opened, Asked())
    assert "2 numbers of its code" in view.say
    assert set(view.facts["groups"]) == {"up", "down"}
    places = [row - 1 for row in view.facts["rows"]]
    inputs = opened.inputs(places)
    codes = run.network.encode(*inputs).detach().numpy()
    assert np.abs(code_map.flat(codes.astype(float))[0]) == pytest.approx(np.abs(view.facts["points"]), abs=1e-4)


def test_a_map_is_flat_and_neighbours_are_the_nearest():
    rng = np.random.default_rng(0)
    codes = rng.normal(size=(60, 5)) * [4, 3, 1, 1, 1]
    points, shares = code_map.flat(codes)
    theirs = PCA(2).fit(codes)
    assert np.abs(points) == pytest.approx(np.abs(theirs.transform(codes)), abs=1e-9)
    assert shares == pytest.approx(theirs.explained_variance_ratio_)
    near = code_map.neighbours(codes, np.array([3]), 2)[0]
    distances = np.linalg.norm(codes - codes[3], axis=1)
    assert near.tolist() == np.argsort(distances)[1:3].tolist()
    alone, share = code_map.flat(codes[:, :1])
    assert (alone[:, 1] == 0).all()
    assert share.tolist() == [1.0, 0.0]


def test_neighbours_agree_where_groups_lie_apart():
    groups = np.repeat([0, 1], 30)
    codes = np.random.default_rng(0).normal(size=(60, 2)) + 20 * groups[:, None]
    assert code_page.agreement(codes, groups) == (1.0, 0.5)
    assert code_page.agreement(codes, np.full(60, -1)) is None
