"""Smaller steps when nothing gets better any more: the schedule that looks at the result."""

import math

from .scheduler import LRScheduler, for_each_group


class ReduceLROnPlateau(LRScheduler):
    """Multiplied by `factor` when a measure has not improved for more than `patience` steps.

    Args:
        optimizer: Whose groups to change.
        mode: "min" if less is better, "max" if more is.
        factor: What the learning rate is multiplied by, below 1.
        patience: How many steps without improvement are borne.
        threshold: By how much better counts as better, …
        threshold_mode: … as a share of the best ("rel") or as such ("abs").
        cooldown: Steps after a change during which nothing is counted.
        min_lr: Never below this, one number or one a group.
        eps: Changes smaller than this are not made.
    """

    def __init__(
        self, optimizer, mode="min", factor=0.1, patience=10, threshold=1e-4, threshold_mode="rel", cooldown=0,
        min_lr=0, eps=1e-8,
    ):  # fmt: skip
        if factor >= 1.0:
            raise ValueError("Factor should be < 1.0.")
        if mode not in ("min", "max") or threshold_mode not in ("rel", "abs"):
            raise ValueError(f"mode {mode} or threshold mode {threshold_mode} is unknown!")
        self.optimizer, self.mode, self.factor, self.patience, self.eps = optimizer, mode, factor, patience, eps
        self.threshold, self.threshold_mode, self.cooldown = threshold, threshold_mode, cooldown
        self.min_lrs = for_each_group(optimizer, min_lr, "min_lrs")
        self.last_epoch, self.num_bad_epochs, self.cooldown_counter = 0, 0, 0
        self.best = math.inf if mode == "min" else -math.inf
        self._last_lr = self._current()

    def step(self, metrics):
        self.last_epoch += 1
        if self.is_better(float(metrics)):
            self.best, self.num_bad_epochs = float(metrics), 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
            lower = [max(lr * self.factor, least) for lr, least in zip(self._current(), self.min_lrs)]
            self._write([new if old - new > self.eps else old for old, new in zip(self._current(), lower)])

    def is_better(self, value):
        sign = 1 if self.mode == "max" else -1
        margin = self.threshold * (self.best if self.threshold_mode == "rel" else 1)
        return math.isinf(self.best) or sign * (value - self.best) > margin
