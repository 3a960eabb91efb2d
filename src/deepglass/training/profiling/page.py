"""A profile as the user reads it: where the time went, how fast that is, what to change first."""

from typing import Any

from deepglass.core.console import Console
from deepglass.core.wording import counted, short

Record = dict[str, Any]


def show(profile: Record, console: Console) -> None:
    """Print the content of a run's profile.json."""
    rows = [(phase, f"{seconds:.2f}", f"{share:.1%}") for phase, seconds, share in by_phase(profile)]
    console.table(("where the time went", "seconds", "share"), rows)
    console.say(f"  {speed(profile)}")
    operations = [
        (each["name"], f"{each['calls']:.3g}", f"{each['milliseconds']:.3f}", f"{each['share']:.1%}")
        for each in profile["operations"]
    ]
    if operations:
        console.table(("operation", "calls a step", "ms a step", "share"), operations)
    console.say(f"  first to change   {advice(profile)}", style="bold")


def by_phase(profile: Record) -> list[tuple[str, float, float]]:
    """Phase, seconds and share, the longest first."""
    total = max(1e-9, profile["total_seconds"])
    phases = sorted(profile["seconds"].items(), key=lambda item: -item[1])
    return [(phase, seconds, seconds / total) for phase, seconds in phases]


def speed(profile: Record) -> str:
    """Examples per second, and how much of the machine's arithmetic that uses."""
    step = f"a step of {counted(profile['batch_size'], 'example')} takes {1000 * profile['step_seconds']:.3g} ms"
    sentence = f"{profile['examples_per_second']:,.0f} examples/s; {step}"
    if not profile["flops"]:
        return sentence
    rate = profile["rates"][profile["precision"]]
    reached = profile["flops_per_second"]
    part = f"{reached / rate:.0%} of the {short(rate, 'FLOP/s')} of a large matrix product in {profile['precision']}"
    return f"{sentence}; forward and backward pass reach {short(reached, 'FLOP/s')}, {part}"


def advice(profile: Record) -> str:
    """The first finding as a sentence; where there is none, what the time is spent on."""
    if profile["findings"]:
        first = profile["findings"][0]
        return f"{first['what']}: {first['change']}"
    phase, _, share = by_phase(profile)[0]
    return f"nothing stands out; {share:.0%} of the time is {phase}"
