"""Small talk: conversations of people who do not exist, in which what was said before is asked for later.

Somebody says their name, what they like, where they live, or what pet they have, in one of many wordings, talks of
something else, and asks for it again: an answer has to be found in the conversation, for it is in no weights. Of every
question some wordings never come in training (`HELD_OUT`); they are made of words that do.

References:
    Weston et al. (2015), Towards AI-Complete Question Answering: A Set of Prerequisite Toy Tasks,
    https://arxiv.org/abs/1502.05698 (generated stories, and questions about them)
"""

import numpy as np

from deepglass.data.containers import Layout
from deepglass.data.dialogues import Dialogue, Said
from deepglass.data.reading.dialogues import layout

LICENCE = "generated"
DIALOGUES = 1500
NAMES = ("ada", "alan", "grace", "kurt", "emmy", "karl", "sofia", "leo", "marie", "niels", "rosa", "otto", "lise",
         "max", "ida", "hugo", "vera", "paul", "nina", "felix")  # fmt: skip
COLOURS = ("red", "blue", "green", "yellow", "white", "black", "pink", "grey", "brown", "orange")
CITIES = ("rome", "oslo", "paris", "berlin", "lima", "cairo", "tokyo", "delhi", "london", "madrid")
PETS = ("cat", "dog", "bird", "fish", "horse", "mouse", "rabbit", "snake", "duck", "goat")
FACTS = {"name": NAMES, "colour": COLOURS, "city": CITIES, "pet": PETS}
SAID = {  # how somebody says it
    "name": ("my name is {}", "i am {}", "hello, i am {}", "please call me {}", "hi, my name is {}"),
    "colour": ("my favourite colour is {}", "i like {} best", "the colour i like is {}", "i love {}"),
    "city": ("i live in {}", "my home is in {}", "i am at home in {}", "i moved to {}"),
    "pet": ("i have a {}", "my pet is a {}", "at home i have a {}", "i got a {}"),
}
HEARD = {  # what is answered to that
    "name": "hello, your name is {}.",
    "colour": "i see, you like {}.",
    "city": "i see, you live in {}.",
    "pet": "i see, you have a {}.",
}
ASKED = {  # how it is asked for, in training
    "name": ("what is my name?", "do you know my name?", "please say my name.", "tell me my name.",
             "can you say my name?"),
    "colour": ("what is my favourite colour?", "do you know my favourite colour?", "which colour do i like?",
               "tell me my favourite colour.", "please say which colour i like."),
    "city": ("where do i live?", "which city do i live in?", "do you know where i live?", "tell me where i live.",
             "what is my city?"),
    "pet": ("what pet do i have?", "do you know my pet?", "which pet do i have?", "tell me what pet i have.",
            "what is my pet?"),
}  # fmt: skip
HELD_OUT = {  # wordings that never come in training
    "name": ("can you tell me my name?", "do you know what my name is?", "please tell me my name."),
    "colour": ("can you say my favourite colour?", "do you know which colour i like?", "tell me which colour i like."),
    "city": ("can you tell me where i live?", "do you know which city i live in?", "please say where i live."),
    "pet": ("can you say what pet i have?", "do you know which pet i have?", "please tell me what pet i have."),
}  # fmt: skip
KNOWN = {"name": "your name is {}.", "colour": "you like {}.", "city": "you live in {}.", "pet": "you have a {}."}
UNKNOWN = "you did not tell me that."
CHAT = (
    ("how are you?", "i am fine, thank you."),
    ("what can you do?", "i can talk a little."),
    ("thank you.", "you are welcome."),
    ("that is good.", "i think so too."),
    ("are you a human?", "no, i am a small model."),
    ("good morning.", "good morning to you."),
)
BYE = ("goodbye.", "goodbye, see you soon.")


def load() -> Layout:
    """The conversations."""
    return layout(dialogues(), "small-talk", LICENCE)


def dialogues(count: int = DIALOGUES, seed: int = 0, facts: tuple[str, ...] = tuple(FACTS)) -> list[Dialogue]:
    """Conversations with memory.

    Args:
        count: How many.
        seed: Of everything.
        facts: Kinds of what is told and asked for.
    """
    generator = np.random.default_rng(seed)
    return [_dialogue(generator, facts) for _ in range(count)]


def _dialogue(generator: np.random.Generator, facts: tuple[str, ...]) -> Dialogue:
    """Some facts are told and asked for again, with talk between; now and then one is asked for that was not told."""
    kinds = generator.permutation(facts)[: int(generator.integers(1, 3))].tolist()
    told: dict[str, str] = {}
    turns: list[Said] = []
    to_tell, to_ask = list(kinds), []
    while to_tell or to_ask:
        luck = generator.random()
        if to_tell and (luck < 0.5 or not to_ask):
            kind = to_tell.pop()
            told[kind] = str(generator.choice(FACTS[kind]))
            turns += _pair(str(generator.choice(SAID[kind])).format(told[kind]), HEARD[kind].format(told[kind]))
            to_ask.append(kind)
        elif luck < 0.6:
            turns += _pair(*CHAT[int(generator.integers(len(CHAT)))])
        elif luck < 0.7 and len(told) < len(facts):
            kind = str(generator.choice([kind for kind in facts if kind not in told]))
            turns += _pair(str(generator.choice(ASKED[kind])), UNKNOWN)
        elif to_ask:
            kind = to_ask.pop(int(generator.integers(len(to_ask))))
            turns += _pair(str(generator.choice(ASKED[kind])), KNOWN[kind].format(told[kind]))
    if generator.random() < 0.3:
        turns += _pair(*BYE)
    return Dialogue(tuple(turns), "small talk")


def _pair(asked: str, answered: str) -> list[Said]:
    return [("user", asked), ("assistant", answered)]
