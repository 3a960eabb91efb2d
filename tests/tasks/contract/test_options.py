"""Every option of a task changes something, or is refused by its name."""

import pytest

from deepglass.core.console import console
from deepglass.runs import options as option_space
from tests.api.option_walk import Kind, data_of, learnt_by
from tests.api.test_every_option import OF_ANSWERS, OF_MEMORY, walk


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    monkeypatch.setattr(console, "mode", "quiet")


def test_every_option_of_reading_acts_or_is_refused(case):
    kind = Kind(lambda folder: case.source, case.options, getattr(case.small, "OTHERS", {}))
    assert not walk(option_space.DATA_SETTINGS, kind, lambda more: data_of(case.planned(more)))


def test_every_option_of_the_task_acts_or_is_refused(case):
    kind = Kind(lambda folder: case.source, case.options, getattr(case.small, "OTHERS", {}))

    def attempt(more):
        job = case.planned(more)
        return data_of(job), learnt_by(job)

    settings = option_space.task_settings(case.Task.name)
    assert not walk([setting for setting in settings if setting.name not in OF_MEMORY + OF_ANSWERS], kind, attempt)
