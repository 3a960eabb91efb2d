"""A bag of networks: who learns a row, who judges it, and who answers."""

import torch
from torch import nn

from deepglass.zoo import architectures
from deepglass.zoo.bag import Bag


class Constant(nn.Module):
    """Answers its number for every row."""

    def __init__(self, number):
        super().__init__()
        self.number = nn.Parameter(torch.tensor(float(number)))

    def forward(self, x):
        return self.number.expand(len(x), 2)


class WithMore(Constant):
    """May be told more, as BERT of two sentences."""

    def forward(self, x, more=None):
        return super().forward(x if more is None else more)


def bag():
    return Bag([Constant(i) for i in range(4)])


X, FOLD = torch.zeros(5, 3), torch.tensor([0, 3, 1, 2, 2])


def test_a_row_is_judged_by_the_network_that_leaves_it_out():
    said = bag().eval()(X, FOLD)
    assert said.shape == (5, 1, 2)
    assert said[:, 0, 0].tolist() == FOLD.tolist()


def test_a_row_is_learnt_by_all_others():
    said = bag().train()(X, FOLD)
    assert said.shape == (5, 3, 2)
    assert [sorted(row) for row in said[:, :, 0].tolist()] == [[i for i in range(4) if i != f] for f in FOLD.tolist()]


def test_a_network_has_no_gradient_from_rows_that_it_leaves_out():
    networks = bag().train()
    networks(X[:2], torch.tensor([1, 1])).sum().backward()
    assert [float(n.number.grad or 0) for n in networks.networks] == [4, 0, 4, 4]


def test_a_new_row_is_answered_by_all():
    for networks in (bag().train(), bag().eval()):
        assert networks(X)[:, :, 0].tolist() == [[0, 1, 2, 3]] * 5


def test_members_of_ensembles_are_counted_together():
    values = {"num_features": 2, "num_outputs": 3, "bin_edges": ((0.0, 1.0), (0.0, 1.0)), "members": 4, "hidden_dim": 8}
    model = architectures.load("tabm", task="tabular-classification", bags=3, **values).eval()
    rows = torch.rand(5, 2), torch.zeros(5, 0, dtype=torch.int64)
    assert model(*rows).shape == (5, 12, 3)
    assert model(*rows, torch.tensor([0, 1, 2, 0, 1])).shape == (5, 4, 3)
    torch.testing.assert_close(model(*rows)[:, 4:8], model.networks[1](*rows))


def test_what_a_network_need_not_be_told_is_not_the_fold():
    plain, more = bag(), Bag([WithMore(i) for i in range(4)])
    for inputs in ((X,), (X, FOLD)):
        torch.testing.assert_close(more.eval()(*inputs), plain.eval()(*inputs))
        torch.testing.assert_close(more.train()(*inputs), plain.train()(*inputs))
    torch.testing.assert_close(more.eval()(X, X, FOLD), plain.eval()(X, FOLD))
