"""What lesson 9 claims about losses. Values and gradients on PyTorch's own samples: tests/glass/test_op_db.py."""

import numpy as np
import pytest
import torch

from deepglass import glass
from deepglass.glass.nn import functional as F
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("09_losses").module


def test_the_three_costs_are_the_formulas_on_the_page(lesson):
    m = np.linspace(-3, 3.5, 14)
    formulas = {"squared error": (1 - m) ** 2, "cross-entropy": np.log1p(np.exp(-m)), "hinge": np.maximum(0, 1 - m)}
    for title, expected in formulas.items():
        np.testing.assert_allclose(lesson.cost(title, m)[0], expected, atol=1e-12)


def test_squared_error_is_moved_by_points_that_are_right_already_and_the_others_are_not(lesson):
    wrong = {title: lesson.fit(title, lesson.NEAR + lesson.FAR, penalty=0.01)[2] for title in lesson.LOSSES}
    assert wrong["squared error"] > 0
    assert wrong["cross-entropy"] == wrong["hinge"] == 0
    assert all(lesson.fit(title, lesson.NEAR, penalty=0.01)[2] == 0 for title in lesson.LOSSES)


def test_a_hinge_forgets_whoever_has_room_to_spare(lesson):
    assert (lesson.cost("hinge", [1.01, 2, 50])[1] == 0).all()
    assert (lesson.cost("cross-entropy", [1.01, 2, 20])[1] < 0).all()
    assert (lesson.cost("squared error", [1.01, 2, 50])[1] > 0).all()


def test_sure_and_wrong_learns_nothing_by_the_square_of_a_probability(lesson):
    squared, slope = lesson.descend("squared error", -8)
    entropy, steep = lesson.descend("cross-entropy", -8)
    assert squared[-1] < 0.001
    assert entropy[-1] > 0.98
    assert steep == pytest.approx(entropy[0] - 1)
    assert abs(slope) < 0.001


@pytest.mark.parametrize("weights", [None, [0.2, 3.0, 1.0]])
def test_cross_entropy_and_its_gradient_are_pytorchs_with_class_weights(weights):
    logits, classes = np.random.default_rng(0).normal(size=(6, 3)), [0, 2, 1, 1, 0, 2]
    ours = glass.tensor(logits).requires_grad_()
    theirs = torch.tensor(logits, requires_grad=True)
    loss = F.cross_entropy(ours, glass.tensor(classes), None if weights is None else glass.tensor(np.array(weights)))
    expected = torch.nn.functional.cross_entropy(
        theirs, torch.tensor(classes), None if weights is None else torch.tensor(weights, dtype=torch.float64)
    )
    loss.backward()
    expected.backward()
    assert loss.item() == pytest.approx(expected.item(), abs=1e-12)
    np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), atol=1e-12)


def test_squared_error_and_its_gradient_are_pytorchs():
    values = np.random.default_rng(1).normal(size=(2, 7))
    ours, theirs = glass.tensor(values[0]).requires_grad_(), torch.tensor(values[0], requires_grad=True)
    F.mse_loss(ours, glass.tensor(values[1])).backward()
    torch.nn.functional.mse_loss(theirs, torch.tensor(values[1])).backward()
    np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), atol=1e-12)
    np.testing.assert_allclose(ours.grad.numpy(), 2 * (values[0] - values[1]) / 7, atol=1e-12)


def test_the_slope_of_cross_entropy_is_what_was_said_minus_what_was_true():
    logits = glass.tensor(np.array([[2.0, 1.0, -1.0]])).requires_grad_()
    F.cross_entropy(logits, glass.tensor([1])).backward()
    said = F.softmax(logits.detach(), dim=1).numpy()
    np.testing.assert_allclose(logits.grad.numpy(), said - [[0, 1, 0]], atol=1e-12)


def test_the_hinge_with_a_penalty_is_scikit_learns_support_vector_machine(lesson):
    from sklearn.svm import LinearSVC

    points = np.array(lesson.NEAR + lesson.FAR)
    C = 5.0
    theirs = LinearSVC(C=C, loss="hinge", intercept_scaling=50, max_iter=200_000).fit(points[:, :2], points[:, 2])
    w, b, _ = lesson.fit("hinge", points, penalty=1 / (C * len(points)), steps=2000)
    np.testing.assert_allclose(w, theirs.coef_[0], rtol=0.03, atol=0.03)
    grid = np.stack(np.meshgrid(np.linspace(-1, 1, 60), np.linspace(-1, 1, 60)), axis=-1).reshape(-1, 2)
    assert ((grid @ w + b > 0) == theirs.predict(grid)).mean() > 0.99


def test_a_wild_point_pulls_with_slope_times_x(lesson):
    """Far out on the wrong side: twice as far pulls twice as hard by cross-entropy, four times by squared error."""
    pulls = {}
    for title in ("cross-entropy", "squared error", "hinge"):
        for far in (50.0, 100.0):
            w = glass.tensor([1.0, 0.5]).double().requires_grad_()
            x = glass.tensor([[-far, 0.0]]).double()
            lesson.LOSSES[title](x @ w, glass.tensor([1.0]).double()).mean().backward()
            pulls[title, far] = np.abs(w.grad.numpy()).max()
    for title, times in (("cross-entropy", 2), ("hinge", 2), ("squared error", 4)):
        assert pulls[title, 100.0] / pulls[title, 50.0] == pytest.approx(times, rel=0.03)


def test_nothing_before_the_guess_shows_what_too_right_costs(lesson):
    from deepglass.course.widgets.film import Film

    film = next(widget for widget in opened("09_losses").widgets if isinstance(widget, Film))
    assert (film.waits_for, film.held) == ("guess", lesson.WRONG)
    shown = [float(caption.split("margin ")[1].split(":")[0]) for caption in film.captions]
    assert max(shown[: film.held]) <= 1 < max(shown)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("(1 - sides * scores).mean()", "earns nothing back"),
        ("np.maximum(0, 1 - sides * scores)", "one number, the mean"),
        ("np.maximum(0, 1 - scores).mean()", "margin is side"),
    ],
)
def test_a_wrong_hinge_is_told_which_point(line, said):
    assert said in tried("hinge", f"def hinge(scores, sides):\n    return {line}").message
