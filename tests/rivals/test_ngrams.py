"""N-grams: a distribution over all tokens, the values of the formula taken literally, and less surprise than chance."""

from collections import Counter, defaultdict

import numpy as np
import pytest
import torch

from deepglass.data.config import DataConfig
from deepglass.data.containers import Text
from deepglass.rivals import Time
from deepglass.rivals.ngrams import NGrams
from deepglass.tasks.language_modelling import Config, Task

V = 4


def text(count: int, seed: int = 0) -> np.ndarray:
    """Tokens of which each depends on the one before, and a little on the one before that."""
    rng, tokens = np.random.default_rng(seed), [0, 1]
    for draw in rng.random(count):
        tokens.append((tokens[-1] + 1) % V if draw < 0.6 else tokens[-2] if draw < 0.8 else int(5 * draw) % V)
    return np.array(tokens)


def literal(tokens: list[int], past: list[int], token: int, order: int) -> float:
    """Chen and Goodman's formula, counted in dictionaries."""

    def grams(size: int) -> Counter:
        return Counter(tuple(tokens[i : i + size]) for i in range(len(tokens) - size + 1))

    def counts(size: int) -> Counter:
        if size == order:
            return grams(size)
        before = defaultdict(set)
        for gram in grams(size + 1):
            before[gram[1:]].add(gram[0])
        return Counter({gram: len(found) for gram, found in before.items()})

    def share(size: int) -> float:
        if size == 0:
            return 1 / V
        found, context = counts(size), tuple(past[len(past) - size + 1 :]) if size > 1 else ()
        n = Counter(min(count, 5) for count in found.values())
        discount = dict.fromkeys((1, 2, 3), 0.5)
        if n[1] and n[2]:
            y = n[1] / (n[1] + 2 * n[2])
            discount = {k: k - (k + 1) * y * n[k + 1] / n[k] if n[k] else 0.5 for k in (1, 2, 3)}
            discount = {k: min(max(value, 0.05), k - 0.05) for k, value in discount.items()}
        followers = {gram[-1]: count for gram, count in found.items() if gram[:-1] == context}
        if not followers:
            return share(size - 1)
        taken = sum(discount[min(count, 3)] for count in followers.values())
        own = followers.get(token, 0)
        own -= discount[min(own, 3)] if own else 0
        return (own + taken * share(size - 1)) / sum(followers.values())

    return share(order)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_the_formula_taken_literally_gives_the_same(order):
    tokens = text(40)
    model = NGrams(tokens, V, Time(60), most=order)
    past = np.array([[1, 2, 3], [0, 0, 0]])
    for token in range(V):
        found = model.shares(past, np.full(past.shape, token), order)[:, -1]
        np.testing.assert_allclose(found, [literal(tokens.tolist(), row, token, order) for row in past.tolist()])


@pytest.mark.parametrize("vocab_size", [V, 9])  # of nine tokens five never occur
def test_the_shares_of_all_tokens_sum_to_one_also_after_what_was_never_seen(vocab_size):
    model = NGrams(text(300), vocab_size, Time(60))
    past = np.random.default_rng(1).integers(0, vocab_size, (20, 12))
    for order in model.orders:
        total = sum(model.shares(past, np.full(past.shape, token), order) for token in range(vocab_size))
        np.testing.assert_allclose(total, 1)


def test_longer_contexts_foretell_what_depends_on_them():
    model, unseen = NGrams(text(3000), V, Time(60)), text(500, seed=1)
    losses = [model.losses(unseen[None, :-1], unseen[None, 1:], order).mean() for order in (1, 2, 3)]
    assert losses[0] > losses[1] + 0.1 > losses[2] + 0.1


def test_short_texts_and_no_time_leave_short_contexts():
    assert list(NGrams(np.array([0, 1]), 2, Time(60), most=2).orders) == [1, 2]
    assert list(NGrams(text(50), V, Time(-1)).orders) == [1, 2, 3]
    same = NGrams(np.zeros(30, np.int64), 3, Time(60))
    assert same.shares(np.zeros((1, 5), int), np.zeros((1, 5), int), 4)[0, -1] > 0.9


def test_the_task_answers_for_its_test_windows():
    letters = "".join("abcd"[token] for token in text(1500))
    task = Task(DataConfig(), Config(context=16))
    prepared = task.prepare(Text(letters, "letters"))
    name, outputs = task.simple_answers(prepared, Time(60))
    assert name.endswith("-grams (Kneser-Ney)")
    assert outputs.losses.shape == (len(prepared.test),)
    found, trivial = task.evaluate(outputs), task.baseline(prepared)
    assert found["loss"]["value"] < trivial["loss"]["value"] - 0.1
    assert found["bits_per_token"]["value"] == pytest.approx(found["loss"]["value"] / np.log(2))
    assert torch.isfinite(torch.from_numpy(outputs.losses)).all()
