"""Batches that bring a mate along."""

import torch

from deepglass.data.examples import InMemory
from deepglass.data.mates import WithMates

CLASSES = torch.tensor([2, 0, 1, 0, 2, 0, 7])


def paired(seed=0):
    torch.manual_seed(seed)
    return WithMates(InMemory(torch.arange(7), CLASSES), CLASSES)


def test_a_mate_is_another_of_the_same_class():
    examples = paired()
    for _ in range(50):
        asked = torch.randperm(7)[:4]
        rows, classes = examples.batch(asked)
        assert rows[:4].tolist() == asked.tolist()
        assert classes[:4].tolist() == classes[4:].tolist()
        for one, mate in zip(rows[:4].tolist(), rows[4:].tolist()):
            assert (one == mate) == ((CLASSES[one] == CLASSES).sum() == 1)


def test_every_other_of_a_class_is_a_mate_equally_often():
    examples = paired()
    mates = examples.mates(torch.ones(6_000, dtype=torch.long))
    counts = torch.bincount(mates, minlength=7)
    assert counts[[3, 5]].sum() == 6_000
    assert abs(int(counts[3]) - 3_000) < 200


def test_as_many_examples_as_before_and_the_same_ones_elsewhere():
    examples = paired().to(torch.device("cpu"))
    assert len(examples) == 7
    assert len(examples.batch(torch.tensor([0, 2]))[0]) == 4
