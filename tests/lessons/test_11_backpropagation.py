"""What lesson 11 claims about back-propagation: every number by hand, by the engine and by PyTorch (E01)."""

import numpy as np
import pytest
import torch

from deepglass import glass
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("11_backpropagation").module


def parameters_in_order(net) -> list[float]:
    """The nine gradients of an engine's or PyTorch's net, named as on the page."""
    w, b, v, c = (np.asarray(p.grad.tolist()).ravel() for p in net.parameters())
    return dict(zip(("w₁", "w₂", "w₃", "w₄", "b₁", "b₂", "w₅", "w₆", "b₃"), np.concatenate([w, b, v, c])))


def test_every_gradient_of_the_page_is_the_hand_calculation_the_engines_and_pytorchs(lesson):
    by_hand = lesson.backward(lesson.forward(lesson.NUMBERS))
    ours = lesson.engine_net(lesson.NUMBERS)
    lesson.engine_loss(ours).backward()
    theirs = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Sigmoid(), torch.nn.Linear(2, 1), torch.nn.Sigmoid())
    theirs = theirs.double()
    theirs.load_state_dict({name: torch.tensor(value.numpy()) for name, value in ours.state_dict().items()})
    x = torch.tensor([[lesson.GIVEN["x₁"], lesson.GIVEN["x₂"]]], dtype=torch.float64)
    ((theirs(x) - lesson.GIVEN["y"]) ** 2).mean().backward()
    for name, gradient in parameters_in_order(ours).items():
        assert gradient == pytest.approx(by_hand[name], abs=1e-12), name
        assert gradient == pytest.approx(parameters_in_order(theirs)[name], abs=1e-12), name


def test_every_intermediate_of_the_page_is_on_the_engines_tape(lesson):
    values = lesson.forward(lesson.NUMBERS)
    blame = lesson.backward(values)
    steps = [step for step in glass.graph(lesson.engine_loss(lesson.engine_net(lesson.NUMBERS))) if step.inputs]
    for step, names in zip(steps, (("z₁", "z₂"), ("h₁", "h₂"), ("z₃",), ("ŷ",))):
        assert step.value.ravel() == pytest.approx([values[name] for name in names], abs=1e-12)
        assert step.gradient.ravel() == pytest.approx([blame[name] for name in names], abs=1e-12)
    assert steps[-1].value.item() == pytest.approx(values["L"], abs=1e-12)


def test_the_printed_hand_calculation(lesson):
    """Three digits, worked out on paper: z₁ = 0.8, h₁ = 0.690; z₂ = 0, h₂ = ½; z₃ = 1.028, ŷ = 0.737."""
    values = lesson.forward(lesson.NUMBERS)
    blame = lesson.backward(values)
    on_paper = {"z₁": 0.8, "h₁": 0.690, "z₂": 0.0, "h₂": 0.5, "z₃": 1.028, "ŷ": 0.737, "L": 0.0694}
    assert {name: values[name] for name in on_paper} == pytest.approx(on_paper, abs=6e-4)
    paper_blame = {"ŷ": -0.527, "z₃": -0.102, "w₅": -0.0706, "w₆": -0.0511, "b₃": -0.102, "h₁": -0.123, "h₂": 0.0613}
    paper_blame |= {"z₁": -0.0262, "z₂": 0.0153, "w₁": -0.0262, "w₂": -0.0131, "w₃": 0.0153, "w₄": 0.0077}
    assert {name: blame[name] for name in paper_blame} == pytest.approx(paper_blame, abs=6e-4)


def test_a_step_against_the_blame_is_the_engines_step_and_lowers_the_loss(lesson):
    values, after = lesson.forward(lesson.NUMBERS), lesson.forward(lesson.stepped(lesson.RATE))
    net = lesson.engine_net(lesson.NUMBERS)
    optimizer = glass.optim.SGD(net.parameters(), lr=lesson.RATE)
    lesson.engine_loss(net).backward()
    optimizer.step()
    assert lesson.engine_loss(net).item() == pytest.approx(after["L"], abs=1e-12)
    assert after["L"] < values["L"]


def test_the_gradient_keeps_its_promise_for_small_steps_only(lesson):
    for name in lesson.NUMBERS:
        true, promised = lesson.nudged(name, 0.001)
        assert true == pytest.approx(promised, rel=1e-3), name
    true, promised = lesson.nudged("b₃", 2)
    assert abs(true - promised) > 0.5 * abs(promised)


def test_equal_weights_stay_equal_and_a_seed_mends_it(lesson):
    equal, drawn = lesson.bump_net(None), lesson.bump_net(1)
    stuck, free = lesson.trained(equal), lesson.trained(drawn)
    first, second = equal[0].weight.detach().numpy()
    assert first == pytest.approx(second, abs=1e-6)
    assert free[-1] < 0.2 * stuck[-1]


def test_gradients_that_are_not_cleared_make_the_loss_go_wild(lesson):
    forgotten = lesson.trained(lesson.bump_net(1), steps=300, clears=False)
    cleared = lesson.trained(lesson.bump_net(1), steps=300)
    assert max(forgotten[50:]) > 5 * max(cleared[50:])


def test_a_place_that_feeds_two_receives_the_sum():
    x = glass.tensor(2.0, requires_grad=True)
    (3 * x + x * x).backward()
    assert x.grad.item() == 3 + 2 * 2


def test_nothing_beside_the_guess_shows_any_blame(lesson):
    from deepglass.course.widgets.film import Film

    film = next(widget for widget in opened("11_backpropagation").widgets if isinstance(widget, Film))
    assert film.waits_for == "guess"
    assert film.captions[film.held - 1].endswith("Who is to blame?")
    assert all("Backward" not in caption for caption in film.captions[: film.held])


@pytest.mark.parametrize(
    ("line", "said"), [("g * a, g * b", "the other factor"), ("b, a", "is a factor too"), ("g", "two numbers")]
)
def test_wrong_blame_is_told_what_is_missing(line, said):
    assert said in tried("blame", f"def blame(g, a, b):\n    return {line}").message
