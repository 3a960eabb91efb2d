"""The spine: 131 topics, each called by words that no other has, found however it is spelt."""

import re

import pytest

from deepglass.core import topics
from deepglass.core.errors import OptionError

PER_GROUP = dict(zip("ABCDEFGHIJKLMNOPQRST", (6, 7, 5, 3, 3, 7, 9, 14, 7, 12, 7, 7, 4, 7, 3, 6, 7, 6, 4, 7)))


def test_the_131_topics_are_there_in_order():
    ids = [f"{letter}{number:02}" for letter, count in PER_GROUP.items() for number in range(1, count + 1)]
    assert len(ids) == 131
    assert list(topics.topics()) == ids


def test_every_row_says_what_it_is_and_what_it_asks_for():
    for topic in topics.topics().values():
        assert topic.group.startswith(topic.id[0] + " ")
        assert topic.title
        assert topic.asks


def test_no_two_topics_share_a_word_and_none_has_a_word_twice():
    keys = [topics.key(name) for topic in topics.topics().values() for name in topic.names]
    assert "" not in keys
    assert len(keys) == len(set(keys))


def test_every_word_leads_to_its_topic_however_it_is_spelt():
    for topic in topics.topics().values():
        for name in topic.names:
            for spelt in (name, name.upper(), name.replace(" ", "-"), name.replace("-", "_"), name.replace(" ", "")):
                assert topics.find(spelt) == topic


@pytest.mark.parametrize(
    ("text", "id"), [("h06", "H06"), ("batch norm", "G06"), ("batch normalization", "G06"), ("vanishing", "G02")]
)
def test_a_topic_is_found_by_id_word_either_spelling_and_part(text, id):
    assert topics.find(text).id == id


@pytest.mark.parametrize(
    ("text", "meant"),
    [("atention", "Attention"), ("perzeptron", "perceptron"), ("drop out rate", "dropout"), ("momentun", "momentum")],
)
def test_a_typing_error_suggests_what_is_near(text, meant):
    with pytest.raises(OptionError, match=f"unknown topic '{text}'; did you mean .*(?i:{meant})"):
        topics.find(text)


def test_a_part_of_several_topics_names_them():
    with pytest.raises(OptionError, match=r"did you mean E02 \(Back-propagation through convolution.*, H01 \(CNN"):
        topics.find("conv")


@pytest.mark.parametrize("text", ["", " ", "?", "x", "ß"])
def test_next_to_nothing_is_no_topic(text):
    with pytest.raises(OptionError, match="unknown topic"):
        topics.find(text)


def test_a_word_reads_its_own_place_and_otherwise_what_the_topic_reads():
    normalisation = topics.topics()["G06"]
    assert normalisation.reads("layer norm") == ("layer_norm",)
    assert normalisation.reads("batch-norm") == normalisation.read == ("batch_norm",)


def test_a_word_opens_its_own_lesson_and_otherwise_the_first_of_the_topic():
    actor_critic = topics.topics()["M04"]
    assert actor_critic.lesson_on("DPO") == "93_what_you_wish_for"
    assert actor_critic.reads("DPO") == ("training/dpo.py",)
    assert actor_critic.lesson_on("reward-hacking") == "93_what_you_wish_for"
    assert actor_critic.reads("reward hacking") == actor_critic.read
    assert actor_critic.lesson_on("ppo") == actor_critic.lesson_on("actor-critic") == "57_actor_critic"


def test_the_table_is_plain_and_its_lines_are_rows():
    lines = topics.TABLE.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 132
    assert lines[0] == "id,group,title,asks,words,lesson,read,run,proof,floor"
    assert all(re.match(r"[A-T]\d\d,", line) for line in lines[1:])
