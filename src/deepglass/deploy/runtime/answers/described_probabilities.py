"""Classes by their descriptions: described_probabilities (B, K), also of such as training never saw."""

from . import Answer as Base
from . import probabilities


class Answer(probabilities.Answer):
    """As of classes that training has seen; sets that hold the truth so often cannot be promised."""

    CAN_COVER = False
    covered = Base.covered
