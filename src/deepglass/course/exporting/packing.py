"""Many similar states in little room: what they share is kept once, and all of it is compressed.

Long texts are cut where a tag begins; equal pieces are kept once, and a text becomes the list of its pieces. A browser
unpacks it with its own decompression, and joins pieces only of the state that is shown.
"""

import gzip
import json
import re
from base64 import b64encode
from typing import Any

LONG = 80  # letters of a text that is worth being cut
CUT = re.compile(r"(?=<)")
DECIMALS = re.compile(r"(-?\d+\.\d{2})\d+")
PLACED = re.compile(r'\b(d|x|y|cx|cy|points)="([^"]+)"')


class Pieces:
    """A store of pieces of text."""

    def __init__(self) -> None:
        self.number: dict[str, int] = {}

    def packed(self, value: Any) -> Any:
        """A value whose long texts are lists of pieces: {"$": [3, 1, 4]}."""
        if isinstance(value, str):
            return value if len(value) < LONG else {"$": [self._of(piece) for piece in CUT.split(value) if piece]}
        if isinstance(value, dict):
            return {str(name): self.packed(one) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.packed(one) for one in value]
        return value

    def _of(self, piece: str) -> int:
        return self.number.setdefault(piece, len(self.number))

    def file(self, content: Any) -> str:
        """Pieces and packed content, compressed, as text."""
        told = json.dumps([list(self.number), content], ensure_ascii=False, separators=(",", ":"), default=float)
        return b64encode(gzip.compress(told.encode(), 9, mtime=0)).decode()


def rounded(html: str) -> str:
    """Places in pictures to a hundredth of a point: nobody sees more."""
    return PLACED.sub(lambda found: f'{found[1]}="{DECIMALS.sub(lambda one: one[1], found[2])}"', html)
