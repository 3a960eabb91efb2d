"""Updates: one or several, each with its own weights, loss, rate and optimiser; hooks after the step."""

import copy
from dataclasses import replace

import pytest
import torch
from torch import nn

from deepglass.core.errors import OptionError, RunError, TrainingError
from deepglass.core.run_folder import RunFolder
from deepglass.data.examples import InMemory
from deepglass.training.config import TrainConfig
from deepglass.training.learner import Learner
from deepglass.training.loop import Trainer, fit
from deepglass.training.parallel.processes import Team
from deepglass.training.plan import Plan
from deepglass.training.profiling.profiler import Profiler
from deepglass.training.progress import Watcher
from deepglass.training.rate_finder import find_rate
from deepglass.training.update import USUAL, Update, updates_of
from tests.training.helpers import DigitsLearner, digits, network
from tests.training.test_loop import KillAt, weights

CONFIG = TrainConfig(
    epochs=3, batch_size=16, learning_rate=0.01, optimizer="adam", schedule="constant", warmup=0.0, weight_decay=0.0,
    precision="float32", device="cpu", threads=1,
)  # fmt: skip


class Pair(nn.Module):
    """Two networks in one: one makes numbers from noise, the other tells them from given ones."""

    def __init__(self, seed=0):
        super().__init__()
        torch.manual_seed(seed)
        self.maker, self.judge = nn.Linear(2, 2), nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1))

    def forward(self, noise):
        return self.maker(noise)


class Game(Learner):
    """Two updates that take turns; what each costs is noted."""

    monitor, better = "distance", "lower"
    settings: dict[str, dict] = {"judge": {}, "maker": {}}  # noqa: RUF012

    def updates(self, model):
        parts = {"judge": (model.judge, self.judge_loss), "maker": (model.maker, self.loss)}
        return [Update(n, parts[n][0].parameters(), parts[n][1], **more) for n, more in self.settings.items()]

    def judge_loss(self, model, batch):
        made = model(torch.randn_like(batch[0])).detach()
        return nn.functional.softplus(-model.judge(batch[0])).mean() + nn.functional.softplus(model.judge(made)).mean()

    def loss(self, model, batch):
        return nn.functional.softplus(-model.judge(model(torch.randn_like(batch[0])))).mean()

    @torch.no_grad()
    def outputs(self, model, examples):
        model.eval()
        given = examples.batch(torch.arange(len(examples)))[0]
        return float((model(torch.zeros(1, 2)) - given.mean(0)).norm())

    def validate(self, outputs):
        return {"distance": outputs}


def game(**settings):
    """With other settings of single updates."""
    learner = Game()
    learner.settings = {name: {**more, **settings.get(name, {})} for name, more in Game.settings.items()}
    return learner


def points(count=40):
    drawn = torch.randn(count, 2, generator=torch.Generator().manual_seed(1)) + 3
    return InMemory(drawn), InMemory(drawn[:8])


def trained(learner=None, config=CONFIG, seed=0, **more):
    torch.manual_seed(seed)
    return fit(Pair(), learner or Game(), *points(), config, **more)


def by_hand(every=(1, 1), rates=(1.0, 1.0), betas=(None, None), clip=None):
    """The same training with two optimisers of PyTorch, as one would write it."""
    torch.manual_seed(0)
    model, learner, (train, _) = Pair(), Game(), points()
    given = [{} if beta is None else {"betas": beta} for beta in betas]
    parts = (model.judge, learner.judge_loss), (model.maker, learner.loss)
    optimizers = [torch.optim.Adam(p.parameters(), 0.01 * r, **g) for (p, _), r, g in zip(parts, rates, given)]
    step = 0
    for epoch in range(3):
        order = torch.randperm(40, generator=torch.Generator().manual_seed(epoch))
        for indices in order.split(16):
            for (part, loss), optimizer, turn in zip(parts, optimizers, every):
                if step % turn == 0:
                    model.zero_grad()
                    loss(model, train.batch(indices)).backward()
                    if clip:
                        nn.utils.clip_grad_norm_(part.parameters(), clip)
                    optimizer.step()
            step += 1
    return model


def last_weights(learner, monkeypatch, config=CONFIG):
    """Those after the last step, whichever epoch was the best."""
    monkeypatch.setattr("deepglass.training.epoch_end.take_best", lambda trainer: trainer.model.eval())
    return weights(trained(learner, config).model)


