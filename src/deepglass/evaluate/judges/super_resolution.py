"""Enlarged pictures: how near they are to the true ones, and by how much nearer than bicubic, picture by picture."""

from typing import ClassVar

import numpy as np

from deepglass.evaluate.judges import MAX_ROWS, Arrays, BaseJudge, Result
from deepglass.evaluate.metrics.super_resolution import psnr
from deepglass.evaluate.paired import bootstrapped
from deepglass.evaluate.scores import show, show_interval

METRICS = {
    "psnr": ("PSNR (dB)", "higher", "how near the pictures are to the true ones; 3 dB halve the squared error"),
    "ssim": ("SSIM", "higher", "how well mean, contrast and pattern agree at every place; 1 is the same picture"),
    "psnr_gain": ("Gain over bicubic (dB)", "higher", "PSNR above that of bicubic, on the same pictures"),
    "ssim_gain": ("SSIM gain", "higher", "SSIM above that of bicubic, on the same pictures"),
}
FEW_PICTURES = 10  # below, the interval over pictures is a guess itself
HARDLY = 0.3  # dB, which no eye sees


def no_gain(test: Result, chosen: Result) -> str | None:
    """Bicubic, which learns nothing, is as good."""
    gain = test["psnr_gain"]
    if gain["value"] is None or (gain["low"] if gain["low"] is not None else gain["value"]) > 0:
        return None
    return (
        f"It is not surely better than bicubic ({show('psnr_gain', gain['value'])} dB): train longer, or on sharper "
        "pictures. What a file of low quality has lost cannot be learnt from it."
    )


def hardly_seen(test: Result, chosen: Result) -> str | None:
    """Better, and nobody will see it."""
    gain = test["psnr_gain"]
    if gain["value"] is None or not (gain["low"] or 0) > 0 or gain["value"] > HARDLY:
        return None
    return f"It is {show('psnr_gain', gain['value'])} dB above bicubic, which no eye sees: train longer."


def few_pictures(test: Result, chosen: Result) -> str | None:
    """So few pictures that the scores could be luck."""
    if test["count"] >= FEW_PICTURES:
        return None
    interval = show_interval("psnr_gain", test["psnr_gain"])
    said = f": the gain over bicubic may be anywhere from {interval} dB, and that is a guess itself" if interval else ""
    return f"Only {test['count']} test pictures{said}. Use a larger --test-fraction, or more pictures."


class Judge(BaseJudge):
    """Judges enlarged pictures."""

    checks = (no_gain, hardly_seen, few_pictures)
    lead_score = "psnr"
    lead_sentence = "Its pictures reach a PSNR of {value} dB on {count} pictures that it had never seen{within}"
    intended_use: ClassVar[str] = (
        "Enlarging pictures like those of the training. What it adds is likely and not true: never for evidence, "
        "faces of people to be recognised, or measurements."
    )
    if_in_vain: ClassVar[str] = "Train longer, or on sharper pictures."
    if_memorised: ClassVar[str] = "Add more pictures."

    def paired_tests(self, a: Arrays, b: Arrays, seed: int) -> list[Result]:
        """The bootstrap over the pictures that both were shown."""
        of = [(psnr(run["predictions"][:, 0].astype(float)), run["predictions"][:, 1].astype(float)) for run in (a, b)]
        return [
            bootstrapped(name, of[0][place], of[1][place], seed=seed) for place, name in enumerate(("psnr", "ssim"))
        ]

    def notes(self, test: Result) -> list[str]:
        """How it stands beside bicubic, on the same pictures."""
        gain, details = test["psnr_gain"], test["details"]
        if gain["value"] is None or not details:
            return []
        interval = show_interval("psnr_gain", gain)
        within = f" (95 % interval of the paired difference {interval})" if interval else ""
        return [f"{gain['value']:+.2f} dB beside bicubic{within}; nearer to the truth on {details['better_on']:,} of "
                f"{test['count']:,} pictures"]  # fmt: skip

    def next_command(self, run: str) -> tuple[str, str]:
        """It enlarges."""
        return "Enlarge pictures", f"deepglass enlarge {run} YOUR_PICTURES"

    @classmethod
    def test_command(cls, run: str) -> tuple[str, str]:
        """Nothing needs a label."""
        return "Test it on other pictures", f"deepglass evaluate {run} OTHER_PICTURES"

    def answers(self, metrics: Result, outputs: Arrays) -> Result:
        """The gain of each picture; the pictures themselves stand among the mistakes, the smallest gain first."""
        if "bicubic" not in outputs:
            return {}
        ours, classic = (outputs[name].astype(float) for name in ("predictions", "bicubic"))
        gains = psnr(ours[:, 0]) - psnr(classic[:, 0])
        order = np.argsort(gains, kind="stable")
        rows = [
            [
                f"picture {outputs['ids'][i]}",
                f"{psnr(classic[i : i + 1, 0])[0]:.2f}",
                f"{psnr(ours[i : i + 1, 0])[0]:.2f}",
                f"{gains[i]:+.2f}",
                f"{classic[i, 1]:.4f}",
                f"{ours[i, 1]:.4f}",
            ]
            for i in order[:MAX_ROWS]
        ]
        left_out = f" The {MAX_ROWS} with the smallest gain." if len(order) > MAX_ROWS else ""
        table = {
            "title": "Picture by picture",
            "note": f"PSNR in dB and SSIM on brightness; the smallest gain first.{left_out}",
            "columns": ["", "bicubic, dB", "ours, dB", "gain", "bicubic, SSIM", "ours, SSIM"],
            "rows": rows,
        }
        return {"figures": [], "tables": [table]}
