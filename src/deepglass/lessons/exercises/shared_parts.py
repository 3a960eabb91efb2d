"""Lesson 64: what two words have in common inside."""

from deepglass.course.judging.description import Description


def parts(word, n):
    """The different parts of n letters, ends marked."""
    marked = f"<{word}>"
    return {marked[i : i + n] for i in range(len(marked) - n + 1)}


def shared_parts(one, other, n):
    """How many different parts of n letters are in both."""
    return len(parts(one, n) & parts(other, n))


def plain(word, n):
    """Without the marks."""
    return {word[i : i + n] for i in range(len(word) - n + 1)}


def cases(rng):
    """By hand, with a part that comes twice and words shorter than a part; then drawn ones."""
    yield "walker", "walked", 3
    yield "moth", "mother", 3
    yield "banana", "bananas", 3
    yield "sea", "seat", 5
    yield "seat", "heat", 3
    yield "a", "an", 4
    for n in (2, 3, 4):
        letters = list("abc")
        yield "".join(rng.choice(letters, 9)), "".join(rng.choice(letters, 7)), n


EXERCISE = Description(
    name="shared_parts",
    task="Two words, and a length <code>n</code>. Put &lt; before each word and &gt; behind it, cut both into all "
    "parts of n letters, and give back how many <b>different</b> parts are in both. In “sea”, for n = 3, the parts are "
    "&lt;se, sea and ea&gt;.",
    stub="""
        def shared_parts(one, other, n):
            # your lines here
            return 0
    """,
    solution="""
        def shared_parts(one, other, n):
            def parts(word):
                marked = "<" + word + ">"
                return {marked[i : i + n] for i in range(len(marked) - n + 1)}
            return len(parts(one) & parts(other))
    """,
    hint="A set keeps what is different, and <code>&amp;</code> of two sets is what is in both. The last part begins n "
    "letters before the end.",
    answer=shared_parts,
    cases=cases,
    gives="one number",
    praise="“moth” and “mother” share more than “moth” and “fly” ever will: that is what the net goes by.",
    slips=(
        (
            lambda one, other, n: len(plain(one, n) & plain(other, n)),
            "Mark the ends first: <code>&lt;</code> and <code>&gt;</code> belong to the parts.",
        ),
        (
            lambda one, other, n: len(
                {f"<{one}>"[i : i + n] for i in range(len(one) + 2 - n)}
                & {f"<{other}>"[i : i + n] for i in range(len(other) + 2 - n)}
            ),
            "The last part is missing: it ends with <code>&gt;</code>.",
        ),
        (
            lambda one, other, n: sum(
                f"<{one}>"[i : i + n] in parts(other, n) for i in range(max(0, len(one) + 3 - n))
            ),
            "A part that comes twice counts once.",
        ),
        (
            lambda one, other, n: len(parts(one, n) | parts(other, n)),
            "Those are the parts of either word; asked for are those of both.",
        ),
        (
            lambda one, other, n: len(set(one) & set(other)),
            "Those are letters; asked for are parts of n letters.",
        ),
    ),
    right=(
        """
        def shared_parts(one, other, n):
            cut = lambda w: set("".join(p) for p in zip(*(w[i:] for i in range(n))))
            return len(cut(f"<{one}>").intersection(cut(f"<{other}>")))
        """,
        """
        def shared_parts(a, b, n):
            a, b = "<" + a + ">", "<" + b + ">"
            found = []
            for i in range(len(a)):
                part = a[i:i + n]
                if len(part) == n and part in b and part not in found:
                    found.append(part)
            return len(found)
        """,
        """
        def shared_parts(one, other, n):
            count, marked = 0, "<%s>" % one
            places = [marked[i:i + n] for i in range(0, len(marked) - n + 1)]
            for part in dict.fromkeys(places):
                count += ("<%s>" % other).find(part) >= 0
            return float(count)
        """,
    ),
    wrong=(
        "def shared_parts(one, other, n):\n    return len(set(one) & set(other)) - n",
        "def shared_parts(one, other, n):\n    return min(len(one), len(other)) + 3 - n",
        "def shared_parts(one, other, n):\n    return one[:n] == other[:n]",
        "def shared_parts(one, other, n):\n    return n",
    ),
)