@pytest.mark.parametrize(
    ("settings", "hand", "changes"),
    [
        ({}, {}, {}),
        ({"maker": {"rate": 0.3}}, {"rates": (1.0, 0.3)}, {}),
        ({"judge": {"betas": (0.5, 0.9)}}, {"betas": ((0.5, 0.9), None)}, {}),
        ({"maker": {"every": 3}}, {"every": (1, 3)}, {}),
        ({}, {"clip": 0.05}, {"clip_gradient": 0.05}),
    ],
    ids=["alike", "rate", "betas", "every", "clipped"],
)
def test_two_updates_are_the_loop_one_would_write_by_hand(monkeypatch, settings, hand, changes):
    found = last_weights(game(**settings), monkeypatch, replace(CONFIG, **changes))
    torch.testing.assert_close(found, weights(by_hand(**hand)), rtol=1e-5, atol=1e-6)
    assert not torch.allclose(found, weights(Pair()), atol=1e-3)


def test_an_update_of_everything_that_is_declared_is_the_usual_one():
    class Declares(DigitsLearner):
        def updates(self, model):
            return [Update("mine", model.parameters(), self.loss)]

    results = []
    for learner in (DigitsLearner(), Declares()):
        torch.manual_seed(0)
        results.append(fit(network(), learner, *digits(), replace(CONFIG, batch_size=50)))
    assert torch.equal(weights(results[0].model), weights(results[1].model))
    assert [r["loss"] for r in results[0].history] == [r["loss"] for r in results[1].history]
    assert [update.name for update in updates_of(DigitsLearner(), network())] == [USUAL]


def test_the_weights_of_the_other_update_get_no_gradient():
    seen = []

    class Looks(Game):
        def judge_loss(self, model, batch):
            seen.append([p.requires_grad for part in (model.judge, model.maker) for p in part.parameters()])
            return super().judge_loss(model, batch)

        def loss(self, model, batch):
            seen.append([p.requires_grad for part in (model.maker, model.judge) for p in part.parameters()])
            return super().loss(model, batch)

    fitted = trained(Looks())
    assert set(map(tuple, seen[0::2])) == {(True, True, True, True, False, False)}
    assert set(map(tuple, seen[1::2])) == {(True, True, False, False, False, False)}
    assert all(p.requires_grad for p in fitted.model.parameters())


def test_a_weight_of_both_updates_learns_in_both():
    class Shares(Game):
        def updates(self, model):
            judge, maker = super().updates(model)
            return [judge, replace(maker, parameters=[*maker.parameters, model.judge[0].weight])]

    trainer = Trainer(Pair(), Shares(), *points(), CONFIG, None, None, Watcher(), None)
    first, second = trainer.updates
    shared = trainer.model.judge[0].weight
    assert any(p is shared for p in first.parameters)
    assert any(p is shared for p in second.parameters)
    assert not any(p is shared for p in (*first.others, *second.others))
    assert torch.isfinite(weights(trained(Shares()).model)).all()


def test_the_history_holds_what_each_costs():
    """An update that learns in one step of three is counted by the examples of those steps."""
    costs = {"judge": [], "maker": []}

    class Costs(Game):
        def judge_loss(self, model, batch):
            costs["judge"].append((loss := super().judge_loss(model, batch)).item())
            return loss

        def loss(self, model, batch):
            costs["maker"].append((loss := super().loss(model, batch)).item())
            return loss

    learner = Costs()
    learner.settings = {"judge": {}, "maker": {"every": 2}}
    first = trained(learner, replace(CONFIG, epochs=1)).history[0]
    a, b, c = costs["judge"]
    assert first["loss_judge"] == pytest.approx((16 * a + 16 * b + 8 * c) / 40)
    a, b = costs["maker"]
    assert first["loss_maker"] == pytest.approx((16 * a + 8 * b) / 24)
    assert first["loss"] == pytest.approx(first["loss_judge"] + first["loss_maker"])


# -- resuming -------------------------------------------------------------------------------------------------------


