"""Conversations as tokens: byte pairs of what was said, between the marks of the chat template.

dialogues ── split ── tokens learnt from the training part ── template ── windows of whole turns, prompts masked
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from deepglass.core.chat_template import BYTES, END, ChatTemplate
from deepglass.core.effects import Unused
from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.state import read, require, require_between
from deepglass.core.wording import counted
from deepglass.data import statistics
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Layout
from deepglass.data.dialogue_windows import DialogueWindows, Turns, most_of_turn, windows_of
from deepglass.data.dialogues import Dialogue, of_roles
from deepglass.data.fields._sequence import TokenSequence, Windowed
from deepglass.data.preprocess.text import MOST_LENGTH, BytePairs, Published, Tokens, tokens_from_state
from deepglass.data.reading import dialogues, source
from deepglass.data.splits import split

LEAST_CONTEXT = 16  # tokens: two turns of a few words between their marks


@dataclass(frozen=True)
class Options:
    """Settings of conversations as tokens."""

    vocab_size: int = 1024  # of byte pairs, 256 single bytes included; small talk has few frequent ones
    tokenizer: str | None = None  # file or folder of a published one of byte pairs, such as GPT-2's
    context: int = 128  # tokens that are seen at once: how far back a conversation is remembered


class Field(TokenSequence):
    """Conversations.

    Attributes:
        tokens: What a token is.
        template: Turns → ids.
        counts: (V,) how often each id is to be said in training; known after `fit` alone.
    """

    name = "turns"
    SETTINGS = Options
    options: Options
    tokens: Tokens
    template: ChatTemplate
    counts: np.ndarray

    @classmethod
    def accepts(cls, data: Any, config: DataConfig) -> bool:
        """Conversations that a reader knew as such."""
        return isinstance(data, Layout) and data.kind == dialogues.KIND

    def as_source(self, data: Data) -> Layout:
        """The conversations.

        Raises:
            DataError: If there are none.
        """
        return dialogues.as_dialogues(data)

    def fit(self, data: Layout) -> Windowed:
        """The tokens of the training part, and windows of every part; a dialogue is in one part alone.

        Raises:
            DataError: If the context is out of its range, nothing is answered, a text holds half of a character, or the
                tokens that are given have no room for marks.
        """
        require_context(self.options.context)
        content, guesses = dialogues.answered(data)
        rows = divided(content, self.data_config, self.seed)
        parts = {name: [told for i in part for told in content[i].told()] for name, part in rows.items()}
        self.tokens = self._tokens_for(parts["train"])
        self.template = template_for(self.tokens, self.options.context)
        coded = {name: [self.coded(one) for one in part] for name, part in parts.items()}
        examples = {name: windows_of(part, self.template) for name, part in coded.items()}
        train = examples["train"]
        self.counts = np.bincount(train.ids[train.is_answer].numpy(), minlength=len(self.tokens))
        said = [ids for one in coded["train"] for _, ids in one]
        asked = np.concatenate([self.template.prompt(one[: i + 1])[0] for one in coded["train"] for i in _asking(one)])
        self.statistics = {"messages": statistics.of_ids(np.bincount(asked, minlength=len(self.tokens)))}
        return Windowed(examples, [*data.guesses, *guesses, *self._guesses(rows, said)])  # type: ignore[arg-type]

    def coded(self, dialogue: Dialogue) -> Turns:
        """The ids of every turn.

        Raises:
            DataError: If a text holds half of a character.
        """
        return [(role, self.ids_of(text)) for role, text in dialogue.turns]

    def ids_of(self, text: str) -> list[int]:
        """The ids of what was said.

        Raises:
            DataError: If the text holds half of a character.
        """
        try:
            return self.tokens.encode(text).tolist()
        except UnicodeEncodeError:
            raise DataError("a turn has half of a surrogate pair (U+D800 to U+DFFF alone): use whole ones") from None

    @property
    def context(self) -> int:
        """Most tokens that are seen."""
        return self.template.context

    @property
    def start(self) -> int:
        """With which a conversation begins that has no turn yet."""
        return self.template.marks["user"]

    @property
    def size(self) -> int:
        """Tokens that there are, marks included."""
        return len(self.tokens)

    def state(self) -> dict[str, Any]:
        """What a token is, the marks, how many are seen."""
        return {"tokens": self.tokens.state(), "statistics": self.statistics, "context": self.context}

    def load_state(self, state: dict[str, Any]) -> None:
        context = read(state, "context", int)
        require_between(context, LEAST_CONTEXT, MOST_LENGTH, "context")
        self.tokens = tokens_from_state(state["tokens"])
        require(marks_of(self.tokens) is not None, "tokens with a mark for every role", "others")
        self.template = template_for(self.tokens, context)
        self.statistics = statistics.read_back(state)

    # -- conversations that come later --------------------------------------------------------------------------

    def read(self, inputs: Any, *, with_target: bool) -> tuple[DialogueWindows, dict[str, Any]]:
        """To be judged, windows with their answers; else the last question of each conversation, to be answered.

        Raises:
            DataError: If they are no conversations, or nobody asks anything.
        """
        found = self.open(inputs)
        if with_target:
            found = dialogues.answered(dialogues.layout(found, "the data"))[0]
            windows = windows_of([self.coded(told) for one in found for told in one.told()], self.template)
            return windows, {}
        asked = [asking(one) for one in found]
        prompts = [self.template.prompt(self.coded(one))[0] for one in asked]
        ids = np.full((len(prompts), max(map(len, prompts)) + 1), -1, np.int32)
        for row, prompt in zip(ids, prompts, strict=True):
            row[: len(prompt)] = prompt
        told = [one.turns[-1][1] for one in asked]
        return DialogueWindows(torch.from_numpy(ids), torch.zeros(ids.shape, dtype=torch.bool), is_asked=True), {
            "asked": told
        }

    def open(self, inputs: Any) -> list[Dialogue]:
        """Conversations from a file, a text that somebody says, messages, or lists of them.

        Raises:
            DataError: If they are none.
        """
        return opened(inputs, self.data_config, self.as_source)

    def read_prompt(self, prompt: Any) -> tuple[list[int], int]:
        """What is read before the answer to a text that somebody says, given or in a file.

        Raises:
            DataError: If it is empty.
        """
        return self.template.prompt(self.coded(asking(self.open(prompt)[0])))

    def unused_options(self, asked: Mapping[str, Any]) -> Iterator[Unused]:
        """What tokens that come as they are leave no room for."""
        if "tokens" in self.beginning.state:
            for name in {"tokenizer", "vocab_size"} & asked.keys():
                yield Unused(name, "the tokens come with the weights of --pretrained")
        elif self.options.tokenizer is not None and "vocab_size" in asked:
            yield Unused("vocab_size", "the tokens are those of --tokenizer", "leave one of the two out")

    # -- helpers ------------------------------------------------------------------------------------------------

    def _tokens_for(self, train: list[Dialogue]) -> Tokens:
        if "tokens" in self.beginning.state:
            found, whose = tokens_from_state(self.beginning.state["tokens"]), f"the run {self.beginning.source}"
        elif self.options.tokenizer is not None:
            found, whose = Published.read(self.options.tokenizer), f"--tokenizer {self.options.tokenizer}"
        else:
            texts = "\n".join(text for one in train for _, text in one.turns)
            return BytePairs.fit(texts, self.options.vocab_size)
        if marks_of(found) is None:
            raise DataError(
                f"{whose} has {found.kind} for tokens, and no free ones to mark who speaks: expected byte pairs, as "
                "`deepglass train TEXT --tokens byte-pairs` learns them"
            )
        return found

    def _guesses(self, rows: dict[str, np.ndarray], said: list[list[int]]) -> list[Guess]:
        kinds = f"{len(self.tokens):,} {self.tokens.kind}"
        sizes = ", ".join(f"{name} {len(part):,}" for name, part in rows.items())
        why = self.options.tokenizer or "learnt from the training part"
        found = [
            Guess("tokens", kinds, why, "--tokenizer" if self.options.tokenizer else "--vocab-size"),
            Guess("splits", f"{sizes} dialogues", "drawn whole", "--val-fraction and --test-fraction"),
        ]
        if cut := sum(len(ids) > most_of_turn(self.context) for ids in said):
            why = f"two turns of {most_of_turn(self.context)} tokens fit into the context"
            found.append(Guess("long turns", f"{counted(cut, 'turn')} cut at the end", why, "--context"))
        return found


def divided(told: Sequence[Dialogue], config: DataConfig, seed: int) -> dict[str, np.ndarray]:
    """Which conversations are in each part; those with the same words are in one part alone."""
    _, alike = np.unique([" ".join(text for _, text in one.turns) for one in told], return_inverse=True)
    asked = {part: getattr(config, part) for part in ("val_fraction", "test_fraction")}
    return split(len(told), **asked, seed=seed, groups=alike, declared={})


def opened(inputs: Any, config: DataConfig, as_source: Callable[[Data], Layout]) -> list[Dialogue]:
    """Conversations from a file, a text that somebody says, messages, or lists of them.

    Args:
        inputs: Any of these.
        config: How files are read.
        as_source: What finds conversations in what was read.

    Raises:
        DataError: If they are none.
    """
    if isinstance(inputs, str) and not source.names_source(inputs) and not _names_file(inputs):
        return [said(inputs)]
    if isinstance(inputs, (str, Path, Layout)) or not isinstance(inputs, (list, dict)):
        data = source.read(inputs, config.for_new_data())
        return as_source(data).content
    items = inputs if isinstance(inputs, list) else [inputs]
    if not items:
        raise DataError("there are no conversations: expected at least one")
    if all(isinstance(item, dict) and "role" in item for item in items):
        items = [{"messages": items}]
    return [_given(item, f"conversation {i}") for i, item in enumerate(items, 1)]


def marks_of(tokens: Tokens) -> dict[str, int] | None:
    """The id of every mark: of single bytes that no text holds. None where the tokens are not of bytes."""
    if not isinstance(tokens, BytePairs):
        return None
    found = {name: tokens.tokenizer.token_to_id(chr(byte)) for name, byte in BYTES.items()}
    marks = {name: token for name, token in found.items() if token is not None}
    return marks if len(marks) == len(BYTES) else None


def template_for(tokens: Tokens, context: int) -> ChatTemplate:
    """The template with the marks of these tokens."""
    marks = marks_of(tokens)
    assert marks is not None
    assert END in marks
    return ChatTemplate(marks, context)


def said(text: str) -> Dialogue:
    """What one user says, as the beginning of a conversation.

    Raises:
        DataError: If it is empty.
    """
    if not text.strip():
        raise DataError("the message is empty: say something to be answered")
    return Dialogue((("user", text.strip()),))


def asking(dialogue: Dialogue) -> Dialogue:
    """A conversation up to the last turn of its user.

    Raises:
        DataError: If no user says anything.
    """
    last = max((i for i, (role, _) in enumerate(dialogue.turns) if role == "user"), default=None)
    if last is None:
        raise DataError("a conversation has no turn of a user: expected one to be answered")
    return Dialogue(dialogue.turns[: last + 1], dialogue.topic)


def _asking(dialogue: Turns) -> list[int]:
    """Where the first and the last user speak who are answered."""
    found = [i for i, (role, _) in enumerate(dialogue[:-1]) if role == "user"]
    return sorted({found[0], found[-1]}) if found else []


def _given(item: Any, where: str) -> Dialogue:
    if isinstance(item, str):
        return said(item)
    if isinstance(item, dict):
        item = next((item[name] for name in dialogues.LISTS if isinstance(item.get(name), list)), None)
    if not isinstance(item, list) or not item:
        raise DataError(f"{where}: expected a text, or messages with role and content")
    found = dialogues.dialogue_of(item, where)
    return found if not found.is_of_equals else of_roles(found.turns)


def require_context(context: int) -> None:
    """Refuse too few tokens for a conversation, and too many.

    Raises:
        DataError: If the number is out of its range.
    """
    if not LEAST_CONTEXT <= context <= MOST_LENGTH:
        raise DataError(f"--context: expected {LEAST_CONTEXT} to {MOST_LENGTH:,}, got {context}")


def _names_file(text: str) -> bool:
    """Whether words look like the name of a file that is not there, and not like something said."""
    return len(text.split()) == 1 and bool(Path(text).suffix) and Path(text).suffix[1:].isalnum()
