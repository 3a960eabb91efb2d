"""Words are counted as they are, as stems or as lemmas."""

import pytest

from deepglass.core.word_forms import FORMS, form_of


def test_a_form_is_found_by_its_name():
    forms = {name: form_of(name)("ponies") for name in ("none", *FORMS)}
    assert forms == {"none": "ponies", "stem": "poni", "lemma": "pony"}


@pytest.mark.parametrize("name", FORMS)
def test_a_possessive_is_its_word(name):
    assert form_of(name)("pony's") == form_of(name)("pony’s") == form_of(name)("pony")
    assert form_of(name)("'s") == "'s"


@pytest.mark.parametrize("name", FORMS)
def test_a_huge_word_is_neither_taken_apart_nor_kept(name):
    assert form_of(name)("ing" * 100_000) == "ing" * 100_000


def test_an_unknown_form_is_refused():
    with pytest.raises(ValueError, match="expected none, stem or lemma, got 'root'"):
        form_of("root")
