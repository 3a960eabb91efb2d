"""What to change first, from where the time of a training went: one function per finding; each checks for one problem.

A finding says what was measured, which option or code changes it, and which part of the time could be won at most. The
largest of them is the first thing to change. A new finding is a function in `LOOK_FOR`.
"""

import os
from collections.abc import Callable

from deepglass.core.wording import counted
from deepglass.data.examples import InMemory
from deepglass.data.pictures import PicturesOnDisk
from deepglass.training.profiling.profile import Finding, Profile
from deepglass.training.state import TrainState

MUCH_DATA, MUCH_EVALUATION, MUCH_OPTIMISER, MUCH_CHECKPOINT = 0.2, 0.25, 0.25, 0.1  # of the training
MUCH_ATTENTION = 0.35  # of the operations' time
LITTLE_LONGER = 4.0  # for eight times as many examples: at least four sevenths of a step are not arithmetic
LARGER = 8  # times the batch that is proposed
ATTENTION = ("bmm", "baddbmm", "_softmax", "_softmax_backward_data", "masked_fill", "masked_fill_")
FASTER, USED = 1.5, 0.3  # how much faster bfloat16 must be, and how much of the float32 rate in use, to pay
FEWEST = 0.02  # of the training is not a finding


def find(profile: Profile, trainer: TrainState) -> list[Finding]:
    """All findings, the one that could save most first."""
    found = [finding for look in LOOK_FOR if (finding := look(profile, trainer)) is not None]
    return sorted((each for each in found if each.share > FEWEST), key=lambda each: -each.share)


def slow_data(profile: Profile, trainer: TrainState) -> Finding | None:
    """Batches take long to come."""
    share = profile.share("data")
    if share < MUCH_DATA:
        return None
    examples = trainer.train.inner  # type: ignore[attr-defined]
    if isinstance(examples, PicturesOnDisk):
        return Finding(f"data: {share:.0%} of the time went into decoding pictures", decode_less(examples), share)
    if isinstance(examples, InMemory) and examples.transform is not None:
        change = "--augment none, or fewer of them" if trainer.learner.augments else "its transform"
        return Finding(f"data: {share:.0%} of the time went into transforming batches", change, share)
    return Finding(f"data: {share:.0%} of the time went into taking batches", f"{type(examples).__name__}.batch", share)


def decode_less(examples: PicturesOnDisk) -> str:
    """The option that takes decoding out of the way."""
    gibibytes = len(examples) * examples.load(examples.paths[0]).nbytes / 2**30
    if gibibytes < os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**31:
        return f"--max-memory {2 * gibibytes:.2g} holds them decoded"  # twice: those for validation and test too
    if examples.workers < (os.cpu_count() or 1):
        return f"--decode-workers {os.cpu_count()}"
    return "smaller files, or a smaller --image-size"


def much_evaluation(profile: Profile, trainer: TrainState) -> Finding | None:
    """Judging between the epochs takes as long as learning."""
    share, count = profile.share("evaluation"), len(trainer.val)
    if share < MUCH_EVALUATION:
        return None
    times = len(trainer.progress.history)
    what = f"evaluation: {share:.0%} of the time went into {counted(times, 'look')} at {counted(count, 'example')}"
    part = count / (count + len(trainer.train))
    return Finding(what, f"a smaller part for validation, --val-fraction {part / 4:.2g}", share * 3 / 4)


def many_checkpoints(profile: Profile, trainer: TrainState) -> Finding | None:
    """Writing the state of the training takes a good part of it."""
    share, every = profile.share("checkpoint"), trainer.config.checkpoint_every
    if share < MUCH_CHECKPOINT or profile.total < 2 * every:  # one, at the end, there always is
        return None
    what = f"checkpoints: {share:.0%} of the time went into writing one every {every:g} seconds"
    return Finding(what, f"--checkpoint-every {max(60.0, 10 * every):g}", share)


def slow_optimiser(profile: Profile, trainer: TrainState) -> Finding | None:
    """Changing the weights takes as long as finding out how to."""
    share, batch_size = profile.share("optimiser"), profile.batch_size
    if share < MUCH_OPTIMISER:
        return None
    what = f"optimiser: {share:.0%} of the time went into updating the weights"
    if trainer.config.optimizer == "rmsprop":
        return Finding(what, "rmsprop has no fused implementation, --optimizer adamw has", share / 2)
    if 2 * batch_size > len(trainer.train):
        return None
    larger = min(LARGER, len(trainer.train) // batch_size)
    change = f"all of them at every step, whatever its size; fewer, larger steps: --batch-size {larger * batch_size}"
    return Finding(what, change, share * (1 - 1 / larger))


def small_batch(profile: Profile, trainer: TrainState) -> Finding | None:
    """A step costs its launches, hardly its arithmetic."""
    times, batch_size = profile.batch8_slowdown, profile.batch_size
    if times is None or times > LITTLE_LONGER or 2 * batch_size > len(trainer.train):
        return None
    larger = min(LARGER, len(trainer.train) // batch_size)
    step = f"a step of {counted(batch_size, 'example')} takes {1000 * profile.step_seconds:.2g} ms"
    what = f"the batch is small: {step}, and forward and backward pass of eight times as many {times:.1f} times as long"
    change = f"--batch-size {larger * batch_size}, and try a larger --learning-rate with it"
    saved = profile.share("forward", "backward") * (1 - times / 8) + profile.share("optimiser", "the loop")
    return Finding(what, change, saved * (1 - 1 / larger))


def long_attention(profile: Profile, trainer: TrainState) -> Finding | None:
    """Every token looks at every other, and that is most of the work."""
    shares = {each.name: each.share for each in profile.operations}
    names = [name for name in shares if name in ATTENTION or "dot_product" in name]
    part = sum(shares[name] for name in names)
    if part < MUCH_ATTENTION or not any("softmax" in name or "dot_product" in name for name in names):
        return None
    share = part * profile.share("forward", "backward")
    what = f"attention: {part:.0%} of the operations' time goes into the scores of token pairs"
    change = "half the length is a quarter of it: --context of a language model, --max-length of texts"
    return Finding(what, change, share / 2)


def slow_precision(profile: Profile, trainer: TrainState) -> Finding | None:
    """The arithmetic is at its limit, and half of the digits would be faster."""
    plain, half = profile.rates.get("float32", 0.0), profile.rates.get("bfloat16", 0.0)
    used = profile.flops_per_second / plain if plain else 0.0
    if profile.precision != "float32" or half < FASTER * plain or used < USED:
        return None
    share = profile.share("forward", "backward") * min(1.0, used) * (1 - plain / half)
    what = (
        f"precision: float32 at {used:.0%} of its matrix rate, and bfloat16 multiplies {half / plain:.1f} times faster"
    )
    return Finding(what, "--precision bfloat16", share)


LOOK_FOR: tuple[Callable[[Profile, TrainState], Finding | None], ...] = (
    slow_data,
    much_evaluation,
    many_checkpoints,
    slow_optimiser,
    small_batch,
    long_attention,
    slow_precision,
)
