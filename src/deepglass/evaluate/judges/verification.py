"""Verification: can distances tell whether two pictures show the same person, or the same thing?"""

from typing import Any, ClassVar

import numpy as np

from deepglass.evaluate.judges import Arrays, BaseJudge, Result, figures
from deepglass.evaluate.metrics.verification import Pairs, pairs_of
from deepglass.evaluate.paired import bootstrapped
from deepglass.evaluate.scores import show, show_interval

METRICS = {  # name → title, better, meaning, whether it is a share
    "verification_auc": ("ROC AUC of pairs", "higher", "how often two of one identity lie nearer than two of others"),
    "equal_error_rate": ("Equal error rate", "lower", "as many pairs of one refused as strangers accepted", True),
    "true_accepts": ("True accepts", "higher", "pairs of one identity that are accepted at the threshold", True),
    "false_accepts": ("False accepts", "lower", "pairs of strangers that are accepted at the same threshold", True),
    "ranking_error": ("Ranking error", "lower", "how often a stranger lies nearer than one of the same identity", True),
}
FEW_IDENTITIES = 20  # below, a single unusual face moves every score
FEW_IMPOSTORS = 3  # accepted ones that a share has to stand for before it can be measured
TOO_MANY = 2.0  # times the asked share of false accepts


def few_identities(test: Result, chosen: Result) -> str | None:
    """So few people that the scores could be luck."""
    count = test["details"].get("identities", FEW_IDENTITIES)
    if count >= FEW_IDENTITIES:
        return None
    name = test["headline"][0]
    interval = show_interval(name, test[name])
    said = f": its AUC may be anywhere from {interval}, and that is a guess itself" if interval else ""
    return f"Only {count} identities in the test{said}. Add identities, or raise --test-fraction."


def rate_not_measured(test: Result, chosen: Result) -> str | None:
    """The share of false accepts that was asked for is finer than the validation pairs can show."""
    asked, pairs = test["details"].get("asked_false_accepts"), (chosen.get("details") or {}).get("impostor_pairs")
    if not asked or not pairs or asked * pairs >= FEW_IMPOSTORS:
        return None
    return (
        f"The threshold was chosen for {show('false_accepts', asked)} of false accepts on {pairs:,} pairs of "
        f"strangers, where that is {asked * pairs:.1f} of them: add identities, or ask for a larger --false-accepts."
    )


def more_false_accepts(test: Result, chosen: Result) -> str | None:
    """On new people more strangers are accepted than was asked for."""
    asked, entry = test["details"].get("asked_false_accepts"), test["false_accepts"]
    if not asked or entry["value"] is None or (entry["low"] or 0.0) <= asked or entry["value"] < TOO_MANY * asked:
        return None
    return (
        f"The threshold was chosen so that {show('false_accepts', asked)} of the strangers are accepted; of new people "
        f"{show('false_accepts', entry['value'])} are. Choose it on more identities (--val-fraction)."
    )


