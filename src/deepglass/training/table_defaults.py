"""Settings that suit a table of a given size, measured with bench/quality.py on two cores."""

from typing import Any

STEPS = 2_500  # of a whole training: enough for the tables of the benchmark, minutes on two cores
FEWEST_EPOCHS, MOST_EPOCHS = 3, 60
SMALL = 2_000  # rows below which a narrow network is as good, and faster


def train_defaults(model_name: str, num_examples: int) -> dict[str, Any]:
    """How to train `model_name` on so many rows; in float32, since tables are small and numbers want their digits."""
    batch_size = batch_size_for(num_examples)
    epochs = round(min(max(STEPS * batch_size / num_examples, FEWEST_EPOCHS), MOST_EPOCHS))
    common = {"epochs": epochs, "batch_size": batch_size, "precision": "float32"}
    if model_name == "perceptron":
        return common | ROSENBLATT | {"batch_size": 1 if num_examples < SMALL else batch_size}
    if model_name in OWN_RATE:
        return common | OWN_RATE[model_name]
    return common | {"learning_rate": 3e-3, "weight_decay": 0.01, "clip_gradient": 1.0, "patience": 12}


def model_defaults(model_name: str, num_examples: int) -> dict[str, Any]:
    """How large to make `model_name` for so many rows."""
    return {"hidden_dim": 64} if num_examples < SMALL and model_name in ("tabm", "mlp") else {}


def batch_size_for(num_examples: int) -> int:
    """A power of two from 16 to 1024: about 64 steps per epoch, so that small tables take enough steps."""
    return next(size for size in (16, 32, 64, 128, 256, 512, 1024) if size * 64 >= num_examples or size == 1024)


OWN_RATE = {  # few weights, which have far to go
    "linear": {"learning_rate": 0.02, "weight_decay": 0.0},
    "svm": {"learning_rate": 0.02, "weight_decay": 0.01},  # without it nothing asks for a wide margin
}
ROSENBLATT = {  # the perceptron's rule: whole steps, one example at a time where that takes seconds
    "learning_rate": 1.0,
    "optimizer": "sgd",
    "schedule": "constant",
    "warmup": 0.0,
    "weight_decay": 0.0,
}
