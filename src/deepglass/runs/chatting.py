"""A conversation with a run: turns are kept, as many as fit into the context are read, the oldest are forgotten."""

from collections.abc import Iterator
from typing import Any

from deepglass.core.errors import DataError, OptionError
from deepglass.runs.run import Run


class Chat:
    """A conversation that goes on.

    Args:
        run: Of the task dialogue, preferences or retrieval.
        system: What the model is told before the first turn; it is never forgotten.
        options: max_tokens, temperature, top_k, top_p, min_p, repetition_penalty, seed.

    Attributes:
        turns: Role and text of each, the oldest first.
        forgotten: How many of the oldest turns were out of sight when the last answer was given.

    Raises:
        OptionError: If the run does not answer conversations.
    """

    def __init__(self, run: Run, system: str | None = None, **options: Any):
        if not hasattr(run.task, "answer_turns"):
            raise OptionError(
                f"{run.path} was trained for {run.config['task']}: runs of "
                "`deepglass train DIALOGUES --task dialogue`, and of --task retrieval, answer"
            )
        self.run, self.task, self.system = run, run.task, system
        self.options = {name: value for name, value in options.items() if value is not None}
        self.reset()

    def reset(self) -> None:
        """Begin anew."""
        self.turns: list[tuple[str, str]] = [("system", self.system)] if self.system else []
        self.forgotten = 0

    def say(self, text: str) -> Iterator[str]:
        """What is answered, piece by piece; once it is over, both turns belong to the conversation.

        Raises:
            DataError: If the message is empty.
            OptionError: If an option is out of its range.
        """
        if not text.strip():
            raise DataError("the message is empty: say something to be answered")
        turns = [*self.turns, ("user", text.strip())]
        with self.run.folder.explaining():
            forgotten, pieces = self.task.answer_turns(self.run.model, turns, **self._options(len(turns)))
        return self._told(turns, forgotten, pieces)

    def _told(self, turns: list[tuple[str, str]], forgotten: int, pieces: Iterator[str]) -> Iterator[str]:
        answer = ""
        for piece in pieces:
            answer += piece
            yield piece
        self.turns, self.forgotten = [*turns, ("assistant", answer.strip())], forgotten

    def _options(self, turn: int) -> dict[str, Any]:
        """Every turn is drawn with a seed of its own, and the same conversation goes the same way again."""
        if self.options.get("temperature") == 0 or not self.task.draws:
            return self.options
        return {**self.options, "seed": int(self.options.get("seed", 0)) + turn}
