"""Codes: how much of an example comes back from them, and what lies near what."""

from typing import Any, ClassVar

import numpy as np

from deepglass.evaluate.code_map import drawn
from deepglass.evaluate.judges import Arrays, BaseJudge, Result, figures
from deepglass.evaluate.judges._checks import few_examples
from deepglass.evaluate.paired import bootstrapped

METRICS = {  # name → title, better, meaning, whether it is a share
    "reconstruction_error": ("Reconstruction error", "lower", "mean squared error per number, in deviations of inputs"),
    "kept": ("Kept", "higher", "how much of the spread of the examples comes back from the codes", True),
}


def no_bottleneck(test: Result, chosen: Result) -> str | None:
    """The code is as long as the example itself: nothing has to be left out."""
    code_dim, numbers = test["details"].get("code_dim", 0), test["details"].get("num_numbers", 0)
    if not code_dim or code_dim < numbers:
        return None
    return (
        f"The code has {code_dim} numbers and an example {numbers}: it need not leave anything out, and may be a "
        "copy. Ask for a smaller --code-dim, or for --noise or --sparsity."
    )


class Judge(BaseJudge):
    """Judges codes by what can be made of them."""

    checks = (no_bottleneck, few_examples)
    lead_score = "kept"
    lead_sentence = "Its codes keep {value} of the spread of {count} examples that it had never seen{within}"
    intended_use: ClassVar[str] = "Short codes of examples that look like the training data."
    if_in_vain: ClassVar[str] = "Train longer, or ask for a larger --code-dim."

    def paired_tests(self, a: Arrays, b: Arrays, seed: int) -> list[Result]:
        """The bootstrap of the errors of the same examples."""
        return [bootstrapped("reconstruction_error", a["losses"], b["losses"], seed=seed)]

    def notes(self, test: Result) -> list[str]:
        """How short the code is."""
        details = test["details"]
        if not details.get("code_dim"):
            return []
        return [f"{details['code_dim']} numbers stand for {details['num_numbers']:,} (--code-dim)"]

    def next_command(self, run: str) -> tuple[str, str]:
        """It writes codes."""
        return "Write the codes", f"deepglass embed {run} --output codes.csv"

    @classmethod
    def test_command(cls, run: str) -> tuple[str, str]:
        """Nothing needs a label."""
        return "Test it on other data", f"deepglass evaluate {run} OTHER_DATA"

    def answers(self, metrics: Result, outputs: Arrays) -> Result:
        """The map of the codes, and how errors are spread."""
        if outputs.get("predictions") is None or outputs["predictions"].ndim != 2 or len(outputs["predictions"]) < 3:
            return {}
        groups = (metrics["test"].get("details") or {}).get("groups") or []
        codes, errors = outputs["predictions"].astype(float), outputs["losses"].astype(float)
        found = [("A map of the test examples by their codes", drawn(codes, outputs["targets"], groups))]
        return {"figures": figures([*found, ("Errors of the test examples", _errors(errors))])}


def _errors(errors: np.ndarray) -> Any:
    """How many examples have which error."""
    from deepglass.evaluate.svg import INK, MODEL, draw  # matplotlib takes its time

    def paint(axes: Any) -> None:
        axes.hist(errors, bins=30, color=MODEL)
        axes.axvline(errors.mean(), color=INK, linestyle="--", linewidth=1.2)
        axes.set(xlabel="reconstruction error", ylabel="examples")

    told = f"mean {errors.mean():.4g}, from {errors.min():.4g} to {errors.max():.4g}"
    return draw(paint, f"Reconstruction errors of {len(errors)} examples: {told}")
