"""Painted pictures: how near they come to the style, and what stays of their content."""

from typing import ClassVar

import numpy as np

from deepglass.evaluate.judges import MAX_ROWS, Arrays, BaseJudge, Result
from deepglass.evaluate.metrics.style_transfer import falls
from deepglass.evaluate.paired import bootstrapped
from deepglass.evaluate.scores import show

METRICS = {
    "style_fall": ("Style loss fell by the factor", "higher", "how much nearer to the style pictures came; 1 is not"),
    "content_fall": ("Content loss below noise by the factor", "higher", "what stays of a picture; 1 is nothing"),
    "style_loss": ("Style loss", "lower", "how far painted pictures are from the style; 1 has nothing of it"),
    "content_loss": ("Content loss", "lower", "how far they are from what they showed; 1 has nothing of it"),
}
HARDLY, GONE = 1.5, 2.0  # a style that is hardly nearer, and a content that is nearly gone


def hardly_painted(test: Result, chosen: Result) -> str | None:
    """The pictures are nearly as they were."""
    fall = test["style_fall"]["value"]
    if fall is None or fall > HARDLY:
        return None
    return (
        f"Its pictures are hardly nearer to the style (the loss fell by {show('style_fall', fall)}): train longer, or "
        "raise --style-weight."
    )


def nothing_left(test: Result, chosen: Result) -> str | None:
    """The style has covered what pictures showed."""
    fall = test["content_fall"]["value"]
    if fall is None or fall > GONE:
        return None
    return f"Little is left of what pictures showed (content {show('content_fall', fall)}): lower --style-weight."


class Judge(BaseJudge):
    """Judges painted pictures."""

    checks = (hardly_painted, nothing_left)
    lead_score = "style_fall"
    lead_sentence = (
        "Its pictures come {value} times nearer to the style, on {count} pictures that it had never seen{within}"
    )
    intended_use: ClassVar[str] = (
        "Painting photographs like those of the training. The style belongs to whoever made the style picture: ask "
        "before you publish what looks like a living artist's work."
    )
    if_in_vain: ClassVar[str] = "Train longer, or raise --style-weight."
    if_memorised: ClassVar[str] = "Add more pictures."

    def paired_tests(self, a: Arrays, b: Arrays, seed: int) -> list[Result]:
        """The bootstrap over the pictures that both were shown."""
        columns = {"content_loss": 0, "style_loss": 1}
        return [
            bootstrapped(name, *(run["predictions"][:, place].astype(float) for run in (a, b)), seed=seed)
            for name, place in columns.items()
        ]

    def notes(self, test: Result) -> list[str]:
        """What stays of the content."""
        content, style = test["content_fall"]["value"], test["style_loss"]["value"]
        if content is None or style is None:
            return []
        return [
            f"content loss {show('content_loss', test['content_loss']['value'])}, "
            f"{show('content_fall', content)} times below that of noise; style loss {show('style_loss', style)}"
        ]

    def next_command(self, run: str) -> tuple[str, str]:
        """It paints."""
        return "Paint pictures", f"deepglass paint {run} YOUR_PICTURES"

    @classmethod
    def test_command(cls, run: str) -> tuple[str, str]:
        """Nothing needs a label."""
        return "Test it on other pictures", f"deepglass evaluate {run} OTHER_PICTURES"

    def answers(self, metrics: Result, outputs: Arrays) -> Result:
        """Both losses of each picture, the least painted first; the pictures stand among the mistakes."""
        if "before" not in outputs:
            return {}
        after, before = (outputs[name].astype(float) for name in ("predictions", "before"))
        content, style = falls(before[:, 0], after[:, 0]), falls(before[:, 1], after[:, 1])
        order = np.argsort(style, kind="stable")
        rows = [
            [f"picture {outputs['ids'][i]}", f"{after[i, 1]:.3f}", f"÷ {style[i]:.1f}", f"{after[i, 0]:.3f}",
             f"÷ {content[i]:.1f}"]
            for i in order[:MAX_ROWS]
        ]  # fmt: skip
        left_out = f" The {MAX_ROWS} that were painted least." if len(order) > MAX_ROWS else ""
        table = {
            "title": "Picture by picture",
            "note": f"Style loss beside the picture as it was, content loss beside white noise.{left_out}",
            "columns": ["", "style loss", "fell", "content loss", "below noise"],
            "rows": rows,
        }
        return {"figures": [], "tables": [table]}
