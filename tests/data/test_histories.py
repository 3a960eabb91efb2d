"""Histories as examples: what goes in lies before what has to come out."""

import numpy as np
import torch

from deepglass.data.histories import AHEAD, Histories

PEOPLE = [np.arange(1, 8), np.arange(20, 23), np.arange(40, 60)]


def test_a_cut_leaves_something_before_it_and_behind_it_and_nothing_is_mixed():
    torch.manual_seed(0)
    examples, seen = Histories.of(PEOPLE, 4), set()
    for _ in range(60):
        tokens, targets = examples.batch(torch.tensor([0, 1, 2]))
        for history, before, after in zip(PEOPLE, tokens.tolist(), targets.tolist(), strict=True):
            before, after = [one for one in before if one], [one for one in after if one]
            assert before
            assert 1 <= len(after) <= AHEAD
            assert after[0] == before[-1] + 1  # each history counts upwards
            assert {*before, *after} <= set(history.tolist())
        seen.add(tokens[2, -1].item())
    assert len(seen) > 10  # other cuts every time


def test_what_is_held_out_is_asked_of_the_whole_history():
    examples = Histories.of(PEOPLE, 5, np.array([[8], [-1], [60]]))
    tokens, held = examples.batch(torch.tensor([1, 0]))
    assert tokens.tolist() == [[0, 0, 20, 21, 22], [3, 4, 5, 6, 7]]
    assert held.tolist() == [[-1], [8]]


def test_the_matrix_has_all_events_also_those_beyond_the_context():
    matrix = Histories.of(PEOPLE, 2).matrix(60).toarray()
    assert [np.flatnonzero(row).tolist() for row in matrix] == [(one - 1).tolist() for one in PEOPLE]


def test_somebody_without_any_event_is_padding_alone():
    tokens, _ = Histories.of([np.zeros(0, np.int64), PEOPLE[1]], 3, np.zeros((2, 0), np.int64)).batch(torch.arange(2))
    assert tokens.tolist() == [[0, 0, 0], [20, 21, 22]]
