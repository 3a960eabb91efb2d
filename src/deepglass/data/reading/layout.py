"""Which layout a folder has, where it is none that can be learnt from as it is: boxes, masks, sounds, pairs, …

Each file of `layouts/` knows one kind. A folder that some kind recognises is not read as classes of pictures, since
"images" and "masks" are not classes; `--layout classes` does so all the same.
"""

from deepglass.data.containers import Layout
from deepglass.data.reading.layouts import (
    boxes,
    graph,
    identities,
    masks,
    picture_pairs,
    sentence_pairs,
    sounds,
    videos,
)
from deepglass.data.reading.listing import Listing

KINDS = (boxes, masks, picture_pairs, sounds, videos, sentence_pairs, identities, graph)  # the surest first


def recognise(listing: Listing) -> Layout | None:
    """The layout of a folder, or None where nothing speaks against reading it as usual."""
    return next((found for kind in KINDS if (found := kind.recognise(listing))), None)
