"""The lemmatiser gives words as a dictionary lists them, by list and by rule, and keeps what only looks inflected."""

import pytest

from deepglass.core.lemmas import IRREGULAR, lemma

BY_RULE = {
    "dog": "dogs", "pony": "ponies", "box": "boxes", "church": "churches", "hero": "heroes", "house": "houses",
    "case": "cases", "kiss": "kisses kissed", "policeman": "policemen", "walk": "walks walked walking",
    "try": "tries tried trying", "stop": "stopped stopping", "hope": "hoped hoping", "hop": "hopped hopping",
    "make": "making", "visit": "visited visiting", "edit": "edited", "create": "created", "argue": "argued arguing",
    "control": "controlled", "travel": "travelled", "recall": "recalled", "stuff": "stuffed", "fall": "falling",
    "change": "changed changing", "hang": "hanging", "bring": "bringing", "dance": "danced", "judge": "judging",
    "handle": "handled", "believe": "believed", "use": "used using", "age": "aged", "require": "required",
    "describe": "describing", "associate": "associated", "combine": "combined", "explain": "explaining",
    "open": "opened", "enter": "entering", "develop": "developed", "realize": "realized", "analyze": "analyzed",
}  # fmt: skip
BY_LIST = {"be": "was were is been", "go": "went gone", "mouse": "mice", "child": "children", "leaf": "", "see": "saw"}
KEPT = "thing morning during king bed hundred need news this bus analysis glass virus series water faster themselves"


@pytest.mark.parametrize(("expected", "forms"), [*BY_RULE.items(), *BY_LIST.items()])
def test_forms_become_their_lemma(expected, forms):
    assert {form: lemma(form) for form in forms.split()} == dict.fromkeys(forms.split(), expected)
    assert lemma(expected) == expected


@pytest.mark.parametrize("word", KEPT.split())
def test_what_only_looks_inflected_is_kept(word):
    assert lemma(word) == word


def test_no_irregular_form_stands_for_two_words_and_its_lemma_stays():
    assert all(lemma(found) == found for found in IRREGULAR.values())
    assert IRREGULAR["lives"] == "life"


@pytest.mark.parametrize("word", ["naïve", "東京", "IBM", "it's", "3rd", "", "s", "ed", "ing", "sss", "y" * 5000])
def test_what_is_not_an_english_word_stays(word):
    assert lemma(word) == word


def test_the_word_alone_is_seen_and_not_its_sentence():
    """What the file says of its own limits."""
    assert lemma("saw") == "see"
    assert lemma("left") == "leave"
    assert lemma("meeting") == "meet"