class Teacher:
    """Follows the first weights of a model; its own count decides how fast."""

    def __init__(self, model):
        self.source, self.weight, self.steps = next(model.parameters()), torch.zeros(2, 2), 0

    def update(self):
        self.steps += 1
        self.weight.lerp_(self.source.detach(), 1 / self.steps)

    def state_dict(self):
        return {"weight": self.weight, "steps": self.steps}

    def load_state_dict(self, state):
        self.steps = state["steps"]
        self.weight.copy_(state["weight"])


class Taught(Game):
    """The maker is also drawn to where its teacher is."""

    def hooks(self, model):
        self.teacher = Teacher(model)
        return {"teacher": self.teacher}

    def loss(self, model, batch):
        return super().loss(model, batch) + (model.maker.weight - self.teacher.weight).square().sum()


@pytest.mark.parametrize("kill_at", [2, 3, 4, 8])
@pytest.mark.parametrize("changes", [{}, {"ema": 0.9, "clip_gradient": 0.1, "optimizer": "momentum"}])
def test_a_killed_training_of_two_updates_and_a_hook_resumes_to_the_bit(tmp_path, kill_at, changes):
    def learner():
        made = Taught()
        made.settings = {"judge": {"betas": (0.5, 0.9)}, "maker": {"every": 2, "rate": 0.5}}
        return made

    config = replace(CONFIG, checkpoint_every=0.0, schedule="cosine", **changes)
    whole, folder = trained(learner(), config), RunFolder(tmp_path)
    with pytest.raises(RuntimeError, match="the power went"):
        trained(learner(), config, folder=folder, watcher=KillAt(kill_at))
    torch.manual_seed(99)
    resumed = fit(Pair(seed=5), learner(), *points(), config, folder=folder, resume=True)
    assert torch.equal(weights(resumed.model), weights(whole.model))
    for name in ("loss", "loss_judge", "loss_maker", "val_distance"):
        assert [r[name] for r in resumed.history] == [r[name] for r in whole.history]


def test_a_checkpoint_holds_the_optimiser_of_every_update(tmp_path):
    learner = game(maker={"every": 3})
    trained(learner, folder=RunFolder(tmp_path))
    state = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert state["optimizers"].keys() == {"judge", "maker"}
    steps = {name: {int(each["step"]) for each in one["state"].values()} for name, one in state["optimizers"].items()}
    assert steps == {"judge": {9}, "maker": {3}}


def test_a_checkpoint_of_other_updates_is_refused_by_name(tmp_path):
    trained(folder=RunFolder(tmp_path))

    class Renamed(Game):
        def updates(self, model):
            return [replace(update, name=update.name.upper()) for update in super().updates(model)]

    with pytest.raises(RunError, match="expected updates 'JUDGE', 'MAKER', got 'judge', 'maker'"):
        trained(Renamed(), folder=RunFolder(tmp_path), resume=True)
    with pytest.raises(RunError, match="expected hooks 'teacher', got none"):
        trained(Taught(), folder=RunFolder(tmp_path), resume=True)


@pytest.mark.parametrize("ema", [0.0, 0.9])
def test_a_checkpoint_from_before_there_were_updates_is_read(tmp_path, ema):
    config = replace(CONFIG, batch_size=50, checkpoint_every=0.0, ema=ema)
    torch.manual_seed(0)
    whole = fit(network(), DigitsLearner(), *digits(), config)
    torch.manual_seed(0)
    folder, path = RunFolder(tmp_path), tmp_path / "checkpoint.pt"
    with pytest.raises(RuntimeError, match="the power went"):
        fit(network(), DigitsLearner(), *digits(), config, folder=folder, watcher=KillAt(17))
    state = torch.load(path)
    del state["progress"]["seen"]
    old = {"optimizer": state.pop("optimizers")[USUAL], "mean": state.pop("hooks").get("mean", {})}
    torch.save(state | old, path)
    (folder / "checksums.sha256").unlink()
    resumed = fit(network(seed=5), DigitsLearner(), *digits(), config, folder=folder, resume=True)
    assert torch.equal(weights(resumed.model), weights(whole.model))
    assert [r["loss"] for r in resumed.history] == [r["loss"] for r in whole.history]


# -- beside the loop ------------------------------------------------------------------------------------------------


def test_a_hook_follows_every_step():
    learner = Taught()
    trained(learner)
    assert learner.teacher.steps == 9


