"""Shakespeare: a million characters of his plays, the usual first text of a language model.

The file that is known as tiny-shakespeare: scenes from several plays one after the other, 1,115,394 characters, 65
different ones. The text is in the public domain.

References:
    Karpathy (2015), The Unreasonable Effectiveness of Recurrent Neural Networks,
    https://karpathy.github.io/2015/05/21/rnn-effectiveness/ (who put it together)
"""

import gzip
from pathlib import Path

from deepglass.data.containers import Text

LICENCE = "public domain (William Shakespeare, about 1590 to 1613)"
FILE = Path(__file__).with_suffix(".txt.gz")


def load() -> Text:
    """The whole text."""
    return Text(gzip.decompress(FILE.read_bytes()).decode("ascii"), "shakespeare", licence=LICENCE)
