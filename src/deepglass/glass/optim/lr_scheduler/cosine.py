"""Down along half a cosine, once or again and again: Loshchilov & Hutter (2016), https://arxiv.org/abs/1608.03983."""

import math

from .scheduler import LRScheduler


class CosineAnnealingLR(LRScheduler):
    """From lr(0) to `eta_min` along half a cosine of `T_max` steps, and back up if it goes on."""

    def __init__(self, optimizer, T_max, eta_min=0.0, last_epoch=-1):
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        t = self.last_epoch
        if t == 0 or self._is_resumed:
            return self._current()
        before, now = self._height(t - 1), self._height(t)
        if (t - 1 - self.T_max) % (2 * self.T_max) == 0:  # before was the lowest point, a factor would divide by zero
            return [lr + (base - self.eta_min) * now for lr, base in zip(self._current(), self.base_lrs)]
        return [self.eta_min + (lr - self.eta_min) * now / before for lr in self._current()]

    def _height(self, t):
        return (1 + math.cos(math.pi * t / self.T_max)) / 2


class CosineAnnealingWarmRestarts(LRScheduler):
    """From lr(0) to `eta_min` in `T_0` steps, then from the start in `T_0·T_mult`, and so on."""

    def __init__(self, optimizer, T_0, T_mult=1, eta_min=0.0, last_epoch=-1):
        if T_0 <= 0 or not isinstance(T_0, int):
            raise ValueError(f"Expected positive integer T_0, but got {T_0}")
        if T_mult < 1 or not isinstance(T_mult, int):
            raise ValueError(f"Expected integer T_mult >= 1, but got {T_mult}")
        self.T_0, self.T_mult, self.eta_min = T_0, T_mult, eta_min
        super().__init__(optimizer, last_epoch)

    def step(self, epoch=None):
        """Go one step on, or to `epoch`, which may be a fraction: `step(epoch + batch / batches)`."""
        if epoch is not None and epoch < 0:
            raise ValueError(f"Expected non-negative epoch, but got {epoch}")
        self.epoch = self.last_epoch + 1 if epoch is None else epoch
        self.last_epoch = math.floor(self.epoch)
        self._write(self.get_lr())

    def restart(self):
        self.step(0)

    def get_lr(self):
        done, length = self.epoch, self.T_0
        while done >= length:
            done, length = done - length, length * self.T_mult
        height = (1 + math.cos(math.pi * done / length)) / 2
        return [self.eta_min + (base - self.eta_min) * height for base in self.base_lrs]
