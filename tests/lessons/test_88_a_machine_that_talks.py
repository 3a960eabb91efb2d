"""What lesson 88 claims of conversations, of what is out of sight, and of owning up (J12)."""

import pytest
import torch

from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("88_a_machine_that_talks").module


def test_what_is_in_sight_is_remembered_in_every_wording(lesson):
    for between in (0, 1):
        assert lesson.answers(0.0, between)["right"] >= 0.95


def test_what_is_out_of_sight_is_made_up_unless_owning_up_was_learnt(lesson):
    gone = lesson.answers(0.0, lesson.FARTHEST)
    assert gone["a name nobody said"] >= 0.75
    assert gone["right"] <= 0.25
    assert gone["“nobody told me”"] == 0
    honest = lesson.answers(0.25, lesson.FARTHEST)
    assert honest["“nobody told me”"] >= 0.95
    assert lesson.answers(0.25, 1)["right"] >= 0.9


def test_the_name_falls_out_of_sight_between_one_and_four_things(lesson):
    seen = []
    for between in range(lesson.FARTHEST + 1):
        ids, _ = lesson.TEMPLATE.prompt(lesson.coded(lesson.told("emmy", between)))
        seen.append(lesson.WORDS.index("emmy") in ids)
        assert len(ids) <= lesson.CONTEXT
    assert seen[:2] == [True, True]
    assert not seen[-1]


def test_no_target_is_a_word_of_the_user(lesson):
    examples = lesson.windows_of([lesson.coded([*lesson.told("karl", 1), ("assistant", "karl .")])], lesson.TEMPLATE)
    targets = examples.batch(torch.tensor([0]))[1][0]
    said = [lesson.WORDS[i] for i in targets.tolist() if i >= 0]
    assert said == ["hello", "karl", ".", "[end]", "well", ",", "thanks", ".", "[end]", "karl", ".", "[end]"]


def test_in_the_film_the_name_is_learnt(lesson):
    captions = [frame.caption for frame in lesson.film()]
    assert "“emmy”" in captions[-1]
    assert "“emmy”" not in captions[0]


def test_a_quarter_is_kept_free():
    assert 2048 * 3 // 4 // 64 == 24


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("next(i for i in range(len(lengths) + 1) if sum(lengths[i:]) <= room)", "always stays|it stays"),
        ("next((i for i in range(len(lengths)) if sum(lengths[i:]) < room), len(lengths) - 1)", "exactly"),
    ],
)
def test_slips_are_told_apart(line, said):
    message = tried("turns_to_drop", f"def turns_to_drop(lengths, room):\n    return {line}").message
    assert any(words in message for words in said.split("|"))
