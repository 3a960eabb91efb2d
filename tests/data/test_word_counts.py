"""Words are counted, and those that become one are found."""

from deepglass.data.word_counts import count_words, meeting

TEXTS = ["The ponies were running.", "A pony runs; the pony ran."]


def test_words_are_counted_over_all_texts_the_most_frequent_first():
    words = count_words(TEXTS)
    assert [(word.token, word.count) for word in words[:3]] == [("the", 2), (".", 2), ("pony", 2)]
    assert sum(word.count for word in words) == 13
    assert {word.token: (word.stem, word.lemma) for word in words}["ponies"] == ("poni", "pony")


def test_words_that_become_one_are_found_by_their_form():
    words = count_words(TEXTS)
    assert meeting(words, "stem") == {"poni": ["pony", "ponies"], "run": ["running", "runs"]}
    assert meeting(words, "lemma") == {"run": ["running", "runs", "ran"], "pony": ["pony", "ponies"]}


def test_no_text_has_no_words():
    assert count_words([]) == count_words([""]) == []
