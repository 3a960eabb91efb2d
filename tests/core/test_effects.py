"""Options without effect: who acts says so, what nobody acts upon is refused."""

import pytest

from deepglass.core.effects import Unused, acts_on, options_used, refuse
from deepglass.core.errors import OptionError
from deepglass.core.settings import Setting, changed
from deepglass.runs import options as option_space


@acts_on("delimiter", "header")
def read(text: str) -> list[str]:
    """Cut."""
    return text.split(",")


def test_a_function_notes_the_options_it_acts_upon_only_while_somebody_collects():
    assert read("a,b") == ["a", "b"]
    with options_used() as outer:
        with options_used() as used:
            read("a")
        assert used == {"delimiter", "header"}
        assert outer == set()
    assert read.__doc__ == "Cut."


def test_all_refusals_come_in_one_message():
    unused = [Unused("momentum", "adam does not take it"), Unused("mixup", "words do not blend", "try word_dropout")]
    with pytest.raises(OptionError) as refused:
        refuse(unused)
    assert str(refused.value).splitlines() == [
        "--momentum has no effect: adam does not take it; leave it out",
        "  --mixup has no effect: words do not blend; try word_dropout",
    ]
    with pytest.raises(OptionError, match=r"^momentum has no effect"):
        refuse(unused[:1], in_python=True)
    refuse([])


def test_who_asks_for_the_default_asks_for_nothing():
    settings = [Setting("mixup", ("float",), (), 0.0, ""), Setting("freeze", ("int", "None"), ("all",), None, "")]
    assert changed({"mixup": "0", "freeze": None, "other": 3}, settings) == {}
    assert changed({"mixup": 0.2, "freeze": "all"}, settings) == {"mixup": 0.2, "freeze": "all"}


def test_what_tasks_honour_are_options_that_there_are():
    known = {setting.name for setting in (*option_space.DATA_SETTINGS, *option_space.TRAIN_SETTINGS)}
    for task in option_space.task_names():
        assert option_space.honoured_by(task) <= known, task
        for name, words in option_space.instead(task).items():
            assert name in known, f"{task} explains {name}"
            assert name not in option_space.honoured_by(task)
            assert "; " in words, f"{task}: {words!r} says why, and what to do"
