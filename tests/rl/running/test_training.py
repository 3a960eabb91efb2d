"""A training in a world, from a name to a run: kept, resumed to the bit, judged, refused."""

import json

import numpy as np
import pytest

import deepglass as dg
from deepglass.api.acting import PolicyRun
from deepglass.core.errors import DataError, OptionError, RunError, TrainingError
from deepglass.rl.envs import arm
from deepglass.rl.running import settings, training
from tests.rl import worlds
from tests.rl.small import QUICK

SHORT = {"steps": 400, "evaluate_episodes": 3, "test_episodes": 5, "max_episode_steps": 15}


def train(source="CartPole-v1", model="ppo", **options):
    return dg.train(source, model=model, **{**QUICK[model], **SHORT, **options})


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return train(run=tmp_path_factory.mktemp("runs") / "cartpole")


@pytest.fixture
def own(tmp_path):
    """A file with worlds of the user's own; the class is named behind a colon."""
    path = tmp_path / "mine.py"
    path.write_text("from tests.rl.worlds import Grey, Line, Push, hostile\nBad = hostile('raises', 12)\n")
    return f"{path}:"


def test_a_run_holds_what_every_run_holds(run):
    assert isinstance(run, PolicyRun)
    names = {path.name for path in run.path.iterdir()}
    assert {"config.json", "task.json", "weights.safetensors", "checkpoint.pt", "metrics.json", "report.html"} <= names
    assert {"MODEL_CARD.md", "outputs.npz", "environment.json", "guesses.json", "history.json"} <= names
    test, baseline = run.metrics["test"], run.metrics["baseline"]
    assert test["kind"] == "returns"
    assert test["count"] == 5
    assert test["mean_return"]["value"] == pytest.approx(run.folder.read_outputs()["predictions"].mean())
    assert baseline["name"] == "random actions"
    page = (run.path / "report.html").read_text(encoding="utf-8")
    assert "5 test episodes, whose beginnings were drawn apart" in page
    assert "random actions" in page


def test_its_report_says_what_can_be_done_with_a_policy(run):
    page = (run.path / "report.html").read_text(encoding="utf-8")
    assert "--episodes 100" in page
    assert "OTHER_DATA" not in page


def test_what_it_knew_is_what_answers(run):
    again = dg.load(run.path)
    assert isinstance(again, PolicyRun)
    assert again.act([0.0, 0.1, 0.02, -0.1]) in (0, 1)
    many = again.act(np.zeros((7, 4)))
    assert many.shape == (7,)
    scores = again.evaluate(episodes=4, seed=3)
    assert scores["count"] == 4
    assert scores["mean_return"] == again.evaluate(episodes=4, seed=3)["mean_return"]


@pytest.mark.parametrize(
    "wrong", [[1.0, 2.0], [[1.0] * 3], "left", [np.nan] * 4, None, [[1, 2], [3]], np.zeros((2, 2, 4))]
)
def test_an_observation_that_does_not_fit_is_refused(run, wrong):
    with pytest.raises(DataError, match="expected"):
        run.act(wrong)


@pytest.mark.parametrize(
    "ask",
    [
        lambda run: run.predict("x.csv"),
        lambda run: run.explain("x.csv"),
        lambda run: run.trace("x.csv"),
        lambda run: run.shrink(),
        lambda run: list(run.generate()),
        lambda run: run.evaluate("x.csv"),
        lambda run: run.evaluate(episodes=0),
        lambda run: run.evaluate(environment="Pendulum-v1"),
        lambda run: run.evaluate(environment="nothing"),
    ],
)
def test_what_a_policy_cannot_do_is_said(run, ask):
    with pytest.raises(OptionError):
        ask(run)


