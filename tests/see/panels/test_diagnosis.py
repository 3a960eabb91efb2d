"""The panel of a diagnosis: findings in their order, each with what mends it; what comes from outside is escaped."""

from types import SimpleNamespace

import pytest

from deepglass.core.errors import DataError
from deepglass.diagnosis import Diagnosis, Finding
from deepglass.see import Asked, NotForThisRun
from deepglass.see.panels.diagnosis import COUNT, DOUBLED, ERRORS, show

FACTS = {COUNT: 400, ERRORS: [0.3, 0.2, 0.15], DOUBLED: "3.0 points of accuracy (90 % interval 1.0 to 5.0)"}
LOW = Finding(
    "learning-rate-low", "with <b>1e-7</b> nothing moves", "set it to 1e-3 (--learning-rate)",
    {"learning rate": 1e-7, "loss": 0.69314}, "tried", 0.9, "12_gradient_descent",
)  # fmt: skip
FLAT = Finding("plateau", "the loss stands", "see the other findings", kind="symptom")


def opened(found):
    def diagnose(data=None):
        if isinstance(found, Exception):
            raise found
        return found

    return SimpleNamespace(run=SimpleNamespace(diagnose=diagnose), data=None)


def shown(*findings, facts=FACTS):
    found = Diagnosis("run", list(findings), ["fit", "amount"], {"leakage": "no time was left"}, 1.0, facts)
    return show(opened(found), Asked())


def test_findings_come_in_their_order_each_with_evidence_mend_and_lesson():
    view = shown(LOW, FLAT)
    text = "".join(part.text for part in view.parts)
    assert text.index("learning rate low") < text.index("plateau")
    for words in ("shown by an experiment", "set it to 1e-3", "0.6931", "deepglass see gradient-descent"):
        assert words in text
    assert "<td>no time was left</td>" in text
    assert view.say.startswith("First of all: learning rate low, and 1 more finding.")


def test_what_comes_from_outside_is_escaped():
    assert "<b>1e-7" not in "".join(part.text for part in shown(LOW).parts)


def test_what_more_examples_would_bring_is_said_and_drawn():
    view = shown()
    assert "Twice as many examples would bring about 3.0 points of accuracy" in view.say
    assert "Nothing found by 2 questions" in view.say
    assert any("svg" in part.text for part in view.parts)
    assert not any("svg" in part.text for part in shown(facts={}).parts)


@pytest.mark.parametrize(
    ("found", "says"), [(DataError("the data have gone"), "data have gone"), (Diagnosis("run", []), "--seconds 300")]
)
def test_a_run_that_cannot_be_asked_says_why(found, says):
    with pytest.raises(NotForThisRun, match=says):
        show(opened(found), Asked())
