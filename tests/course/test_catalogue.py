"""The list of lessons, read off their files, and the search among them."""

import sys
from dataclasses import replace
from subprocess import run

import pytest

from deepglass.core import topics
from deepglass.core.errors import OptionError
from deepglass.course import catalogue


@pytest.mark.parametrize(
    "wanted", ["5", "05", "05_perceptron", "perceptron", "Perceptron", "B01", "xor", "step-function", "novikoff"]
)
def test_a_lesson_is_found_by_number_name_topic_and_word(wanted):
    assert catalogue.find(wanted).slug == "05_perceptron"


def test_an_unknown_word_suggests_near_ones():
    with pytest.raises(OptionError, match=r"unknown topic 'perzeptron'; did you mean perceptron"):
        catalogue.find("perzeptron")
    with pytest.raises(OptionError, match=r"unknown topic 'holdin-bak'; did you mean holding-back"):
        catalogue.find("holdin-bak")


def test_a_topic_without_a_lesson_says_what_there_is_instead(monkeypatch):
    there = next(iter(topics.topics().values()))
    coded = replace(there, id="Z01", title="Nobody wrote of it", words={}, lesson=())
    empty = replace(coded, id="Z02", title="Nobody wrote it either", read=())
    monkeypatch.setattr(topics, "topics", lambda: {topic.id: topic for topic in (coded, empty)})
    with pytest.raises(OptionError, match=f"no lesson on {coded.id} .* yet; `deepglass read {coded.id}`"):
        catalogue.find(coded.title)
    with pytest.raises(OptionError, match=f"no lesson on {empty.id} .* yet; `deepglass topics {empty.id}`"):
        catalogue.find(empty.title)


def test_neighbours_follow_reading_order():
    order = [lesson.slug for lesson in catalogue.lessons()]
    parts = [catalogue.PARTS.index(lesson.part) for lesson in catalogue.lessons()]
    assert order == [slug for _, slug in sorted(zip(parts, order, strict=True))]  # by numbers inside a part
    for before, after in zip(catalogue.lessons(), catalogue.lessons()[1:]):
        assert catalogue.neighbours(before.slug)[1] == after
        assert catalogue.neighbours(after.slug)[0] == before
    assert catalogue.neighbours(order[0])[0] is None
    assert catalogue.neighbours(order[-1])[1] is None


def test_a_lesson_without_a_header_says_what_is_missing(tmp_path):
    path = tmp_path / "99_nothing.py"
    path.write_text("import marimo\n")
    with pytest.raises(OptionError, match=r"99_nothing.py: expected LESSON"):
        catalogue.read_header(path)
    path.write_text('LESSON = {"title": "x", "colour": 3}\n')
    with pytest.raises(OptionError, match=r"99_nothing.py: LESSON must be a literal with the fields"):
        catalogue.read_header(path)


def test_the_list_runs_no_lesson():
    code = "import sys; from deepglass.course import catalogue; catalogue.lessons(); print(*sys.modules)"
    loaded = run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"marimo", "numpy", "matplotlib"} & set(loaded)


def test_every_word_of_a_lessons_topics_opens_it():
    for lesson in catalogue.lessons():
        assert lesson.topics
        for topic in lesson.topics:
            for name in topic.names:
                assert catalogue.find(name).slug == topic.lesson_on(name)
    assert catalogue.find("DPO").slug == "93_what_you_wish_for"