@pytest.mark.parametrize("model", ["ppo", "dqn", "reinforce", "a2c", "sac", "td3"])
def test_a_killed_training_goes_on_to_the_same_numbers(model, tmp_path, monkeypatch):
    source = "Pendulum-v1" if model in ("sac", "td3") else "CartPole-v1"
    whole = train(source, model, run=tmp_path / "whole", steps=160)
    rounds = {"left": len(whole.history) // 2}
    evaluate = training.Session._evaluate

    def killed(self):
        evaluate(self)
        rounds["left"] -= 1
        if rounds["left"] == 0:
            self.save()
            raise KeyboardInterrupt

    monkeypatch.setattr(training.Session, "_evaluate", killed)
    with pytest.raises(KeyboardInterrupt):
        train(source, model, run=tmp_path / "killed", steps=160)
    monkeypatch.undo()
    resumed = dg.train(run=tmp_path / "killed", resume=True)
    assert (resumed.path / "weights.safetensors").read_bytes() == (whole.path / "weights.safetensors").read_bytes()
    timeless = ("epoch", "step", "loss", "val_mean_return")
    assert [[r[n] for n in timeless] for r in resumed.history] == [[r[n] for n in timeless] for r in whole.history]
    assert resumed.metrics["test"] == whole.metrics["test"]


def test_a_configuration_repeats_a_run(run, tmp_path):
    again = dg.train(config=run.path, run=tmp_path / "again")
    assert again.metrics["test"] == run.metrics["test"]
    other = dg.train(config=run.path, run=tmp_path / "other", seed=7)
    assert other.config["train"]["seed"] == 7
    assert other.metrics["test"]["count"] == 5


def test_seeds_of_world_and_learner_are_apart(run, tmp_path):
    other = train(run=tmp_path / "other", environment_seed=5)
    assert other.history[-1]["val_mean_return"] != run.history[-1]["val_mean_return"]
    assert other.config["train"]["seed"] == run.config["train"]["seed"]


def test_runs_are_compared_on_the_episodes_that_they_share(run, tmp_path):
    found = run.compare(train(run=tmp_path / "b", model="a2c"))
    assert found["tests"][0]["measure"] == "mean_return"


@pytest.mark.parametrize("name", ["Line", "Push", "Grey"])
def test_a_world_of_ones_own_is_learnt_and_asked_only_where_it_is_named(own, name, tmp_path):
    model = "sac" if name == "Push" else "ppo"
    run = train(own + name, model, run=tmp_path / "own", steps=100, evaluate_every=50)
    assert np.shape(run.act(np.zeros(run.stage.observation_shape))) == ((1,) if name == "Push" else ())
    with pytest.raises(OptionError, match="add --environment .*mine.py:" + name):
        run.evaluate(episodes=1)
    assert run.evaluate(episodes=2, environment=own + name)["count"] == 2


@pytest.mark.parametrize("again", ["resume", "config"])
def test_a_run_folder_does_not_run_code_that_nobody_named(own, again, tmp_path):
    run = train(own + "Line", run=tmp_path / "own", steps=50)
    told = {"run": run.path, "resume": True} if again == "resume" else {"config": run.path, "run": tmp_path / "b"}
    (tmp_path / "mine.py").write_text("raise SystemExit('this must not run')\n")
    with pytest.raises(OptionError, match=r"code in a file.*runs only where you name it"):
        dg.train(**told)


def test_a_world_that_fails_ends_in_a_message_and_keeps_what_was_learnt(own, tmp_path):
    place = tmp_path / "bad"
    with pytest.raises(TrainingError, match=r"step 12 of episode 1: ZeroDivisionError.* is kept: go on with"):
        train(own + "Bad", run=place, num_steps=4, batch_size=8)
    assert {"checkpoint.pt", "weights.safetensors", "history.json"} <= {path.name for path in place.iterdir()}
    assert dg.load(place).act([0.0, 0.0]) in (0, 1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target": "x"}, "--target has no effect for ppo in an environment"),
        ({"clipp": 0.1}, "did you mean --clip"),
        ({"folds": 3}, "--folds has no effect"),
        ({"gamma": 1.5}, "--gamma: expected 0 to 1, got 1.5"),
        ({"num_envs": 0}, "--num-envs: expected 1"),
        ({"steps": "many"}, "--steps: expected int, got 'many'"),
        ({"budget": "soon"}, "--budget: expected a time"),
        ({"model": "gpt"}, "unknown algorithm 'gpt'"),
        ({"model": "sac"}, "does not learn discrete actions: expected one of a2c, dqn, ppo, reinforce"),
    ],
)
def test_options_that_do_not_fit_are_refused_and_leave_nothing(options, message, tmp_path):
    with pytest.raises(OptionError, match=message):
        dg.train("CartPole-v1", run=tmp_path / "new", **{"steps": 10, **options})
    assert not (tmp_path / "new").exists()


def test_a_folder_that_holds_a_run_is_not_overwritten(run):
    with pytest.raises(RunError, match="already holds a run"):
        train(run=run.path)


def test_a_damaged_run_is_said_and_not_a_traceback(run, tmp_path):
    import shutil

    place = tmp_path / "copy"
    shutil.copytree(run.path, place)
    (place / "checksums.sha256").unlink()
    task = json.loads((place / "task.json").read_text())
    task["dims"]["observation_shape"] = [10**9]
    (place / "task.json").write_text(json.dumps(task))
    with pytest.raises(RunError, match=r"task\.json"):
        dg.load(place).act([0.0] * 4)
    (place / "weights.safetensors").write_bytes(b"nothing")
    with pytest.raises(RunError):
        dg.load(place).act([0.0] * 4)


def test_a_budget_ends_a_training(tmp_path, monkeypatch):
    clock = {"now": 1000.0}
    monkeypatch.setattr("time.monotonic", lambda: clock["now"])
    iterate = training.Session._iterate

    def slow(self):
        clock["now"] += 1.0
        iterate(self)

    monkeypatch.setattr(training.Session, "_iterate", slow)
    found = train(run=tmp_path / "budget", budget="10s", steps=10**6)
    assert found.folder.read("environment.json")["stopped"] == "the budget of 10s is used up"
    assert 0 < found.history[-1]["step"] < 10**6


