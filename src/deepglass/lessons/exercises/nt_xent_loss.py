"""Lesson 85: the loss that pulls two views together and pushes all others away."""

import numpy as np

from deepglass.course.judging.description import Description


def nt_xent_loss(near, own, temperature):
    """−log( exp(near[own]/τ) / Σ exp(near[j]/τ) )"""
    powers = np.exp(np.asarray(near) / temperature)
    return float(-np.log(powers[own] / powers.sum()))


def cases(rng):
    """One stranger, all alike, then drawn ones."""
    yield np.array([1.0, 0.0]), 0, 1.0
    yield np.array([0.5, 0.5, 0.5, 0.5]), 2, 0.2
    for count, temperature in ((3, 0.5), (6, 0.2), (9, 1.0)):
        yield rng.uniform(-1, 1, count).round(2), int(rng.integers(count)), temperature


def tell(near, own, temperature):
    """All of it."""
    return f"For near = {near.tolist()}, own = {own}, temperature = {temperature}"


EXERCISE = Description(
    name="nt_xent_loss",
    task="<code>near</code> holds the cosines of one view with all the others, <code>near[own]</code> that with the "
    "other view of the same picture. Divide them by the temperature and give the cross entropy: how surprised is a "
    "softmax by the own view?",
    stub="""
        def nt_xent_loss(near, own, temperature):
            # your lines here
            return 0.0
    """,
    solution="""
        def nt_xent_loss(near, own, temperature):
            powers = np.exp(near / temperature)
            return -np.log(powers[own] / powers.sum())
    """,
    hint="A softmax is <code>np.exp(near / temperature)</code> divided by its own sum; of that take "
    "<code>-np.log</code> at <code>own</code>.",
    answer=nt_xent_loss,
    cases=cases,
    tell=tell,
    gives="a number",
    praise="It is the cross entropy of lesson 9: each picture is a class of its own.",
    slips=(
        (
            lambda near, own, temperature: -np.log(
                np.exp(near[own] / temperature) / np.delete(np.exp(near / temperature), own).sum()
            ),
            "The own view belongs into the sum too, or the fraction is none of a whole.",
        ),
        (
            lambda near, own, temperature: -np.log(np.exp(near[own]) / np.exp(near).sum()),
            "Right for a temperature of 1: divide the cosines by it first.",
        ),
        (
            lambda near, own, temperature: np.exp(near[own] / temperature) / np.exp(near / temperature).sum(),
            "That is the probability of the own view; the loss is its negative logarithm.",
        ),
    ),
    right=(
        """
        def nt_xent_loss(near, own, temperature):
            logits = near / temperature
            return np.log(np.exp(logits - logits[own]).sum())
        """,
        """
        def nt_xent_loss(near, own, temperature):
            return torch.nn.functional.cross_entropy(torch.tensor(near)[None] / temperature, torch.tensor([own]))
        """,
        """
        def nt_xent_loss(near, own, temperature):
            total = sum(math.exp(c / temperature) for c in near)
            return math.log(total) - near[own] / temperature
        """,
    ),
    wrong=(
        "def nt_xent_loss(near, own, temperature):\n    return 1 - near[own]",
        "def nt_xent_loss(near, own, temperature):\n    return -np.log(np.exp(near[own]) / np.exp(near).sum())",
        "def nt_xent_loss(near, own, temperature):\n"
        "    return np.exp(near[own] / temperature) / np.exp(near / temperature).sum()",
        "def nt_xent_loss(near, own, temperature):\n"
        "    return -np.log(np.exp(near[own] / temperature) / np.delete(np.exp(near / temperature), own).sum())",
    ),
)  # fmt: skip
