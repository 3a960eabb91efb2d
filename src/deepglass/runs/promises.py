"""What a private training promises, and of what it says nothing: sentences for terminal, report, audit and card."""

from typing import Any

ADVICE = "pass on an export, and not the run folder, which holds rows of the data"


def sentence(privacy: dict[str, Any]) -> str:
    """ "private: spent ε = 2.98 of 3 at δ = 1e-05 in 400 steps"."""
    return (
        f"private: spent ε = {privacy['spent']:.3g} of {privacy['epsilon']:g} at δ = {privacy['delta']:.2g} in "
        f"{privacy['steps']:,} steps"
    )


def not_private(regrouped: list[str]) -> list[str]:
    """What the promise does not cover, and what was replaced for it.

    Args:
        regrouped: Names of batch norms that gave way to group norm.
    """
    told = [
        "Covered are the weights, for the rows of the training: means, quantiles, words and classes that the "
        "preprocessing learnt from these rows are not.",
        "Rows of validation and test are not covered: validation chose the epoch, and scores are of the test.",
        "The run folder holds rows (mistakes.json), fingerprints of rows (seen.npz) and, until the training is over, "
        "the secret of its noise (checkpoint.pt): pass on an export, and not the folder.",
    ]
    if regrouped:
        told.append(
            f"Batch norm mixes the examples of a batch: {len(regrouped)} of the model gave way to group norm, which "
            "looks at one example alone."
        )
    return told
