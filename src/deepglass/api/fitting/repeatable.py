"""Random numbers of somebody else's data code, kept apart from those of the training.

A Dataset may crop at random, a DataLoader shuffles. Both draw from the generators of Python, NumPy and PyTorch, as
dropout does; a training that is resumed could not repeat them. Here they get generators of their own, set by what is
asked for.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch


class OwnRandomness:
    """The three generators as one stream that is taken up and put aside.

    Args:
        seed: Where the stream begins.
    """

    def __init__(self, seed: int):
        outside = _states()
        try:
            random.seed(seed)
            np.random.seed(seed % 2**32)
            torch.manual_seed(seed % 2**63)
            self.states = _states()
        finally:
            _set(outside)

    @contextmanager
    def drawn(self) -> Iterator[None]:
        """Inside, all three draw from this stream; outside nobody notices."""
        outside = _states()
        _set(self.states)
        try:
            yield
        finally:
            self.states = _states()
            _set(outside)


def _states() -> tuple[Any, ...]:
    return random.getstate(), np.random.get_state(), torch.get_rng_state()


def _set(states: tuple[Any, ...]) -> None:
    random.setstate(states[0])
    np.random.set_state(states[1])
    torch.set_rng_state(states[2])
