"""Beam search, judged by trying every sequence; greedy is a beam of one and can be led astray."""

import itertools
import math

import pytest
import torch

from deepglass.core.errors import OptionError
from deepglass.models.decoding.beam import beam_search, length_norm, select

START, END, V = 1, 0, 4
LONGEST = 4
TABLES = torch.randn(64, V, generator=torch.Generator().manual_seed(0)) * 2
FIRST = torch.zeros(1, dtype=torch.int64)


def step(tokens, state):
    """A made-up model whose answer depends on everything that was written."""
    state = state * V + tokens
    return TABLES[state * 31 % 64], state


def log_p(tokens) -> float:
    """log p of a sequence without its start, one token after the other."""
    total, state = 0.0, FIRST
    for before, token in itertools.pairwise([START, *tokens]):
        logits, state = step(torch.tensor([before]), state)
        total += float(logits.log_softmax(1)[0, token])
    return total


def all_sequences():
    """Everything that ends, or is as long as allowed."""
    words = [token for token in range(V) if token != END]
    for length in range(LONGEST):
        yield from ([*middle, END] for middle in itertools.product(words, repeat=length))
    yield from (list(middle) for middle in itertools.product(words, repeat=LONGEST))


def score(tokens, length_penalty: float) -> float:
    return log_p(tokens) / ((5 + len(tokens)) / 6) ** length_penalty


def without_end(tokens):
    return tokens[:-1] if tokens[-1] == END else tokens


@pytest.mark.parametrize("length_penalty", [0.0, 0.6, 1.0, 3.0])
def test_a_wide_beam_finds_what_exhaustive_search_finds(length_penalty):
    best = max(all_sequences(), key=lambda tokens: score(tokens, length_penalty))
    found = beam_search(step, FIRST, START, END, V**LONGEST, LONGEST, length_penalty)[0]
    assert found.tokens == without_end(best)
    assert found.score == pytest.approx(score(best, length_penalty), rel=1e-5)


def test_every_hypothesis_has_the_score_of_its_sequence():
    known = {tuple(without_end(tokens)): score(tokens, 0.6) for tokens in all_sequences()}
    found = beam_search(step, FIRST, START, END, width=5, max_length=LONGEST)
    assert len(found) > 1
    assert [h.score for h in found] == sorted((h.score for h in found), reverse=True)
    for hypothesis in found:
        assert hypothesis.score == pytest.approx(known[tuple(hypothesis.tokens)], rel=1e-5)


def test_width_one_takes_the_likeliest_token_every_time():
    tokens, state, greedy = torch.tensor([START]), FIRST, []
    while len(greedy) < LONGEST:
        logits, state = step(tokens, state)
        tokens = logits.argmax(1)
        if tokens == END:
            break
        greedy.append(int(tokens))
    assert [h.tokens for h in beam_search(step, FIRST, START, END, 1, LONGEST)] == [greedy]


def test_greedy_is_led_astray_and_two_beams_are_not():
    a, b = 2, 3
    after = {START: [0.0, 0.0, 0.6, 0.4], a: [0.4, 0.0, 0.3, 0.3], b: [1.0, 0.0, 0.0, 0.0]}  # a looks better

    def trap(tokens, state):
        return torch.log(torch.tensor([after[int(token)] for token in tokens])), state

    greedy, best = (beam_search(trap, FIRST, START, END, width, 2, length_penalty=0)[0] for width in (1, 2))
    assert greedy.tokens == [a]
    assert best.tokens == [b]
    assert math.exp(greedy.score) == pytest.approx(0.24)
    assert math.exp(best.score) == pytest.approx(0.4)


def test_the_penalty_lets_longer_sequences_win():
    ends = torch.log(torch.tensor([[0.45, 0.0, 0.55, 0.0]]))  # to go on is a little likelier than to end

    def patient(tokens, state):
        return ends.expand(len(tokens), V), state

    short, long = (beam_search(patient, FIRST, START, END, 4, 6, penalty)[0] for penalty in (0.0, 3.0))
    assert short.tokens == []
    assert len(long.tokens) >= 5


def test_forbidden_tokens_are_never_written():
    def strict(tokens, state):
        logits, state = step(tokens, state)
        return logits.index_fill(1, torch.tensor([2]), -torch.inf), state

    found = beam_search(strict, FIRST, START, END, V**LONGEST, LONGEST)
    assert all(2 not in h.tokens and math.isfinite(h.score) for h in found)


def test_the_norm_is_the_papers():
    assert length_norm(1, 0.6) == 1.0
    assert length_norm(7, 0.5) == pytest.approx(math.sqrt(2))


def test_every_tensor_of_a_state_is_reordered():
    rows = torch.tensor([1, 1])
    chosen = select({"cache": [(torch.tensor([1, 2]), torch.tensor([[3], [4]]))]}, rows)
    assert chosen["cache"][0][0].tolist() == [2, 2]
    assert chosen["cache"][0][1].tolist() == [[4], [4]]
    with pytest.raises(TypeError, match="the state holds a object"):
        select([object()], rows)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"width": 0}, "width: expected 1 or more, got 0"),
        ({"max_length": 0}, "max_length: expected 1 or more"),
        ({"length_penalty": -1.0}, "length_penalty: expected 0 or more, got -1"),
        ({"length_penalty": math.nan}, "length_penalty: expected 0 or more"),
    ],
)
def test_numbers_out_of_range_are_refused(options, message):
    with pytest.raises(OptionError, match=message):
        beam_search(step, FIRST, START, END, **options)
