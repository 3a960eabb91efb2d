"""Paper citations: 400 papers of four fields that were never written, and which of them cite each other.

Most of what a paper cites is of its own field, and half of its words are, so words and links each tell half of the
field and both together nearly all of it. Five papers of each field have labels for training, 80 choose an epoch.

References:
    Deshpande, Montanari, Mossel & Sen (2018), Contextual Stochastic Block Models, https://arxiv.org/abs/1807.09596
    (graphs whose links and features both hide the same groups)
    Sen et al. (2008), Collective Classification in Network Data, https://doi.org/10.1609/aimag.v29i3.2157 (Cora)
"""

import numpy as np
import pandas as pd

from deepglass.data.containers import Table

LICENCE = "generated"
PAPERS, FIELDS = 400, ("acoustics", "botany", "geology", "optics")
TRAIN_OF_A_FIELD, VAL = 5, 80
CITED = 3  # papers that each cites
OWN_LINK, OWN_WORD = 0.72, 0.3  # shares of the links and the words that are of the paper's own field
WORDS_OF_A_FIELD, WORDS = 25, 12  # that a field has, and that the title of a paper has
SYLLABLES = ("ba", "do", "fi", "ga", "ke", "lu", "mo", "ne", "pi", "ra", "so", "tu")


def load() -> Table:
    """The table with columns `paper`, `title`, `cites` and `field`, and the splits."""
    generator = np.random.default_rng(0)
    fields = np.arange(PAPERS) % len(FIELDS)
    names = [f"paper {i + 1}" for i in range(PAPERS)]
    frame = pd.DataFrame(
        {
            "paper": names,
            "title": titles(fields, generator),
            "cites": ["; ".join(names[j] for j in cited) for cited in citations(fields, generator)],
            "field": [FIELDS[i] for i in fields],
        }
    )
    order = generator.permutation(PAPERS)
    train = np.concatenate([order[fields[order] == k][:TRAIN_OF_A_FIELD] for k in range(len(FIELDS))])
    rest = order[~np.isin(order, train)]
    splits = {"train": np.sort(train), "val": np.sort(rest[:VAL]), "test": np.sort(rest[VAL:])}
    return Table(frame, "paper-citations", splits, target="field", task="node-classification", licence=LICENCE)


def citations(fields: np.ndarray, generator: np.random.Generator) -> list[list[int]]:
    """For each paper the papers that it cites, most of its own field."""
    found = []
    for paper, own in enumerate(fields):
        weights = np.where(fields == own, OWN_LINK / (fields == own).sum(), (1 - OWN_LINK) / (fields != own).sum())
        weights[paper] = 0
        found.append(sorted(generator.choice(len(fields), CITED, replace=False, p=weights / weights.sum()).tolist()))
    return found


def titles(fields: np.ndarray, generator: np.random.Generator) -> list[str]:
    """For each paper its words, some of which are of its field."""
    words = [a + b + c for a in SYLLABLES for b in SYLLABLES for c in SYLLABLES][:: len(SYLLABLES) - 1]
    found = []
    for own in fields:
        is_own = generator.random(WORDS) < OWN_WORD
        of = np.where(is_own, own, generator.integers(len(FIELDS), size=WORDS))
        places = of * WORDS_OF_A_FIELD + generator.integers(WORDS_OF_A_FIELD, size=WORDS)
        found.append(" ".join(words[place] for place in places))
    return found
