"""The judge of a policy: what its episodes earned, beside random actions."""

from typing import Any, ClassVar

import numpy as np

from deepglass.evaluate.judges import Arrays, BaseJudge, Result, figures
from deepglass.evaluate.paired import bootstrapped

METRICS = {  # name → title, better, meaning, whether it is a share
    "mean_return": ("Mean return", "higher", "what an episode earns on average"),
    "goals_reached": ("Goals reached", "higher", "share of the episodes that get to their goal", True),
    "iqm_return": ("Interquartile mean", "higher", "the mean of the middle half of all episodes"),
    "worst_return": ("Worst episode", "higher", "what the worst of the episodes earned"),
    "sampled_return": ("Mean return, sampling", "higher", "the same with actions drawn from the policy"),
    "episode_length": ("Steps of an episode", "zero", "how long an episode is on average"),
}


class Judge(BaseJudge):
    """Judges what a policy earns in its environment."""

    counted: ClassVar[str] = "test episodes, whose beginnings were drawn apart from those of the training"
    lead_score: ClassVar[str] = "mean_return"
    lead_sentence: ClassVar[str] = "Its greedy policy earns {value} on average in {count} episodes{within}"
    intended_use: ClassVar[str] = "Acting in the environment that it was trained in."
    if_in_vain: ClassVar[str] = "Train for more --steps, or choose another --model."
    if_splits_differ: ClassVar[str] = "the policy was chosen by luck: ask for more --evaluate-episodes."
    if_memorised: ClassVar[str] = ""  # the loss of a policy says nothing of it

    def paired_tests(self, a: Arrays, b: Arrays, seed: int) -> list[Result]:
        """The bootstrap of what both earned, episode by episode from the same beginnings."""
        return [bootstrapped("mean_return", a["predictions"], b["predictions"], seed=seed)]

    def next_command(self, run: str) -> tuple[str, str]:
        """It can be watched."""
        return "Watch it act", f"deepglass play {run}"

    @classmethod
    def test_command(cls, run: str) -> tuple[str, str]:
        """It can be tested in episodes that it has not seen."""
        return "Test it in other episodes", f"deepglass evaluate {run} --episodes 100"

    def answers(self, metrics: Result, outputs: Arrays) -> Result:
        """How the returns of single episodes are spread."""
        if "predictions" not in outputs:
            return {}
        return {"figures": figures([("Returns of the test episodes", _histogram(outputs["predictions"]))])}


def _histogram(returns: np.ndarray) -> Any:
    """How many episodes earned how much."""
    from deepglass.evaluate.svg import INK, MODEL, draw  # matplotlib takes its time

    def paint(axes: Any) -> None:
        low, high = returns.min(), returns.max()
        is_one = high - low < 1e-6 * max(1.0, abs(high))  # all alike, but for rounding
        axes.hist(returns, bins=20, range=(low - 0.5, high + 0.5) if is_one else None, color=MODEL)
        axes.axvline(returns.mean(), color=INK, linestyle="--", linewidth=1.2)
        axes.set(xlabel="return of an episode", ylabel="episodes")

    told = f"mean {returns.mean():.4g}, from {returns.min():.4g} to {returns.max():.4g}"
    return draw(paint, f"Returns of {len(returns)} episodes: {told}")
