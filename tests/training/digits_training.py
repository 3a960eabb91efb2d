"""A training of the digits in a process of its own: `python -m tests.training.digits_training FOLDER [resume]`."""

import sys
from dataclasses import replace

import torch

from deepglass.core.run_folder import RunFolder
from deepglass.training.loop import fit
from tests.training.helpers import DigitsLearner, digits, network
from tests.training.test_loop import CONFIG


def main(folder: str, *more: str) -> None:
    """Train, with a checkpoint twenty times per second, and print the losses."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    config = replace(CONFIG, epochs=40, checkpoint_every=0.05)
    fitted = fit(network(), DigitsLearner(), *digits(), config, folder=RunFolder(folder), resume="resume" in more)
    print([record["loss"] for record in fitted.history])


if __name__ == "__main__":
    main(*sys.argv[1:])
