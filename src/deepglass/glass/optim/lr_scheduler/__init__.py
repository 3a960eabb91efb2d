"""Schedulers: the learning rate over time. Call `step()` once an epoch (or batch), after the optimiser's."""

from ...left_out import left_out
from .cosine import CosineAnnealingLR, CosineAnnealingWarmRestarts
from .factor import ConstantLR, ExponentialLR, LambdaLR, LinearLR, MultiStepLR, StepLR
from .one_cycle import OneCycleLR
from .plateau import ReduceLROnPlateau
from .scheduler import LRScheduler
from .sequential import SequentialLR

__all__ = [
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "ExponentialLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "OneCycleLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
]

__getattr__ = left_out(__name__, "ChainedScheduler CyclicLR MultiplicativeLR PolynomialLR")
