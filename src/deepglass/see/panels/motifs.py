"""Motifs: the words that the first filters of a network for sequences look for, drawn as logos.

Koo & Eddy (2019), Representation learning of genomic sequence motifs, https://doi.org/10.1371/journal.pcbi.1007560.
"""

from typing import Any

from deepglass.data.fields.text import trimmed
from deepglass.draw.logo import logo
from deepglass.evaluate.sequence_logo import consensus, information
from deepglass.explain import motifs
from deepglass.see import Asked, NotForThisRun, View
from deepglass.see.opened import Opened

PLACE = 14
TITLE = "Motifs"
QUESTION = "Which words do its first filters look for in a sequence?"
LESSON = "71_letters_of_life"
READ = ("explain/motifs.py", "models/motif_cnn.py", "evaluate/sequence_logo.py")
IS_QUICK = False
ASKS = ()

MOST_EXAMPLES, MOST_LOGOS = 1_000, 16


def show(opened: Opened, asked: Asked) -> View:
    """The logos of the filters that tell most, and in how many stretches each was counted.

    Raises:
        NotForThisRun: If the network has no filters over letters.
    """
    network, vocabulary = opened.network, getattr(getattr(opened.run.task, "inputs", None), "vocabulary", None)
    if vocabulary is None or not hasattr(network, "responses") or getattr(vocabulary, "unit", "") != "letters":
        raise NotForThisRun("it has no filters over single letters; --model motif-cnn has, on sequences")
    tokens = trimmed((opened.inputs(opened.places(MOST_EXAMPLES))[0],))[0]
    found = motifs.of_filters(network, tokens)
    if not found:
        raise NotForThisRun("none of its filters answers ten stretches of these sequences")
    letters = "".join(vocabulary.words).upper()
    told = {one.number: float(information(one.motif, one.count).sum()) for one in found}
    best = sorted(found, key=lambda one: -told[one.number])[:MOST_LOGOS]
    shown: list[Any] = [
        logo(
            one.motif, letters, count=one.count, label=f"Filter {one.number + 1}",
            caption=f"filter {one.number + 1}: {told[one.number]:.1f} bits, {one.count:,} stretches",
        )
        for one in best
    ]  # fmt: skip
    silent = network.filters.out_channels - len(found)
    say = (
        f"What {len(found)} of {network.filters.out_channels} filters answer to in {len(tokens):,} sequences; the "
        "tallest letters are those that a filter insists on, 2 bits where only one of four will do."
    )
    say += f" The other {silent} answer fewer than {motifs.FEWEST} stretches." if silent else ""
    facts = {
        "filters": [
            {"filter": one.number + 1, "bits": told[one.number], "count": one.count,
             "consensus": consensus(one.motif, letters)}
            for one in best
        ],
        "silent": silent,
    }  # fmt: skip
    return View(say, shown, facts)
