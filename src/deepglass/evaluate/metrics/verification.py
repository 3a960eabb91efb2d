"""How well distances tell whether two pictures show the same identity.

Every pair of test pictures is asked: *genuine* pairs show one identity, *impostor* pairs two. A pair is accepted as the
same where its distance is at most a threshold.

true accepts    share of the genuine pairs that are accepted, at a threshold
false accepts   share of the impostor pairs that are, at the same
ROC             both, over all thresholds; AUC is the area below it
EER             where as many genuine pairs are refused as impostors are accepted
ranking error   of a picture: how often a stranger lies nearer than another picture of its own identity

Pairs that share a picture or an identity are not independent: intervals draw identities, and take all their pairs.

References:
    Phillips et al. (2000), The FERET Evaluation Methodology for Face-Recognition Algorithms,
    https://doi.org/10.1109/34.879790
    Bolle, Ratha & Pankanti (2004), Error analysis of pattern recognition systems: the subsets bootstrap,
    https://doi.org/10.1016/j.cviu.2003.08.002
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from deepglass.evaluate.intervals import percentile_interval
from deepglass.evaluate.scores import score

MOST_PICTURES = 800  # of which all pairs are asked, 319,600; more are thinned out evenly
RESAMPLES = 300
FEWEST_IDENTITIES = 5  # below, other identities could give anything
CURVE = 200  # points of the ROC that are kept for the report


@dataclass(frozen=True)
class Pairs:
    """Distances of pairs of pictures, the nearest first.

    distances: (P,). same: (P,) whether both show one identity. first, second: (P,) positions of the identities.
    """

    distances: np.ndarray
    same: np.ndarray
    first: np.ndarray
    second: np.ndarray

    @property
    def has_both(self) -> bool:
        """Whether there is something to tell apart."""
        return bool(self.same.any() and not self.same.all())


def distances(embeddings: np.ndarray) -> np.ndarray:
    """(N, N) Euclidean distances of embeddings (N, D)."""
    vectors = embeddings.astype(np.float64)
    lengths = (vectors**2).sum(axis=1)
    return np.sqrt(np.maximum(0.0, lengths[:, None] + lengths[None] - 2 * vectors @ vectors.T))


def pairs_of(embeddings: np.ndarray, identities: np.ndarray) -> Pairs:
    """All pairs of different pictures, of at most `MOST_PICTURES` of them."""
    if len(embeddings) > MOST_PICTURES:
        kept = np.linspace(0, len(embeddings) - 1, MOST_PICTURES).astype(int)
        embeddings, identities = embeddings[kept], identities[kept]
    _, place = np.unique(identities, return_inverse=True)
    one, other = np.triu_indices(len(place), 1)
    found = distances(embeddings)[one, other]
    order = np.argsort(found, kind="stable")
    one, other = one[order], other[order]
    return Pairs(found[order], place[one] == place[other], place[one], place[other])


def roc(pairs: Pairs, times: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """False accepts, true accepts and threshold at every distance that occurs, from accepting nobody on.

    Args:
        pairs: Genuine ones and impostors.
        times: (G,) how often each identity was drawn; once where nothing is said.
    """
    if times is None:
        weights = np.ones(len(pairs.distances))
    else:
        weights = times[pairs.first] * np.where(pairs.same, 1.0, times[pairs.second])
    ends = np.append(np.flatnonzero(np.diff(pairs.distances)), len(pairs.distances) - 1)
    genuine, impostors = (np.cumsum(weights * of)[ends] for of in (pairs.same, ~pairs.same))
    with np.errstate(invalid="ignore"):
        true, false = genuine / genuine[-1], impostors / impostors[-1]
    return np.append(0.0, false), np.append(0.0, true), np.append(-np.inf, pairs.distances[ends])


def area(false: np.ndarray, true: np.ndarray) -> float:
    """The area below a ROC, by trapezoids."""
    return float((np.diff(false) * (true[1:] + true[:-1]) / 2).sum())


def equal_error(false: np.ndarray, true: np.ndarray) -> float:
    """Where the line between two points of a ROC meets false accepts = 1 − true accepts."""
    gap = false - (1 - true)  # rises from -1 to 1
    if not np.isfinite(gap).all():
        return float("nan")
    at = max(1, int(np.argmax(gap >= 0)))
    share = -gap[at - 1] / (gap[at] - gap[at - 1])
    return float(false[at - 1] + share * (false[at] - false[at - 1]))


def threshold_for(pairs: Pairs, false_accepts: float) -> float:
    """The distance up to which a pair is called the same, so that at most this share of the impostors is.

    In the middle between the last distance that may be accepted and the first impostor that may not.
    """
    strangers = pairs.distances[~pairs.same]
    if not len(strangers):
        return float("nan")
    allowed = int(false_accepts * len(strangers) + 1e-9)
    if allowed >= len(strangers):
        return float(pairs.distances[-1])
    below = pairs.distances[pairs.distances < strangers[allowed]]
    return float((strangers[allowed] + (below[-1] if len(below) else 0.0)) / 2)


def accepted(pairs: Pairs, threshold: float, times: np.ndarray | None = None) -> tuple[float, float]:
    """False and true accepts at a threshold."""
    false, true, at = roc(pairs, times)
    place = int(np.searchsorted(at, threshold, side="right")) - 1
    return float(false[place]), float(true[place])


def ranking_errors(embeddings: np.ndarray, identities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of every picture the share of comparisons in which a stranger lies nearer than another picture of its identity,
    equal distances counting half; 0 where there is nobody to compare. And which picture lies nearest.

    Returns:
        Shares (N,) and positions (N,).
    """
    errors, nearest = np.zeros(len(identities)), np.zeros(len(identities), np.int64)
    away = distances(embeddings)
    np.fill_diagonal(away, np.inf)
    for row, (own, identity) in enumerate(zip(away, identities)):
        nearest[row] = int(own.argmin())
        is_same = identities == identity
        mates = np.delete(own, row)[np.delete(is_same, row)]
        strangers = np.sort(own[~is_same])
        if len(mates) and len(strangers):
            nearer = np.searchsorted(strangers, mates, "left") + np.searchsorted(strangers, mates, "right")
            errors[row] = nearer.mean() / (2 * len(strangers))
    return errors, nearest


