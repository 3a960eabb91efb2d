"""Anomaly detection: what does not look like the rest? Learnt from normal rows or pictures, without anomalous ones.

    columns or image ── autoencoder ── code, and the example again ── how badly, how far ── score / threshold

A network that has only seen what is normal makes other things badly again, or codes them far from where codes are
(`evaluate/anomaly_score.py`). The threshold is set by normal validation examples at a stated rate of false alarms,
never by the test: a score above 1 is an alarm. Where the data say which examples are anomalous, these are kept out of
training and validation and only judge; where they do not, all are learnt from and the most unusual ones are shown.

References:
    Hawkins et al. (2002), Outlier Detection Using Replicator Neural Networks,
    https://doi.org/10.1007/3-540-46145-0_17
    Ruff et al. (2021), A Unifying Review of Deep and Shallow Anomaly Detection, https://arxiv.org/abs/2009.11732
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.core.device import device_of
from deepglass.core.errors import OptionError
from deepglass.core.guesses import Guess
from deepglass.core.state import read, require
from deepglass.core.wording import counted
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data
from deepglass.data.examples import Examples, in_order
from deepglass.data.fields import Source, columns, image, normality
from deepglass.data.splits import Splits
from deepglass.evaluate.anomaly_score import AnomalyScore, threshold_of
from deepglass.evaluate.metrics import anomalies
from deepglass.rivals import Time, isolation
from deepglass.tasks import Outputs, Prepared
from deepglass.tasks._reconstruction import MOST_KEPT, ReconstructionTask

NAMES = {normality.NORMAL: "normal", normality.ANOMALOUS: "anomalous", normality.UNKNOWN: "not labelled"}
Scorer = Any  # rows (n, D) → scores (n,)


@dataclass(frozen=True)
class Config(columns.Options, image.Options):
    """Options of the task."""

    scaling: Literal["quantile", "standard"] = "standard"  # of numbers; quantile would hide how far out an outlier is
    augment: str = "none"  # flip, crop, turn, … by commas; none, for what is turned would count as normal too
    normal: str | None = None  # labels of normal examples, by commas; guessed: a usual word, or the most frequent
    false_alarms: float = 0.01  # share of normal examples above the threshold; one in a hundred is borne by most users
    score: Literal["both", "weighted", "error"] = "both"  # errors in their usual units and the distance of the code
    noise: float = 0.0  # deviations of noise on what goes in, while training; the clean example has to come out


class Task(ReconstructionTask):
    """Columns or pictures → how unusual each is."""

    name = "anomaly-detection"
    default_model = "autoencoder"
    DEFAULT_MODELS: ClassVar[dict[str, str]] = {"columns": "autoencoder", "image": "autoencoder"}
    LEARNS_LIKE = ("embedding",)
    EXPORTS = (None, "anomaly")
    CHECKS = ("balance", "repeated")
    HONOURS = (
        "target", "group_column", "score_by", "time_column", "series_column", "val_fraction", "test_fraction",
    )  # fmt: skip
    INSTEAD: ClassVar[dict[str, str]] = {
        "mixup": "what lies between two examples would be learnt as normal; try --noise 0.3",
        "cutmix": "what is pieced together would be learnt as normal; try --noise 0.3",
        "label_smoothing": "no labels are learnt; leave it out",
        "class_weights": "no labels are learnt; leave it out",
        "classes": "say with --normal which labels are normal; all others are anomalous",
        "text_column": "rows of numbers and categories, or pictures, are looked at; leave it out",
    }
    FOLLOWS_PATHS = ("picture",)
    AUGMENTING = ("augment",)
    INPUTS = (image.Field, columns.Field)
    ANSWER = normality.Field
    config: Config
    answer: normality.Field
    promised: float = 0.0  # rate of false alarms of the threshold; known once a network was trained
    judged_by: int = 0  # validation examples that set the threshold

    def __init__(self, data_config: DataConfig, config: Any = None, seed: int = 0):
        super().__init__(data_config, config or Config(), seed)
        self.answer.normal_asked = self.config.normal
        self.scorer: AnomalyScore | None = None

    # -- data ---------------------------------------------------------------------------------------------------

    def prepare(self, data: Data) -> Prepared:
        """As for any inputs, with normal examples alone in training and validation.

        Raises:
            DataError: If there are no normal examples to learn from, or all are alike.
            OptionError: If noise is below 0, or a rate of false alarms is none.
        """
        if not 0 < self.config.false_alarms < 1:
            raise OptionError(
                f"--false-alarms: expected a share between 0 and 1, such as 0.01, got {self.config.false_alarms:g}"
            )
        return super().prepare(data)

    def learnt_from(self, splits: Splits, source: Source, guesses: list[Guess]) -> Splits:
        """Training and validation without anomalous examples, and without those that nobody has labelled."""
        truth = self.answer.encode(source)
        if not self.answer.normal:
            return splits
        kept = {part: rows[truth[rows] == normality.NORMAL] for part, rows in splits.items() if part != "test"}
        if out := sum(len(splits[part]) - len(rows) for part, rows in kept.items()):
            what = counted(out, "example")
            guesses.append(
                Guess("left out", f"{what} of training and validation", "not labelled as normal", "--normal")
            )
        splits = {**splits, **kept}
        normality.require_normal_rows(truth, splits, "the data")
        return splits

    def state(self) -> dict[str, Any]:
        """Also what is usual, and the threshold."""
        scorer = self.scorer.state() if self.scorer else None
        known = {"scorer": scorer, "promised": self.promised, "judged_by": self.judged_by, "spread": self.spread}
        return super().state() | {"unusual": known}

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        known = read(state, "unusual", dict[str, Any])
        self.promised, self.judged_by = read(known, "promised", float), read(known, "judged_by", int)
        self.spread = read(known, "spread", float)
        require(0 <= self.promised <= 1 and self.judged_by >= 0 and self.spread > 0, "a rate of false alarms")
        self.scorer = None if known["scorer"] is None else AnomalyScore.from_state(known["scorer"])
        require(self.scorer is None or len(self.scorer.usual) == self.num_numbers, "as many errors as numbers")

    # -- learning -----------------------------------------------------------------------------------------------

    @torch.no_grad()
    def calibrate(self, model: nn.Module, prepared: Prepared) -> bool:
        """What is usual, from training examples; the threshold, from those of validation."""
        self.scorer = None
        off, codes = self.missed(model, prepared.train)
        self.scorer = AnomalyScore.fit(off, codes, self.config.score)
        scores = self.outputs(model, prepared.val).predictions
        self.judged_by = len(scores)
        self.promised = anomalies.promised(len(scores), self.config.false_alarms)
        self.scorer.threshold.fill_(threshold_of(scores, self.promised))
        return True

    # -- answers ------------------------------------------------------------------------------------------------

    @torch.no_grad()
    def outputs(self, model: nn.Module, examples: Examples, batch_size: int = 512) -> Outputs:
        """Scores (N,), reconstruction errors, and, of not too many, by how much each number is missed."""
        model.eval()
        keeps = len(examples) * self.num_numbers <= MOST_KEPT
        parts: list[list[np.ndarray]] = []
        for *inputs, truth in in_order(examples, batch_size, device_of(model)):
            score, error, off = self._answer(model(*inputs).float(), tuple(inputs))
            kept = [off.cpu().numpy().astype(np.float16)] if keeps and off is not None else []
            parts.append([*(part.cpu().numpy() for part in (score, truth, error)), *kept])
        scores, truths, errors, *missed = (np.concatenate(part) for part in zip(*parts))
        return Outputs(scores, truths, errors, {"missed": missed[0]} if missed else {})

    def _answer(self, said: Tensor, inputs: tuple[Tensor, ...]) -> tuple[Tensor, Tensor, Tensor | None]:
        """Scores (B,), errors (B,), differences (B, D); an exported model has added them up already."""
        if said.shape[1] <= self.num_numbers:
            return said[:, 0], said[:, 1], None
        off, code = said[:, -self.num_numbers :] - self.rows_of(inputs), self.codes_of(said)
        error = off.square().mean(dim=1)
        return (error if self.scorer is None else self.scorer.to(off.device)(off, code)), error, off

    def answers(self, outputs: Outputs, names: dict[str, Any]) -> list[dict[str, Any]]:
        """The score in units of the threshold, the verdict, and of a row the column that is most unusual."""
        rows = [dict(zip(names, cells)) for cells in zip(*names.values())]
        return [row | self._said(outputs, place) for place, row in enumerate(rows)]

    def _said(self, outputs: Outputs, place: int) -> dict[str, Any]:
        score = float(outputs.predictions[place])
        column = self._where(outputs, place)[0]
        return {"score": score, "verdict": verdict(score)} | ({"most_unusual": column} if column else {})

    def _where(self, outputs: Outputs, place: int) -> tuple[str, float]:
        """The column that adds most to the score, and its share of what all columns add."""
        if "missed" not in outputs.extra or self.scorer is None:
            return "", 0.0
        return self.where_most(self.scorer.of_numbers(outputs.extra["missed"][place]))

    # -- judging ------------------------------------------------------------------------------------------------

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """The error of normal examples."""
        return {"loss": float(np.mean(outputs.losses))}  # type: ignore[arg-type]

    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        """Ranking and alarms, and what was promised of these."""
        found = anomalies.evaluate(outputs.predictions, outputs.targets, seed=self.seed)  # type: ignore[arg-type]
        asked = self.config.false_alarms
        found["details"] |= {"asked": asked, "promised": self.promised, "judged_by": self.judged_by}
        return found

    def baseline(self, prepared: Prepared) -> dict[str, Any]:
        """The distance from the mean of the training rows."""
        rows = self.rows(prepared.train)
        mean = rows.mean(axis=0)
        return {
            "name": "distance from the mean",
            **self.evaluate(self._by(prepared, lambda x: ((x - mean) ** 2).mean(1))),
        }

    def simple_answers(self, prepared: Prepared, time: Time) -> tuple[str, Outputs] | None:
        """An isolation forest; none where no labels tell which of the two finds more."""
        truth = torch.cat([truth for *_, truth in in_order(prepared.test, 512, torch.device("cpu"))])
        if time.is_up() or not {normality.NORMAL, normality.ANOMALOUS} <= set(truth.tolist()):
            return None
        return "isolation forest", self._by(prepared, isolation.fit(self.rows(prepared.train), self.seed))

    def _by(self, prepared: Prepared, scorer: Scorer) -> Outputs:
        """The test by another score, its threshold set by the validation part in the same way."""
        scored = []
        for part in (prepared.val, prepared.test):
            found = [
                (scorer(self.rows_of(tuple(inputs)).numpy()), truth.numpy())
                for *inputs, truth in in_order(part, 512, torch.device("cpu"))
            ]
            scored.append([np.concatenate(column) for column in zip(*found)])
        threshold = threshold_of(scored[0][0], self.promised)
        return Outputs(scored[1][0] / threshold, scored[1][1], scored[1][0])

    def worst(self, outputs: Outputs, count: int) -> np.ndarray:
        """The most unusual examples that are not labelled anomalous, and anomalous ones that look usual."""
        scores = np.log(np.maximum(outputs.predictions.astype(np.float64), 1e-12))
        wrong = np.where(outputs.targets == normality.ANOMALOUS, -scores, scores)
        return np.argsort(-wrong, kind="stable")[:count]

    def said_of(self, outputs: Outputs, place: int) -> dict[str, Any]:
        """What is known, what is said, and where it is most unusual."""
        score = float(outputs.predictions[place])
        said = f"{verdict(score)}, score {score:.3g}"
        column, share = self._where(outputs, place)
        said += f", {share:.0%} of its errors in {column}" if column else ""
        return {"target": NAMES[int(outputs.targets[place])], "predicted": said}  # type: ignore[index]

    # -- explaining ---------------------------------------------------------------------------------------------

    @property
    def explained_as(self) -> str | None:
        """Nothing: what a network says has no score yet, and every answer says where it is most unusual."""
        return None


def verdict(score: float) -> str:
    """A score in units of the threshold in a word."""
    return NAMES[normality.ANOMALOUS if score > anomalies.ALARM else normality.NORMAL]
