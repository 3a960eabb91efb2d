"""What lesson 17 claims. That the Trainer's early stopping restores the best weights: tests/training/test_loop.py."""

import numpy as np
import pytest

from deepglass import glass
from deepglass.glass.nn import functional as F
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("17_holding_back").module


@pytest.fixture(scope="module")
def runs(lesson):
    return {name: lesson.learn(**how) for name, how in lesson.REMEDIES.items()}


def test_each_of_the_three_ends_nearer_to_new_points_than_the_free_net(runs):
    ends = {name: errors[kept] for name, (errors, _, kept, _) in runs.items()}
    for name in ("weight decay", "dropout", "early stopping"):
        assert ends[name][2] < 0.85 * ends["nothing"][2]
        assert ends[name][0] > ends["nothing"][0]  # and farther off the points it learnt from


def test_early_stopping_goes_back_to_the_best_weights(lesson, runs):
    errors, _, kept, model = runs["early stopping"]
    assert len(errors) == kept + 8 + 1
    assert errors[kept, 1] == errors[:, 1].min()
    x, y = map(glass.tensor, lesson.sample(30, 5))
    with glass.no_grad():
        assert F.mse_loss(model(x), y).item() ** 0.5 == errors[kept, 1]


def test_too_much_decay_underfits(lesson):
    errors = lesson.learn(decay=3.0)[0]
    assert errors[-1].min() > 0.3


@pytest.mark.parametrize("decay", [0.03, 0.1, 1.0])
def test_descent_with_weight_decay_ends_at_the_ridge_of_the_equation(lesson, decay):
    np.testing.assert_allclose(lesson.by_descent(decay), lesson.ridge(decay), atol=1e-6)


def test_weights_shrink_as_the_decay_rises(lesson):
    lengths = [np.linalg.norm(lesson.ridge(decay)) for decay in (0.0001, 0.001, 0.01, 0.1, 1, 3)]
    assert lengths == sorted(lengths, reverse=True)


@pytest.mark.parametrize("p", [0.1, 0.25, 0.8])
def test_dropout_keeps_the_share_and_the_mean_and_rests_when_used(p):
    glass.manual_seed(1)
    count = 200_000
    said = F.dropout(glass.ones(count), p).numpy()
    error = (p * (1 - p) / count) ** 0.5  # of the share
    assert abs((said == 0).mean() - p) < 4 * error
    assert abs(said.mean() - 1) < 4 * error / (1 - p)
    assert np.allclose(said[said > 0], 1 / (1 - p))
    assert (F.dropout(glass.ones(50), p, training=False).numpy() == 1).all()


def test_a_net_with_dropout_says_the_same_twice_when_used_and_not_while_training(runs):
    model, x = runs["dropout"][3], glass.tensor([[0.3]]).double()
    assert model(x).item() == model(x).item()
    model.train()
    assert len({model(x).item() for _ in range(5)}) > 1
    model.eval()


def test_too_much_decay_is_worse_than_none(lesson, runs):
    assert lesson.learn(decay=3.0)[0][-1, 2] > runs["nothing"][0][-1, 2]


def test_with_sgd_both_kinds_of_decay_are_one_and_with_adam_they_are_not(lesson):
    """SGD and AdamW shrink the weight by rate · λ · w; Adam's first step is as long as its rate, penalty or not."""
    shrunk = {name: lesson.shrunk(name) for name in ("SGD", "AdamW", "Adam")}
    assert shrunk["SGD"] == pytest.approx(0.1 * 0.5 * 2.0)
    assert shrunk["AdamW"] == pytest.approx(0.1 * 0.5 * 2.0)
    assert shrunk["Adam"] == pytest.approx(0, abs=1e-6)


def test_the_formula_of_the_first_picture_is_its_optimisers(lesson):
    formula = opened("17_holding_back").html
    assert r"(1 - \eta\textcolor" in formula
    rng = np.random.default_rng(0)
    weights, slopes = rng.normal(size=5), rng.normal(size=(3, 5))
    ends = {}
    for name, decay in (("AdamW", 0.3), ("Adam", 0.0)):
        w = glass.tensor(weights).requires_grad_()
        optimizer = getattr(glass.optim, name)([w], lr=0.01, weight_decay=decay)
        steps = []
        for slope in slopes:
            before = w.detach().numpy().copy()
            optimizer.zero_grad()
            (w * glass.tensor(slope)).sum().backward()
            optimizer.step()
            steps.append((before, w.detach().numpy().copy()))
        ends[name] = steps
    for (before, after), (bare, moved) in zip(ends["AdamW"], ends["Adam"]):
        np.testing.assert_allclose(after, (1 - 0.01 * 0.3) * before + (moved - bare), rtol=1e-9)


def test_stopping_too_late_is_told_which_history():
    code = "def stop_at(losses, patience):\n    return len(losses) - 1, int(np.argmin(losses))"
    message = tried("stop_at", code).message
    assert "For [5, 3, 2, 4, 4, 1, 0] with patience 2: expected (4, 2)" in message
    assert "never seen" in message
