"""Pictures that were made: what unseen ones cost, what samples look like, and whether they are copies."""

from typing import Any, ClassVar

import numpy as np

from deepglass.evaluate.judges import Arrays, BaseJudge, Result, figures
from deepglass.evaluate.judges._checks import few_examples
from deepglass.evaluate.metrics.samples import energy_scores
from deepglass.evaluate.paired import bootstrapped
from deepglass.evaluate.scores import show, show_interval

METRICS = {  # name → title, better, meaning, whether it is a share
    "negative_elbo": ("Negative ELBO", "lower", "so many nats at most say an example that it has never seen"),
    "reconstruction": ("Reconstruction", "lower", "nats that are still needed once the code is known"),
    "kl": ("KL divergence", "lower", "nats that the code tells of an example"),
    "kid": ("Kernel distance (KID)", "lower", "of the pixels: 0 is the distribution of the real pictures"),
}
COPIES = 0.5  # samples that are nearer to the training than this share of what unseen pictures are
UNUSED = 0.1  # nats of the code below which it says nothing
COLUMNS, ROWS, BESIDE = 12, 5, 10  # of the figures


def copied(test: Result, chosen: Result) -> str | None:
    """Samples are pictures of the training."""
    nearest = test["details"].get("nearest")
    if not nearest or nearest["samples"] >= COPIES * nearest["real"]:
        return None
    return (
        f"Its samples are {nearest['samples'] / nearest['real']:.0%} as far from the training pictures as unseen "
        "pictures are: they may be copies. Try a smaller --latent-dim or fewer --epochs."
    )


def unused_code(test: Result, chosen: Result) -> str | None:
    """The code says nothing of the picture: posterior collapse."""
    if "kl" not in test or test["kl"]["value"] >= UNUSED:
        return None
    return (
        f"The code is not used: it tells {show('kl', test['kl']['value'])} nats of a picture (posterior collapse). Try "
        "a smaller --beta, or fewer --num-layers."
    )


class Judge(BaseJudge):
    """Judges pictures that were made, beside real ones."""

    checks = (unused_code, copied, few_examples)
    lead_score = "negative_elbo"
    lead_sentence = "It says each of {count} pictures that it had never seen with at most {value} nats{within}"
    intended_use: ClassVar[str] = "New pictures that look like those of the training; nobody is shown on them."
    if_in_vain: ClassVar[str] = "Train longer, or try another --learning-rate or a larger --hidden-dim."
    if_memorised: ClassVar[str] = "Try a smaller --hidden-dim or --latent-dim, a larger --beta, or more data."

    def paired_tests(self, a: Arrays, b: Arrays, seed: int) -> list[Result]:
        """The bootstrap of what the same real pictures cost; where one has no bound, of their energy scores."""
        if "kl" in a and "kl" in b:
            return [bootstrapped("negative_elbo", *(run["reconstruction"] + run["kl"] for run in (a, b)), seed=seed)]
        scores = [energy_scores(run["predictions"], run["targets"], one_unit=True) for run in (a, b)]
        return [bootstrapped("energy_score", *scores, seed=seed)]

    def lead(self, test: Result, baseline: Result) -> str:
        """What a picture costs beside the baseline; without a bound how far samples are from real ones."""
        if "negative_elbo" in test:
            return super().lead(test, baseline)
        if "energy_distance" not in test:
            return ""
        value, trivial = (show("energy_distance", one["energy_distance"]["value"]) for one in (test, baseline))
        return (
            f"The energy distance of its samples to {test['count']:,} pictures it had never seen is {value}; the "
            f"baseline, {baseline.get('name', 'a trivial answer')}, reaches {trivial}."
        )

    def notes(self, test: Result) -> list[str]:
        """Both parts of the bound, and how near samples are to what was learnt."""
        found, nearest = [], test["details"].get("nearest")
        if "kl" in test:
            kl, rest = (show(name, test[name]["value"]) for name in ("kl", "reconstruction"))
            found.append(f"The code tells {kl} nats of a picture, {rest} are still needed once it is known.")
        if chance := test["details"].get("kid_of_real"):
            found.append(
                f"The kernel distance (KID) of its samples is {show('kid', test['kid']['value'])}; between halves of "
                f"the unseen real pictures, where nothing but chance is at work, it is {show_interval('kid', chance)} "
                "in 95 % of all draws. It is that of the pixels: compare it on the same real pictures alone."
            )
        if nearest:
            found.append(
                f"A sample is {nearest['samples'] / 255:.2f} from the nearest training picture, an unseen real one "
                f"{nearest['real'] / 255:.2f} (root of the summed squared differences; a pixel is 0 to 1)."
            )
        return found

    def next_command(self, run: str) -> tuple[str, str]:
        """It makes new pictures."""
        return "Make new pictures", f"deepglass generate {run} --count 20 --pictures FOLDER"

    @classmethod
    def test_command(cls, run: str) -> tuple[str, str]:
        """Nothing needs a label."""
        return "Hold it against other pictures", f"deepglass evaluate {run} OTHER_DATA"

    def answers(self, metrics: Result, outputs: Arrays) -> Result:
        """Samples, and those beside the nearest pictures of the training; how both parts of the cost are spread."""
        sides = ((metrics["test"].get("details") or {}).get("sides")) or None
        if sides is None or "predictions" not in outputs:
            return {}
        made = outputs["predictions"].reshape(-1, *sides)
        drawn = [("Samples, none of them chosen", _sheet(made[: COLUMNS * ROWS], COLUMNS, "Samples"))]
        if "nearest" in outputs:
            both = np.concatenate([made[:BESIDE], outputs["nearest"][:BESIDE].reshape(-1, *sides)])
            told = "Above samples, below the training picture that is nearest to each"
            drawn.append((told, _sheet(both, min(BESIDE, len(made)), told)))
        if "kl" in outputs:
            drawn.append(("Both parts of what each test picture costs", _parts(outputs)))
        return {"figures": figures(drawn)}


def _sheet(pictures: np.ndarray, columns: int, label: str) -> Any:
    """Pictures (n, H, W) beside each other, with a thin line between them."""
    from deepglass.evaluate.svg import draw  # matplotlib takes its time

    framed = np.pad(pictures.astype(float), ((0, 0), (0, 1), (0, 1)), constant_values=128)
    framed = np.concatenate([framed, np.full((-len(framed) % columns, *framed.shape[1:]), 128.0)])
    lines = [np.concatenate(list(line), axis=1) for line in framed.reshape(-1, columns, *framed.shape[1:])]
    sheet = np.concatenate(lines)[:-1, :-1]

    def paint(axes: Any) -> None:
        axes.imshow(sheet, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        axes.set_axis_off()

    return draw(paint, f"{label}: {len(pictures)} pictures", height=1.0 + 4.0 * sheet.shape[0] / sheet.shape[1])


def _parts(outputs: Arrays) -> Any:
    """Two histograms."""
    from deepglass.evaluate.svg import INK, MODEL, draw  # matplotlib takes its time

    rest, kl = outputs["reconstruction"].astype(float), outputs["kl"].astype(float)

    def paint(axes: Any) -> None:
        bins = np.histogram_bin_edges(np.concatenate([rest, kl]), 30)
        axes.hist(rest, bins=bins, color=MODEL, alpha=0.6, label="reconstruction")
        axes.hist(kl, bins=bins, histtype="step", color=INK, linewidth=1.4, label="KL")
        axes.set(xlabel="nats", ylabel="pictures")
        axes.legend()

    return draw(paint, f"Reconstruction {rest.mean():.4g} nats in the mean, KL {kl.mean():.4g}, of {len(kl)} pictures")
