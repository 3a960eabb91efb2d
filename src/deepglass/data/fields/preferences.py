"""Preferences as tokens: a prompt with two answers, in the tokens and marks of a conversation.

preferences ── split by prompt ── tokens as of dialogues ── template ── pairs of windows, prompts masked
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from deepglass.core.guesses import Guess
from deepglass.core.wording import counted
from deepglass.data import statistics
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Layout, Table
from deepglass.data.dialogue_windows import DialogueWindows
from deepglass.data.fields import turns
from deepglass.data.fields._sequence import Windowed
from deepglass.data.preference_windows import Coded, PreferenceWindows, windows_of
from deepglass.data.preferences import Preference
from deepglass.data.reading import preferences, source

CONTEXT = 128  # tokens, as of dialogues


@dataclass(frozen=True)
class Options(turns.Options):
    """Settings of preferences as tokens."""

    context: int | None = None  # type: ignore[assignment]  # tokens that are seen at once; those of --pretrained, or 128


class Field(turns.Field):
    """Prompts with two answers; new prompts are read as those of a dialogue.

    Attributes:
        rows: Which comparison each example of a part is, by part; known after `fit` alone.
        content: The comparisons of the training data; known after `fit` alone.
    """

    name = "preferences"
    SETTINGS = Options
    rows: dict[str, np.ndarray]
    content: list[Preference]

    @classmethod
    def accepts(cls, data: Any, config: DataConfig) -> bool:
        """Preferences that a reader knew as such, or a table with their columns."""
        is_table = isinstance(data, Table) and preferences.columns_of(data.frame) is not None
        return is_table or (isinstance(data, Layout) and data.kind == preferences.KIND)

    def as_source(self, data: Data) -> Layout:
        """The comparisons.

        Raises:
            DataError: If there are none.
        """
        return preferences.as_preferences(data)

    def fit(self, data: Layout) -> Windowed:
        """The tokens of the training part, and pairs of windows of every part; a prompt is in one part alone.

        Raises:
            DataError: If the context is out of its range, no answers differ, a text holds half of a character, or the
                tokens that are given have no room for marks.
        """
        context = self.options.context or self.beginning.state.get("context", CONTEXT)
        turns.require_context(context)
        self.options = replace(self.options, context=context)
        self.content, guesses = preferences.different(data)
        self.rows = turns.divided([one.prompt for one in self.content], self.data_config, self.seed)
        parts = {name: [self.content[i] for i in part] for name, part in self.rows.items()}
        self.tokens = self._tokens_for([told for one in parts["train"] for told in one.told()])
        self.template = turns.template_for(self.tokens, context)
        coded = {name: [self.pair(one) for one in part] for name, part in parts.items()}
        prompts = np.concatenate([self.template.prompt(turns_)[0] for turns_, *_ in coded["train"]])
        self.statistics = {"messages": statistics.of_ids(np.bincount(prompts, minlength=len(self.tokens)))}
        examples: Any = {name: windows_of(part, self.template) for name, part in coded.items()}
        found = self._guesses(self.rows, [ids for prompt, *_ in coded["train"] for _, ids in prompt])
        told = [replace(one, value=str(one.value).replace("dialogues", "comparisons"), why="a prompt is in one part")
                if one.what == "splits" else one for one in found]  # fmt: skip
        return Windowed(examples, [*data.guesses, *guesses, *told, *_cut(coded, examples)])

    def pair(self, one: Preference) -> Coded:
        """The ids of a comparison.

        Raises:
            DataError: If a text holds half of a character.
        """
        return self.coded(one.prompt), self.ids_of(one.chosen), self.ids_of(one.rejected)

    def read(self, inputs: Any, *, with_target: bool) -> tuple[DialogueWindows | PreferenceWindows, dict[str, Any]]:  # type: ignore[override]
        """To be judged, pairs with their answers; else the last question of each conversation, to be answered.

        Raises:
            DataError: If they are neither.
        """
        if not with_target:
            return super().read(inputs, with_target=False)
        if isinstance(inputs, list) and inputs and all(isinstance(item, dict) for item in inputs):
            found = preferences.from_records(inputs, "comparison")
        else:
            found = preferences.as_preferences(source.read(inputs, self.data_config.for_new_data()))
        return windows_of([self.pair(one) for one in preferences.different(found)[0]], self.template), {}


def _cut(coded: dict[str, list[Coded]], examples: dict[str, PreferenceWindows]) -> list[Guess]:
    """Answers of which the end did not fit."""
    lengths = [len(answer) + 1 for part in coded.values() for _, *answers in part for answer in answers]
    kept = np.concatenate([part.is_answer.sum(dim=2).flatten().numpy() for part in examples.values()])
    if not (cut := int((kept < lengths).sum())):
        return []
    return [Guess("long answers", f"{counted(cut, 'answer')} cut at the end", "the context is full", "--context")]
