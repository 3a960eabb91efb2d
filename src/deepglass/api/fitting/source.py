"""Batches that somebody else's code gives: a DataLoader, an IterableDataset, a function that gives them, a generator.

Its own order, batch size and collate function stay as they are. What can be asked again is asked again for every epoch;
a generator can be asked once only, so its batches are kept in memory, up to a limit.

    DataLoader                 batches, in an order that depends on its seed and the epoch
    IterableDataset, iterable  asked anew every epoch; single examples are gathered to batches
    function                   called anew every epoch; gives an iterator
    generator, iterator        kept while it is read, at most 1 GiB, or read on with `steps_per_epoch`
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import BatchSampler, DataLoader, IterableDataset, RandomSampler, SequentialSampler, Subset

from deepglass.api.fitting.batching import Batcher, collated, sorted_batch
from deepglass.api.fitting.structure import flattened
from deepglass.core import seeds
from deepglass.core.errors import DataError
from deepglass.core.wording import short

MOST_KEPT_BYTES = 2**30
MOST_BATCHES = 100_000  # of an epoch that nobody has told the length of
USUAL_BATCH = 64  # examples, where single ones come and nobody says


@dataclass
class Source:
    """Raw batches, epoch after epoch.

    batches: An epoch's number → its batches.
    count: Batches of an epoch; None where only reading them tells.
    examples: Of an epoch, where batches are known to be of one size but for the last; None otherwise.
    batch_size: Of these.
    is_gathered: Whether single examples come and are gathered here.
    is_once: Whether its batches are gone once they are read.
    """

    batches: Callable[[int], Iterator[Any]]
    count: int | None = None
    examples: int | None = None
    batch_size: int | None = None
    is_gathered: bool = False
    is_once: bool = False


def is_stream(data: Any) -> bool:
    """Whether data come as batches, one after the other."""
    if isinstance(data, DataLoader | IterableDataset):
        return True
    if isinstance(data, str | bytes | dict | list | tuple | Tensor) or hasattr(data, "__array__"):
        return False
    is_function = callable(data) and not isinstance(data, torch.nn.Module) and not isinstance(data, type)
    return is_function or (hasattr(data, "__iter__") and not hasattr(data, "__len__")) or hasattr(data, "__next__")


def source_of(data: Any, batch_size: int | None, where: str, batcher: Batcher, is_endless: bool = False) -> Source:
    """The batches of whatever `is_stream` knows.

    Args:
        data: A loader, an iterable, a function or an iterator.
        batch_size: To gather single examples to; None takes 64.
        where: The argument that holds the data, for messages.
        batcher: Says what of an example is its target.
        is_endless: Whether somebody says how many batches make an epoch: then nothing is kept.

    Raises:
        DataError: If it gives nothing, or more than can be kept of what can be read once only.
    """
    if isinstance(data, DataLoader):
        return _of_loader(data, where, batcher, batch_size)
    if hasattr(data, "__next__"):
        items = _gathered(data, batch_size, where, batcher)
        if is_endless:
            return Source(lambda epoch: items[0], is_gathered=items[1], is_once=True)
        kept = keep(items[0], where)
        return Source(lambda epoch: iter(kept), len(kept), is_gathered=items[1])
    again = data if callable(data) and not isinstance(data, IterableDataset) else data.__iter__
    is_gathered = _gathered(iter(again()), batch_size, where, batcher)[1]
    return Source(lambda epoch: _gathered(iter(again()), batch_size, where, batcher)[0], is_gathered=is_gathered)


def divided(loader: DataLoader, fraction: float, seed: int) -> tuple[DataLoader, DataLoader] | None:
    """A loader as two, of which the second has a share of the examples; None where its order is its own affair."""
    usual = (RandomSampler, SequentialSampler)
    is_usual = type(loader.sampler) in usual and type(loader.batch_sampler) is BatchSampler
    if isinstance(loader.dataset, IterableDataset) or not is_usual or getattr(loader.sampler, "replacement", False):
        return None
    order = seeds.epoch_order(len(loader.dataset), seed, -1)  # type: ignore[arg-type]
    held = held_out(len(order), fraction)
    shuffles = type(loader.sampler) is RandomSampler
    same = {
        name: getattr(loader, name)
        for name in ("batch_size", "num_workers", "collate_fn", "pin_memory", "timeout", "worker_init_fn")
    }
    rest = {"drop_last": loader.drop_last, "generator": loader.generator, "shuffle": shuffles, **same}
    parts = [Subset(loader.dataset, rows.tolist()) for rows in (order[held:].sort().values, order[:held].sort().values)]
    return DataLoader(parts[0], **rest), DataLoader(parts[1], **same)


def held_out(count: int, fraction: float) -> int:
    """How many of so many examples are kept for validation: at least one."""
    return max(1, int(count * fraction + 1e-9))


def require_two(count: int, held: int, where: str) -> None:
    """Require examples to learn from beside those held back.

    Raises:
        DataError: If there are too few examples to hold some back.
    """
    if held >= count:
        raise DataError(
            f"{where} has {count} example: expected at least 2, one to learn from and one to choose an epoch by"
        )


def keep(batches: Iterator[Any], where: str) -> list[Any]:
    """All batches of what can be read once only.

    Raises:
        DataError: If there is none, or they are more than fit.
    """
    kept, size = [], 0
    for batch in batches:
        kept.append(batch)
        size += bytes_of(batch)
        if size > MOST_KEPT_BYTES or len(kept) >= MOST_BATCHES:
            raise DataError(
                f"{where} is a generator, which can be read once only, and gave {len(kept):,} batches "
                f"({short(size, 'B')}) without an end: say how many make an epoch with steps_per_epoch=, or give a "
                "function that makes a new generator for every epoch"
            )
    if not kept:
        raise DataError(f"{where} gave no batch: expected at least one; a generator can be read once only")
    return kept


def bytes_of(batch: Any) -> int:
    """Memory of a raw batch, about."""
    return sum(getattr(leaf, "nbytes", 8) for leaf in flattened(batch)[0])


# -- DataLoaders ----------------------------------------------------------------------------------------------------


def _of_loader(loader: DataLoader, where: str, batcher: Batcher, batch_size: int | None) -> Source:
    begun = {id(g): (g, g.initial_seed()) for g in _generators(loader)}

    def batches(epoch: int) -> Iterator[Any]:
        for generator, first in begun.values():
            generator.manual_seed((first + epoch) % 2**63)
        if hasattr(loader.sampler, "set_epoch"):
            loader.sampler.set_epoch(epoch)
        return iter(loader)

    if loader.batch_size is None and loader.batch_sampler is None:  # the Dataset's own batches, or single examples
        is_gathered = _gathered(batches(0), batch_size, where, batcher)[1]
        return Source(lambda epoch: _gathered(batches(epoch), batch_size, where, batcher)[0], is_gathered=is_gathered)
    try:
        count = len(loader)
    except TypeError:  # an IterableDataset that does not know its length
        return Source(batches)
    if type(loader.batch_sampler) is not BatchSampler or isinstance(loader.dataset, IterableDataset):
        return Source(batches, None if isinstance(loader.dataset, IterableDataset) else count)
    size = loader.batch_size or 1
    examples = count * size if loader.drop_last else len(loader.sampler)  # type: ignore[arg-type]
    return Source(batches, count, examples, size)


def _generators(loader: DataLoader) -> list[torch.Generator]:
    holders = (loader, loader.sampler, loader.batch_sampler)
    found = [getattr(holder, "generator", None) for holder in holders]
    return [generator for generator in found if isinstance(generator, torch.Generator)]


# -- single examples ------------------------------------------------------------------------------------------------


def _gathered(items: Iterator[Any], batch_size: int | None, where: str, batcher: Batcher) -> tuple[Iterator[Any], bool]:
    """Batches as they come, or single examples gathered to batches; and whether they were."""
    first = next(items, None)
    if first is None:
        raise DataError(f"{where} gave no batch: expected at least one")
    items = chain([first], items)
    if not _is_single(first, where, batcher):
        return items, False
    return _groups(items, batch_size or USUAL_BATCH, where), True


def _groups(items: Iterator[Any], size: int, where: str) -> Iterator[Any]:
    while group := list(islice(items, size)):
        yield collated(group, where)


def _is_single(item: Any, where: str, batcher: Batcher) -> bool:
    """Whether it is one example: its target is one number or word."""
    parts = item
    if isinstance(item, dict | list | tuple):
        try:
            parts = sorted_batch(item, batcher.signature, where).target
        except DataError:  # numbers alone do not look like a batch
            return True
    leaves = flattened(parts)[0] if parts is not None else []
    return bool(leaves) and all(isinstance(leaf, str) or getattr(leaf, "ndim", 0) == 0 for leaf in leaves)
