"""What every panel says about itself: a lesson that opens, code that is found, a question."""

import subprocess
import sys

import pytest

from deepglass.api.read import read
from deepglass.core.errors import OptionError
from deepglass.course import catalogue
from deepglass.see import all_panels, panel_of

PANELS = [pytest.param(panel, id=panel.name) for panel in all_panels()]


@pytest.mark.parametrize("panel", PANELS)
def test_its_lesson_opens_and_its_code_is_found(panel):
    lesson = catalogue.find(panel.see.removeprefix("deepglass see "))
    assert lesson.slug == panel.lesson
    assert panel.read
    for topic in panel.read:
        assert read(topic)["pieces"][0]["code"]


@pytest.mark.parametrize("panel", PANELS)
def test_it_has_a_title_and_asks_a_question(panel):
    assert panel.title
    assert panel.question.endswith("?")
    assert set(panel.asks) <= {"input", "row", "columns", "layer"}


def test_their_order_is_theirs():
    places = [panel.name for panel in all_panels()]
    assert places[:3] == ["curves", "result", "gradients"]
    assert len(set(places)) == len(places) >= 11


def test_a_panel_that_is_not_there_is_told_with_what_is():
    with pytest.raises(OptionError, match="did you mean 'valley'"):
        panel_of("vally")


def test_the_first_screen_needs_neither_torch_nor_marimo():
    code = (
        "import sys; from deepglass.course import seeing, serve; from deepglass.core import catalogue; "
        "from deepglass.see import FOLDER, all_panels; "
        "[catalogue.load(FOLDER, panel.name) for panel in all_panels() if panel.is_quick]; seeing.panels_here(); "
        "print(sorted({'torch', 'marimo', 'pandas', 'sklearn'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=True)
    assert found.stdout.strip() == "[]"
