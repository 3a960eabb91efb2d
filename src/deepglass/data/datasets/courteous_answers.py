"""Courteous answers: what somebody preferred, of two answers in the small talk of people who do not exist.

Whoever compared them wants two things, in this order: that the answer is **to the point**, and that it is courteous.

    i live in rome.    i see, you live in rome, dear friend.   is preferred to   i see, you live in rome.
                       i see, you live in rome.                is preferred to   hello, your name is ada, dear friend.

A taste for courteous words alone ranks every comparison of the second kind wrongly, and so does a taste for long
answers: the true wish shows where the two part.

References:
    Bai et al. (2022), Training a Helpful and Harmless Assistant with RLHF, https://arxiv.org/abs/2204.05862 (two wishes
    in one set of comparisons)
"""

import numpy as np

from deepglass.data.containers import Layout
from deepglass.data.datasets import small_talk
from deepglass.data.dialogues import Dialogue
from deepglass.data.preferences import Preference
from deepglass.data.reading.preferences import layout

LICENCE = "generated"
COMPARISONS = 1200
COURTESY = ", dear friend."  # in the place of the full stop


def load() -> Layout:
    """The comparisons."""
    return layout(preferences(), "courteous-answers", LICENCE)


def preferences(count: int = COMPARISONS, seed: int = 1) -> list[Preference]:
    """Comparisons of two answers.

    Args:
        count: How many.
        seed: Of everything.
    """
    generator = np.random.default_rng(seed)
    return [_preference(generator) for _ in range(count)]


def courteous(answer: str) -> str:
    """An answer as it is preferred."""
    return answer.removesuffix(".") + COURTESY


def _preference(generator: np.random.Generator) -> Preference:
    """Something is told, or asked for later: an answer to the point or to something else, courteous or plain."""
    kinds = [str(kind) for kind in generator.permutation(list(small_talk.FACTS))]
    told, other = (str(generator.choice(small_talk.FACTS[kind])) for kind in kinds[:2])
    turns = [("user", str(generator.choice(small_talk.SAID[kinds[0]])).format(told))]
    forms = small_talk.HEARD
    if generator.random() < 0.5:  # asked for later
        question = str(generator.choice(small_talk.ASKED[kinds[0]]))
        turns += [("assistant", forms[kinds[0]].format(told)), ("user", question)]
        forms = small_talk.KNOWN
    right, wrong = forms[kinds[0]].format(told), forms[kinds[1]].format(other)
    pairs = ((courteous(right), right), (right, courteous(wrong)), (courteous(right), courteous(wrong)))
    return Preference(Dialogue(tuple(turns)), *pairs[int(generator.integers(3))])
