"""Weights from the Hugging Face Hub: `hub:OWNER/NAME`, or `hub:OWNER/NAME@REVISION` for a version that stays.

Downloaded when asked for and never else, into the Hub's own cache, from which a second training reads without network.
Only data are fetched: safetensors, JSON and plain text, nothing that could carry code.
"""

import re
from pathlib import Path

from deepglass.core.errors import MissingPackageError, OptionError, WeightsError

PREFIX = "hub:"
FETCHED = ["*.safetensors", "*.json", "*.txt"]
LEFT = ["*/*"]  # copies for other frameworks lie in folders of their own
NAME = re.compile(r"hub:(?P<name>[\w.-]+/[\w.-]+)(@(?P<revision>[\w./-]+))?")


def download(address: str) -> Path:
    """The folder of a published model on this machine.

    Raises:
        OptionError: If the address is none.
        MissingPackageError: If huggingface_hub is not installed.
        WeightsError: If the Hub cannot be reached, or has nothing of that name.
    """
    match = NAME.fullmatch(address)
    if not match:
        raise OptionError(f"--pretrained: expected hub:OWNER/NAME or hub:OWNER/NAME@REVISION, got {address!r}")
    try:
        from huggingface_hub import snapshot_download
    except ImportError:
        raise MissingPackageError(
            f"--pretrained {address} needs the package huggingface-hub: pip install 'deepglass[hub]'"
        ) from None
    try:
        folder = snapshot_download(
            match["name"], revision=match["revision"], allow_patterns=FETCHED, ignore_patterns=LEFT
        )
    except Exception as error:  # network, name, revision and rights fail in a dozen classes, other ones a version
        raise WeightsError(_explained(address, error)) from None
    return Path(folder)


def _explained(address: str, error: Exception) -> str:
    match type(error).__name__:
        case "RepositoryNotFoundError" | "HFValidationError":
            return f"{address}: the Hub has no such model, or it is private: check OWNER/NAME"
        case "RevisionNotFoundError":
            return f"{address}: the model has no such revision: leave out what follows the @, or check it"
        case "GatedRepoError":
            return f"{address}: its owner asks for consent first: give it on the model's page and log in to the Hub"
    return (
        f"{address} cannot be downloaded ({type(error).__name__}): the Hub was not reached and no copy is here; go "
        "online once, or pass a folder or a .safetensors file to --pretrained"
    )
