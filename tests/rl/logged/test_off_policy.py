"""Off-policy evaluation: each estimate by hand, right where its assumption is, and its interval covers the truth."""

import numpy as np
import pytest

from deepglass.core.errors import DataError, OptionError
from deepglass.data.datasets import shown_offers
from deepglass.rl.logged.contextual_bandit import RewardModel
from deepglass.rl.logged.log import Log, log_of
from deepglass.rl.logged.off_policy import evaluate, halves

PROVES = {"test_each_estimate_by_hand": ("rl/logged/off_policy.py",)}  # read by `deepglass read`

COLUMNS = ("action", "reward", "propensity")


class Known:
    """A reward model whose answers are given."""

    def __init__(self, q):
        self.q = np.asarray(q, float)

    def predict(self, contexts):
        return np.tile(self.q, (len(contexts), 1))


def log_with(actions, rewards, propensities):
    count = len(actions)
    return Log(np.zeros((count, 1)), np.array(actions), np.array(rewards, float), np.array(propensities), ("a", "b"))


def test_each_estimate_by_hand():
    log = log_with([0, 1, 0, 1], [1, 0, 0, 1], [0.5, 0.5, 0.25, 0.8])
    found = evaluate(log, np.array([0, 0, 0, 1]), Known([0.4, 0.6]), largest=100)  # weights 2, 0, 4, 1.25
    values = {name: one.value for name, one in found.estimates.items()}
    assert values["direct method"] == pytest.approx((0.4 * 3 + 0.6) / 4)
    assert values["IPS"] == pytest.approx((2 * 1 + 4 * 0 + 1.25 * 1) / 4)
    assert values["self-normalised IPS"] == pytest.approx(3.25 / 7.25)
    corrected = 2 * (1 - 0.4) + 4 * (0 - 0.4) + 1.25 * (1 - 0.6)
    assert values["doubly robust"] == pytest.approx((0.4 * 3 + 0.6 + corrected) / 4)
    assert found.effective == pytest.approx(7.25**2 / (4 + 16 + 1.25**2))
    assert found.logged.value == 0.5


def test_tiny_propensities_are_cut_and_counted():
    log = log_with([0] * 99 + [1], [1.0] * 100, [0.5] * 99 + [1e-6])
    wild = evaluate(log, log.actions, Known([0, 0]), largest=1e9)
    found = evaluate(log, log.actions, Known([0, 0]))
    assert wild.effective < 1.1
    assert (found.cut, found.largest) == (1, 10.0)  # √n
    assert found.effective > 50
    assert found.estimates["IPS"].value < 3 < wild.estimates["IPS"].value
    with pytest.raises(OptionError, match="above 0"):
        evaluate(log, log.actions, Known([0, 0]), largest=0.0)


def test_a_policy_that_never_does_what_was_done_is_refused():
    log = log_with([0, 0, 1, 1], [1, 1, 1, 1], [0.5] * 4)
    with pytest.raises(DataError, match="says nothing of it"):
        evaluate(log, 1 - log.actions, Known([0, 0]))


def judged(seed, model=None, wrong=1.0):
    """An evaluation on drawn decisions, and the truth on the same contexts."""
    frame = shown_offers.decisions(800, seed)
    log = log_of(frame, *COLUMNS)
    first, second = halves(len(log), seed)
    rows = log.rows(second)
    rows = Log(rows.contexts, rows.actions, rows.rewards, np.minimum(1, rows.propensities * wrong), rows.names)
    policy = (frame.age.to_numpy() < 45).astype(int)[second] * -1 + 1  # a concert to the young, a museum to the others
    return evaluate(rows, policy, model or RewardModel(log.rows(first)), largest=1e9), policy


@pytest.fixture(scope="module")
def truth():
    frame = shown_offers.decisions(200_000, seed=10**6)
    policy = 1 - (frame.age.to_numpy() < 45).astype(int)
    return shown_offers.chance(frame.age, frame.hour)[np.arange(len(frame)), policy].mean()


def test_intervals_cover_the_truth(truth):
    """In 95 of 100 they should; with 100 logs, fewer than 88 would be a fault of one in a thousand."""
    found = [judged(seed)[0].estimates for seed in range(100)]
    for name in ("IPS", "self-normalised IPS", "doubly robust"):
        assert sum(one[name].low <= truth <= one[name].high for one in found) >= 88, name


def test_doubly_robust_is_right_if_either_part_is(truth):
    """A reward model that knows nothing, or propensities that are all too large by a quarter."""
    ignorant = np.mean([judged(seed, Known([0.0, 0.0, 0.0]))[0].estimates["doubly robust"].value for seed in range(60)])
    assert ignorant == pytest.approx(truth, abs=0.015)
    both = [judged(seed, wrong=1.25)[0].estimates for seed in range(60)]
    ips, robust = (np.mean([one[name].value for one in both]) for name in ("IPS", "doubly robust"))
    assert abs(ips - truth) > 0.04
    assert robust == pytest.approx(truth, abs=0.02)


def test_what_all_rewards_have_in_common_varies_in_ips_alone():
    """Two more at every decision: the weights multiply them, and the reward model takes them away again."""
    found = {"IPS": [], "doubly robust": [], "self-normalised IPS": []}
    for seed in range(40):
        frame = shown_offers.decisions(400, seed)
        log = log_of(frame.assign(reward=frame.reward + 2), *COLUMNS)
        first, second = halves(len(log), seed)
        rows = log.rows(second)
        estimates = evaluate(rows, np.ones(len(rows), int), RewardModel(log.rows(first))).estimates
        for name, values in found.items():
            values.append(estimates[name].value)
    spread = {name: np.std(values) for name, values in found.items()}
    assert spread["doubly robust"] < spread["IPS"] / 2
    assert spread["self-normalised IPS"] < spread["IPS"] / 2
