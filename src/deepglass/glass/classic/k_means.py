"""K-means: centres and the rows nearest to them, by turns, until nobody changes sides.

Lloyd (1982), Least squares quantization in PCM, https://doi.org/10.1109/TIT.1982.1056489 (the two steps); Arthur &
Vassilvitskii (2007), k-means++: The Advantages of Careful Seeding, https://dl.acm.org/doi/10.5555/1283383.1283494 (how
to begin).
"""

import numpy as np

from .inputs import check_table


class KMeans:
    """Labels z and centres c that make Σᵢ ‖xᵢ − c_zᵢ‖² small.

    Each of the two steps makes the sum smaller or leaves it: a row goes to its nearest centre, and a centre goes to the
    mean of its rows, from which their squared distances are least. So it comes to rest, though not always at the
    smallest sum that there is: it begins `n_init` times, and the best ending is kept.

    Args:
        n_clusters: How many centres k.
        init: The centres to begin with (k, n_features); without any they are drawn by k-means++.
        n_init: How often it begins with drawn centres.
        max_iter: Pairs of steps at most.
        seed: Of the drawing.

    Attributes:
        cluster_centers_: (k, n_features).
        labels_: (n_samples,) which centre is nearest to each row.
        inertia_: The sum of squared distances of the rows from their centres.
        n_iter_: Pairs of steps that the best beginning took.

    Raises:
        ValueError: If `n_clusters` or `n_init` is below 1.

    Example:
        >>> KMeans(2).fit([[0.0], [1.0], [9.0], [10.0]]).inertia_
        1.0
    """

    def __init__(self, n_clusters, init=None, n_init=10, max_iter=300, seed=0):
        if n_clusters < 1:
            raise ValueError(f"KMeans: expected 1 cluster or more, got {n_clusters}")
        if n_init < 1:
            raise ValueError(f"KMeans: expected to begin once or more often, got n_init {n_init}")
        self.n_clusters, self.init, self.n_init, self.max_iter, self.seed = n_clusters, init, n_init, max_iter, seed

    def fit(self, X):
        """Find the centres of X (n_samples, n_features).

        Raises:
            ValueError: If there are fewer rows than clusters, or X or the first centres do not fit.
        """
        X, draw = check_table(X), np.random.default_rng(self.seed)
        if len(X) < self.n_clusters:
            raise ValueError(f"X: expected at least {self.n_clusters} rows, one for each cluster, got {len(X)}")
        found = None
        for _ in range(self.n_init if self.init is None else 1):
            ended = self.lloyd(X, self.begin(X, draw))
            found = ended if found is None or ended[2] < found[2] else found
        self.cluster_centers_, self.labels_, self.inertia_, self.n_iter_ = found
        return self

    def begin(self, X, draw):
        """The centres (k, n_features) to begin with."""
        if self.init is None:
            return plus_plus(X, self.n_clusters, draw)
        init = check_table(self.init, num_features=X.shape[1])
        if len(init) != self.n_clusters:
            raise ValueError(f"init: expected {self.n_clusters} centres, got {len(init)}")
        return init

    def lloyd(self, X, centres):
        """Both steps until no row changes sides: centres, labels, sum of squared distances, and how many steps."""
        labels, before, steps = nearest(X, centres), None, 0
        while steps < self.max_iter and not np.array_equal(labels, before):
            centres, before, steps = means(X, labels, centres), labels, steps + 1
            labels = nearest(X, centres)
        return centres, labels, float(np.square(X - centres[labels]).sum()), steps

    def transform(self, X):
        """Distances (n_samples, k) from every centre."""
        return np.sqrt(
            squared_distances(check_table(X, num_features=self.cluster_centers_.shape[1]), self.cluster_centers_)
        )

    def predict(self, X):
        """The nearest centre (n_samples,)."""
        return self.transform(X).argmin(1)


def squared_distances(X, centres):
    """(n, k) of rows X (n, D) from centres (k, D)."""
    return np.stack([np.square(X - centre).sum(1) for centre in centres], axis=1)


def nearest(X, centres):
    """(n,) the first step: which centre is nearest to each row."""
    return squared_distances(X, centres).argmin(1)


def means(X, labels, centres):
    """(k, D) the second step: each centre goes to the mean of its rows; one that has none goes to the row that is
    farthest from its own, which nobody will miss.
    """
    moved, away = np.array(centres, dtype=float), np.square(X - centres[labels]).sum(1)
    for place in range(len(centres)):
        mine = X[labels == place]
        if len(mine):
            moved[place] = mine.mean(0)
        else:
            moved[place], away[away.argmax()] = X[away.argmax()], 0.0
    return moved


def plus_plus(X, count, draw):
    """(count, D) rows as first centres: each is drawn with a probability that grows as the square of its distance from
    those that are chosen already. A far group is soon found, and two centres seldom share one.
    """
    chosen = [X[draw.integers(len(X))]]
    while len(chosen) < count:
        away = squared_distances(X, np.array(chosen)).min(1)
        shares = away / away.sum() if away.sum() > 0 else np.full(len(X), 1 / len(X))
        chosen.append(X[draw.choice(len(X), p=shares)])
    return np.array(chosen)
