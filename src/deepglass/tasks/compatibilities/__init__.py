"""How a picture and a description are held against each other. A file here is one way, chosen with `--compatibility`.

A way has a function `scores(said, codes)`, logits of every class for every picture, and a function `loss(said, codes,
classes)`, by which the network learns to say what fits. The network says as many numbers as a description has. The
folder is the list.
"""

from typing import ClassVar, Protocol

import torch.nn.functional as F
from torch import Tensor

from deepglass.core import catalogue

FOLDER = "tasks/compatibilities"
SCALE = 16.0  # of cosines before a softmax: between -1 and 1 it could hardly decide


class Compatibility(Protocol):
    """A file of this folder."""

    CENTRED: ClassVar[bool]  # whether descriptions are given as what differs from the mean of the learnt classes

    def scores(self, said: Tensor, codes: Tensor) -> Tensor:
        """Logits of every class for every picture.

        Args:
            said: (B, A) what the network says of each.
            codes: (C, A) the description of each class, from 0 to 1, or centred.

        Shape:
            - output: (B, C)
        """
        ...

    def loss(self, said: Tensor, codes: Tensor, classes: Tensor) -> Tensor:
        """A mean over the batch.

        Args:
            said: (B, A).
            codes: (C, A) of the classes that are learnt.
            classes: (B,) which of them each picture shows.
        """
        ...


def compatibility_of(name: str) -> Compatibility:
    """A way by name.

    Raises:
        OptionError: If there is none.
    """
    return catalogue.load(FOLDER, name.replace("-", "_"))  # type: ignore[return-value]


def cosines(said: Tensor, codes: Tensor) -> Tensor:
    """(B, C) between what is said and every description."""
    return F.normalize(said, dim=1) @ F.normalize(codes, dim=1).T
