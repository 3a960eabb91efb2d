"""One schedule after the other."""

from bisect import bisect_right

from .scheduler import LRScheduler


class SequentialLR(LRScheduler):
    """One scheduler after the other, changing at the `milestones`; one more scheduler than milestones."""

    def __init__(self, optimizer, schedulers, milestones, last_epoch=-1):
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(
                "Sequential Schedulers expects number of schedulers provided to be one more than the number of "
                f"milestone points, but got number of schedulers {len(schedulers)} and the number of milestones to be "
                f"equal to {len(milestones)}"
            )
        if last_epoch != -1:
            raise NotImplementedError("SequentialLR: last_epoch is left out: use load_state_dict")
        self.optimizer, self.schedulers, self.milestones = optimizer, schedulers, milestones
        self.last_epoch = 0
        self._begin(schedulers[0])

    def step(self):
        self.last_epoch += 1
        position = bisect_right(self.milestones, self.last_epoch)
        scheduler = self.schedulers[position]
        if position and self.milestones[position - 1] == self.last_epoch:
            self._begin(scheduler)
        else:
            scheduler.step()
        self._last_lr = scheduler.get_last_lr()

    def _begin(self, scheduler):
        scheduler.restart()
        self._last_lr = scheduler.get_last_lr()

    def state_dict(self):
        kept = {name: value for name, value in vars(self).items() if name not in ("optimizer", "schedulers")}
        return kept | {"schedulers": [scheduler.state_dict() for scheduler in self.schedulers]}

    def load_state_dict(self, state_dict):
        vars(self).update({name: value for name, value in state_dict.items() if name != "schedulers"})
        for scheduler, state in zip(self.schedulers, state_dict["schedulers"]):
            scheduler.load_state_dict(state)
