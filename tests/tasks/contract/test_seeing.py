"""Every task is seen: each panel shows something of its run, or says why it does not."""

import json
import re

import pytest

from deepglass.core.run_folder import RunFolder
from deepglass.diagnosis import case as case_of_diagnosis
from deepglass.diagnosis import probes
from deepglass.diagnosis.questions import amount
from deepglass.see import Asked, all_panels
from deepglass.see.learning import stage
from deepglass.see.opened import Opened
from deepglass.see.panels import surface, valley
from deepglass.see.shown import show

QUICK = {"curves", "result", "gradients"}
INSIDE = {"layers", "embedding", "walk", "valley"}
FITS = {  # what has to be there; of a task that comes later the contract alone is asked
    "embedding": QUICK | {"layers", "embedding", "mistakes"},
    "forecasting": QUICK | {"layers", "walk", "valley", "mistakes"},
    "generation": QUICK | {"layers", "mistakes"},
    "image_classification": QUICK | INSIDE | {"filters"},
    "language_modelling": QUICK | INSIDE | {"attention", "mistakes"},
    "multi_label_classification": QUICK | INSIDE | {"surface", "mistakes"},
    "object_detection": QUICK | INSIDE | {"filters", "mistakes"},
    "tabular_classification": QUICK | INSIDE | {"surface", "mistakes"},
    "tabular_regression": QUICK | INSIDE | {"surface", "mistakes"},
    "text_classification": QUICK | INSIDE,
}


@pytest.fixture(scope="session")
def opened_cases():
    return {}


@pytest.fixture(autouse=True)
def coarse(monkeypatch):
    """Planes of few points, and a diagnosis of short experiments: `tests/diagnosis` asks what they find."""
    monkeypatch.setattr(case_of_diagnosis, "MOST_STEPS", 8)
    monkeypatch.setattr(amount, "STEPS", 8)
    monkeypatch.setattr(probes, "TREES", 10)
    monkeypatch.setattr(probes, "ITERATIONS", 30)
    monkeypatch.setattr(valley, "GRID", 5)
    monkeypatch.setattr(surface, "GRID", 9)


@pytest.fixture
def opened(case, opened_cases):
    if case.name not in opened_cases:
        assert case.run.path
        opened_cases[case.name] = Opened(RunFolder(case.run.path), lambda: case.run)
    return opened_cases[case.name]


@pytest.mark.slow("computes every panel of every task, with the data read again")
@pytest.mark.parametrize("name", [panel.name for panel in all_panels()])
def test_a_panel_shows_its_pictures_in_words_too_or_says_why_it_is_not_for_the_run(case, opened, name):
    found = show(opened, name, Asked(), keeps=False)
    if name in FITS.get(case.name, ()):
        assert found.fits, found.say
    assert found.say
    if not found.fits:
        assert found.text.startswith('<p class="dg-none">Not for this run: ')
        assert not found.html
        return
    json.dumps(found.facts)
    pictures = re.findall(r"<svg[^>]*>", found.html)
    assert all('role="img"' in picture and re.search(r'aria-label="[^"]{10,}"', picture) for picture in pictures)
    assert all(re.search(r'alt="[^"]+"', image) for image in re.findall(r"<img[^>]*>", found.html))
    assert pictures or "<table" in found.html or "<article" in found.html


def test_its_training_is_finished_and_had_its_epochs(case, opened):
    now = stage(RunFolder(case.run.path))
    assert (now.name, now.epoch, now.process) == ("finished", len(case.run.history), None)
    assert now.step == now.total_steps == case.run.history[-1]["step"]
