"""`deepglass bandit LOG`: learn from logged decisions whom to show what, and say what that would have earned."""

from dataclasses import asdict
from typing import Annotated

import typer

from deepglass.cli._common import JsonOption, QuietOption, set_mode
from deepglass.core.console import console

GROUP = "make and act"
NEEDS_ARGUMENTS = True
FEW = 100  # effective decisions


def command(
    log: Annotated[str, typer.Argument(help="A table with a row for each decision.", metavar="LOG")],
    action_column: Annotated[str, typer.Option(help="Column of what was done.")] = "action",
    reward_column: Annotated[str, typer.Option(help="Column of what came of it, a number.")] = "reward",
    propensity_column: Annotated[str, typer.Option(help="Column of how likely it was to be done.")] = "propensity",
    randomised: Annotated[
        bool, typer.Option("--randomised", help="Actions were drawn blindly: the share of each is its propensity.")
    ] = False,
    policy_column: Annotated[
        str | None, typer.Option(help="Column of what another policy would do, to be judged in place of a learnt one.")
    ] = None,
    largest_weight: Annotated[float | None, typer.Option(help="Cut larger weights; √n by default.")] = None,
    seed: Annotated[int, typer.Option(help="Of which half learns and which half judges.")] = 0,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Learn a contextual bandit from a log, and judge it off-policy: direct, IPS, self-normalised, doubly robust."""
    set_mode(quiet, json)
    from deepglass.rl.logged.bandit import judge_log

    found = judge_log(log, action_column, reward_column, None if randomised else propensity_column, policy_column,
                      largest_weight, seed)  # fmt: skip
    estimates = {"the log itself": found.logged, **found.estimates}
    rows = [[name, f"{one.value:.4f}", f"{one.low:.4f} to {one.high:.4f}"] for name, one in estimates.items()]
    console.table(("reward per decision", "value", "95 % interval"), rows)
    console.say(f"{found.effective:,.0f} decisions count as much as all together (effective sample size)")
    console.say("the interval of the direct method knows nothing of the errors of its reward model")
    if randomised:
        console.say("assumed: actions were drawn without looking at the context")
    if found.cut:
        console.warn(f"{found.cut:,} weights were cut at {found.largest:.1f}: IPS is biased, doubly robust less so")
    if found.effective < FEW:
        console.warn(
            "so few decisions count that no interval here can be trusted: log more of what the policy would do"
        )
    console.result(asdict(found))