def evaluate(
    embeddings: np.ndarray, identities: np.ndarray, threshold: float, false_accepts: float, *, seed: int = 0
) -> dict[str, Any]:
    """Every score, with intervals over identities.

    Args:
        embeddings: (N, D).
        identities: (N,) int.
        threshold: Distance up to which two are called the same.
        false_accepts: The share of impostors that it was chosen for, on other identities.
        seed: Of the bootstrap.
    """
    pairs = pairs_of(embeddings, identities)
    num_identities = len(np.unique(identities))
    found = _scores(pairs, threshold) if pairs.has_both else {name: float("nan") for name in NAMES}
    spread = _spread(pairs, num_identities, threshold, seed) if num_identities >= FEWEST_IDENTITIES else {}
    return {
        "kind": "verification",
        "count": len(identities),
        "headline": ["verification_auc", "equal_error_rate", "true_accepts"],
        **{name: score(value, spread.get(name, (None, None))) for name, value in found.items()},
        "details": {
            "identities": num_identities,
            "genuine_pairs": int(pairs.same.sum()),
            "impostor_pairs": int((~pairs.same).sum()),
            "threshold": threshold,
            "asked_false_accepts": false_accepts,
            "curve": _curve(pairs) if pairs.has_both else [],
        },
    }


NAMES = ("verification_auc", "equal_error_rate", "true_accepts", "false_accepts")


def _scores(pairs: Pairs, threshold: float, times: np.ndarray | None = None) -> dict[str, float]:
    false, true, at = roc(pairs, times)
    place = int(np.searchsorted(at, threshold, side="right")) - 1
    return dict(zip(NAMES, (area(false, true), equal_error(false, true), float(true[place]), float(false[place]))))


def _spread(pairs: Pairs, num_identities: int, threshold: float, seed: int) -> dict[str, tuple[float, float]]:
    """What the scores would have been with other identities: these are drawn, as many as there are, some repeatedly."""
    if not pairs.has_both:
        return {}
    generator = np.random.default_rng(seed)
    drawn = generator.multinomial(num_identities, np.full(num_identities, 1 / num_identities), RESAMPLES).astype(float)
    samples = [_scores(pairs, threshold, times) for times in drawn if (times > 0).sum() > 1]
    return {name: percentile_interval(np.array([one[name] for one in samples])) for name in NAMES}


def _curve(pairs: Pairs) -> list[list[float]]:
    """Some points of the ROC."""
    false, true, _ = roc(pairs)
    kept = np.unique(np.linspace(0, len(false) - 1, CURVE).astype(int))
    corners = np.unique(np.concatenate([kept, np.flatnonzero(np.diff(true) > 0)[:CURVE] + 1]))
    return [[float(false[place]), float(true[place])] for place in corners]
