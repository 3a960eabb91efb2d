"""Does the interval of an off-policy estimate hold the truth? Logs are drawn again and again, and the truth is known.

    python -m bench.off_policy                # 500 logs for each seed, about a minute of the processor

Each log has 1,000 decisions of `shown-offers`: half teach a policy and a reward model, half judge. The truth is the
value of that very policy, by the chances that the logs are drawn with, on 20,000 other people. Every record counts how
often each 95 % interval held it, and how far the estimates lie from it.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bench.records import Record, measure_parts, processor_seconds
from deepglass.core.errors import DataError
from deepglass.data.datasets import shown_offers
from deepglass.rl.logged.contextual_bandit import RewardModel
from deepglass.rl.logged.log import log_of
from deepglass.rl.logged.off_policy import evaluate, halves

RESULTS = Path(__file__).parent / "results" / "off_policy.json"
LOGS, DECISIONS, PEOPLE = 500, 1000, 20_000
COLUMNS = ("action", "reward", "propensity")
TINY = 0.02  # propensities of the policy that hardly ever tries another offer
METHODS = ("direct method", "IPS", "self-normalised IPS", "doubly robust")


def usual(seed: int) -> Iterator[Record]:
    """As the bundled log is drawn: the offer of the hour in seven of ten cases."""
    yield measured(seed, shown_offers.MOSTLY, None)


def rarely_tried(seed: int) -> Iterator[Record]:
    """Another offer is shown in four of a hundred cases: huge weights, uncut and cut at √n."""
    for largest in (1e9, None):
        yield measured(seed, 1 - 2 * TINY, largest)


def measured(seed: int, mostly: float, largest: float | None) -> Record:
    """How often the intervals of 500 logs held the truth."""
    began, effective, refused = processor_seconds(), [], 0
    held, off = dict.fromkeys(METHODS, 0), {m: [] for m in METHODS}
    new = shown_offers.decisions(PEOPLE, seed=10**6 + seed)
    chances, usually = shown_offers.chance(new.age, new.hour), shown_offers.MOSTLY
    shown_offers.MOSTLY = mostly
    try:
        for number in range(LOGS):
            both = shown_offers.decisions(DECISIONS, seed=seed * LOGS + number)
            log = log_of(both, *COLUMNS)
            first, second = halves(len(log), number)
            model = RewardModel(log.rows(first))
            scaled = (new[["age", "hour"]] - both[["age", "hour"]].mean()) / both[["age", "hour"]].std()
            everybody = np.concatenate([scaled.to_numpy(), scaled.to_numpy() ** 2], axis=1)
            truth = chances[np.arange(PEOPLE), model.greedy(everybody)].mean()
            judged = log.rows(second)
            try:
                found = evaluate(judged, model.greedy(judged.contexts), model, largest)
            except DataError:  # never does what was done
                refused += 1
                continue
            effective.append(found.effective)
            for method, one in found.estimates.items():
                held[method] += int(one.low <= truth <= one.high)
                off[method].append(one.value - truth)
    finally:
        shown_offers.MOSTLY = usually
    judged_logs = LOGS - refused
    return {
        "seed": seed,
        "mostly": mostly,
        "largest_weight": "none" if largest else "sqrt(n)",
        "logs": judged_logs,
        "refused": refused,
        "held": {m: round(float(count / judged_logs), 4) for m, count in held.items()},
        "bias": {m: round(float(np.mean(values)), 4) for m, values in off.items()},
        "rmse": {m: round(float(np.sqrt(np.mean(np.square(values)))), 4) for m, values in off.items()},
        "effective_decisions": round(float(np.median(effective)), 1),
        "processor_seconds": round(processor_seconds() - began, 1),
    }


if __name__ == "__main__":
    measure_parts(RESULTS, {"usual": usual, "rarely_tried": rarely_tried}, __doc__ or "")
