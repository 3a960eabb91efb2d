from dataclasses import replace

import numpy as np

from deepglass.data.containers import Layout
from deepglass.data.dialogues import Dialogue
from deepglass.data.preferences import Preference
from deepglass.data.reading.preferences import layout
from deepglass.data.splits import split

SETTINGS = {"context": 48, "vocab_size": 300}
SHOWN = ()


def data() -> Layout:
    rng = np.random.default_rng(0)
    words = ["the", "sea", "was", "calm", "and", "wide"]
    said = [" ".join(rng.choice(words, 4)) for _ in range(240)]
    triples = zip(said[::3], said[1::3], said[2::3], strict=True)
    found = [Preference(Dialogue((("user", asked),)), one, other) for asked, one, other in triples]
    return layout([pair for pair in found if pair.chosen != pair.rejected], "taste")


def spoilt(data: Layout, part: str) -> Layout:
    """With another answer in the first comparison of a part: their order, and so the split, stays."""
    pairs = list(data.content)
    groups = np.unique([" ".join(text for _, text in one.prompt.turns) for one in pairs], return_inverse=True)[1]
    first = split(len(pairs), groups=groups, declared={})[part][0]
    pairs[first] = replace(pairs[first], chosen=f"{pairs[first].chosen} {'zounds egad ' * 12}")
    return replace(data, content=pairs)
