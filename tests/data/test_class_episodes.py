"""Episodes: other classes and other pictures every time, whole, and turned as classes of their own."""

import pytest
import torch

from deepglass.data.class_episodes import OBLONG, SQUARE, UPRIGHT, InEpisodes, Shape, members_of, mirrored_too, turned
from deepglass.data.examples import InMemory

CLASSES = torch.tensor([0] * 5 + [1] * 4 + [2] * 6 + [3] * 2 + [4] * 4)
SHAPE = Shape(ways=3, shots=1, queries=2)


def episodes(views=UPRIGHT, shape=SHAPE, count=7):
    images = torch.arange(len(CLASSES) * 9.0).view(-1, 1, 3, 3)
    return InEpisodes(InMemory(images, CLASSES), CLASSES, shape, count, views)


def test_an_episode_has_its_ways_and_no_picture_twice():
    torch.manual_seed(0)
    examples, seen = episodes(), set()
    assert len(examples) == 7
    for _ in range(60):
        images, classes = examples.batch(torch.zeros(2))
        for begin in (0, SHAPE.size):
            part = classes[begin : begin + SHAPE.size, 0].view(SHAPE.ways, SHAPE.each)
            assert (part == part[:, :1]).all()
            assert len(set(part[:, 0].tolist())) == 3
            assert len(images[begin : begin + SHAPE.size].flatten(1).unique(dim=0)) == SHAPE.size
            seen |= set(part[:, 0].tolist())
    assert seen == {0, 1, 2, 4}  # class 3 has two pictures, and three are wanted


def test_the_first_pictures_of_a_class_are_known_and_the_others_asked():
    _, classes = episodes().batch(torch.zeros(1))
    assert classes[:, 1].view(3, 3).tolist() == [[1, 0, 0]] * 3


def test_every_picture_of_a_class_comes_as_often_as_another():
    torch.manual_seed(0)
    examples = episodes(shape=Shape(4, 1, 1))
    rows = torch.cat([examples.drawn()[0].flatten() for _ in range(2_000)])
    of_first = torch.bincount(rows, minlength=len(CLASSES))[:5].float()
    assert (of_first / of_first.mean() - 1).abs().max() < 0.15


def test_a_class_that_is_turned_is_another_class():
    torch.manual_seed(1)
    examples = episodes(SQUARE)
    for _ in range(20):
        images, classes = examples.batch(torch.zeros(1))
        for picture, label in zip(images, classes[:, 0].tolist()):
            upright = torch.rot90(picture, -(label // 5), (1, 2))
            whose = CLASSES[int(upright[0, 0, 0]) // 9]
            assert int(whose) == label % 5


def test_half_turns_are_two_quarters():
    images = torch.arange(12.0).view(2, 1, 2, 3)
    assert torch.equal(turned(images, torch.tensor([0, 2]))[1, 0], images[1, 0].flip(0, 1))


def test_a_mirrored_class_is_another_class_too():
    torch.manual_seed(1)
    examples, seen = episodes(mirrored_too(SQUARE)), set()
    for _ in range(40):
        images, classes = examples.batch(torch.zeros(1))
        for picture, label in zip(images, classes[:, 0].tolist()):
            upright = torch.rot90(picture, -(label // 5), (1, 2))
            upright = upright.flip(2) if label // 5 >= 4 else upright
            assert torch.equal(upright, examples.examples.tensors[0][int(upright[0, 0, 0]) // 9])
            assert int(CLASSES[int(upright[0, 0, 0]) // 9]) == label % 5
            seen.add(label // 5)
    assert seen == set(range(8))


def test_a_shape_shrinks_to_what_the_classes_allow():
    counts = torch.tensor([2, 3, 9])
    assert Shape(5, 1, 4).fitted(counts) == Shape(3, 1, 1)
    assert Shape(5, 2, 4).fitted(counts) == Shape(2, 2, 1)
    assert Shape(5, 9, 4).fitted(counts) == Shape(0, 9, 0)


def test_members_say_which_known_picture_is_of_which_class():
    assert members_of(Shape(2, 2, 1)).tolist() == [[1, 0], [1, 0], [0, 1], [0, 1]]


@pytest.mark.parametrize("views", [SQUARE, mirrored_too(SQUARE), mirrored_too(UPRIGHT)])
def test_the_views_are_different_pictures(views):
    picture = torch.arange(9.0).view(1, 1, 3, 3).expand(len(views), 1, 3, 3)
    assert len(turned(picture, torch.tensor(views)).flatten(1).unique(dim=0)) == len(views)


def test_halves_of_a_mirrored_oblong_keep_its_shape():
    picture = torch.arange(6.0).view(1, 1, 2, 3).expand(4, 1, 2, 3)
    assert len(turned(picture, torch.tensor(mirrored_too(OBLONG))).flatten(1).unique(dim=0)) == 4


@pytest.mark.parametrize("views", [UPRIGHT, OBLONG])
def test_another_device_keeps_them(views):
    there = episodes(views, shape=Shape(2, 1, 1)).to(torch.device("cpu"))
    assert tuple(there.views.tolist()) == views
    assert len(there.batch(torch.zeros(1))[0]) == 4
