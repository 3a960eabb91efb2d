"""What all schedulers share. A new one has a constructor and `get_lr`, or, simpler, the `factor` of a FactorLR."""


class LRScheduler:
    """Writes the next learning rate into each group of an optimiser.

    Args:
        optimizer: Whose `param_groups` to change.
        last_epoch: Steps done before; -1 begins anew.

    Raises:
        KeyError: If `last_epoch` says to go on, but the groups do not know where they began.
    """

    def __init__(self, optimizer, last_epoch=-1):
        self.optimizer = optimizer
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", float(group["lr"]))
            elif "initial_lr" not in group:
                raise KeyError(f"param 'initial_lr' is not specified in param_groups[{i}] when resuming an optimizer")
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch, self._step_count = last_epoch, 0
        self.step()

    def get_lr(self):
        """The learning rate of each group at step `last_epoch`."""
        raise NotImplementedError

    def step(self):
        self.last_epoch += 1
        self._step_count += 1
        self._write(self.get_lr())

    def restart(self):
        """Be at the first step again, whatever the learning rate is now."""
        self._write(self.base_lrs)
        self.last_epoch = 0
        self._write(self.get_lr())

    def get_last_lr(self):
        return self._last_lr

    def state_dict(self):
        return {name: value for name, value in vars(self).items() if name != "optimizer"}

    def load_state_dict(self, state_dict):
        vars(self).update(state_dict)

    def _write(self, lrs):
        for group, lr in zip(self.optimizer.param_groups, lrs):
            group["lr"] = lr
        self._last_lr = list(lrs)

    def _current(self):
        return [group["lr"] for group in self.optimizer.param_groups]

    @property
    def _is_resumed(self):
        """Whether this is the first step of a scheduler that goes on: the learning rate is already right."""
        return self._step_count == 1 and self.last_epoch > 0


def for_each_group(optimizer, value, name):
    """One value for all groups, or a list with one for each."""
    groups = len(optimizer.param_groups)
    if not isinstance(value, (list, tuple)):
        return [value] * groups
    if len(value) != groups:
        raise ValueError(f"Expected {groups} {name}, but got {len(value)}")
    return list(value)
