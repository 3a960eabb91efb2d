"""Of series: noise, a sensor that hangs, a level that has moved. Only the past is hit, never what is to be forecast."""

from typing import Any

import numpy as np
import torch

from deepglass.audit.corruptions import SHARES, SPREADS, Inputs, hits, noise_like

CORRUPTIONS = {
    "noise": "measurements are noisy",
    "gaps": "the sensor hangs: values repeat",
    "shift": "the last half of the past is at another level",
}


def noise(inputs: Inputs, severity: int, random: np.random.Generator, field: Any) -> Inputs:
    """Gaussian noise on the past, in standard deviations."""
    past = inputs[0]
    return (past + SPREADS[severity - 1] * noise_like(past, random), *inputs[1:])


def gaps(inputs: Inputs, severity: int, random: np.random.Generator, field: Any) -> Inputs:
    """A share of the steps repeats the one before."""
    past = inputs[0]
    B, T, _ = past.shape
    is_lost = hits((B, T), SHARES[severity - 1], random, past)
    is_lost[:, 0] = False
    place = torch.where(is_lost, 0, torch.arange(T, device=past.device)).cummax(dim=1).values  # (B, T)
    return (past.gather(1, place[:, :, None].expand_as(past)), *inputs[1:])


def shift(inputs: Inputs, severity: int, random: np.random.Generator, field: Any) -> Inputs:
    """The later half of the past lies higher or lower, by standard deviations."""
    past = inputs[0].clone()
    B, T, _ = past.shape
    signs = torch.from_numpy(random.choice([-1.0, 1.0], (B, 1, 1))).to(past)
    past[:, T // 2 :] += SPREADS[severity - 1] * signs
    return (past, *inputs[1:])
