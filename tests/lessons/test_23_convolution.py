"""What lesson 23 claims about convolution and its blame (H01, E02)."""

import numpy as np
import pytest
import torch
import torch.nn.functional as TF

from deepglass import glass
from deepglass.course.widgets.choice import Choice
from deepglass.course.widgets.kernel import KERNELS, Kernel
from deepglass.glass.foundations import shared_kernel
from deepglass.glass.nn import functional as F
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("23_convolution").module


WINDOWS = [  # channels in and out, picture, kernel, stride, padding, dilation, groups
    (1, 1, (5, 6), (3, 3), 1, 0, 1, 1),
    (3, 4, (8, 7), (3, 2), (2, 1), (1, 0), 1, 1),
    (4, 6, (9, 9), (3, 3), 2, 2, 2, 2),
    (4, 4, (6, 6), (2, 3), 1, (0, 1), (1, 2), 4),
    (2, 3, (5, 5), (1, 1), 3, 0, 1, 1),
    (2, 2, (4, 4), (4, 4), 1, 0, 1, 1),
]


def passed(engine, convolve, x, w, b, upstream, **window):
    """Answer and gradients of input, weight and bias, as NumPy."""
    parts = [engine.tensor(part, requires_grad=True) for part in (x, w, b)]
    y = convolve(*parts, **window)
    y.backward(engine.tensor(upstream[tuple(slice(n) for n in y.shape)]))
    return [y.detach().numpy(), *(part.grad.numpy() for part in parts)]


