"""What lesson 18 claims about batch normalisation, and the proof of its topic: equal to nn.BatchNorm."""

import numpy as np
import pytest
import torch

from deepglass import glass
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("18_batch_normalisation").module


@pytest.fixture(scope="module")
def nets(lesson):
    return lesson.learn(False), lesson.learn(True)


@pytest.mark.parametrize(("layer", "shape"), [("BatchNorm1d", (6, 3)), ("BatchNorm2d", (4, 3, 5, 2))])
def test_outputs_gradients_and_running_values_are_pytorchs(layer, shape):
    rng = np.random.default_rng(0)
    weight, bias, pull = rng.normal(size=3), rng.normal(size=3), rng.normal(size=shape)
    batches, told = rng.normal(2, 3, size=(3, *shape)), []
    for engine in (glass, torch):
        norm = getattr(engine.nn, layer)(3).double()
        norm.load_state_dict({**norm.state_dict(), "weight": engine.tensor(weight), "bias": engine.tensor(bias)})
        told.append([])
        for batch in batches:
            x = engine.tensor(batch).requires_grad_()
            y = norm(x)
            norm.zero_grad()
            (y * engine.tensor(pull)).sum().backward()
            kept = (y.detach(), x.grad, norm.weight.grad, norm.bias.grad, norm.running_mean, norm.running_var)
            told[-1] += [value.numpy().copy() for value in kept]
        told[-1].append(norm.eval()(engine.tensor(batches[0])).detach().numpy())
    for ours, theirs in zip(*told, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-10)


def test_points_grow_alike_in_the_plain_net_and_not_in_the_normalised_one(nets):
    widths = [band[:, 3] - band[:, 1] for band in (nets[0][2][0], nets[1][2][0])]
    assert widths[0][-1] < 0.02 * widths[0][0]
    assert widths[1].min() > 0.8


def test_the_plain_net_does_not_learn_what_the_normalised_one_does(nets):
    assert nets[0][1][-1] > 0.68
    assert nets[1][1][-1] < 0.05


def test_more_learning_rates_work(lesson):
    ends = [[lesson.learn(has_norm, rate, 30)[1][-1] for rate in (0.1, 1.0)] for has_norm in (False, True)]
    assert min(ends[0]) > 0.3 > max(ends[1])


@pytest.mark.parametrize("times", [0.1, 10])
def test_what_comes_out_does_not_know_the_weights_scale_and_the_blame_shrinks_by_it(lesson, times):
    _, usual, blame = lesson.unit(1, 1)
    _, out, less = lesson.unit(times, 1)
    np.testing.assert_allclose(out, usual, atol=2e-3)  # ε under the root is all that tells them apart
    np.testing.assert_allclose(less * times, blame, rtol=5e-3)


def test_in_training_mode_the_company_decides_and_in_eval_mode_the_person(lesson, nets):
    small, large = (lesson.in_company(nets[1][0], size, True) for size in (4, 64))
    assert np.ptp(small) > 0.5
    assert np.ptp(large) < 0.5 * np.ptp(small)
    assert np.ptp(lesson.in_company(nets[1][0], 4, False)) < 1e-6


def test_asking_leaves_the_net_as_it_was(lesson, nets):
    before = {name: value.numpy().copy() for name, value in nets[1][0].state_dict().items()}
    lesson.in_company(nets[1][0], 4, True)
    for name, value in nets[1][0].state_dict().items():
        np.testing.assert_array_equal(value.numpy(), before[name])


def test_one_person_alone_is_refused_while_training(nets, lesson):
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        nets[1][0](lesson.rings()[0][:1])


def test_with_lesson_15s_start_the_plain_net_learns_as_well(lesson, nets):
    losses = lesson.learn(False, start="He's")[1]
    assert losses[-1] < 0.3
    assert nets[0][1][-1] > 0.68


def test_one_picture_alone_is_not_refused_and_its_answer_is_not_that_of_the_running_values():
    """What the page warns of: BatchNorm2d takes mean and spread over the pixels of the one picture, without a word."""
    rng = np.random.default_rng(0)
    batch, picture = rng.normal(size=(8, 3, 4, 4)), rng.normal(2, 1, size=(1, 3, 4, 4))
    for engine in (glass, torch):
        norm = engine.nn.BatchNorm2d(3).double()
        norm(engine.tensor(batch))
        alone = norm(engine.tensor(picture)).detach().numpy()
        used = norm.eval()(engine.tensor(picture)).detach().numpy()
        assert np.isfinite(alone).all()
        assert np.abs(alone - used).max() > 0.5
        with pytest.raises(ValueError, match="more than 1 value per channel"):
            engine.nn.BatchNorm1d(3).double()(engine.tensor(picture[:, :, 0, 0]))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("g * (x - x.mean()) / np.sqrt(x.var() + eps) + b", "use axis=0"),
        ("g * (x - x.mean(0)) / x.std(0) + b", "divided by 0"),
        ("g * (x - x.mean(0)) / (x.std(0) + eps) + b", "under the root"),
    ],
)
def test_a_mean_over_everything_is_told_which_axis(line, said):
    assert said in tried("normalise", f"def normalise(x, g, b, eps):\n    return {line}").message
