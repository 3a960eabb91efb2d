"""Reviews: 2,400 generated sentences about a restaurant, praise or complaint, in which the order of words counts.

A word of praise behind "not" or "never" is a complaint, and the other way round; where two parts are joined by "but",
the second is the verdict. About half of the sentences are plain, so that counting words is right about those, and of
the others at a loss. No sentence comes twice.

References:
    Pang, Lee & Vaithyanathan (2002), Thumbs up? Sentiment Classification using Machine Learning Techniques,
    https://arxiv.org/abs/cs/0205070 (words, pairs of words and negation in reviews)
"""

import numpy as np
import pandas as pd

from deepglass.data.containers import Table

LICENCE = "generated"
ROWS = 2400
THINGS = [
    "soup", "bread", "fish", "salad", "coffee", "dessert", "service", "waiter", "menu", "wine", "music", "kitchen",
    "table", "place", "dinner", "lunch",
]  # fmt: skip
WORDS = {
    "positive": ["good", "great", "lovely", "excellent", "friendly", "charming", "perfect", "pleasant"],
    "negative": ["bad", "awful", "poor", "terrible", "rude", "dull", "horrible", "disappointing"],
}
OPPOSITE = {"positive": "negative", "negative": "positive"}
PLAIN = ["was", "was really", "was very", "was so", "was"]
TURNED = ["was not", "was never", "was not very", "was not really", "was hardly"]
SHARE_TURNED, SHARE_JOINED = 0.3, 0.4  # of parts with a negation, and of sentences with two parts


def load() -> Table:
    """The table with columns `text` and `sentiment`; always the same."""
    rng, rows = np.random.default_rng(0), {}
    while len(rows) < ROWS:
        text, sentiment = sentence(rng)
        rows[text] = sentiment
    frame = pd.DataFrame({"text": list(rows), "sentiment": list(rows.values())})
    return Table(frame, "reviews", target="sentiment", task="text-classification", licence=LICENCE)


def sentence(rng: np.random.Generator) -> tuple[str, str]:
    """A sentence and its verdict."""
    verdict = str(rng.choice(["positive", "negative"]))
    if rng.random() >= SHARE_JOINED:
        return f"{part(rng, verdict)}.", verdict
    if rng.random() < 0.5:
        return f"{part(rng, verdict)} and {part(rng, verdict)}.", verdict
    return f"{part(rng, OPPOSITE[verdict])} but {part(rng, verdict)}.", verdict


def part(rng: np.random.Generator, verdict: str) -> str:
    """ "the soup was not bad" for "positive"."""
    is_turned = rng.random() < SHARE_TURNED
    verb = rng.choice(TURNED if is_turned else PLAIN)
    word = rng.choice(WORDS[OPPOSITE[verdict] if is_turned else verdict])
    return f"the {rng.choice(THINGS)} {verb} {word}"
