"""Decoding of CTC: held to all ways of spreading a sequence over the steps, counted one by one."""

import itertools
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from deepglass.deploy.runtime import ctc as of_runtime
from deepglass.models.decoding import ctc


def everything(log_probs):
    """The probability of every sequence, summed over all paths."""
    T, V = log_probs.shape
    total = Counter()
    for path in itertools.product(range(V), repeat=T):
        total[tuple(ctc.collapse(path))] += np.exp(sum(log_probs[t, k] for t, k in enumerate(path)))
    return total


def drawn(seed, T=5, V=3):
    return np.log(np.random.default_rng(seed).dirichlet(np.ones(V), T))


@pytest.mark.parametrize("seed", range(5))
def test_a_wide_beam_finds_every_sequence_with_its_probability(seed):
    log_probs = drawn(seed)
    truth, found = everything(log_probs), ctc.prefix_beam(log_probs, 1_000)
    assert {tuple(tokens) for tokens, _ in found} == set(truth)
    for tokens, log_p in found:
        assert np.exp(log_p) == pytest.approx(truth[tuple(tokens)], rel=1e-9)
    assert tuple(found[0][0]) == truth.most_common(1)[0][0]


def test_the_likeliest_steps_are_not_the_likeliest_sequence():
    log_probs = np.log([[0.6, 0.4], [0.6, 0.4]])  # blank blank 0.36; the token in three ways 0.64
    assert ctc.greedy(log_probs) == []
    tokens, log_p = ctc.prefix_beam(log_probs)[0]
    assert tokens == [1]
    assert np.exp(log_p) == pytest.approx(0.64)


@pytest.mark.parametrize("seed", range(3))
def test_the_probability_is_that_of_the_loss_of_torch(seed):
    log_probs = drawn(seed, T=6, V=4)
    for tokens, log_p in ctc.prefix_beam(log_probs, 1_000)[:5]:
        nats = F.ctc_loss(
            torch.from_numpy(log_probs).unsqueeze(1), torch.tensor([tokens or [1]]), torch.tensor([6]),
            torch.tensor([len(tokens)]), reduction="sum",
        )  # fmt: skip
        assert float(nats) == pytest.approx(-log_p, rel=1e-6)


def test_as_many_steps_are_needed_as_torch_needs():
    for tokens in ([1], [1, 1], [1, 2, 2, 2], [3, 1, 3]):
        needed = ctc.steps_needed(tokens)
        for T, is_possible in ((needed, True), *(((needed - 1, False),) if needed > 1 else ())):
            log_probs = torch.full((T, 1, 4), 0.25).log()
            nats = F.ctc_loss(log_probs, torch.tensor([tokens]), torch.tensor([T]), torch.tensor([len(tokens)]))
            assert bool(torch.isfinite(nats)) == is_possible


def test_nothing_is_said_in_no_steps():
    assert ctc.prefix_beam(np.zeros((0, 3)))[0] == ([], 0.0)
    assert ctc.greedy(np.zeros((0, 3))) == []


def test_the_runtime_holds_the_same_file():
    assert Path(str(of_runtime.__file__)).read_text() == Path(str(ctc.__file__)).read_text()