def test_solved_twice_is_enough(tmp_path, monkeypatch):
    monkeypatch.setattr("deepglass.rl.envs.cartpole.Env.solved_at", 5.0)
    found = train(run=tmp_path / "solved", steps=10_000, evaluate_every=32, evaluate_episodes=30)
    assert "solved" in found.folder.read("environment.json")["stopped"]
    assert len(found.history) <= 4
    everything = train(run=tmp_path / "all", steps=320, evaluate_every=32, stop_when_solved=False)
    assert everything.history[-1]["step"] == 320


def test_the_loss_that_is_not_a_number_ends_a_training(tmp_path, monkeypatch):
    monkeypatch.setattr("deepglass.rl.ppo.Learner.update", lambda *batch, **more: float("nan"))
    with pytest.raises(TrainingError, match="smaller --learning-rate"):
        train(run=tmp_path / "nan")


def test_an_episode_is_drawn_and_written(run, tmp_path):
    from PIL import Image

    path = run.play(tmp_path / "film.gif", seed=1)
    with Image.open(path) as film:
        assert film.n_frames >= 5
    lines = [line for _, line in run.frames(seed=1)]
    assert lines[0].startswith("begins at")
    assert "step    1" in lines[1]
    assert lines[-1].endswith(("the end", "time is up"))


@pytest.mark.slow("PyTorch's exporter takes two seconds")
def test_a_policy_leaves_as_onnx_and_answers_the_same(run, tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime")
    path = run.export(tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(path)
    rows = np.random.default_rng(0).normal(size=(20, 4))
    feeds = {one.name: rows[:, [i]] for i, one in enumerate(session.get_inputs())}
    assert list(feeds) == ["cart position", "cart velocity", "pole angle", "pole velocity"]
    assert (session.run(None, feeds)[0].argmax(axis=1) == run.act(rows)).all()


def test_the_worlds_of_tests_are_what_they_say():
    assert worlds.hostile("raises", 12).when == 12


def test_a_run_behind_a_wire_is_judged_by_goals_and_in_another_physics(tmp_path):
    source = "Arm-v0:delay=1,recall=2"
    run = train(source, run=tmp_path / "arm")
    assert run.config["source"] == source
    assert 0 <= run.metrics["test"]["goals_reached"]["value"] <= 1
    other = run.evaluate(episodes=4, environment="Arm-v0:recall=2,load=1")
    assert other["headline"][0] == "goals_reached"
    with pytest.raises(OptionError, match="trained for"):
        run.evaluate(episodes=4, environment="Arm-v0")
    assert run.play().is_file()


def test_a_training_behind_a_wire_goes_on_to_the_bit(tmp_path, monkeypatch):
    source = "Arm-v0:noise=0.1,delay=1,recall=1,vary=0.2"
    whole = train(source, run=tmp_path / "whole")
    real, count = training.Session._iterate, [0]

    def stops(session):
        if count[0] == 6:
            raise KeyboardInterrupt
        count[0] += 1
        real(session)
        session.save()

    monkeypatch.setattr(training.Session, "_iterate", stops)
    with pytest.raises(KeyboardInterrupt):
        train(source, run=tmp_path / "parts")
    monkeypatch.setattr(training.Session, "_iterate", real)
    parts = train(source, run=tmp_path / "parts", resume=True)
    for name, tensor in whole.network.state_dict().items():
        assert (tensor == parts.network.state_dict()[name]).all(), name


def test_a_world_says_what_suits_it_and_whoever_asks_for_something_else_gets_it():
    env = arm.Env()
    asked = settings.decide(env, None, {"steps": 7})
    assert (asked.model, asked.config.gamma, asked.run.steps) == ("ppo", 0.9, 7)
    assert "gamma" in {guess.what for guess in asked.guesses}
    other = settings.decide(env, "sac", {})
    assert (other.config.gamma, other.run.steps) == (0.98, None)


def test_who_seems_to_have_solved_a_world_goes_on_until_other_episodes_agree(tmp_path, monkeypatch):
    monkeypatch.setattr("deepglass.rl.envs.cartpole.Env.solved_at", 5.0)
    uses, played = [], training.Session._played

    def doubting(session, use, count):
        uses.append((use, count))
        mean, is_solved = played(session, use, count)
        return mean, is_solved and (use != training.CONFIRMATION or uses.count((use, count)) > 1)

    monkeypatch.setattr(training.Session, "_played", doubting)
    found = train(run=tmp_path / "run", steps=10_000, evaluate_every=32, evaluate_episodes=30)
    look, second = (training.VALIDATION, 30), (training.CONFIRMATION, training.CONFIRMED)
    assert uses == [look, look, second, look, look, second]
    assert found.folder.read("environment.json")["stopped"].startswith("solved")
    assert len(found.history) == 4