def test_the_running_mean_of_both_networks_is_judged_and_kept():
    plain, mean = trained(), trained(config=replace(CONFIG, ema=0.9))
    assert not torch.equal(weights(plain.model), weights(mean.model))
    assert [r["loss"] for r in plain.history] == [r["loss"] for r in mean.history]


def test_a_plateau_lowers_the_rate_of_every_update():
    still = InMemory(torch.zeros(8, 2))
    config = replace(CONFIG, schedule="plateau", epochs=6)
    trainer = Trainer(Pair(), game(maker={"rate": 0.5}), still, still, config, None, None, Watcher(), None)
    trainer.plan = Plan.of(6, 1, None)
    trainer.progress.plateau = 0.3
    trainer._follow_schedules()
    rates = [update.optimizer.param_groups[0]["lr"] for update in trainer.updates]
    assert rates == pytest.approx([0.003, 0.0015])


def test_the_profiler_times_every_update():
    profiler = Profiler()
    fitted = trained(config=replace(CONFIG, epochs=10), profiler=profiler)
    profile = profiler.profile
    assert all(profile.seconds[phase] > 0 for phase in ("forward", "backward", "optimiser"))
    assert profile.flops > 0
    assert torch.equal(weights(fitted.model), weights(trained(config=replace(CONFIG, epochs=10)).model))


def test_several_ways_of_computing_agree_for_all_losses_together():
    config = replace(CONFIG, precision="auto", threads=None, epochs=200)
    trainer = Trainer(Pair(), Game(), *points(), config, None, None, Watcher(), None)
    trainer.plan = Plan.of(200, 3, None)
    state = torch.get_rng_state()
    assert trainer.open_ways()[0].precision == "float32"
    assert torch.equal(torch.get_rng_state(), state)


def test_a_loss_that_is_no_number_is_found_whichever_update_has_it():
    class Explodes(Game):
        def loss(self, model, batch):
            return super().loss(model, batch) * float("nan")

    with pytest.raises(TrainingError, match="before anything was learnt"):
        trained(Explodes())


def with_updates(make):
    learner = Game()
    learner.updates = lambda model: make(model, Game().updates(model))
    return learner


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda model, two: [two[0], replace(two[1], name="judge")], "different names"),
        (lambda model, two: [replace(update, every=2) for update in two], "every=1 of one of them"),
        (lambda model, two: [two[0], replace(two[1], every=0)], "every=1"),
        (lambda model, two: [two[0], replace(two[1], rate=0.0)], "rate above 0"),
        (lambda model, two: [two[0], replace(two[1], parameters=[])], "no weight that learns"),
        (lambda model, two: [two[0], replace(two[1], parameters=nn.Linear(2, 2).parameters())], "names 2 weights"),
        (lambda model, two: two[:1], r"2 weights would never learn \(maker.weight, maker.bias\)"),
    ],
)
def test_updates_that_would_not_do_what_they_say_are_refused(make, message):
    with pytest.raises(TrainingError, match=message):
        trained(with_updates(make))


def test_a_name_of_the_running_mean_is_taken():
    class Named(Game):
        def hooks(self, model):
            return {"mean": Teacher(model)}

    with pytest.raises(TrainingError, match="rename it"):
        trained(Named())


def test_a_range_test_wants_one_loss():
    with pytest.raises(OptionError, match="several take turns"):
        find_rate(Pair(), Game(), points()[0], CONFIG)


def test_a_model_of_several_updates_is_not_divided():
    from deepglass.training.parallel.wrap import share_network

    config = replace(CONFIG, shard=True)
    with pytest.raises(OptionError, match="--shard needs one loss"):
        share_network(Pair(), Team(size=2), config, torch.device("cpu"), None, has_several=True)


def test_a_learner_that_declares_nothing_learns_by_its_own_loss():
    """One that hands on all it does not know to another learner, too."""

    class Handing:
        def __init__(self, other):
            self.other = other

        def __getattr__(self, name):
            return getattr(self.other, name)

        def loss(self, model, batch):
            return 0.0 * self.other.loss(model, batch)

    model = network()
    before = copy.deepcopy(model.state_dict())
    fit(model, Handing(DigitsLearner()), *digits(), replace(CONFIG, epochs=1, optimizer="sgd"))
    assert all(torch.equal(p, before[name]) for name, p in model.named_parameters())
