"""Every file of `tasks/` is found by itself, and trained once for all questions."""

import pytest

from deepglass.core import catalogue
from tests.tasks.contract.case import Case


@pytest.fixture(scope="session", params=catalogue.entries("tasks"))
def case(request, tmp_path_factory) -> Case:
    """A task with its small data."""
    return Case(request.param, tmp_path_factory.mktemp(request.param))
