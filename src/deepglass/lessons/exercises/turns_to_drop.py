"""Lesson 88: how many of the oldest turns have to go."""

from deepglass.course.judging.description import Description


def turns_to_drop(lengths, room):
    """[lengths], room → how many"""
    dropped = 0
    while dropped < len(lengths) - 1 and sum(lengths[dropped:]) > room:
        dropped += 1
    return dropped


def cases(rng):
    """All fit, some go, the last is too long by itself, an exact fit, then drawn ones."""
    yield [5, 5, 5], 20
    yield [9, 4, 6, 3], 14
    yield [3, 50], 10
    yield [4, 6, 10], 16
    yield [7], 3
    for count in (4, 7, 12):
        lengths = [int(n) for n in rng.integers(2, 20, size=count)]
        yield lengths, int(rng.integers(10, 80))


def tell(lengths, room):
    """The numbers themselves."""
    return f"For lengths = {lengths} and room = {room}"


EXERCISE = Description(
    name="turns_to_drop",
    task="<code>lengths</code> holds the tokens of every turn, the oldest first; <code>room</code> is how many can be "
    "read. Return how many of the oldest turns have to be dropped so that the others fit. The last turn is the "
    "question and always stays, even where it does not fit.",
    stub="""
        def turns_to_drop(lengths, room):
            dropped = 0
            # your lines here
            return dropped
    """,
    solution="""
        def turns_to_drop(lengths, room):
            dropped = 0
            while dropped < len(lengths) - 1 and sum(lengths[dropped:]) > room:
                dropped += 1
            return dropped
    """,
    hint="<code>sum(lengths[dropped:])</code> is what is left; <code>len(lengths) - 1</code> may go at most.",
    answer=turns_to_drop,
    cases=cases,
    tell=tell,
    gives="a whole number",
    praise="That is the whole of a chatbot's forgetting.",
    slips=(
        (
            lambda lengths, room: next(i for i in range(len(lengths) + 1) if sum(lengths[i:]) <= room),
            "The last turn is the question: it stays, even where it alone does not fit.",
        ),
        (
            lambda lengths, room: next((i for i in range(len(lengths)) if sum(lengths[i:]) < room), len(lengths) - 1),
            "What fills the room exactly fits.",
        ),
        (
            lambda lengths, room: next((i for i in range(len(lengths)) if sum(lengths[: len(lengths) - i]) <= room), 0),
            "That drops the newest turns: the oldest go first.",
        ),
    ),
    right=(
        """
        def turns_to_drop(lengths, room):
            for dropped in range(len(lengths)):
                if sum(lengths[dropped:]) <= room:
                    return dropped
            return len(lengths) - 1
        """,
        """
        def turns_to_drop(lengths, room):
            kept, total = 1, lengths[-1]
            for n in reversed(lengths[:-1]):
                if total + n > room:
                    break
                kept, total = kept + 1, total + n
            return len(lengths) - kept
        """,
        """
        def turns_to_drop(lengths, room):
            left = np.cumsum(lengths[::-1])[::-1]
            return int(min((left > room).sum(), len(lengths) - 1))
        """,
    ),
    wrong=(
        "def turns_to_drop(lengths, room):\n    return 0",
        "def turns_to_drop(lengths, room):\n    return len(lengths) - 1",
        "def turns_to_drop(lengths, room):\n    return max(0, sum(lengths) - room)",
        "def turns_to_drop(lengths, room):\n    return sum(n > room for n in lengths)",
    ),
)
