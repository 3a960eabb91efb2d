"""Generation: rows of numbers from noise, by two networks that learn in turn."""

import itertools

import numpy as np
import pandas as pd
import pytest
import torch
from typer.testing import CliRunner

import deepglass as dg
from deepglass.cli.main import app
from deepglass.core.errors import DataError, OptionError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Table
from deepglass.data.datasets import gaussian_ring
from deepglass.data.preprocess.number import Number
from deepglass.tasks.generation import Config, Task
from deepglass.tasks.made._numbers import from_rows, to_rows
from deepglass.tasks.makers import _falling_penalty
from deepglass.tasks.makers._falling_penalty import FallingPenalty
from deepglass.zoo import architectures

SMALL = {"epochs": 2, "hidden_dim": 8, "num_layers": 1, "threads": 1}


def table(rows=80, seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"size": rng.normal(5, 2, rows), "price": rng.exponential(30, rows)})
    return Table(frame.assign(colour=pd.Categorical(rng.choice(["red", "blue"], rows))), "shop")


def prepared(data, **config):
    task = Task(DataConfig(), Config(**config))
    return task, task.prepare(data)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Trained for a blink."""
    folder = tmp_path_factory.mktemp("generation") / "run"
    dg.train(table().frame[["size", "price"]], task="generation", run=folder, **SMALL)
    return dg.load(folder)


def test_the_ring_has_eight_places_and_nothing_to_predict():
    ring = gaussian_ring.load()
    assert ring.target is None
    assert ring.task == "generation"
    angles = np.arctan2(ring.frame["y"], ring.frame["x"]) / (2 * np.pi / 8)
    assert set(np.round(angles).astype(int) % 8) == set(range(8))
    assert np.hypot(ring.frame["x"], ring.frame["y"]).std() == pytest.approx(gaussian_ring.DEVIATION, rel=0.05)
    assert ring.frame.equals(gaussian_ring.load().frame)


def test_columns_that_are_no_numbers_and_rows_with_gaps_are_left_out_and_said():
    data = table()
    data.frame.loc[[3, 7], "size"] = np.nan
    task, ready = prepared(data)
    assert task.dims == {"num_features": 2, "latent_dim": 2, "is_binary": False}
    assert sum(len(part) for part in (ready.train, ready.val, ready.test)) == 78
    said = {guess.what: str(guess) for guess in ready.guesses}
    assert "colour" in said["columns left out"]
    assert "rows 4, 8" in said["rows left out"]


def test_a_target_is_a_column_like_the_others():
    data = table()
    data.target = "price"
    assert [number.name for number in prepared(data)[0].numbers] == ["size", "price"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (Table(pd.DataFrame({"a": pd.Categorical(list("xy") * 20)}), "words"), "no column of numbers"),
        (table(12), "12 rows without an empty cell"),
    ],
)
def test_what_cannot_be_learnt_is_refused(data, message):
    with pytest.raises(DataError, match=message):
        prepared(data)


@pytest.mark.parametrize("config", [{"latent_dim": 0}, {"gradient_penalty": -1.0}])
def test_options_out_of_range_are_refused_by_name(config):
    with pytest.raises(OptionError, match=next(iter(config)).replace("_", "-")):
        prepared(table(), **config)


@pytest.mark.parametrize("scaling", ["standard", "quantile"])
def test_rows_come_back_in_their_units(scaling):
    frame = table().frame[["size", "price"]]
    numbers = [Number.fit(frame[name], name, scaling) for name in frame]
    np.testing.assert_allclose(from_rows(to_rows(frame, numbers), numbers), frame.to_numpy(), rtol=1e-4, atol=1e-3)
    far = from_rows(np.array([[99.0, -99.0]], np.float32), numbers)[0]
    assert np.isfinite(far).all()


def test_the_losses_are_those_of_the_papers():
    """Both networks without a say: softplus(0) each; a slope is punished by its square, in the mean."""
    task = Task(DataConfig(), Config(gradient_penalty=4.0))
    model = architectures.load("gan", num_features=2, latent_dim=2, num_layers=0)
    for parameter in model.parameters():
        torch.nn.init.zeros_(parameter)
    batch = (torch.randn(4000, 2),)
    assert task.loss(model, batch).item() == pytest.approx(np.log(2))
    assert task.maker.discriminator_loss(model, batch).item() == pytest.approx(2 * np.log(2))
    with torch.no_grad():
        model.discriminator[0].weight.copy_(torch.tensor([[0.3, 0.4]]))  # |∇D|² = 0.25 everywhere
    torch.manual_seed(0)
    with_penalty = task.maker.discriminator_loss(model, batch).item()
    torch.manual_seed(0)
    without = Task(DataConfig(), Config(gradient_penalty=0.0)).maker.discriminator_loss(model, batch).item()
    assert with_penalty - without == pytest.approx(4.0 / 2 * 0.25, rel=0.1)


def test_the_two_networks_learn_by_turns_from_their_own_losses():
    task = Task(DataConfig(), Config())
    model = architectures.load("gan", num_features=2, latent_dim=2)
    discriminator, generator = task.updates(model)
    assert (discriminator.name, generator.name) == ("discriminator", "generator")
    assert list(discriminator.parameters) == list(model.discriminator.parameters())
    assert list(generator.parameters) == list(model.generator.parameters())


def test_steps_are_the_same_for_any_number_of_rows():
    task = Task(DataConfig(), Config())
    for rows in (20, 108, 2880, 100_000):
        chosen = task.train_defaults("gan", rows)
        steps = chosen["epochs"] * -(-rows // chosen["batch_size"])
        assert 6000 <= steps <= 6000 + -(-rows // chosen["batch_size"])
        assert chosen["batch_size"] <= rows


def test_a_seed_makes_the_same_rows_and_another_one_others(run):
    once, again, other = (list(run.generate(count=5, seed=seed)) for seed in (1, 1, 2))
    assert once == again != other
    assert [list(row) for row in once] == [["size", "price"]] * 5
    assert list(run.generate(count=3, seed=1)) == once[:3]


def test_what_was_learnt_from_is_known_again(run):
    found = run.evaluate(table().frame[["size", "price"]])
    assert found["count"] == 80
    assert found["seen"] == {"examples": 64, "of": 80}
    assert found["unseen"]["count"] == 16


@pytest.mark.parametrize("options", [{"count": 0}, {"seed": -1}, {"prompt": "Once"}, {"temperature": 0.5}])
def test_options_that_do_not_fit_are_refused_by_name(run, options):
    with pytest.raises(OptionError, match=f"--{next(iter(options))}"):
        run.generate(**options)


def test_verbs_without_sense_say_so_in_a_sentence(run, tmp_path):
    with pytest.raises(OptionError, match="it makes new ones: `deepglass generate RUN"):
        run.predict([{"size": 1.0, "price": 2.0}])
    with pytest.raises(OptionError, match="answers no inputs"):
        run.trace(table())


def test_new_rows_are_written_as_a_table(run, tmp_path):
    done = CliRunner().invoke(app, ["generate", str(run.path), "--count", "4", "--seed", "3"])
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0] == "size,price"
    assert len(lines) == 5
    path = tmp_path / "new.json"
    done = CliRunner().invoke(
        app, ["generate", str(run.path), "--count", "4", "--seed", "3", "--json", "-o", str(path)]
    )
    assert done.exit_code == 0, done.output
    assert pd.read_json(path).shape == (4, 2)


def test_the_report_shows_samples_and_both_losses(run):
    page = (run.path / "report.html").read_text(encoding="utf-8")
    for words in ("samples over real rows", "Losses of networks that learn in turn", "Energy distance", "generate"):
        assert words in page


def test_a_state_of_other_columns_is_refused(run):
    state = run.task.state()
    task = Task(DataConfig(), Config())
    for odd in ({"numbers": []}, {"latent_dim": 0}, {"numbers": state["numbers"] * 2}):
        with pytest.raises(ValueError, match=r"columns|latent_dim"):
            task.load_state(state | odd)


def test_the_penalty_falls_to_what_was_asked_for_and_goes_on_where_it_was():
    penalty, seen = FallingPenalty(0.02, torch.device("cpu")), []
    held = penalty.value  # as a recorded step holds it
    for _ in range(_falling_penalty.STEPS + 5):
        seen.append(float(held))
        penalty.update()
    assert seen[0] == _falling_penalty.FIRST
    assert all(later < now for now, later in itertools.pairwise(seen[: _falling_penalty.STEPS]))
    assert seen[-1] == float(held) == pytest.approx(0.02)
    resumed = FallingPenalty(0.02, torch.device("cpu"))
    resumed.load_state_dict({"steps": 1000})
    assert float(resumed.value) == seen[1000]


def test_no_penalty_is_none_from_the_first_step():
    penalty = FallingPenalty(0.0, torch.device("cpu"))
    penalty.update()
    assert float(penalty.value) == 0
