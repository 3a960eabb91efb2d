"""What a network that paints after words says of unseen pictures, and what it paints.

    error    ‖v(x, t, words) − (picture − noise)‖² at places of the straight way from noise to a picture
    painted  noise ── x + v/steps ── … ── picture, with v going on past what is said without words (guidance)

`training/flow_matching.py` has the formulas; here they are asked of many pictures and captions, in batches.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from deepglass.core.errors import OptionError
from deepglass.training.flow_matching import errors, guided, integrate

STEPS = 20  # from noise to picture, where nobody asks for another number
GUIDANCE = 2.0  # how much farther than learnt painting goes where the words point; 1 is as learnt
TIMES = 2  # of each picture at which its velocity is judged
AT_ONCE = 256  # pictures painted together
MOST_COUNT, MOST_STEPS, MOST_GUIDANCE = 10_000, 1_000, 100.0

Says = Callable[[Tensor, Tensor, Tensor], Tensor]  # points (B, C, H, W), times (B,), words (B, T) → velocities


def velocity_errors(
    says: Says, images: Tensor, captions: list[Tensor], device: torch.device, seed: int
) -> list[np.ndarray]:
    """(N,) for each of the captions: the velocity error of every picture under it, at the same times and noise.

    Args:
        says: A network, or a rule.
        images: (N, C, H, W) in the scale of the network.
        captions: Words (N, T) each.
        device: Where the network lives.
        seed: Of times and noise.
    """
    generator, count = torch.Generator().manual_seed(seed), len(images)
    found = [np.zeros(count, np.float32) for _ in captions]
    for turn in range(TIMES):
        order = torch.randperm(count, generator=generator)
        times = (order + (turn + 0.5) / TIMES) / max(1, count)  # spread evenly over the way
        noise = torch.randn(images.shape, generator=generator)
        for rows in torch.arange(count).split(AT_ONCE):
            x, t, z = (part[rows].to(device) for part in (images, times, noise))
            for tokens, errors_of in zip(captions, found):
                error = errors(_under(says, tokens[rows].to(device)), z, x, t)
                errors_of[rows.numpy()] += error.cpu().numpy() / TIMES
    return found


@torch.no_grad()
def painted(
    says: Says,
    tokens: Tensor,
    shape: tuple[int, int, int],
    device: torch.device,
    steps: int = STEPS,
    guidance: float = GUIDANCE,
    seed: int = 0,
) -> Tensor:
    """(N, C, H, W) pictures of captions (N, T), in the scale of the network.

    Args:
        says: A network, or a rule.
        tokens: Their words.
        shape: (C, H, W) of a picture.
        device: Where the network lives.
        steps: From noise to picture.
        guidance: How narrowly the words are followed; 1 is as it was learnt.
        seed: The same seed begins with the same noise.
    """
    generator, found = torch.Generator().manual_seed(seed), [torch.zeros(0, *shape)]
    for words in tokens.split(AT_ONCE):
        noise = torch.randn(len(words), *shape, generator=generator).to(device)
        asked = words.to(device)
        velocity = guided(_under(says, asked), _under(says, torch.zeros_like(asked)), guidance)
        found.append(integrate(velocity, noise, steps).cpu())
    return torch.cat(found)


def other_captions(tokens: Tensor) -> Tensor:
    """(N, T) for each caption the next one that differs; its own where all are the same."""
    found, left = tokens.clone(), torch.ones(len(tokens), dtype=torch.bool)
    for shift in range(1, len(tokens)):
        moved = tokens.roll(-shift, 0)
        differs = left & (moved != tokens).any(dim=1)
        found[differs], left = moved[differs], left & ~differs
        if not left.any():
            break
    return found


def require_painting(count: int, steps: int, guidance: float, seed: int) -> None:
    """Refuse what cannot be painted.

    Raises:
        OptionError: If a number is out of its range.
    """
    ranges = (("count", count, 1, MOST_COUNT), ("steps", steps, 1, MOST_STEPS), ("seed", seed, 0, 2**63 - 1))
    for option, value, low, high in ranges:
        if not low <= value <= high:
            raise OptionError(f"--{option}: expected {low:,} to {high:,}, got {value:,}")
    if not 0 <= guidance <= MOST_GUIDANCE:
        raise OptionError(f"--guidance: expected 0 to {MOST_GUIDANCE:g}, got {guidance:g}; 1 is as it was learnt")


def _under(says: Says, words: Tensor) -> Callable[[Tensor, Tensor], Tensor]:
    """What is said of points and times under these words."""
    return lambda points, times: says(points, times, words)
