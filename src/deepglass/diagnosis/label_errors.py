"""Which labels are wrong? Confident learning: a model that has not seen an example is sure of another class.

A class's threshold is the mean probability that its own examples get; an example is counted as (given, true) where the
probability of another class is above that class's threshold. From the counts the share of wrong labels follows; those
with the smallest margin are named.

References:
    Northcutt, Jiang and Chuang (2021), Confident Learning: Estimating Uncertainty in Dataset Labels,
    https://arxiv.org/abs/1911.00068 (their "prune by noise rate"; probabilities are cross-validated)
"""

import numpy as np


def thresholds(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(K,) mean probability that the examples of a class get for it."""
    classes = range(probabilities.shape[1])
    return np.array([probabilities[labels == k, k].mean() if (labels == k).any() else 1.0 for k in classes])


def confident_joint(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(K, K) counts of examples by given and confident class, brought to the number of examples of a given class."""
    K = probabilities.shape[1]
    above = probabilities >= thresholds(probabilities, labels) - 1e-12
    confident = np.where(above, probabilities, -1.0).argmax(axis=1)
    joint = np.zeros((K, K))
    np.add.at(joint, (labels[above.any(axis=1)], confident[above.any(axis=1)]), 1)
    sums, given = joint.sum(axis=1, keepdims=True), np.bincount(labels, minlength=K)[:, None]
    return np.divide(joint, sums, out=np.eye(K) * 1.0, where=sums > 0) * given


def scores(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(N,) how likely a label is right: its probability less that of the likeliest other class, higher is better."""
    rows = np.arange(len(labels))
    others = probabilities.copy()
    others[rows, labels] = -1
    return probabilities[rows, labels] - others.max(axis=1)


def wrong_labels(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Positions of the labels that are wrong, the surest first.

    Args:
        probabilities: (N, K) of models that have not seen the example.
        labels: (N,) as given, 0 to K - 1.
    """
    joint = confident_joint(probabilities, labels)
    wrong = np.zeros(len(labels), dtype=bool)
    for given in range(joint.shape[0]):
        for true in range(joint.shape[0]):
            count = round(joint[given, true])
            if given == true or count == 0:
                continue
            own = np.flatnonzero(labels == given)
            margin = probabilities[own, true] - probabilities[own, given]
            worst = own[np.argsort(-margin, kind="stable")[:count]]
            wrong[worst[probabilities[worst, true] > probabilities[worst, given]]] = True
    found = np.flatnonzero(wrong)
    return found[np.argsort(scores(probabilities, labels)[found], kind="stable")]


def noise_where_sure(probabilities: np.ndarray, labels: np.ndarray, share: float = 0.3) -> tuple[float, float]:
    """Share of labels that contradict models where these are surest, and the lower end of its 95 % interval.

    Classes that overlap are contradicted where they overlap; wrong labels everywhere.
    """
    sure = np.argsort(-probabilities.max(axis=1), kind="stable")[: max(20, int(share * len(labels)))]
    wrong = float((probabilities[sure].argmax(axis=1) != labels[sure]).mean())
    error = np.sqrt(max(wrong * (1 - wrong), 1e-9) / len(sure))
    return wrong, wrong - 1.96 * float(error)


def find_wrong_labels(X: np.ndarray, labels: np.ndarray, seed: int = 0) -> np.ndarray:
    """Positions of the labels that simple models, cross-validated on the data themselves, find wrong; surest first.

    Args:
        X: (N, D) numbers.
        labels: (N,) classes of any kind.
        seed: Of folds and forests.
    """
    from deepglass.diagnosis.probes import link

    codes = np.unique(labels, return_inverse=True)[1]
    found = link(X, codes, True, seed)
    return np.zeros(0, dtype=int) if found.probabilities is None else wrong_labels(found.probabilities, codes)
