"""A graph is what its links say, and newcomers change nothing for those who were there before."""

import numpy as np
import torch

from deepglass.data import graphs
from deepglass.data.datasets import karate_club
from deepglass.data.graphs import Graph, NodeExamples


def of(links, names="abcde"):
    return Graph.of(list(names), [tuple(link) for link in links])


def test_a_link_counts_once_whichever_end_comes_first_and_nobody_is_linked_with_itself():
    graph, absent = of(["ab", "ba", "ab", "cc", "ed", "ax"])
    assert graph.edges.tolist() == [[0, 1], [3, 4]]
    assert absent == ["x"]


def test_what_is_heard_is_the_normalised_adjacency_of_kipf_and_welling():
    pairs = karate_club.links()
    A = np.eye(34)
    A[pairs[:, 0], pairs[:, 1]] = A[pairs[:, 1], pairs[:, 0]] = 1
    D = np.diag(A.sum(axis=1) ** -0.5)
    graph, _ = Graph.of([str(i) for i in range(34)], [(str(one), str(other)) for one, other in pairs])
    np.testing.assert_allclose(graph.adjacency()[0].numpy(), D @ A @ D, atol=1e-7)


def test_newcomers_listen_and_are_not_heard():
    graph, _ = of(["ab", "bc", "cd", "de"])
    more, absent = graph.joined(["n", "m", "a"], [("n", "a"), ("n", "b"), ("n", "m"), ("b", "e"), ("m", "z")])
    assert absent == ["z"]
    assert more.names[-2:] == ("n", "m")
    now, before = more.adjacency()[0], graph.adjacency()[0]
    assert torch.equal(now[:5, :5], before)
    assert not now[:5, 5:].any()
    assert now[5].nonzero().flatten().tolist() == [0, 1, 5, 6]


def test_many_nodes_are_held_without_their_zeros(monkeypatch):
    graph, _ = of(["ab", "bc", "cd"])
    whole, x = graph.adjacency(), torch.randn(1, 5, 3)
    monkeypatch.setattr(graphs, "MOST_DENSE", 2)
    assert graph.adjacency().is_sparse
    torch.testing.assert_close(torch.bmm(graph.adjacency(), x), torch.bmm(whole, x))


def test_a_batch_says_which_nodes_are_meant():
    graph, _ = of(["ab"])
    examples = NodeExamples(torch.zeros(1, 5, 2), graph.adjacency(), torch.tensor([4, 2, 0]), torch.tensor([1, 0, 1]))
    *_, nodes, targets = examples.batch(torch.tensor([2, 0]))
    assert (nodes.tolist(), targets.tolist()) == ([0, 4], [1, 1])


def test_a_graph_survives_its_state():
    graph, _ = of(["ab", "ce"])
    again = Graph.from_state(graph.state())
    assert again.names == graph.names
    assert np.array_equal(again.edges, graph.edges)
