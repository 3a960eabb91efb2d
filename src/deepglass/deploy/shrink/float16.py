"""float16: weights in half the bits, computed with in float32, which every processor can do at full speed.

Eleven bits are left of the twenty-four of every weight, which changes next to nothing; inputs and outputs stay as they
are. A runtime widens the weights once, when it loads the file; rows of embeddings when they are looked up.

Micikevicius et al. (2018), Mixed Precision Training, https://arxiv.org/abs/1710.03740 (on what float16 can hold)
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deepglass.core.errors import ExportError
from deepglass.core.wording import counted
from deepglass.deploy.shrink._bundle import rewrite
from deepglass.deploy.shrink._stored import tidy, weights_as_half
from deepglass.deploy.shrinking.shrink_input import ShrinkInput

RESULT = "bundle"
ADVICE = "weights beyond the range of float16 are rare: look at the run with `deepglass report`, or stay with float32"


@dataclass(frozen=True)
class Config:
    """No settings."""


def shrink(subject: ShrinkInput, config: Config, path: Path) -> list[str]:
    """Write the bundle with its weights in float16; returns what was done, in sentences.

    Raises:
        ExportError: If no weight is large enough to be worth it.
    """

    def smaller(proto: Any) -> Any:
        stored = weights_as_half(tidy(proto))
        if not stored:
            raise ExportError(f"{subject.run.path} has no weight worth storing in float16: it is small already")
        notes.append(f"stored in float16, computed with in float32: {counted(len(stored), 'weight')}")
        return proto

    notes: list[str] = []
    rewrite(subject, path, smaller)
    return notes
