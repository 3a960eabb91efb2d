"""Clustering: which rows or pictures belong together? No labels are needed; where there are some, they only judge.

    columns or image ── autoencoder ── code (K numbers) ── k-means ── cluster, and the distance from every centre

The network learns to make an example again through a bottleneck; k-means then looks for groups of its codes
(`evaluate/clusters.py`). How many there are is asked for with `--clusters`, or guessed by the silhouette of training
codes (`evaluate/number_of_clusters.py`). The rival is k-means on the inputs as they are: a network whose codes group
examples no better than that was not needed.

With `--neighbours` a code also says where its example is in a graph of nearest neighbours (`training/spectral.py`),
which for pictures are those with the same edges (`data/oriented_gradients.py`). The graph knows the training examples
only; what the network has learnt of it, it says of any.

References:
    Lloyd (1982), Least squares quantization in PCM, https://doi.org/10.1109/TIT.1982.1056489
    McConville et al. (2019), N2D: (Not Too) Deep Clustering, https://arxiv.org/abs/1908.05968 (a network first, then
    clusters of its codes, instead of both at once; then a manifold, whose place the graph takes here)
    Cai, He & Han (2007), Spectral Regression, https://doi.org/10.1145/1291233.1291329 (spectral coordinates learnt, so
    that new examples have some)
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deepglass.core.device import device_of
from deepglass.core.errors import DataError, OptionError
from deepglass.core.state import read, require
from deepglass.data import oriented_gradients
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data
from deepglass.data.examples import Batch, Examples, in_order
from deepglass.data.fields import columns, image, itself
from deepglass.data.numbered import Numbered
from deepglass.evaluate import number_of_clusters
from deepglass.evaluate.clusters import Clusters
from deepglass.evaluate.metrics import clusters
from deepglass.rivals import Time, k_means
from deepglass.tasks import Outputs, Prepared
from deepglass.tasks._reconstruction import ReconstructionTask, require_not_negative
from deepglass.training import spectral

MOST_JOINED = 20_000  # examples of the graph, evenly chosen: all distances between them take ten seconds
PULL = 10.0  # of the coordinates on the code, beside what makes the example again


@dataclass(frozen=True)
class Config(columns.Options, image.Options):
    """Options of the task."""

    augment: str = "none"  # flip, crop, turn, … by commas; none, for what is changed has to be kept in the code too
    clusters: int | None = None  # how many; guessed: the most telling of 2 to 10 by the silhouette of training codes
    noise: float = 0.0  # deviations of noise on what goes in, while training; the clean example has to come out
    neighbours: int = 0  # joined to each example in a graph, which the code learns: 10 is usual; 0 makes no graph


class Task(ReconstructionTask):
    """Columns or pictures → the cluster of each."""

    name = "clustering"
    default_model = "autoencoder"
    DEFAULT_MODELS: ClassVar[dict[str, str]] = {"columns": "autoencoder", "image": "autoencoder"}
    LEARNS_LIKE = ("embedding",)
    EXPORTS = (None, "cluster_distances")
    CHECKS = ("repeated",)
    HONOURS = (
        "target", "group_column", "score_by", "time_column", "series_column", "val_fraction", "test_fraction",
    )  # fmt: skip
    INSTEAD: ClassVar[dict[str, str]] = {
        "mixup": "what lies between two examples would be learnt as one; try --noise 0.3",
        "cutmix": "what is pieced together would be learnt as one; try --noise 0.3",
        "label_smoothing": "no labels are learnt; leave it out",
        "class_weights": "no labels are learnt; leave it out",
        "classes": "no labels are learnt; leave it out",
        "text_column": "rows of numbers and categories, or pictures, are grouped; leave it out",
    }
    FOLLOWS_PATHS = ("picture",)
    AUGMENTING = ("augment",)
    INPUTS = (image.Field, columns.Field)
    ANSWER = itself.Judging
    config: Config
    answer: itself.Judging

    def __init__(self, data_config: DataConfig, config: Any = None, seed: int = 0):
        super().__init__(data_config, config or Config(), seed)
        self.clusters: Clusters | None = None  # known once a network was trained
        self.tried: list[number_of_clusters.Tried] = []  # numbers of clusters, where nobody has asked for one
        self.graph: Any = None  # of neighbours, while a network learns from it
        self.places = torch.zeros(0, dtype=torch.int64)  # (n,) in the graph, of every training example; −1: not there
        self.known: dict[int, Tensor] = {}  # coordinates by their number

    # -- data ---------------------------------------------------------------------------------------------------

    def prepare(self, data: Data) -> Prepared:
        """As for any inputs.

        Raises:
            DataError: If an example has a single number, all examples are alike, or there are fewer than clusters.
            OptionError: If noise is below 0, fewer than two clusters are asked for, or neighbours that are not there.
        """
        asked = self.config.clusters
        require_not_negative("neighbours", self.config.neighbours)
        if asked is not None and asked < 2:
            raise OptionError(f"--clusters: expected 2 or more, got {asked}")
        prepared = super().prepare(data)
        if len(prepared.train) < (asked or 2):
            raise DataError(
                f"{data.name}: {asked or 2} clusters need as many training examples, got {len(prepared.train)}"
            )
        if self.config.neighbours >= len(prepared.train):
            raise OptionError(
                f"--neighbours: expected fewer than the {len(prepared.train)} training examples, "
                f"got {self.config.neighbours}"
            )
        return prepared

    def state(self) -> dict[str, Any]:
        """Also the centres."""
        known = {
            "spread": self.spread,
            "centres": self.clusters.state() if self.clusters else None,
            "tried": self.tried,
        }
        return super().state() | {"grouped": known}

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        known = read(state, "grouped", dict[str, Any])
        self.spread, self.tried = read(known, "spread", float), read(known, "tried", list[dict[str, float]])
        require(self.spread > 0, "a spread above 0", self.spread)
        self.clusters = None if known["centres"] is None else Clusters.from_state(known["centres"])

    # -- learning -----------------------------------------------------------------------------------------------

    def model_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """Of a graph as many coordinates as clusters, as Ng et al. have it."""
        usual = super().model_defaults(model_name, num_examples)
        coordinates = {"code_dim": self.config.clusters or number_of_clusters.MOST}
        return usual | coordinates if self.config.neighbours else usual

    def training_examples(self, examples: Examples) -> Examples:
        """Each with its number, by which its place in the graph is known."""
        if not self.config.neighbours:
            return examples
        count = len(examples)
        joined = torch.linspace(0, count - 1, min(count, MOST_JOINED)).long()
        looks = [self._look(examples.batch(part)[:-1]).cpu() for part in joined.split(512)]
        self.graph = spectral.neighbour_graph(torch.cat(looks), min(self.config.neighbours, len(joined) - 1))
        self.places = torch.full((count,), -1).index_copy(0, joined, torch.arange(len(joined)))
        self.known = {}
        return Numbered(examples)

    def _look(self, inputs: tuple[Tensor, ...]) -> Tensor:
        """(B, …) by which neighbours are found: the edges of a picture, a row as it is."""
        return oriented_gradients.histograms(inputs[0]) if self._has_pictures else self.rows_of(inputs)

    @property
    def _has_pictures(self) -> bool:
        return not isinstance(self.inputs, columns.Field)

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """mean |D(E(x)) − x|² per number; and how far a code is from the example's coordinates, if there is a graph."""
        code, missed = self.coded(model, batch)
        if self.graph is None or not model.training:
            return missed
        places = self.places.to(code.device)[batch[-1]]
        off = (code - self._coordinates(code)[places]).square().sum(dim=1)  # (B,)
        return missed + PULL * (off * (places >= 0)).mean()

    def _coordinates(self, code: Tensor) -> Tensor:
        """(m, K) of the examples in the graph, as many numbers as a code has."""
        K, count = code.shape[1], min(code.shape[1], self.graph.shape[0])
        if K not in self.known:
            found = torch.from_numpy(spectral.coordinates(self.graph, count)).to(code)
            self.known[K] = F.pad(found, (0, K - count))
        return self.known[K]

    def has_one_loss(self, network: nn.Module) -> bool:
        """Not with a graph, in which no example of the validation is."""
        return super().has_one_loss(network) and not self.config.neighbours

    def calibrate(self, model: nn.Module, prepared: Prepared) -> bool:
        """The centres among the training codes; before them, where nobody has asked, how many."""
        codes, count = self.missed(model, prepared.train)[1], self.config.clusters
        self.tried = [] if count else number_of_clusters.tried(codes, self.seed)
        self.clusters = Clusters.fit(codes, count or number_of_clusters.best(self.tried), self.seed)
        return True

    # -- answers ------------------------------------------------------------------------------------------------

    @torch.no_grad()
    def outputs(self, model: nn.Module, examples: Examples, batch_size: int = 512) -> Outputs:
        """Distances (N, k) from the centres, labels, reconstruction errors; of a network of ours its codes, too."""
        model.eval()
        parts: list[list[np.ndarray]] = []
        for *inputs, group in in_order(examples, batch_size, device_of(model)):
            found = (group, *self._answer(model(*inputs).float(), tuple(inputs)))
            parts.append([part.cpu().numpy() for part in found])
        groups, away, errors, *codes = (np.concatenate(part) for part in zip(*parts))
        return Outputs(away, groups, errors, {"codes": codes[0]} if codes else {})

    def _answer(self, said: Tensor, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """Distances (B, k), errors (B,) and codes (B, K); an exported model has come as far as (B, k + 1, 1)."""
        if said.ndim == 3:
            return said[:, :-1, 0], said[:, -1, 0]
        code = self.codes_of(said)
        error = (said[:, -self.num_numbers :] - self.rows_of(inputs)).square().mean(dim=1)
        away = error[:, None] if self.clusters is None else self.clusters.to(code.device)(code)
        return away, error, code

    def answers(self, outputs: Outputs, names: dict[str, Any]) -> list[dict[str, Any]]:
        """The cluster, counted from 1, the largest first; how far its centre is, and how far all are."""
        rows = [dict(zip(names, cells)) for cells in zip(*names.values())]
        return [row | said(away) for row, away in zip(rows, outputs.predictions.astype(float))]

    # -- judging ------------------------------------------------------------------------------------------------

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """The reconstruction error: no label and no cluster chooses an epoch."""
        return {"loss": float(np.mean(outputs.losses))}  # type: ignore[arg-type]

    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        """Agreement with labels, if there are some, and how far clusters are apart; how many there are, and why."""
        found = self._scored(outputs.predictions.argmin(axis=1), outputs.targets, outputs.extra.get("codes"))
        labels = self.answer.groups
        found["details"] |= {"clusters": outputs.predictions.shape[1], "tried": self.tried, "groups": labels}
        return found

    def _scored(self, assigned: np.ndarray, truth: Any, rows: np.ndarray | None) -> dict[str, Any]:
        return clusters.evaluate(assigned, truth, rows, seed=self.seed)

    def baseline(self, prepared: Prepared) -> dict[str, Any]:
        """As many clusters, drawn by lot."""
        rows, truth = self._given(prepared.test)
        drawn = np.random.default_rng(self.seed).integers(self.count, size=len(rows))
        return {"name": "clusters drawn by lot", **self._scored(drawn, truth, rows)}

    def simple_answers(self, prepared: Prepared, time: Time) -> tuple[str, Outputs] | None:
        """As many clusters of the inputs themselves; none where no labels tell which of the two finds more."""
        rows, truth = self._given(prepared.test)
        if time.is_up() or len(np.unique(truth[truth >= 0])) < 2:
            return None
        centres = k_means.fit(self.rows(prepared.train), self.count, self.seed)
        away = k_means.distances(rows, centres)
        return "k-means on the inputs", Outputs(away, truth, away.min(axis=1))

    @property
    def count(self) -> int:
        """How many clusters there are, once a network was trained."""
        return len(self.clusters.centres) if self.clusters else 0

    def _given(self, examples: Examples) -> tuple[np.ndarray, np.ndarray]:
        """Rows (N, D) of examples as the network is given them, and their labels (N,)."""
        found = [
            (self.rows_of(tuple(inputs)).numpy(), group.numpy())
            for *inputs, group in in_order(examples, 512, torch.device("cpu"))
        ]
        rows, truth = (np.concatenate(part) for part in zip(*found))
        return rows, truth

    def worst(self, outputs: Outputs, count: int) -> np.ndarray:
        """The examples that are farthest from any centre."""
        return np.argsort(-outputs.predictions.min(axis=1), kind="stable")[:count]

    def said_of(self, outputs: Outputs, place: int) -> dict[str, Any]:
        """Its label, its cluster and how far it is from the centre."""
        found, label = said(outputs.predictions[place].astype(float)), int(outputs.targets[place])  # type: ignore[index]
        known = self.answer.groups[label] if 0 <= label < len(self.answer.groups) else "the example"
        return {"target": known, "predicted": f"cluster {found['cluster']}, {found['distance']:.3g} from its centre"}

    # -- explaining ---------------------------------------------------------------------------------------------

    @property
    def explained_as(self) -> str | None:
        """Nothing: what a network says is a code, and the distances of it are the whole answer."""
        return None


def said(away: np.ndarray) -> dict[str, Any]:
    """Of distances (k,) from the centres: which is nearest, counted from 1, how far it is, and all of them."""
    nearest = int(away.argmin())
    each = {f"distance_{place + 1}": float(one) for place, one in enumerate(away)}
    return {"cluster": nearest + 1, "distance": float(away[nearest]), **each}
