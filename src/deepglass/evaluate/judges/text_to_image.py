"""Pictures that were painted after captions: whether the words matter, what they look like, whether they are copies."""

from typing import Any, ClassVar

import numpy as np

from deepglass.evaluate.judges import Arrays, BaseJudge, Result, figures
from deepglass.evaluate.judges._checks import few_examples
from deepglass.evaluate.judges.pictures import COPIES
from deepglass.evaluate.metrics.text_to_image import matches
from deepglass.evaluate.paired import bootstrapped
from deepglass.evaluate.scores import show, show_interval

METRICS = {  # name → title, better, meaning, whether it is a share
    "velocity_error": ("Velocity error", "lower", "how little it knows the way from noise to unseen pictures"),
    "caption_match": (
        "Caption match", "higher", "how often a picture's own caption explains it better than another: 50 % is chance",
        True,
    ),
}  # fmt: skip
COLUMNS, ROWS, BESIDE = 10, 4, 10  # of the figures


def reads_nothing(test: Result, chosen: Result) -> str | None:
    """Another caption explains a picture as well as its own."""
    found = test["caption_match"]
    low = found["low"] if found["low"] is not None else found["value"]
    if low is None or low > 0.5:
        return None
    return (
        f"The words hardly matter: a picture's own caption explains it better than another in "
        f"{show('caption_match', found['value'])} of cases, and 50 % is chance. Train longer, or look whether the "
        "captions say what the pictures show."
    )


def copied(test: Result, chosen: Result) -> str | None:
    """What is painted are pictures of the training."""
    nearest = test["details"].get("nearest")
    if not nearest or nearest["samples"] >= COPIES * nearest["real"]:
        return None
    return (
        f"Its pictures are {nearest['samples'] / nearest['real']:.0%} as far from the training pictures as unseen "
        "pictures are: they may be copies. Try fewer --epochs, a smaller --embed-dim, or more pictures."
    )


class Judge(BaseJudge):
    """Judges painted pictures beside real ones of the same captions."""

    checks = (reads_nothing, copied, few_examples)
    lead_score = "caption_match"
    lead_sentence = (
        "It tells the caption of a picture that it had never seen from another one in {value} of {count} cases{within}"
    )
    intended_use: ClassVar[str] = "New pictures in the manner of the training, after words of its captions."
    unintended_use: ClassVar[str] = "Pictures that are taken for photographs of what has been."
    if_in_vain: ClassVar[str] = "Train longer, or try another --learning-rate or a larger --embed-dim."
    if_memorised: ClassVar[str] = "Try fewer --epochs, a smaller --embed-dim, or more pictures."

    def paired_tests(self, a: Arrays, b: Arrays, seed: int) -> list[Result]:
        """The bootstrap over the pictures that both were shown."""
        return [
            bootstrapped("velocity_error", *(run["predictions"][:, 0].astype(float) for run in (a, b)), seed=seed),
            bootstrapped("caption_match", *(matches(*run["predictions"].T) for run in (a, b)), seed=seed),
        ]

    def decisive(self, test: Result) -> list[str]:
        """The error alone: the others may be had without knowing the way."""
        return ["velocity_error"]

    def notes(self, test: Result) -> list[str]:
        """The error, and how painted pictures are beside real ones."""
        error, details = test["velocity_error"], test["details"]
        found = [
            f"The error of its velocities on the way from noise to these pictures is "
            f"{show('velocity_error', error['value'])} (95 % interval {show_interval('velocity_error', error)})."
        ]
        if (chance := details.get("kid_of_real")) and "kid" in test:
            found.append(
                f"The kernel distance (KID) of {details['made']:,} painted pictures is "
                f"{show('kid', test['kid']['value'])}; between halves of the unseen real ones, where nothing but "
                f"chance is at work, it is {show_interval('kid', chance)} in 95 % of all draws. It is that of the "
                "pixels: compare it on the same real pictures alone."
            )
        if nearest := details.get("nearest"):
            found.append(
                f"A painted picture is {nearest['samples'] / 255:.2f} from the nearest training picture, an unseen "
                f"real one {nearest['real'] / 255:.2f} (root of the summed squared differences; a value is 0 to 1)."
            )
        return found

    def next_command(self, run: str) -> tuple[str, str]:
        """It paints."""
        return "Paint a picture", f'deepglass generate {run} --prompt "WORDS" --pictures FOLDER'

    @classmethod
    def test_command(cls, run: str) -> tuple[str, str]:
        """It needs captions."""
        return "Hold it against other pictures with captions", f"deepglass evaluate {run} OTHER_DATA"

    def answers(self, metrics: Result, outputs: Arrays) -> Result:
        """What is painted for the captions of unseen pictures, above these, and the nearest of the training."""
        if "made" not in outputs:
            return {}
        rows = np.flatnonzero(outputs["is_made"])
        if not len(rows):
            return {}
        few = rows[: COLUMNS * ROWS]
        drawn = [("Painted after the captions of unseen pictures, none chosen", _sheet(outputs["made"][few]))]
        beside = rows[:BESIDE]
        told = "Above painted, below the real picture of the same caption"
        drawn.append((told, _sheet(np.concatenate([outputs["made"][beside], outputs["real"][beside]]), len(beside))))
        if "nearest" in outputs:
            told = "Above painted, below the training picture that is nearest to each"
            both = np.concatenate([outputs["made"][beside], outputs["nearest"][beside]])
            drawn.append((told, _sheet(both, len(beside))))
        return {"figures": figures(drawn)}


def _sheet(pictures: np.ndarray, columns: int = COLUMNS) -> Any:
    """Pictures (n, H, W, C) beside each other, with a line between them."""
    from deepglass.evaluate.svg import draw  # matplotlib takes its time

    framed = np.pad(pictures.astype(float), ((0, 0), (0, 1), (0, 1), (0, 0)), constant_values=128)
    framed = np.concatenate([framed, np.full((-len(framed) % columns, *framed.shape[1:]), 128.0)])
    lines = [np.concatenate(list(line), axis=1) for line in framed.reshape(-1, columns, *framed.shape[1:])]
    sheet = np.concatenate(lines)[:-1, :-1] / 255

    def paint(axes: Any) -> None:
        shown = sheet[..., 0] if sheet.shape[-1] != 3 else sheet
        axes.imshow(shown, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        axes.set_axis_off()

    return draw(paint, f"{len(pictures)} pictures", height=1.0 + 4.0 * sheet.shape[0] / sheet.shape[1])
