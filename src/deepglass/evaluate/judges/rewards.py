"""Rewards: how often a reward model gives the answer that people chose the higher number."""

from typing import ClassVar

from deepglass.evaluate.judges import preferences
from deepglass.evaluate.judges._checks import few_examples


class Judge(preferences.Judge):
    """Judges the rewards of two answers."""

    checks = (few_examples,)
    lead_sentence = "The answer that was chosen has the higher reward in {value} of {count} comparisons{within}"
    intended_use: ClassVar[str] = "Tells which of two answers people who compared such answers would choose."
    unintended_use: ClassVar[str] = (
        "It knows what was preferred, flaws of those who compared included. Whatever is made to earn as much of it as "
        "possible finds answers that score high and that nobody wants."
    )
    if_in_vain = "Begin with --pretrained RUN of a dialogue, train longer, or compare more."
    if_memorised: ClassVar[str] = "Try fewer --epochs, or give more prompts."

    def next_command(self, run: str) -> tuple[str, str]:
        """More comparisons."""
        return self.test_command(run)
