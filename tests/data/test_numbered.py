"""Numbers in the place of targets."""

import torch

from deepglass.data.examples import InMemory
from deepglass.data.numbered import Numbered


def test_a_batch_says_which_examples_it_has():
    examples = Numbered(InMemory(torch.arange(10.0)[:, None], torch.full((10,), 7)))
    assert len(examples) == 10
    wanted = torch.tensor([4, 0, 9])
    rows, numbers = examples.to(torch.device("cpu")).batch(wanted)
    assert torch.equal(numbers, wanted)
    assert torch.equal(rows[:, 0].long(), wanted)


def test_what_comes_is_told_to_examples_that_work_ahead():
    class Ahead(InMemory):
        def announce(self, batches):
            self.told = [batch.tolist() for batch in batches]

    inner = Ahead(torch.zeros(4, 1), torch.zeros(4))
    Numbered(inner).announce([torch.tensor([1, 2]), torch.tensor([3])])
    assert inner.told == [[1, 2], [3]]
