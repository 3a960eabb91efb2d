"""Numbers: how far off, and whether to one side."""

import numpy as np

from deepglass.evaluate.judges import Arrays, BaseJudge, Result, figures
from deepglass.evaluate.judges._checks import few_examples, too_good
from deepglass.evaluate.paired import bootstrapped
from deepglass.evaluate.scores import show


def systematic_error(test: Result, chosen: Result) -> str | None:
    """Predictions lean to one side."""
    if test["bias"]["low"] is None:
        return None
    low, high, bias = test["bias"]["low"], test["bias"]["high"], test["bias"]["value"]
    if low <= 0 <= high or abs(bias) < 0.25 * test["mae"]["value"]:
        return None
    way = "high" if bias > 0 else "low"
    size = show("mae", abs(bias))
    return f"Predictions are too {way} by {size} on average: train for more --epochs, or check how the splits differ."


class Judge(BaseJudge):
    """Judges predicted numbers."""

    checks = (few_examples, too_good, systematic_error)
    lead_score = "mae"
    lead_sentence = "It is off by {value} on average on {count} examples it had never seen{within}"
    intended_use = "Estimates a number from inputs that look like the training data."

    def paired_tests(self, a: Arrays, b: Arrays, seed: int) -> list[Result]:
        """The bootstrap of absolute and of squared errors."""
        errors = [run["predictions"].astype(np.float64) - run["targets"] for run in (a, b)]
        absolute = bootstrapped("mae", *(np.abs(error) for error in errors), seed=seed)
        return [absolute, bootstrapped("mse", *(error**2 for error in errors), seed=seed)]

    def answers(self, metrics: Result, outputs: Arrays) -> Result:
        """Predictions against truths, and the errors."""
        if "predictions" not in outputs:
            return {}
        from deepglass.evaluate import plots  # matplotlib takes its time

        predictions, targets = outputs["predictions"].astype(float), outputs["targets"].astype(float)
        drawn = [
            ("Predicted against true", plots.predicted_against_true(predictions, targets)),
            ("Residuals", plots.residuals(predictions, targets)),
        ]
        return {"figures": figures(drawn)}
