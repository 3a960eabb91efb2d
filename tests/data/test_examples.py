"""Every kind of examples keeps the contract: indices on any device, batches where they are wanted, all in order."""

import pytest
import torch

from deepglass.data.examples import InMemory, in_order, works_ahead
from deepglass.data.preprocess.windows import Steps, Windows
from deepglass.data.token_windows import TokenWindows

COUNT = 11


def in_memory():
    return InMemory(torch.arange(COUNT * 2.0).view(COUNT, 2), torch.arange(COUNT))


def windows():
    values = torch.arange(60.0).view(30, 2)
    return Windows(Steps.of_one(values, values[:, :1], values), torch.arange(5, 5 + COUNT), context=4, horizon=3)


def token_windows():
    return TokenWindows(torch.arange(4 * COUNT + 1), context=4)


KINDS = pytest.mark.parametrize("make", [in_memory, windows, token_windows])


@KINDS
def test_in_order_gives_every_example_once(make):
    examples = make()
    batches = list(in_order(examples, 4, torch.device("cpu")))
    assert [len(batch[0]) for batch in batches] == [4, 4, 3]
    whole = examples.batch(torch.arange(COUNT))
    for parts, expected in zip(zip(*batches), whole, strict=True):
        assert torch.equal(torch.cat(parts), expected)


@KINDS
def test_in_order_gives_them_where_they_are_wanted(make):
    """The meta device stands for one that is not the processor."""
    for batch in in_order(make(), 4, torch.device("meta")):
        assert {part.device.type for part in batch} == {"meta"}


@KINDS
def test_examples_that_moved_take_indices_of_the_processor(make):
    batch = make().to(torch.device("meta")).batch(torch.arange(3))
    assert {part.device.type for part in batch} == {"meta"}
    assert len(batch[0]) == 3


def test_those_that_work_ahead_are_told_what_comes():
    class Ahead(InMemory):
        told = ()

        def announce(self, batches):
            self.told = [batch.tolist() for batch in batches]

    examples = Ahead(torch.arange(5))
    assert works_ahead(examples)
    assert not works_ahead(in_memory())
    next(in_order(examples, 2, torch.device("cpu")))
    assert examples.told == [[0, 1], [2, 3], [4]]
