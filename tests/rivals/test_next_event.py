"""Markov chains of sessions: their shares are those of the n-grams, and no count reaches into another session."""

import numpy as np
import pytest

from deepglass.data.session_windows import SessionWindows
from deepglass.rivals import Time
from deepglass.rivals.next_event import Chains, places, popular, repeated
from deepglass.rivals.ngrams import NGrams


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_the_shares_of_every_token_are_those_of_each_and_add_up(order):
    generator = np.random.default_rng(0)
    model = NGrams(generator.integers(0, 6, 500) * generator.integers(0, 2, 500), 7, Time(60), 4)
    past = generator.integers(0, 7, (9, 5))
    found = model.every(past, order)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    for token in range(7):
        one_by_one = model.shares(past, np.full(past.shape, token), order)[:, -1]
        np.testing.assert_allclose(found[:, token], one_by_one)


def test_a_chain_knows_what_followed_and_nothing_of_the_next_session():
    sessions = [np.array([1, 2, 3]), np.array([1, 2, 4])] * 20
    chains = Chains(SessionWindows.of(sessions, 8), 5, Time(60))
    last, two = chains.chances(1), chains.chances(2)
    assert last(np.array([[-1, -1, 1]]))[0].argmax() == 2
    assert two(np.array([[-1, 1, 2]]))[0, [3, 4]] == pytest.approx([0.5, 0.5], abs=0.05)
    assert last(np.array([[1, 2, 3]]))[0, 1] < 0.5  # though a session that begins with 1 stands behind in memory
    for chances in (last, two):
        np.testing.assert_allclose(chances(np.array([[-1, -1, 1], [1, 2, 3]])).sum(axis=1), 1)


def test_the_simple_ways_say_what_they_are_called():
    counts, past = np.array([0, 5, 9, 1]), np.array([[-1, 2, 3], [-1, -1, 1]])
    assert popular(counts)(past).argmax(axis=1).tolist() == [2, 2]
    assert repeated(counts)(past).argmax(axis=1).tolist() == [3, 1]
    np.testing.assert_allclose(repeated(counts)(past).sum(axis=1), 1)


def test_places_are_asked_with_the_last_events_of_their_session_alone():
    sessions = [np.array([1, 2, 3, 4]), np.array([5, 6])]
    rows = [(o, p, w) for part in places(SessionWindows.of(sessions, 4), 9) for o, p, w in zip(*part, strict=True)]
    found = {(int(owner), tuple(past.tolist()), int(wanted)) for owner, past, wanted in rows}
    assert found == {(0, (-1, -1, 1), 2), (0, (-1, 1, 2), 3), (0, (1, 2, 3), 4), (1, (-1, -1, 5), 6)}
