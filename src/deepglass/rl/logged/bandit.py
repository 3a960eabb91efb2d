"""From a log to a verdict: half of the decisions learn a policy and a reward model, the other half judges.

log ── halves ── RewardModel of the first ── greedy policy, or a column of the log ── off_policy.evaluate on the second
"""

from typing import Any

import numpy as np

from deepglass.core.errors import DataError
from deepglass.core.wording import listing
from deepglass.data.config import DataConfig
from deepglass.data.containers import require_table
from deepglass.data.reading.source import read
from deepglass.rl.logged.contextual_bandit import RewardModel
from deepglass.rl.logged.log import log_of
from deepglass.rl.logged.off_policy import Evaluation, evaluate, halves


def judge_log(
    source: Any,
    action: str = "action",
    reward: str = "reward",
    propensity: str | None = "propensity",
    policy: str | None = None,
    largest: float | None = None,
    seed: int = 0,
) -> Evaluation:
    """What a policy would have earned.

    Args:
        source: A table, its file, or the name of a bundled one.
        action: Column of what was done.
        reward: Column of what came of it.
        propensity: Column of how likely that was; None: actions were drawn without looking at the context.
        policy: Column of what another policy would do; None learns one.
        largest: Weight at which larger ones are cut; √n where nothing is said.
        seed: Of the halves.

    Raises:
        DataError: If the log lacks something, or an action of the policy was never logged; names it.
        OptionError: If `largest` is not above 0.
    """
    frame = require_table(read(source, DataConfig()), "a table with a row for each decision").frame
    if propensity is not None and propensity not in frame.columns:
        raise DataError(
            f"the log has no column {propensity!r} of how likely each action was: name it with --propensity-column; if "
            "actions were drawn without looking at the context, say so with --randomised. Without either nobody can "
            "tell what an action did from whom it was chosen for"
        )
    log = log_of(frame, action, reward, propensity, (policy,) if policy else ())
    first, second = halves(len(log), seed)
    model, judged = RewardModel(log.rows(first)), log.rows(second)
    actions = model.greedy(judged.contexts)
    if policy:
        wanted = frame[policy].astype(str).to_numpy()
        if never := sorted(set(wanted) - set(log.names)):
            raise DataError(
                f"{policy!r} has {listing(map(repr, never))}, which was never done: nothing can be known of that; the "
                f"log has {listing(map(repr, log.names))}"
            )
        actions = np.array([log.names.index(name) for name in wanted])[second]
    return evaluate(judged, actions, model, largest)
