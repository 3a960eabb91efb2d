"""Lesson 27: a rate for every block, smaller towards the input."""

import numpy as np

from deepglass.course.judging.description import Description


def layer_rates(rate, decay, blocks):
    """rate · decay^(blocks below the head)"""
    return rate * decay ** np.arange(blocks - 1, -1, -1.0)


def cases(rng):
    """Halves, no decay, a single block; one drawn."""
    yield from ((0.1, 0.5, 3), (0.01, 1.0, 4), (0.2, 0.8, 1), (0.001, 0.3, 6))
    yield float(rng.uniform(0.01, 1)), float(rng.uniform(0.2, 0.9)), int(rng.integers(3, 8))


EXERCISE = Description(
    name="layer_rates",
    task="Give every block a rate, as a list from the first block to the head. The head has <code>rate</code>, each "
    "block below has <code>decay</code> times the rate of the one above it.",
    stub="""
        def layer_rates(rate, decay, blocks):
            # your lines here
            return [rate] * blocks
    """,
    solution="""
        def layer_rates(rate, decay, blocks):
            return [rate * decay ** (blocks - 1 - b) for b in range(blocks)]
    """,
    hint="Block b, counted from 0, lies blocks − 1 − b steps below the head.",
    answer=layer_rates,
    cases=cases,
    tell=lambda rate, decay, blocks: f"For rate = {rate:g}, decay = {decay:g} and {blocks} blocks",
    gives="a list of as many rates as there are blocks",
    praise="The rule of `--layer-decay`.",
    slips=(
        (
            lambda rate, decay, blocks: layer_rates(rate, decay, blocks)[::-1],
            "The head is the last of the list, and the quickest.",
        ),
        (lambda rate, decay, blocks: decay * layer_rates(rate, decay, blocks), "The head itself has the whole rate."),
        (
            lambda rate, decay, blocks: rate * (1 - (1 - decay) * np.arange(blocks - 1, -1, -1.0)),
            "Each is the decay times the next one: powers, not a straight line.",
        ),
        (
            lambda rate, decay, blocks: np.full(blocks, rate * decay),
            "One step below is that; two steps are its square.",
        ),
    ),
    right=(
        "def layer_rates(rate, decay, blocks):\n    return rate * decay ** np.arange(blocks)[::-1]",
        """
        def layer_rates(rate, decay, blocks):
            rates = [rate]
            while len(rates) < blocks:
                rates.insert(0, rates[0] * decay)
            return rates
        """,
        """
        def layer_rates(rate, decay, blocks):
            out = []
            for _ in range(blocks):
                out.append(rate)
                rate *= decay
            return tuple(reversed(out))
        """,
        "def layer_rates(rate, decay, blocks):\n    return torch.tensor([rate * decay**i for i in "
        "range(blocks)]).flip(0)",
    ),
    wrong=(
        "def layer_rates(rate, decay, blocks):\n    return [rate * decay**i for i in range(blocks)]",
        "def layer_rates(rate, decay, blocks):\n    return [rate * decay ** (blocks - i) for i in range(blocks)]",
        "def layer_rates(rate, decay, blocks):\n    return [rate * decay] * (blocks - 1) + [rate]",
        "def layer_rates(rate, decay, blocks):\n    return [rate] * blocks",
        "def layer_rates(rate, decay, blocks):\n    return rate * decay ** (blocks - 1)",
    ),
)
