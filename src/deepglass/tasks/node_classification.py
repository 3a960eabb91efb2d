"""Node classification: which class has each node of a graph, where a few of them have labels?

    nodes and links ── what is known of each, who hears whom ── graph network ── probabilities of the nodes asked

The graph is there whole: nodes without labels are heard in training, and only their labels are missing. The rivals
look at one half each: label propagation at the links, logistic regression at what is known of a node itself.

References:
    Kipf & Welling (2017), Semi-Supervised Classification with Graph Convolutional Networks,
    https://arxiv.org/abs/1609.02907
    Shchur et al. (2018), Pitfalls of Graph Neural Network Evaluation, https://arxiv.org/abs/1811.05868
    (why several seeds, and simple rivals)
"""

from dataclasses import dataclass
from typing import ClassVar

from deepglass.data.fields import nodes
from deepglass.tasks._classification import ClassificationTask


@dataclass(frozen=True)
class Config(nodes.Options):
    """Options of the task."""


class Task(ClassificationTask):
    """Nodes of a graph → classes."""

    name = "node-classification"
    default_model = "gcn"
    READS = ("graph",)
    FIRST_INPUT = "features"
    NOT_EXPORTED = (
        "an answer needs the whole graph of the training, which a file of a network does not hold; answer new nodes "
        "with `deepglass predict`"
    )
    CHECKS = ("target", "repeated")
    HONOURS = (
        "target", "text_column", "classes", "rare_classes", "val_fraction", "test_fraction", "label_smoothing",
        "class_weights",
    )  # fmt: skip
    INSTEAD: ClassVar[dict[str, str]] = {
        "mixup": "what lies between two nodes has no neighbours; leave it out",
        "cutmix": "there are no pictures to cut; leave it out",
        "private": "what is said of a node is learnt from its neighbours too; leave it out",
        "adversarial": "what of a node or a link may change by little is not known; leave it out",
        "adversarial_steps": "what of a node or a link may change by little is not known; leave it out",
        "fair": "what is said of a node depends on all others; judge by a column with `deepglass compare`",
        "group_column": "nodes are linked across groups anyway; divide them with --split-column",
        "score_by": "nodes are scored together; leave it out",
    }
    INPUTS = (nodes.Field,)
    inputs: nodes.Field

    @property
    def explained_as(self) -> str | None:
        """Not yet: what may be hidden of a graph are its links, and no file of `explain/` cuts these."""
        return None
