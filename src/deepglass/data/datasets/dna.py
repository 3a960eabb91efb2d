"""DNA: 4,000 generated sequences of 100 letters, in each of which one of eight proteins finds its place to bind.

Letters are drawn evenly, and somewhere a motif is planted: ten letters, drawn from the protein's own table of chances.
Some letters of a motif are nearly sure, others are not, as in real binding sites. Which protein it is has to be told.

References:
    Stormo (2000), DNA binding sites: representation and discovery, https://doi.org/10.1093/bioinformatics/16.1.16
    (tables of chances, one row per place)
    Koo & Eddy (2019), Representation learning of genomic sequence motifs with convolutional neural networks,
    https://doi.org/10.1371/journal.pcbi.1007560 (planted motifs as a test of what filters learn)
"""

import numpy as np
import pandas as pd

from deepglass.data.containers import Table

LICENCE = "generated"
LETTERS = "ACGT"
ROWS, LENGTH = 4000, 100
PROTEINS, WIDTH = 8, 10
SURE, SHARES = (0.97, 0.9, 0.75), (0.5, 0.3, 0.2)  # chances of a place's own letter, and how often each occurs


def load() -> Table:
    """The table with columns `sequence` and `protein`; always the same."""
    frame = sequences(ROWS).drop(columns="place")
    return Table(frame, "dna", target="protein", task="text-classification", licence=LICENCE)


def motifs() -> np.ndarray:
    """(PROTEINS, WIDTH, 4) the chance of each letter at each place of each protein's motif."""
    rng = np.random.default_rng(100)
    chances = np.empty((PROTEINS, WIDTH, len(LETTERS)))
    own = rng.integers(len(LETTERS), size=(PROTEINS, WIDTH))
    sure = rng.choice(SURE, size=(PROTEINS, WIDTH), p=SHARES)
    chances[:] = ((1 - sure) / (len(LETTERS) - 1))[:, :, None]
    np.put_along_axis(chances, own[:, :, None], sure[:, :, None], axis=2)
    return chances


def sequences(rows: int, seed: int = 0, length: int = LENGTH) -> pd.DataFrame:
    """Sequences with `protein`, whose motif is planted, and `place`, the letter at which it begins.

    Args:
        rows: How many.
        seed: Of all that is drawn; the motifs stay the same.
        length: Letters of a sequence, at least those of a motif.
    """
    rng, chances = np.random.default_rng(seed), motifs()
    letters = rng.integers(len(LETTERS), size=(rows, length))
    proteins, places = rng.integers(PROTEINS, size=rows), rng.integers(length - WIDTH + 1, size=rows)
    steps = chances[proteins].cumsum(axis=2)  # (rows, WIDTH, 4)
    drawn = (rng.random((rows, WIDTH, 1)) > steps[:, :, :-1]).sum(axis=2)
    np.put_along_axis(letters, places[:, None] + np.arange(WIDTH), drawn, axis=1)
    words = np.array(list(LETTERS))[letters]
    return pd.DataFrame(
        {
            "sequence": ["".join(row) for row in words],
            "protein": [f"protein {number + 1}" for number in proteins],
            "place": places,
        }
    )
