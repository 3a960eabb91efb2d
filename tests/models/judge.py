"""transformers as the judge of our models: offline, quiet, imported only by the test that asks it."""

import os
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

os.environ.setdefault("HF_HUB_OFFLINE", "1")


def theirs(model_class: str, config_class: str, **config: Any) -> nn.Module:
    """A small model of transformers with weights that are nowhere zero or one, so that each of them counts."""
    import transformers

    transformers.logging.set_verbosity_error()
    torch.manual_seed(0)
    model = getattr(transformers, model_class)(getattr(transformers, config_class)(**config)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(std=0.2)
    return model


def published(model: nn.Module, folder: Path) -> dict[str, Tensor]:
    """The tensors of the file in which transformers publishes a model."""
    model.save_pretrained(folder)
    return load_file(folder / "model.safetensors")


def count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())
