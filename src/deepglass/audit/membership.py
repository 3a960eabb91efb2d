"""Was this row in the training? Attacks that guess it from what a model answers, and how well they do.

    loss threshold   the smaller the loss, the likelier a member                     Yeom et al.
    offline, no      the loss beside what it should be: the mean loss of held-out    after Carlini et al. (LiRA),
    shadow models    rows that look alike to the model (same class, near in what     who train hundreds of shadow
                     it says), in their standard deviations                          models for that mean

An attack that is right no oftener than a coin (area 0.5) leaks nothing that it can see; another attack might. What
counts is the end of the curve where it accuses few (Carlini et al.): the share of members found at 1 % false alarms.

References:
    Yeom et al. (2018), Privacy Risk in Machine Learning, https://arxiv.org/abs/1709.01604
    Carlini et al. (2022), Membership Inference Attacks From First Principles, https://arxiv.org/abs/2112.03570
"""

from typing import Any

import numpy as np

from deepglass.evaluate.intervals import RESAMPLES, percentile_interval
from deepglass.evaluate.scores import score

FALSE_ALARMS = 0.01
NEIGHBOURS = 32  # held-out rows that say what a loss should be
ROOM = 1e-6  # of probabilities, before their odds are taken
FINITE = 1e-12


def log_odds_of_truth(losses: np.ndarray) -> np.ndarray:
    """(N,) log p / (1 − p) of the truth, from −log p: as Carlini et al. have it, since it looks Gaussian."""
    p = np.clip(np.exp(-losses), ROOM, 1 - ROOM)
    return np.log(p) - np.log1p(-p)


def by_threshold(losses: np.ndarray) -> np.ndarray:
    """(N,) how much each row looks like a member: the smaller the loss, the more."""
    return -losses


def by_reference(
    evidence: np.ndarray, codes: np.ndarray, reference: np.ndarray, reference_codes: np.ndarray
) -> np.ndarray:
    """(N,) how far the evidence lies above that of held-out rows that look alike, in their deviations.

    Args:
        evidence: (N,) larger for what the model is surer of, such as the log odds of the truth.
        codes: (N, M) what a row looks like to the model; those of one class lie apart.
        reference: (R,) evidence of held-out rows, none of them among the N; reference_codes: (R, M).
    """
    from sklearn.neighbors import NearestNeighbors

    count = min(NEIGHBOURS, len(reference))
    near = NearestNeighbors(n_neighbors=count).fit(reference_codes).kneighbors(codes, return_distance=False)
    like = reference[near]  # (N, count)
    return (evidence - like.mean(axis=1)) / (like.std(axis=1) + FINITE + 0.1 * reference.std())


def judged(members: np.ndarray, others: np.ndarray, seed: int = 0) -> dict[str, dict[str, Any]]:
    """How well a score tells members (N,) from others (M,): area, members found at 1 % false alarms, advantage.

    Returns:
        "auc", "found" (at `FALSE_ALARMS`), "advantage" (the largest found − false alarms), with bootstrap intervals.
    """
    rng = np.random.default_rng(seed)
    drawn = np.array([_measures(rng.choice(members, len(members)), rng.choice(others, len(others))) for _ in _times()])
    values = _measures(members, others)
    names = ("auc", "found", "advantage")
    return {name: score(values[i], percentile_interval(drawn[:, i])) for i, name in enumerate(names)}


def curve(members: np.ndarray, others: np.ndarray, points: int = 60) -> list[tuple[float, float]]:
    """(false alarms, members found) of thresholds from strict to loose."""
    alarms = np.linspace(0, 1, points)
    cuts = np.quantile(others, 1 - alarms)
    return [(float(a), float((members > cut).mean())) if a else (0.0, 0.0) for a, cut in zip(alarms, cuts)]


def _times() -> range:
    return range(RESAMPLES // 5)  # of thousands of rows each: 200 settle two digits


def _measures(members: np.ndarray, others: np.ndarray) -> tuple[float, float, float]:
    ranked = np.sort(others)
    below, upto = (np.searchsorted(ranked, members, side=side) for side in ("left", "right"))
    area = float(((below + upto) / 2).mean() / len(others))
    cut = ranked[max(0, len(others) - 1 - int(FALSE_ALARMS * len(others)))]
    both = np.sort(np.concatenate([members, others]))
    found = 1 - np.searchsorted(np.sort(members), both, side="right") / len(members)
    alarms = 1 - np.searchsorted(ranked, both, side="right") / len(others)
    return area, float((members > cut).mean()), float(max(0.0, (found - alarms).max()))