class Judge(BaseJudge):
    """Judges embeddings by pairs of pictures."""

    counted = "test pictures of identities that training never saw"
    checks = (few_identities, rate_not_measured, more_false_accepts)
    lead_score = "verification_auc"
    lead_sentence = "Its ROC AUC is {value} over all pairs of {count} pictures of unseen identities{within}"
    intended_use: ClassVar[str] = (
        "Tells whether two pictures show the same person or thing, for pictures like those of the training, with the "
        "consent of everybody whose pictures it is given."
    )
    unintended_use: ClassVar[str] = (
        "Not for surveillance, not to search for people in crowds or in collections of pictures, not to identify "
        "anybody who has not agreed or cannot refuse, and not as the only ground of a decision about a person. Systems "
        "of this kind err more often on women, on darker skin, on children and old people where these were rare in the "
        "training pictures (Buolamwini & Gebru 2018, https://proceedings.mlr.press/v81/buolamwini18a.html; Grother et "
        "al. 2019, https://doi.org/10.6028/NIST.IR.8280): nothing is known here about any group that was not tested by "
        "itself. One false accept per comparison becomes many per search: of so many enrolled, so many strangers pass."
    )
    if_in_vain = "Train longer, try another --loss, or add identities: they count more than many pictures of each."
    if_splits_differ = "the identities of the two parts differ in kind, or there are few of them. Add identities."
    if_memorised: ClassVar[str] = "Add identities, or augmentation."

    def paired_tests(self, a: Arrays, b: Arrays, seed: int) -> list[Result]:
        """The bootstrap of the ranking errors of the same pictures."""
        return [bootstrapped("ranking_error", a["losses"], b["losses"], seed=seed)]

    def notes(self, test: Result) -> list[str]:
        """What the threshold does to people that neither training nor the choice of it has seen."""
        details, true, false = test["details"], test["true_accepts"], test["false_accepts"]
        if true["value"] is None:
            return []
        asked = show("false_accepts", details["asked_false_accepts"])
        within = f" ({show_interval('true_accepts', true)})" if true["low"] is not None else ""
        return [
            f"up to a distance of {details['threshold']:.3f}, chosen on other people for {asked} of false accepts, "
            f"{show('true_accepts', true['value'])}{within} of the pairs of one identity are accepted, and "
            f"{show('false_accepts', false['value'])} of the pairs of strangers"
        ]

    def next_command(self, run: str) -> tuple[str, str]:
        """Two pictures are compared."""
        return "Ask whether two pictures show the same", f"deepglass verify {run} ONE_PICTURE ANOTHER"

    @classmethod
    def test_command(cls, run: str) -> tuple[str, str]:
        """A folder for each identity."""
        return "Test it on other identities (a folder of pictures each)", f"deepglass evaluate {run} OTHER_DATA"

    def answers(self, metrics: Result, outputs: Arrays) -> Result:
        """The ROC, and how distances are spread."""
        predictions, test = outputs.get("predictions"), metrics["test"]
        if predictions is None or predictions.ndim != 2 or outputs.get("targets") is None:
            return {}
        pairs = pairs_of(predictions, outputs["targets"])
        if not pairs.has_both:
            return {}
        drawn = [
            ("Distances of pairs of pictures", _distances(pairs, test["details"]["threshold"])),
            ("Receiver operating characteristic", _roc(test, metrics.get("rival"))),
        ]
        return {"figures": figures(drawn)}


def _distances(pairs: Pairs, threshold: float) -> Any:
    """Where the pairs of one identity lie, and those of strangers."""
    from deepglass.evaluate.svg import INK, MODEL, SERIES, draw  # matplotlib takes its time

    def paint(axes: Any) -> None:
        bins = np.linspace(0, max(2.0, float(pairs.distances[-1])), 60)
        for of, colour, words in ((pairs.same, MODEL, "one identity"), (~pairs.same, SERIES[1], "strangers")):
            axes.hist(pairs.distances[of], bins=bins, density=True, color=colour, alpha=0.6, label=words)
        axes.axvline(threshold, color=INK, linestyle="--", linewidth=1.2, label="threshold")
        axes.set(xlabel="distance", ylabel="density of pairs")
        axes.legend()

    same, others = pairs.distances[pairs.same].mean(), pairs.distances[~pairs.same].mean()
    told = (
        f"on average {same:.2f} within an identity and {others:.2f} between strangers; the threshold is {threshold:.2f}"
    )
    return draw(paint, f"Distances of {len(pairs.distances):,} pairs: {told}")


def _roc(test: Result, rival: Result | None) -> Any:
    """True accepts against false ones, on a logarithmic axis where it matters."""
    from deepglass.evaluate.svg import INK, MODEL, SERIES, draw

    least = 1 / max(1, test["details"]["impostor_pairs"])

    def paint(axes: Any) -> None:
        for result, colour, words in ((test, MODEL, "this run"), (rival, SERIES[1], (rival or {}).get("name", ""))):
            if result:
                false, true = np.array(result["details"]["curve"]).T
                axes.plot(np.maximum(false, least), true, color=colour, label=words)
        axes.plot(
            test["false_accepts"]["value"] or least, test["true_accepts"]["value"], "o", color=INK, label="threshold"
        )
        axes.set(xlabel="false accepts", ylabel="true accepts", xscale="log", ylim=(0, 1.02))
        axes.legend(loc="lower right")

    auc, error = test["verification_auc"]["value"], test["equal_error_rate"]["value"]
    return draw(paint, f"True accepts over false accepts: the area is {auc:.4f}, the equal error rate {error:.1%}")