@pytest.mark.parametrize("case", WINDOWS, ids=str)
def test_answers_and_all_three_gradients_are_pytorchs(case):
    """Float64, to eight digits, for strides, paddings, dilations and groups."""
    C, O, size, kernel, stride, padding, dilation, groups = case
    rng = np.random.default_rng(0)
    x, w, b = rng.normal(size=(2, C, *size)), rng.normal(size=(O, C // groups, *kernel)), rng.normal(size=O)
    upstream = rng.normal(size=(2, O, 20, 20))
    window = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    ours = passed(glass, F.conv2d, x, w, b, upstream, **window)
    theirs = passed(torch, TF.conv2d, x, w, b, upstream, **window)
    for one, other in zip(ours, theirs):
        np.testing.assert_allclose(one, other, rtol=1e-8, atol=1e-8)


def test_a_shared_weights_gradient_is_the_sum_over_all_places():
    """Give every place a kernel of its own: the gradients of the copies add up to that of the shared one."""
    rng = np.random.default_rng(1)
    x, w, g = rng.normal(size=(2, 3, 6, 5)), rng.normal(size=(4, 3, 3, 3)), rng.normal(size=(2, 4, 4, 3))
    shared = glass.tensor(w, requires_grad=True)
    F.conv2d(glass.tensor(x), shared).backward(glass.tensor(g))
    seen = np.lib.stride_tricks.sliding_window_view(x, (3, 3), (2, 3)).transpose(2, 3, 0, 1, 4, 5).reshape(12, 2, 27)
    copies = glass.tensor(np.tile(w.reshape(1, 4, 27), (12, 1, 1)), requires_grad=True)
    answers = glass.tensor(seen) @ copies.transpose(1, 2)  # (places, B, 4)
    answers.backward(glass.tensor(g.transpose(2, 3, 0, 1).reshape(12, 2, 4)))
    each = copies.grad.numpy().reshape(12, 4, 3, 3, 3)
    np.testing.assert_allclose(each.sum(0), shared.grad.numpy(), rtol=1e-10, atol=1e-12)
    for other in (each.mean(0), each[np.abs(each).sum((1, 2, 3, 4)).argmax()]):
        assert not np.allclose(other, shared.grad.numpy(), rtol=0.1)  # neither the mean nor the loudest place


def test_the_pages_shares_add_up_to_the_engines_blame(lesson):
    x, g = lesson.blamed()
    shares = [shared_kernel.share(x, g, place) for place in range(16)]
    np.testing.assert_allclose(sum(shares), shared_kernel.engines_blame(x, g, lesson.UPRIGHT)[0], atol=1e-12)
    assert shares[5] == pytest.approx(g[1, 1] * x[1:4, 1:4])


def test_the_pictures_blame_is_a_convolution_with_the_kernel_half_turned(lesson):
    x, g = lesson.blamed()
    of_x = shared_kernel.engines_blame(x, g, lesson.UPRIGHT)[1]
    np.testing.assert_allclose(shared_kernel.blame_of_picture(g, lesson.UPRIGHT), of_x, atol=1e-12)
    assert not np.allclose(shared_kernel.blame_of_picture(g, lesson.UPRIGHT[::-1, ::-1]), of_x)  # unturned it is not
    theirs = TF.conv_transpose2d(torch.tensor(g)[None, None], torch.tensor(lesson.UPRIGHT)[None, None])
    np.testing.assert_allclose(of_x, theirs[0, 0].numpy(), atol=1e-12)


def test_blame_finds_the_hidden_kernel(lesson):
    x = lesson.digit()
    kernels, losses = shared_kernel.find(x, shared_kernel.convolved(x, lesson.UPRIGHT))
    assert (kernels[0] == 0).all()
    np.testing.assert_allclose(kernels[-1], lesson.UPRIGHT, atol=0.05)
    assert losses[-1] < losses[0] / 10_000


def test_when_the_picture_moves_the_answer_moves_with_it(lesson):
    picture = np.zeros((16, 16))
    picture[2:10, 2:10] = lesson.digit()
    moved = np.roll(picture, (3, 4), (0, 1))
    one, other = (shared_kernel.convolved(part, lesson.UPRIGHT) for part in (picture, moved))
    np.testing.assert_allclose(other[3:, 4:], one[:-3, :-4], atol=1e-12)
    assert not np.allclose(one, other)


def test_edges_and_sharpening_are_silent_or_faithful_where_the_picture_is_even():
    even = np.full((5, 5), 0.7)
    answers = {name: (even[:3, :3] * np.asarray(kernel)).sum() for name, kernel in KERNELS.items()}
    for name, expected in {"upright edges": 0, "level edges": 0, "blur": 0.7, "sharpen": 0.7}.items():
        assert answers[name] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("seed", [0, 1])
def test_what_is_learnt_on_the_left_is_known_on_the_right_only_by_shared_weights(seed):
    shared, few = shared_kernel.learn(True, seed=seed)
    own, many = shared_kernel.learn(False, seed=seed)
    assert own["left"] > 0.95
    assert own["right"] < 0.65  # a guess
    assert shared["right"] > 0.85
    assert many > 70 * few


def test_places_of_their_own_learn_what_each_of_them_is_shown():
    right, _ = shared_kernel.learn(False, shared_kernel.HALVES)
    assert min(right.values()) > 0.85


def test_the_page_waits_with_the_sum_and_its_kernel_is_alive():
    run = opened("23_convolution")
    kernel = next(widget for widget in run.widgets if isinstance(widget, Kernel))
    assert np.shape(kernel.image) == (16, 16)
    assert kernel.kernel == kernel.presets["upright edges"]
    guess = next(widget for widget in run.widgets if isinstance(widget, Choice) and widget.kind == "guess")
    assert "sum" in guess.reveal


@pytest.mark.slow
def test_the_reader_drags_a_number_and_paints_a_pixel(course, browser):
    page = browser.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page.goto(f"{course}/lessons/23_convolution/")
    image = page.locator(".dg-kernel canvas").first
    image.wait_for(timeout=60_000)
    words = page.locator(".dg-kernel ~ .dg-facts").first
    at_rest = words.inner_text()
    number = page.get_by_label("kernel row 1, column 1")
    box = number.bounding_box()
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 10, box["y"] - 60, steps=5)
    page.mouse.up()
    assert float(number.input_value()) > -1
    assert page.get_by_label("Kernels", exact=True).input_value() == "your own"
    dragged = words.inner_text()
    assert dragged != at_rest
    image.press("ArrowLeft")
    beside = words.inner_text()  # what is in the middle now has a weight there
    assert beside != dragged
    for key in ("ArrowRight", " ", "ArrowLeft"):
        image.press(key)
    assert words.inner_text() != beside  # it has been painted
    page.close()


@pytest.mark.parametrize(
    ("name", "line", "said"),
    [
        ("convolve", "(seen(image, kernel) * kernel[::-1, ::-1]).sum((2, 3))", "half turned"),
        ("convolve", "(seen(np.pad(image, 1), kernel) * kernel).sum((2, 3))", "Without a border"),
        ("kernel_blame", "(seen(image, g) * g).mean((2, 3))", "no mean"),
        ("kernel_blame", "seen(image, g).sum((2, 3))", "What arrives"),
    ],
)
def test_slips_are_told_apart(name, line, said):
    second = "kernel" if name == "convolve" else "g"
    code = (
        f"def {name}(image, {second}):\n"
        "    seen = lambda x, k: np.lib.stride_tricks.sliding_window_view(x, k.shape)\n"
        f"    return {line}"
    )
    assert said in tried(name, code).message
