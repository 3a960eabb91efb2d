"""Options of the game of two networks: what each side plays for, how fast and how often it learns, what holds it."""

import copy
import math

import numpy as np
import pandas as pd
import pytest
import torch
import torch.nn.functional as F

import deepglass as dg
from deepglass.core.errors import OptionError
from deepglass.data.config import DataConfig
from deepglass.models import gan
from deepglass.tasks.generation import Config, Task
from deepglass.tasks.makers._game_losses import LOSSES
from deepglass.training.initializers import initialize

SMALL = {"task": "generation", "epochs": 2, "hidden_dim": 8, "num_layers": 1, "threads": 1}


def rows():
    return pd.DataFrame(np.random.default_rng(0).normal(size=(80, 2)), columns=["a", "b"])


def expected(name, real, made):
    """Both losses, by PyTorch's own."""
    one, none = torch.ones_like(real), torch.zeros_like(real)
    told = F.binary_cross_entropy_with_logits(real, one) + F.binary_cross_entropy_with_logits(made, none)
    if name == "hinge":
        told = F.margin_ranking_loss(real, none, one, margin=1) + F.margin_ranking_loss(made, none, -one, margin=1)
    return {
        "non-saturating": (told, F.binary_cross_entropy_with_logits(made, one)),
        "minimax": (told, -F.binary_cross_entropy_with_logits(made, none)),
        "hinge": (told, -made.mean()),
        "wasserstein": (made.mean() - real.mean(), -made.mean()),
    }[name]


@pytest.mark.parametrize("name", LOSSES)
def test_every_pair_is_what_pytorch_computes(name):
    torch.manual_seed(0)
    real, made = 3 * torch.randn(50), 3 * torch.randn(50)
    found = LOSSES[name].discriminator(real, made), LOSSES[name].generator(made)
    for ours, theirs in zip(found, expected(name, real, made)):
        torch.testing.assert_close(ours, theirs)


def test_who_is_seen_through_learns_nothing_by_minimax_and_most_by_the_others():
    slopes = {}
    for name, losses in LOSSES.items():
        made = torch.tensor([-20.0], requires_grad=True)
        losses.generator(made).backward()
        slopes[name] = abs(made.grad.item())
    assert slopes.pop("minimax") < 1e-6
    assert all(slope == pytest.approx(1) for slope in slopes.values())


def test_under_minimax_the_sides_sum_to_nothing_on_made_rows():
    made = torch.randn(30)
    on_made = LOSSES["minimax"].discriminator(torch.full((30,), math.inf), made)
    torch.testing.assert_close(on_made + LOSSES["minimax"].generator(made), torch.tensor(0.0))


def test_rate_and_steps_are_those_of_the_updates():
    task = Task(DataConfig(), Config(discriminator_rate=4.0, discriminator_steps=3))
    discriminator, generator = task.updates(gan.GAN(2, 2))
    assert (discriminator.rate, discriminator.every) == (4.0, 1)
    assert (generator.rate, generator.every) == (1.0, 3)


def test_no_verdict_under_a_spectral_norm_changes_faster_than_its_row():
    torch.manual_seed(0)
    model = gan.GAN(2, 2, config=gan.Config(hidden_dim=16, spectral_norm=True))
    with torch.no_grad():
        for layer in model.discriminator:
            if hasattr(layer, "parametrizations"):
                layer.parametrizations.weight.original.mul_(50)
    for _ in range(300):  # of power iteration
        model(None, torch.randn(4, 2))
    model.eval()
    weights = [layer.weight for layer in model.discriminator if hasattr(layer, "parametrizations")]
    assert len(weights) == 4
    assert [torch.linalg.matrix_norm(weight, 2).item() for weight in weights] == pytest.approx([1] * 4, rel=0.02)
    x, y = torch.randn(500, 2), torch.randn(500, 2)
    assert ((model(None, x) - model(None, y)).abs().squeeze() <= 1.05 * (x - y).norm(dim=1)).all()
    assert all(not hasattr(layer, "parametrizations") for layer in model.generator)


def test_a_rule_for_first_weights_reaches_those_under_a_spectral_norm():
    torch.manual_seed(0)
    model = gan.GAN(2, 2, config=gan.Config(hidden_dim=16, spectral_norm=True))
    before = copy.deepcopy(model.state_dict())
    initialize(model, "orthogonal")
    stored = model.discriminator[2].parametrizations.weight.original
    assert not torch.equal(stored, before["discriminator.2.parametrizations.weight.original"])
    torch.testing.assert_close(stored @ stored.T, torch.eye(16), atol=1e-5, rtol=0)


def test_a_run_with_all_of_them_is_kept_and_makes_the_same_again(tmp_path):
    options = {"gan_loss": "hinge", "discriminator_rate": 2.0, "discriminator_steps": 2, "spectral_norm": True}
    run = dg.train(rows(), run=tmp_path / "run", **SMALL | {"epochs": 1}, **options)
    made = list(run.generate(count=4, seed=1))
    assert made == list(dg.load(run.path).generate(count=4, seed=1))
    assert np.isfinite(pd.DataFrame(made).to_numpy()).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"gan_loss": "earth"}, "--gan-loss: expected 'non-saturating' or 'minimax' or 'hinge' or 'wasserstein'"),
        ({"discriminator_rate": 0.0}, "--discriminator-rate: expected a factor"),
        ({"discriminator_rate": math.nan}, "--discriminator-rate: expected a factor"),
        ({"discriminator_rate": 1000.0}, "at most 100, got 1000"),
        ({"discriminator_steps": 0}, "--discriminator-steps: expected 1 to 100"),
        ({"gradient_penalty": math.inf}, "--gradient-penalty: expected 0 or more, got inf"),
        ({"gan_loss": "wasserstein", "gradient_penalty": 0.0}, "add --spectral-norm"),
        ({"model": "vae", "gan_loss": "hinge"}, "--gan-loss has no effect: vae learns by a bound, it is for a game"),
        ({"model": "vae", "discriminator_rate": 2.0}, "--discriminator-rate has no effect"),
        ({"model": "vae", "discriminator_steps": 2}, "--discriminator-steps has no effect"),
        ({"model": "vae", "spectral_norm": True}, "spectral"),
    ],
)
def test_what_could_not_act_or_makes_no_sense_is_refused_by_name(options, message, tmp_path):
    small = {name: value for name, value in SMALL.items() if name != "num_layers"}
    with pytest.raises(OptionError, match=message):
        dg.train(rows(), run=tmp_path / "run", **small, **options)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("more", [{"spectral_norm": True}, {}])
def test_a_critic_whose_slope_is_bounded_is_let_play(more, tmp_path):
    penalty = {"gradient_penalty": 0.0} if more else {}
    run = dg.train(rows(), run=tmp_path / "run", gan_loss="wasserstein", **SMALL, **more, **penalty)
    assert run.task.config.gan_loss == "wasserstein"
