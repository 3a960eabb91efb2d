"""Words of which none is unknown."""

import pytest

from deepglass.data.preprocess.hashed_words import FIRST, HashedWords

LIMITS = {"min_count": 1, "max_words": 100, "buckets": 50, "max_length": 4, "normalise": "none"}


def test_known_words_have_their_own_number_and_others_the_same_bucket_each_time():
    words = HashedWords.fit(["the sea", "the sky"], **LIMITS)
    assert words.words == ["the", "sea", "sky"]
    assert words.ids_of("The SEA") == [FIRST, FIRST + 1]
    (strange,) = words.ids_of("zounds")
    assert strange >= FIRST + 3
    assert words.ids_of("the zounds zounds") == [FIRST, strange, strange]
    assert len(words) == FIRST + 3 + 50
    assert words.ids_of("the " * 9) == [FIRST] * 4


def test_forms_are_counted_as_one_and_rare_words_share():
    words = HashedWords.fit(["pony ponies sea"], **{**LIMITS, "normalise": "stem", "min_count": 2})
    assert words.words == ["poni"]
    again = HashedWords.from_state(words.state())
    assert again.ids_of("ponies sea") == words.ids_of("ponies sea")


def test_rare_words_weigh_more():
    words = HashedWords.fit(["a b", "a c"], **LIMITS)
    weights = words.weights(["a b", "a c"])
    assert weights[0] == weights[1] == 0
    assert weights[words.ids["a"]] == pytest.approx(1)
    assert weights[words.ids["b"]] == pytest.approx(1 + 0.4054651)


@pytest.mark.parametrize(
    "change", [{"buckets": 0}, {"words": ["a", "a"]}, {"max_length": -1}, {"words": "a"}, {"normalise": "rhyme"}]
)
def test_a_state_that_does_not_fit_is_refused(change):
    state = HashedWords.fit(["a b"], **LIMITS).state()
    with pytest.raises(ValueError):  # noqa: PT011 - which one depends on the change
        HashedWords.from_state(state | change)
