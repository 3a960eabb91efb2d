"""Transfer learning: which layers of a trained network learn again, from which epoch on, and how fast.

A network that was trained on much knows edges, textures, words; what the new data must teach is mostly the head. So
the early blocks may stay as they are (frozen), learn later (gradual unfreezing, from the top down), or learn slower
(a lower rate for every block further from the head). A frozen block is bit for bit what it was: its weights get no
gradient, and it stays in evaluation mode, so that its batch norm keeps its statistics and its dropout is off.

References:
    Yosinski et al. (2014), How Transferable Are Features in Deep Neural Networks?, https://arxiv.org/abs/1411.1792
    Howard & Ruder (2018), Universal Language Model Fine-tuning for Text Classification,
    https://arxiv.org/abs/1801.06146 (gradual unfreezing; their discriminative fine-tuning is our layer decay)
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from deepglass.core.effects import Unused
from deepglass.core.errors import OptionError
from deepglass.training.config import TrainConfig

LAYERS_APART = ("freeze", "unfreeze_every", "layer_decay")  # options by which some layers learn otherwise than others
OFF = (None, "none", 0)  # what `freeze` is where nothing is frozen


def unused_options(asked: Mapping[str, Any], config: TrainConfig, is_trained: bool) -> Iterator[Unused]:
    """What a fine-tuning has no use for; all of it where no weight was trained before."""
    wanted = [n for n in LAYERS_APART if n in asked and asked[n] not in OFF]
    if not is_trained:
        why = "it spares weights that were trained before, and here all begin at random"
        for name in wanted:
            yield Unused(name, why, "add --pretrained FILE, or leave it out")
    elif config.freeze == "all":
        for name in wanted:
            if name != "freeze":
                yield Unused(name, "--freeze all leaves nothing to learn but the head", "leave one of the two out")


@dataclass
class Block:
    """A part of a network that is frozen or learns as a whole: names of its modules and parameters."""

    modules: list[str] = field(default_factory=list)
    parameters: list[str] = field(default_factory=list)


class Transfer:
    """The plan of a fine-tuning. It knows names, not modules, so it serves a network and all copies of it.

    Args:
        model: The network.
        head: Name of the layer that answers; None where there is none of its own.
        config: Its freeze, unfreeze_every and layer_decay are used.

    Raises:
        OptionError: If nothing would be left to learn, or there is but one block.
    """

    def __init__(self, model: nn.Module, head: str | None, config: TrainConfig):
        self.blocks = blocks_of(model, head)
        body = len(self.blocks) - (head is not None)
        self.num_frozen: int = {"all": body, "none": 0, None: 0}.get(config.freeze, config.freeze)  # type: ignore[assignment]
        if not 0 <= self.num_frozen < len(self.blocks):
            way = "--freeze all freezes" if config.freeze == "all" else f"--freeze {config.freeze}: that is"
            most = len(self.blocks) - 1
            raise OptionError(f"{way} every one of {len(self.blocks)} blocks: pass --freeze 0 to {most}, or none")
        self.unfreeze_every, self.layer_decay = config.unfreeze_every, config.layer_decay
        if len(self.blocks) == 1:
            option = "--unfreeze-every" if self.unfreeze_every else "--layer-decay"
            raise OptionError(f"{option} has no effect: this network is one block; leave it out")

    def __str__(self) -> str:
        text = f"{self.num_frozen} of {len(self.blocks)} blocks stay frozen"
        if self.unfreeze_every:
            text += f", the others learn from the top down, one more every {self.unfreeze_every} epochs"
        return text + (f", rates fall by {self.layer_decay:g} a block" if self.layer_decay != 1 else "")

    @property
    def is_for_head(self) -> bool:
        """Whether nothing but the last block ever learns."""
        return self.num_frozen == len(self.blocks) - 1

    def frozen_at(self, epoch: int) -> int:
        """How many blocks, counted from the input, are frozen in an epoch (from 0)."""
        if not self.unfreeze_every:
            return self.num_frozen
        return max(self.num_frozen, len(self.blocks) - 1 - epoch // self.unfreeze_every)

    def begin_epoch(self, model: nn.Module, epoch: int) -> None:
        """Freeze the blocks that do not learn in this epoch; the others stay in the mode they are in."""
        self._set(model, self.frozen_at(epoch))

    def leave_open(self, model: nn.Module) -> None:
        """Let everything learn that will ever do: what an optimiser has to know at its start."""
        self._set(model, self.num_frozen)

    def rates(self) -> dict[str, float]:
        """For every parameter, the factor of its learning rate: 1 for the last block, less for every one below."""
        last = len(self.blocks) - 1
        return {
            name: self.layer_decay ** (last - i) for i, block in enumerate(self.blocks) for name in block.parameters
        }

    def _set(self, model: nn.Module, frozen: int) -> None:
        for i, block in enumerate(self.blocks):
            for name in block.parameters:
                model.get_parameter(name).requires_grad_(i >= frozen)
            for name in block.modules if i < frozen else ():
                model.get_submodule(name).eval()


def rates_of(transfer: Transfer | None, own: Mapping[str, float]) -> dict[str, float]:
    """Factors of the learning rate by the name of a parameter: what the learner says, times what the plan says."""
    planned = {} if transfer is None else transfer.rates()
    return {name: planned.get(name, 1.0) * own.get(name, 1.0) for name in planned | own}


def plan_transfer(model: nn.Module, head: str | None, config: TrainConfig) -> Transfer | None:
    """The plan that `config` asks for; None where every layer learns alike from the start.

    Raises:
        OptionError: If nothing would be left to learn.
    """
    if config.freeze in (None, "none", 0) and not config.unfreeze_every and config.layer_decay == 1:
        return None
    return Transfer(model, head, config)


# -- blocks ---------------------------------------------------------------------------------------------------------


def blocks_of(model: nn.Module, head: str | None) -> list[Block]:
    """The blocks of a network from the input to the output; the head, where there is one, is the last.

    Blocks are what the network's file lists: the members of its lists and the single layers beside them. What has no
    matrix of its own (normalisation, activation, dropout) belongs to the block before it, embeddings in a row are one
    block, and single parameters (the class token of a ViT) belong to the first.

    Example:
        >>> net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.Linear(8, 2))
        >>> [block.modules for block in blocks_of(net, head="4")]
        [['0', '1', '2', '3'], ['4']]
    """
    blocks: list[Block] = []
    last = Block()
    was_embedding = False
    for name, module in _members(model, head):
        weights = [f"{name}.{inner}" for inner, _ in module.named_parameters()]
        has_matrix = any(weight.dim() >= 2 for weight in module.parameters())
        is_embedding = isinstance(module, nn.Embedding)
        if name == head:
            block = last
        elif not blocks or (has_matrix and not (is_embedding and was_embedding)):
            blocks.append(block := Block())
        else:
            block = blocks[-1]
        block.modules.append(name)
        block.parameters += weights
        was_embedding = is_embedding
    blocks = blocks or [Block()]  # a single layer, which has no members
    known = {name for block in (*blocks, last) for name in block.parameters}
    blocks[0].parameters += [name for name, _ in model.named_parameters() if name not in known]
    return blocks + ([last] if head is not None else [])


def _members(
    model: nn.Module, head: str | None, path: str = "", in_list: bool = False
) -> Iterator[tuple[str, nn.Module]]:
    """Single layers and members of lists, in the order of the file; lists in lists stay whole."""
    for name, child in model.named_children():
        name = f"{path}{name}"
        is_list = isinstance(child, nn.ModuleList) or (isinstance(child, nn.Sequential) and not in_list)
        holds_list = any(isinstance(inner, nn.ModuleList) for inner in child.modules())
        holds_head = head is not None and head.startswith(f"{name}.")
        if name != head and (is_list or holds_list or holds_head):
            yield from _members(child, head, f"{name}.", in_list=is_list)
        else:
            yield name, child
