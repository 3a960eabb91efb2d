"""How a model is trained; every field is an option of `deepglass train`. None means: the task's own default."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class TrainConfig:
    """Optimiser, schedule, regularisation, limits."""

    epochs: float | None = None  # passes over the training data, 2.5 is allowed; early stopping may end sooner
    budget: str | None = None  # hard stop such as 90s, 5m or 1h, reading and evaluation included
    batch_size: int | None = None  # examples per step; 0 takes all of them (batch descent), 1 a single one
    learning_rate: float | Literal["auto"] | None = None  # "auto" runs a range test first
    optimizer: Literal["sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw"] | None = None  # adamw by default
    schedule: Literal["constant", "step", "exponential", "cosine", "one-cycle", "plateau"] | None = None  # cosine
    warmup: float = 0.05  # share of all steps in which the learning rate rises from zero
    momentum: float = 0.9  # of momentum and nesterov; near 1 remembers longer
    weight_decay: float | None = None  # pull of the weights towards zero; not on biases and normalisations
    initializer: Literal["default", "xavier", "he", "orthogonal", "normal", "zeros"] = "default"  # the model's own
    label_smoothing: float = 0.0  # share of the target spread over all classes
    mixup: float = 0.0  # alpha of the Beta that mixes two examples; 0 is off, 0.2 is usual
    cutmix: float = 0.0  # alpha of the Beta that pastes a box of another picture; 0 is off, 1 is usual
    class_weights: Literal["none", "balanced", "sampler"] = "none"  # weight the loss, or draw rare classes more often
    adversarial: float = 0.0  # learn from the worst inputs within so much: brightness 0 to 1, or standard deviations
    adversarial_steps: int = 3  # of the attack in each step of the training; 1 is fastest, 7 usual in the literature
    clip_gradient: float | None = None  # largest norm of the gradient of all weights together
    ema: float = 0.0  # decay of a running mean of the weights that is evaluated instead; 0 is off, 0.999 usual
    patience: int | None = None  # epochs without a better validation score before stopping; 0 never stops early
    pretrained: str | None = None  # weights to begin with: a file, a folder, a run, hub:OWNER/NAME, or hub alone
    freeze: int | Literal["all", "none"] | None = None  # of trained weights: all but the head, or the first N blocks
    unfreeze_every: int = 0  # epochs after which one more block learns, from the top down; 0: all from the start
    lora: int | None = None  # of trained weights: learn low-rank changes of this rank alone; 4 to 16 are usual
    layer_decay: float = 1.0  # factor of the learning rate from a block to the one before it; 0.8 is usual
    private: float | None = None  # epsilon: what the weights may tell of any single example (DP-SGD); 3 is usual
    delta: float | None = None  # of --private: the chance with which its promise may fail; 1/(10 n) by default
    clip_example: float = 1.0  # of --private: the largest norm of the gradient of one example
    noise_seed: int | None = None  # of --private: makes its noise repeatable, for tests; else it is a secret
    seed: int = 0  # of splits, weights, order and dropout
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"  # a GPU where there is one
    precision: Literal["auto", "float32", "bfloat16"] = "auto"  # measured at the start, where both are fast
    threads: int | None = None  # of the CPU; measured at the start: small networks are often faster on one
    compile: Literal["auto", "on", "off"] = "auto"  # torch.compile; tried where it can repay the minute that it takes
    cuda_graphs: Literal["auto", "on", "off"] = "auto"  # replay small steps on a GPU; on: also of a module of your own
    checkpoint_every: float = 10.0  # seconds between checkpoints; a killed run loses no more than that
    sync_batch_norm: bool = False  # of several processes: batch norm over the whole batch, not over each one's part
    shard: bool = False  # of several processes: each holds a part of every weight (FSDP), for what does not fit one
