"""Optimisers: how a gradient becomes a step. `lr_scheduler` changes how long the steps are."""

from ..left_out import left_out
from . import lr_scheduler
from .adagrad import Adagrad
from .adam import Adam, AdamW
from .optimizer import Optimizer
from .rmsprop import RMSprop
from .sgd import SGD

__all__ = ["SGD", "Adagrad", "Adam", "AdamW", "Optimizer", "RMSprop", "lr_scheduler"]

__getattr__ = left_out("glass.optim")
