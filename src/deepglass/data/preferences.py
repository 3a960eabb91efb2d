"""Preferences: the same prompt, two answers, and which of them somebody chose."""

from dataclasses import dataclass

from deepglass.data.dialogues import Dialogue


@dataclass(frozen=True)
class Preference:
    """One comparison.

    Attributes:
        prompt: What was said before, by the user at the end.
        chosen: The answer that was preferred.
        rejected: The other one.
    """

    prompt: Dialogue
    chosen: str
    rejected: str

    def told(self) -> list[Dialogue]:
        """Prompt and chosen answer, and the rejected answer: every text that there is."""
        turns = self.prompt.turns
        return [Dialogue((*turns, ("assistant", answer))) for answer in (self.chosen, self.rejected)]
