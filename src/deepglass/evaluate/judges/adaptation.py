"""Adaptation: groups that were never seen, answered after a few steps on a few of their rows."""

from typing import Any, ClassVar

import numpy as np

from deepglass.evaluate.judges import Arrays, BaseJudge, Result, figures
from deepglass.evaluate.judges._checks import few_examples
from deepglass.evaluate.paired import bootstrapped
from deepglass.evaluate.scores import show

METRICS = {  # name → title, better, meaning, whether it is a share
    "adapted_error": (
        "Error after adapting",
        "lower",
        "mean squared error of the rows of unseen groups that were not adapted to, after all steps; mean over groups",
    ),
    "adapted_rmse": ("Root of the error after adapting", "lower", "the same in the unit of the target"),
    "error_before": ("Error before adapting", "lower", "the same before the first step"),
    "error_after_1": ("Error after one step", "lower", "the same after a single step"),
}
SHOWN = 4  # groups with their curves


def no_help(test: Result, chosen: Result) -> str | None:
    """Adapting that leads away."""
    before, after = (test.get(name, {}).get("value") for name in ("error_before", "adapted_error"))
    if before is None or after is None or after < before:
        return None
    return (
        f"Adapting does not help: the error is {show('error_before', before)} before the steps and "
        f"{show('adapted_error', after)} after. Try a smaller --inner-rate, or more rows to adapt to (--support)."
    )


class Judge(BaseJudge):
    """Judges groups by their rows that were not adapted to."""

    counted = "groups that training never saw"
    checks = (no_help, few_examples)
    lead_score = "adapted_error"
    lead_sentence = "After adapting, the mean squared error is {value} in {count} groups that it had never seen{within}"
    intended_use: ClassVar[str] = "Answers for new groups like those of the training, a few rows of which are known."
    if_in_vain: ClassVar[str] = "Train longer, give more --support, or try another --inner-rate."
    if_splits_differ = "the groups of the two splits differ. Check where they come from, or give more groups."
    if_memorised: ClassVar[str] = "Give more groups: rows of the same ones do not teach how to adapt to others."

    def paired_tests(self, a: Arrays, b: Arrays, seed: int) -> list[Result]:
        """The bootstrap of the errors of the same groups."""
        return [bootstrapped("adapted_error", a["losses"], b["losses"], seed=seed)]

    def notes(self, test: Result) -> list[str]:
        """The errors from step to step."""
        steps = test["details"].get("by_step") or []
        if len(steps) < 2:
            return []
        said = ", ".join(show("adapted_error", steps[step]) for step in range(len(steps)))
        rows = test["details"]["support"]
        return [f"Each group was adapted to by {len(steps) - 1} steps on {rows} of its rows: {said}, step by step."]

    def next_command(self, run: str) -> tuple[str, str]:
        """New groups, some rows of which have an answer."""
        return "Answer new groups: rows to adapt to with a target, the others without", (
            f"deepglass predict {run} YOUR_DATA"
        )

    @classmethod
    def test_command(cls, run: str) -> tuple[str, str]:
        """Groups whose rows all have a target."""
        return "Test it on other groups", f"deepglass evaluate {run} OTHER_DATA"

    def answers(self, metrics: Result, outputs: Arrays) -> Result:
        """The error from step to step, and the curves of a few groups where a single number goes in."""
        by_step = outputs.get("by_step")
        if by_step is None or not by_step.shape[1]:
            return {}
        found = [("Error by step of adapting", _by_step(by_step))]
        if "grid_x" in outputs:
            rows = np.linspace(0, len(by_step) - 1, min(SHOWN, len(by_step))).round().astype(int)
            found += [(f"Group {row + 1} of the test, before and after", _curve(outputs, row)) for row in rows.tolist()]
        return {"figures": figures(found)}


def _by_step(by_step: np.ndarray) -> Any:
    from deepglass.evaluate.svg import MODEL, draw  # matplotlib takes its time

    means = by_step.mean(axis=0)

    def paint(axes: Any) -> None:
        axes.plot(range(len(means)), means, color=MODEL, marker="o")
        axes.set(xlabel="steps on the support", ylabel="mean squared error", ylim=(0, None))

    return draw(paint, "Error by step: " + ", ".join(f"{value:.3g}" for value in means))


def _curve(outputs: Arrays, row: int) -> Any:
    from deepglass.evaluate.svg import FAINT, INK, MODEL, SERIES, draw

    x, known = outputs["x"][row], outputs["known"][row]
    grid, before, after = (outputs[name][row] for name in ("grid_x", "grid_before", "grid_after"))
    truth = outputs["targets"][row]

    def paint(axes: Any) -> None:
        axes.plot(grid, before, color=SERIES[1], linestyle="--", label="before")
        axes.plot(grid, after, color=MODEL, label="after")
        axes.scatter(x, truth, facecolors="none", edgecolors=INK, s=18, label="to be answered")
        axes.scatter(x, known, color=INK, s=26, label="adapted to")
        axes.legend(frameon=False, fontsize=8, ncols=2, labelcolor=INK, edgecolor=FAINT)

    first, *_, last = outputs["by_step"][row]
    return draw(paint, f"Group {row + 1}: error {first:.3g} before adapting and {last:.3g} after")
