"""Labels flow along links to where the closed form says that they end."""

import numpy as np
import torch

from deepglass.data.datasets import karate_club
from deepglass.data.graphs import Graph
from deepglass.rivals import label_propagation, node_regression
from deepglass.rivals.label_propagation import LabelPropagation


def karate():
    links = [(str(one), str(other)) for one, other in karate_club.links()]
    adjacency = Graph.of([str(i) for i in range(34)], links)[0].adjacency()
    labels = torch.tensor([int(i not in karate_club.WITH_TEACHER) for i in range(34)])
    return adjacency, labels


def parts(nodes):
    adjacency, labels = karate()
    nodes = torch.tensor(nodes)
    return torch.eye(34)[None], adjacency, nodes, labels[nodes]


def test_it_ends_where_the_closed_form_does():
    adjacency, _ = karate()
    labels = torch.zeros(34, 2)
    labels[0, 0] = labels[33, 1] = 1
    found = LabelPropagation(labels, 0.5)(torch.eye(34)[None], adjacency, torch.arange(34)).exp().numpy()
    exact = np.linalg.solve(np.eye(34) - 0.5 * adjacency[0].numpy(), 0.5 * labels.numpy())
    np.testing.assert_allclose(found, exact / exact.sum(axis=1, keepdims=True), atol=1e-4)


def test_two_labels_tell_most_of_a_club():
    simple = label_propagation.fit(parts(list(karate_club.TRAIN)), parts(list(karate_club.VAL)), 2)
    assert label_propagation.accuracy(simple.model, parts(list(range(34)))) > 0.9


def test_what_is_known_of_a_node_alone_tells_nothing_where_that_is_its_name():
    simple = node_regression.fit(parts(list(karate_club.TRAIN)), parts(list(karate_club.VAL)), 2)[0]
    rest = [i for i in range(34) if i not in karate_club.TRAIN]
    assert label_propagation.accuracy(simple.model, parts(rest)) < 0.6
