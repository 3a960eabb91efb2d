"""What lesson 35 claims of gaps, of one side and of both (J08)."""

import numpy as np
import pytest
import torch

from tests.lessons.opened import opened
from tests.lessons.tried import tried

pytestmark = pytest.mark.slow("trains the two nets of the lesson")
CHANCE = (1, 3)  # adjective and adverb
FIXED = (0, 5, 6)


@pytest.fixture(scope="module")
def lesson():
    return opened("35_bert").module


def test_the_animal_needs_the_right_side(lesson):
    both, left = (lesson.right(side, lesson.ANIMAL) for side in lesson.SIDES)
    assert both > 0.97
    assert 0.15 < left < 0.35


def test_what_stands_on_the_left_is_enough_for_the_sound_and_the_place(lesson):
    for side in lesson.SIDES:
        assert lesson.right(side, lesson.SOUND) > 0.97
        assert lesson.right(side, 7) == pytest.approx(lesson.AT_HOME, abs=0.06)
        assert all(lesson.right(side, place) > 0.97 for place in FIXED)


def test_nobody_fills_what_is_chance(lesson):
    for side in lesson.SIDES:
        assert all(0.15 < lesson.right(side, place) < 0.35 for place in CHANCE)


def test_sentences_are_what_the_text_says(lesson):
    texts = lesson.sentences(lesson.TEXTS, 0)
    animal, sound = texts[:, lesson.ANIMAL], texts[:, lesson.SOUND]
    assert (animal - lesson.WORDS.index("dog") == sound - lesson.WORDS.index("barks")).all()
    at_home = (texts[:, 7] - lesson.WORDS.index("kennel") == animal - lesson.WORDS.index("dog")).float().mean()
    assert at_home == pytest.approx(lesson.AT_HOME, abs=0.03)
    assert lesson.said_with_gap(0, lesson.SOUND).split()[lesson.SOUND] == "____"


def test_of_the_left_side_only_nothing_behind_the_gap_is_read(lesson):
    net, texts = lesson.trained(lesson.SIDES[1]), lesson.sentences(lesson.TESTED, 1)
    shown = lesson.with_gap(texts[:1], lesson.ANIMAL, lesson.SIDES[1])
    looked = lesson.looks(net, shown, lesson.ANIMAL)
    assert looked[: lesson.ANIMAL + 1].sum() == pytest.approx(1, abs=1e-5)
    assert np.abs(looked[lesson.ANIMAL + 1 :]).max() == 0
    assert lesson.looks(lesson.trained(lesson.SIDES[0]), lesson.with_gap(texts[:1], 2), 2)[3:].sum() > 0.2


def test_the_attention_that_is_drawn_is_that_of_the_model(lesson):
    net, shown = lesson.trained(lesson.SIDES[0]), lesson.with_gap(lesson.sentences(lesson.TESTED, 1)[:1], 2)
    seen = []
    last = net.bert.encoder["layer"][-1].attention["self"]
    hook = last.dropout.register_forward_hook(lambda module, inputs, output: seen.append(inputs[0]))
    with torch.no_grad():
        net(shown)
    hook.remove()
    assert np.allclose(seen[0][0, :, 2].mean(dim=0).numpy(), lesson.looks(net, shown, 2), atol=1e-6)


def test_the_film_ends_with_the_sound_of_the_animal(lesson):
    texts = lesson.sentences(lesson.TESTED, 1)
    nets = list(lesson.learning(lesson.SIDES[0], (0, lesson.STEPS)))
    said = lesson.shares(nets[-1][1], lesson.with_gap(texts[:1], lesson.SOUND), lesson.SOUND)[0]
    assert said.argmax() == texts[0, lesson.SOUND]
    assert said.max() > 0.9


def test_few_labels_are_enough_for_who_has_filled_gaps(lesson):
    after, nothing = lesson.BEGINNINGS
    few = lesson.few_labels()
    assert few["4 labels"][after] >= 97
    assert 60 <= few["4 labels"][nothing] <= 90
    assert few["16 labels"][nothing] > few["4 labels"][nothing]  # labels teach it too, only later


def test_labelled_sentences_do_not_show_the_animal_and_halves_are_of_the_house(lesson):
    texts, truth = lesson.with_labels(8, 10)
    assert (texts[:, lesson.ANIMAL] == lesson.GAP).all()
    assert truth.tolist() == [1] * 4 + [0] * 4
    sounds = [lesson.WORDS[word] for word in texts[:, lesson.SOUND].tolist()]
    assert sounds == [sound for sound in lesson.SOUNDS for _ in range(2)]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("-np.log(true).mean()", "nothing to learn from copying"),
        ("-np.log(true[is_asked]).sum()", "the sum"),
        ("-(np.log(true) * is_asked).mean()", "counted as zeros"),
    ],
)
def test_slips_are_told_apart(line, said):
    code = (
        "def gap_loss(logits, words, is_asked):\n"
        "    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)\n"
        "    true = shares[np.arange(len(words)), words]\n"
        f"    return {line}"
    )
    assert said in tried("gap_loss", code).message
