"""Lesson 35: the loss of what was covered."""

import numpy as np

from deepglass.course.judging.description import Description


def log_shares(logits):
    """log softmax along the last axis"""
    largest = logits.max(axis=-1, keepdims=True)
    return logits - largest - np.log(np.exp(logits - largest).sum(axis=-1, keepdims=True))


def gap_loss(logits, words, is_asked):
    """mean over the places that are asked of −log softmax(logits)[word]"""
    surprise = -log_shares(logits)[np.arange(len(words)), words]
    return float(surprise[is_asked].mean())


def cases(rng):
    """One place of two; all; then drawn ones."""
    yield np.array([[0.0, 0.0], [3.0, 0.0]]), np.array([0, 1]), np.array([True, False])
    yield np.array([[1.0, 0.0, 0.0], [0.0, 2.0, 0.0]]), np.array([0, 1]), np.array([True, True])
    for length, vocab in ((6, 5), (8, 4)):
        is_asked = np.arange(length) % 3 == 1
        yield rng.normal(size=(length, vocab)), rng.integers(vocab, size=length), is_asked


def tell(logits, words, is_asked):
    """Small ones in full."""
    if logits.size > 6:
        return f"For random logits of {len(words)} places and {logits.shape[1]} words"
    return f"For logits = {logits.tolist()}, words = {words.tolist()}, is_asked = {is_asked.tolist()}"


EXERCISE = Description(
    name="gap_loss",
    task="<code>logits</code> (T, V) are what the net says at each of T places, <code>words</code> (T,) the ids of the "
    "true words, <code>is_asked</code> (T,) tells which places were chosen. Give back the loss: the mean of −log of "
    "the true word's share, over the places that are asked and no others.",
    stub="""
        def gap_loss(logits, words, is_asked):
            shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
            # your lines here
            return 0.0
    """,
    solution="""
        def gap_loss(logits, words, is_asked):
            shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
            true = shares[np.arange(len(words)), words]
            return -np.log(true[is_asked]).mean()
    """,
    hint="<code>shares[np.arange(len(words)), words]</code> is the share of the true word at each place; "
    "<code>[is_asked]</code> keeps the chosen ones.",
    answer=gap_loss,
    cases=cases,
    tell=tell,
    gives="a number",
    praise="That line is the whole lesson plan of BERT: no label was written by anybody.",
    slips=(
        (
            lambda logits, words, is_asked: float(-log_shares(logits)[np.arange(len(words)), words].mean()),
            "All places are in it. What was not chosen stands in the text for everybody to read: there is nothing to "
            "learn from copying it.",
        ),
        (
            lambda logits, words, is_asked: float(-log_shares(logits)[np.arange(len(words)), words][is_asked].sum()),
            "That is the sum; take the mean, or a long text counts more than a short one.",
        ),
        (
            lambda logits, words, is_asked: float(
                (-log_shares(logits)[np.arange(len(words)), words] * is_asked).mean()
            ),
            "The places that are not asked are counted as zeros: divide by the number of those that are.",
        ),
    ),
    right=(
        """
        def gap_loss(logits, words, is_asked):
            total, count = 0.0, 0
            for row, word, asked in zip(logits, words, is_asked):
                if asked:
                    total += np.log(np.exp(row).sum()) - row[word]
                    count += 1
            return total / count
        """,
        """
        def gap_loss(logits, words, is_asked):
            targets = torch.tensor(np.where(is_asked, words, -100))
            return torch.nn.functional.cross_entropy(torch.tensor(logits), targets)
        """,
        """
        def gap_loss(l, w, a):
            l, w = l[a], w[a]
            return (np.log(np.exp(l).sum(1)) - l[np.arange(len(w)), w]).mean()
        """,
    ),
    wrong=(
        "def gap_loss(logits, words, is_asked):\n    return 0.0",
        "def gap_loss(logits, words, is_asked):\n    return (logits.argmax(axis=1) != words)[is_asked].mean()",
        "def gap_loss(logits, words, is_asked):\n    return -logits[np.arange(len(words)), words][is_asked].mean()",
        "def gap_loss(logits, words, is_asked):\n    shares = np.exp(logits) / np.exp(logits).sum(axis=1, "
        "keepdims=True)\n    return -np.log(shares[np.arange(len(words)), words][~is_asked]).mean()"
        " if not is_asked.all() else 0.0",
        "def gap_loss(logits, words, is_asked):\n    shares = np.exp(logits) / np.exp(logits).sum(axis=1, "
        "keepdims=True)\n    return 1 - shares[np.arange(len(words)), words][is_asked].mean()",
    ),
)  # fmt: skip
