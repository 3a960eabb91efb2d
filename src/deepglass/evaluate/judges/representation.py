"""Features that were learnt without labels: what a linear probe reads off them, and whether they collapsed."""

from typing import Any, ClassVar

import numpy as np

from deepglass.core.errors import DataError
from deepglass.evaluate.code_map import drawn
from deepglass.evaluate.judges import Arrays, BaseJudge, Result, figures
from deepglass.evaluate.judges._checks import few_examples
from deepglass.evaluate.paired import bootstrapped, mcnemar
from deepglass.evaluate.scores import show

METRICS = {  # name → title, better, meaning, whether it is a share
    "probe_accuracy": (
        "Linear probe", "higher", "how often a linear map of the features names the right class", True,
    ),
    "spread_of_codes": (
        "Spread of codes", "higher", "1 where the codes lie in all directions, 0 after a collapse",
    ),
    "pretext_loss": ("Loss without labels", "lower", "what the examples' own question costs, asked once more"),
}  # fmt: skip
COLLAPSED = 0.2  # spread of codes: a collapse left 0.02 to 0.18 of digits, a training that learns 0.7 to 1


def collapse(test: Result, chosen: Result) -> str | None:
    """All examples have nearly the same code."""
    spread = test["spread_of_codes"]["value"]
    if spread is None or spread >= COLLAPSED:
        return None
    return (
        f"The codes have collapsed: their spread is {show('spread_of_codes', spread)}, nearly one code stands for all "
        "examples, and nothing more is learnt. Take --method simclr, which pushes different examples apart; of byol "
        "leave --predictor on and --teacher-decay near 0.99; or ask for a smaller --learning-rate."
    )


class Judge(BaseJudge):
    """Judges features by what can be read off them."""

    checks = (collapse, few_examples)
    lead_score = "probe_accuracy"
    lead_sentence = (
        "A linear probe reads the right class off its features for {value} of {count} examples that neither had "
        "seen{within}"
    )
    intended_use: ClassVar[str] = "Features of examples that look like the training data; weights to begin with."
    unintended_use: ClassVar[str] = "The features name nothing by themselves; the probe that judges them is no part."
    if_in_vain: ClassVar[str] = "Train longer, choose another --method or --augment, or a larger --batch-size."

    def lead(self, test: Result, baseline: Result) -> str:
        """Without classes how far the features are spread."""
        if test.get(self.lead_score):
            return super().lead(test, baseline)
        spread = show("spread_of_codes", test["spread_of_codes"]["value"])
        return f"The codes of {test['count']:,} examples that it had never seen have a spread of {spread}."

    def notes(self, test: Result) -> list[str]:
        """How wide the features are, how far they are spread, and what cannot be said without classes."""
        details, spread = test["details"], show("spread_of_codes", test["spread_of_codes"]["value"])
        said = [
            f"{details['code_dim']} features; the codes that are compared have a spread of {spread}, 0 after a collapse"
        ]
        if not test.get("probe_accuracy"):
            said.append("no classes: what the features are good for cannot be told (--target, or a folder a class)")
        return said

    def paired_tests(self, a: Arrays, b: Arrays, seed: int) -> list[Result]:
        """McNemar's test of what both probes read; without classes the bootstrap of the losses.

        Raises:
            DataError: If one has classes and the other has none.
        """
        known = a["targets"] >= 0
        probed = [known.any() and one["predictions"].shape != one["codes"].shape for one in (a, b)]
        if probed[0] != probed[1]:
            raise DataError("one of the two runs knows no classes: train both with --target COLUMN to compare them")
        if not all(probed):
            return [bootstrapped("pretext_loss", a["losses"], b["losses"], seed=seed)]
        right = [one["predictions"][known].argmax(axis=1) == one["targets"][known] for one in (a, b)]
        means = {name: float(one.mean()) for name, one in zip("ab", right)}
        return [{"measure": "probe_accuracy", **means, **mcnemar(*right)}]

    def next_command(self, run: str) -> tuple[str, str]:
        """It begins a training with few labels."""
        return "Learn from few labels", f"deepglass train LABELLED_DATA --pretrained {run}"

    @classmethod
    def test_command(cls, run: str) -> tuple[str, str]:
        """Nothing needs a label."""
        return "Test it on other data", f"deepglass evaluate {run} OTHER_DATA"

    def answers(self, metrics: Result, outputs: Arrays) -> Result:
        """The map of the features."""
        codes = outputs.get("codes")
        if codes is None or codes.ndim != 2 or len(codes) < 3:
            return {}
        groups = (metrics["test"].get("details") or {}).get("groups") or []
        found: list[tuple[str, Any]] = [
            ("A map of the test examples by their features", drawn(_unit(codes), outputs["targets"], groups))
        ]
        return {"figures": figures(found)}


def _unit(codes: np.ndarray) -> np.ndarray:
    """(N, C) scaled to length 1: what counts is the direction."""
    return codes / np.maximum(np.linalg.norm(codes.astype(float), axis=1, keepdims=True), 1e-12)
