from dataclasses import replace

import numpy as np

from deepglass.data.containers import Layout
from deepglass.data.dialogues import Dialogue
from deepglass.data.reading.dialogues import layout
from deepglass.data.splits import split

SETTINGS = {"context": 48, "vocab_size": 300}
SHOWN = ()


def data() -> Layout:
    rng = np.random.default_rng(0)
    words = ["the", "sea", "was", "calm", "and", "wide"]
    said = [" ".join(rng.choice(words, 4)) for _ in range(160)]
    pairs = zip(said[::2], said[1::2], strict=True)
    return layout([Dialogue((("user", asked), ("assistant", answer))) for asked, answer in pairs], "talk")


def spoilt(data: Layout, part: str) -> Layout:
    """With another answer at the end of the first conversation of a part: their order, and so the split, stays."""
    dialogues = list(data.content)
    groups = np.unique([" ".join(text for _, text in one.turns) for one in dialogues], return_inverse=True)[1]
    first = split(len(dialogues), groups=groups, declared={})[part][0]
    (*before, (role, text)) = dialogues[first].turns
    dialogues[first] = replace(dialogues[first], turns=(*before, (role, f"{text} {'zounds egad ' * 12}")))
    return replace(data, content=dialogues)
