"""The ball: all inputs that count as the same to a human, among which an attack may choose.

    L∞   |δᵢ| ≤ ε for every number of the input           L2   √(Σ δᵢ²) ≤ ε

ε is in the user's units (brightness from 0 to 1, standard deviations), while networks see standardised numbers: `unit`
says how many of the network's units one of the user's is, for each number, and 0 where nothing may change. What cannot
be, such as a pixel brighter than white, is outside the range and thus outside the ball.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

Norm = Literal["linf", "l2"]
NORMS: tuple[Norm, ...] = ("linf", "l2")
TINY = 1e-12  # a length that counts as none


@dataclass(frozen=True)
class Room:
    """What of the inputs may change.

    Attributes:
        place: Which of the tensors that the network takes.
        unit: Broadcasts to it; the network's units in one of the user's, 0 where nothing may change.
        low, high: Broadcast to it; the smallest and the largest value that can be.
        measured_in: The user's unit, in words.
    """

    place: int
    unit: Tensor
    low: Tensor
    high: Tensor
    measured_in: str

    def ball(self, inputs: tuple[Tensor, ...], epsilon: float, norm: Norm = "linf") -> "Ball":
        """Around these inputs."""
        return Ball(inputs[self.place].detach(), epsilon, self.unit, self.low, self.high, norm)

    def rows(self, chosen: Tensor) -> "Room":
        """That of some of the examples, where it differs between them."""
        own = (part[chosen] if part.dim() and len(part) > 1 else part for part in (self.unit, self.low, self.high))
        return Room(self.place, *own, self.measured_in)


@dataclass(frozen=True)
class Ball:
    """Inputs not farther than `epsilon` from `center`, and inside the range.

    Shape:
        - center: (B, …); unit, low, high broadcast to it
    """

    center: Tensor
    epsilon: float
    unit: Tensor
    low: Tensor
    high: Tensor
    norm: Norm = "linf"

    def project(self, points: Tensor) -> Tensor:
        """The nearest points of the ball (L∞), or those on the way to the center (L2)."""
        shift = points - self.center
        if self.norm == "linf":
            most = self.epsilon * self.unit
            shift = torch.minimum(torch.maximum(shift, -most), most)
        else:
            own = self._in_unit(shift)
            shift = own * (self.epsilon / _length(own).clamp(min=TINY)).clamp(max=1.0) * self.unit
        low, high = torch.minimum(self.low, self.center), torch.maximum(self.high, self.center)
        return torch.minimum(torch.maximum(self.center + shift, low), high)

    def step(self, points: Tensor, gradient: Tensor, size: float) -> Tensor:
        """A step of `size`, in the user's units, along which the loss rises fastest in this norm; back into the ball.

        L∞: size · sign(g); L2: size · g / ‖g‖, with g the gradient by the user's units.
        """
        own = gradient * self.unit
        direction = own.sign() if self.norm == "linf" else own / _length(own).clamp(min=TINY)
        return self.project(points + size * self.unit * direction)

    def random(self, generator: torch.Generator | None = None) -> Tensor:
        """Points of the ball, drawn evenly: in the cube (L∞), in the sphere (L2)."""
        shape, like = self.center.shape, {"dtype": self.center.dtype, "device": self.center.device}
        if self.norm == "linf":
            own = 2 * _drawn(torch.rand, shape, generator, like) - 1
        else:
            own = _drawn(torch.randn, shape, generator, like) * (self.unit != 0)
            radius = _drawn(torch.rand, (shape[0], *[1] * (len(shape) - 1)), generator, like)
            free = (self.unit != 0).expand(shape).flatten(1).sum(1).clamp(min=1).view(radius.shape)
            own = own / _length(own).clamp(min=TINY) * radius ** (1 / free)
        return self.project(self.center + self.epsilon * self.unit * own)

    def distance(self, points: Tensor) -> Tensor:
        """(B,) how far from the center, in the user's units and this norm."""
        own = self._in_unit(points - self.center).flatten(1)
        return own.abs().amax(dim=1) if self.norm == "linf" else own.norm(dim=1)

    def _in_unit(self, shift: Tensor) -> Tensor:
        """In the user's units; 0 where nothing may change."""
        return torch.where(self.unit != 0, shift / torch.where(self.unit != 0, self.unit, 1.0), 0.0)


def _length(shift: Tensor) -> Tensor:
    """(B, 1, …) Euclidean length of each example."""
    return shift.flatten(1).norm(dim=1).view(-1, *[1] * (shift.dim() - 1))


def _drawn(draw: object, shape: tuple[int, ...], generator: torch.Generator | None, like: dict) -> Tensor:
    """From a generator of the processor, whichever device the inputs are on; from PyTorch's own without one."""
    if generator is None:
        return draw(shape, **like)  # type: ignore[operator]
    return draw(shape, generator=generator).to(**like)  # type: ignore[operator]
