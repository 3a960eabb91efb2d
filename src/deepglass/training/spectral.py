"""Spectral coordinates: what hangs together in a graph of nearest neighbours comes to lie in one place.

    rows ── each joined to its nearest ── W ── eigenvectors of D^(−½)·W·D^(−½), the largest K ── rows of length 1

D has the number of joints of each row on its diagonal. K groups that are not joined at all have K eigenvalues of 1, and
all rows of a group get the same coordinates, at a right angle to those of any other. Groups joined here and there have
nearly that. K-means, which among the rows themselves looks for round heaps, finds groups of any shape here.

References:
    Ng, Jordan & Weiss (2001), On Spectral Clustering: Analysis and an Algorithm,
    https://papers.nips.cc/paper/2092-on-spectral-clustering-analysis-and-an-algorithm
    von Luxburg (2007), A Tutorial on Spectral Clustering, https://arxiv.org/abs/0711.0189
    Shaham et al. (2018), SpectralNet, https://arxiv.org/abs/1801.01587 (a network that learns such coordinates)
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

AT_ONCE = 1000  # rows whose distances from all others are held
FEW = 500  # rows up to which all eigenvectors are computed; Lanczos' method, for more, wants fewer than there are
TOLERANCE = 1e-6  # of an eigenvalue


def neighbour_graph(rows: Tensor, neighbours: int) -> Any:
    """(n, n) sparse: 1 where each of two rows is among the nearest of the other, ½ where one of them is.

    Args:
        rows: (n, D).
        neighbours: How many rows each is joined to, from 1 to n − 1.
    """
    from scipy import sparse

    count, squares, nearest = len(rows), rows.square().sum(dim=1), []
    for places in torch.arange(count, device=rows.device).split(AT_ONCE):
        away = squares - 2 * rows[places] @ rows.T  # (b, n) squared distances, less what is the same for a whole line
        away[torch.arange(len(places)), places] = torch.inf
        nearest.append(away.topk(neighbours, largest=False).indices.cpu().numpy())
    lines = np.repeat(np.arange(count), neighbours)
    joined = sparse.csr_matrix((np.ones(len(lines)), (lines, np.concatenate(nearest).ravel())), (count, count))
    return (joined + joined.T) / 2


def coordinates(graph: Any, count: int) -> np.ndarray:
    """(n, K) spectral coordinates of the rows of a graph, each of length 1; 0 of a group beyond the K largest.

    Args:
        graph: (n, n) sparse and symmetric, every line with a joint.
        count: K, at most n.
    """
    from scipy import sparse
    from scipy.sparse.linalg import eigsh

    size = graph.shape[0]
    scale = sparse.diags(np.asarray(graph.sum(axis=1)).ravel() ** -0.5)
    scaled = scale @ graph @ scale
    if size <= max(FEW, count):
        vectors = np.linalg.eigh(scaled.toarray())[1][:, -count:]
    else:
        beginning = np.random.default_rng(0).normal(size=size)  # the same eigenvectors every time
        vectors = eigsh(scaled, k=count, tol=TOLERANCE, v0=beginning)[1]
    signs = np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(count)])  # an eigenvector has no sign of its own
    vectors = vectors * signs
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
