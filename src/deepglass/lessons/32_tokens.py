"""Lesson 32: tokens. Characters, words, byte pairs: what a model reads one of at a time."""

import marimo

app = marimo.App(width="medium", app_title="Tokens", css_file="../course/pages/lesson.css")

with app.setup:
    from html import escape

    import marimo as mo
    import numpy as np

    from deepglass.course import kit
    from deepglass.data.datasets.shakespeare import load
    from deepglass.data.preprocess import byte_pair
    from deepglass.data.preprocess.text import Characters, WordVocabulary, split_words

    LESSON = {
        "title": "Tokens",
        "question": "What is a word to a machine?",
        "part": "Language",
        "minutes": 15,
        "reads": ["data/preprocess/byte_pair.py"],
        "runs": [
            "deepglass train shakespeare --tokens byte-pairs --vocab-size 512 --model gru --hidden-size 64 "
            "--context 64 --epochs 1",
        ],
    }

    LEARNT, HELD_OUT = slice(0, 100_000), slice(600_000, 620_000)  # characters of the plays
    MERGES, MOST_WORDS = [0, 10, 30, 100, 300, 1000], 1000
    MOMENTS = (0, 1, 2, 3, 4, 6, 9, 14, 22, 40, 80, 160, 320, 640, 1000)
    LINE, NEW_WORD = "But, soft! what light through yonder window breaks?", "computer"
    WIDE, COLORS = 46, ("--c1", "--c2", "--c3", "--c4")  # letters in a line of the picture


@app.function
def learnt():
    """The plays that are learnt from, and the pairs that are joined, the most frequent first."""
    text = load().text[LEARNT]
    return text, byte_pair.train([text.encode()], 256 + max(MERGES))


@app.function
def tokens_of(text, merges):
    """What a text is cut into, as bytes."""
    spelt = byte_pair.vocabulary(merges)
    return [spelt[i] for i in byte_pair.encode(text.encode("utf-8", "surrogatepass"), merges)]


@app.function
def shown(token):
    """A token as it can be read: blanks as ␣, parts of a character as the numbers of their bytes."""
    try:
        return token.decode().replace(" ", "␣").replace("\n", "↵")
    except UnicodeDecodeError:
        return " ".join(f"{byte:02x}" for byte in token)


@app.function
def boxes(tokens, label):
    """Tokens as boxes side by side, the next line where one is full: SVG."""
    x, y, body = 2.0, 2.0, []
    for number, token in enumerate(map(shown, tokens)):
        width = 8.0 * len(token) + 7
        if x + width > 8 * WIDE and x > 2:
            x, y = 2.0, y + 27
        color = f"var({COLORS[number % len(COLORS)]})"
        body.append(
            f'<rect x="{x}" y="{y}" width="{width - 2}" height="22" rx="4" style="fill: {color}; opacity: .22"/>'
            f'<text x="{x + (width - 2) / 2}" y="{y + 15.5}" text-anchor="middle" textLength="{8.0 * len(token)}" '
            f'style="fill: var(--ink); font: 13px ui-monospace, monospace">{escape(token)}</text>'
        )
        x += width
    said = escape(f"{label}: {len(tokens)} tokens, {', '.join(map(shown, tokens[:40]))}", quote=True)
    return f'<svg viewBox="0 0 {8 * WIDE} {y + 27:.0f}" role="img" aria-label="{said}">{"".join(body)}</svg>'


@app.function
def film(merges):
    """One line, after more and more joins."""
    for count in MOMENTS:
        tokens = tokens_of(LINE, merges[:count])
        last = f", the last: {' + '.join(map(shown, merges[count - 1]))}" if count else ""
        yield boxes(tokens, "The line"), f"{count} joins{last}. The line is {len(tokens)} tokens long."


@app.cell
def _():
    text, merges = learnt()
    _new = tokens_of(NEW_WORD, merges)
    kit.opening(
        LESSON,
        "A model does not read letters, and not quite words. Watch a line by Shakespeare: again and again the two "
        "neighbours that stand together most often **in the plays** are joined and become one.",
        kit.film(film(merges), label="Joins", seconds=0.8, width=4.0),
        kit.guess(
            f'All joins were learnt from the plays. What becomes of "{NEW_WORD}", a word that they never use?',
            ["One token that means “unknown”", f"{len(NEW_WORD)} single letters", "Some larger pieces"],
            f"It falls into {len(_new)} pieces: {' · '.join(map(shown, _new))}. Nothing is ever unknown: where no join "
            "fits, a single byte is left.",
        ),
    )
    return merges, text


@app.cell
def _(text):
    count = kit.slider("Joins", MERGES, 300)
    own = mo.ui.text("Shall I compare thee to a summer's day?", label="Your text", full_width=True)
    kit.text(
        """
        ## Join the most frequent pair, and again {#see}

        At the beginning there are 256 tokens, one for each byte. Count all pairs of neighbours in {size:,} characters
        of the plays, join the most frequent one everywhere, count again. That is *byte-pair encoding*.

        {own}
        """,
        size=len(text),
        own=kit.after_guess(
            kit.text(
                """
                To cut a text of your own, the same joins are done in the same order, within words.

                {count} {own}
                """,
                count=count,
                own=own,
            )
        ),
    )
    return count, own


@app.cell
def _(count, merges, own):
    _text = own.value or " "
    _tokens = tokens_of(_text, merges[: count.value])
    _ids = byte_pair.encode(_text.encode("utf-8", "surrogatepass"), merges[: count.value])
    _levels = kit.levels(
        mo.Html(f'<figure class="dg-figure">{boxes(_tokens, "Your text")}</figure>'),
        {
            "characters": len(_text),
            "bytes": sum(map(len, _tokens)),
            "tokens": len(_tokens),
            "characters per token": len(_text) / len(_tokens),
            "the first numbers": " ".join(map(str, _ids[:6])),
        },
        r"""
        $$V = 256 + \blue{joins} = {size}$$

        So many tokens there are. More joins make texts shorter and the table of vectors longer: each of the {size}
        tokens has a vector of its own, and has to be seen often enough to learn it.
        """,
        joins=count.value,
        size=256 + count.value,
    )
    kit.after_guess(_levels, silently=True)
    return


@app.function
def three_ways(text, merges, odd):
    """For characters, words and byte pairs: how a text is cut, how much of it is unknown, and whether it reads back."""
    characters, words = Characters.fit(text), WordVocabulary.fit([text], max_words=MOST_WORDS)
    known = [characters.decode([i]) for i in characters.encode(odd)]
    cut = split_words(odd)
    pieces = tokens_of(odd, merges)
    return [
        {"tokens are": "characters", "there are": len(characters), "the text has": len(known),
         "unknown": sum(a != b for a, b in zip(known, odd)), "reads back": "yes" if "".join(known) == odd else "no"},
        {"tokens are": "words", "there are": len(words), "the text has": len(cut),
         "unknown": sum(word not in words.ids for word in cut), "reads back": "yes" if " ".join(cut) == odd else "no"},
        {"tokens are": "byte pairs", "there are": 256 + len(merges), "the text has": len(pieces), "unknown": 0,
         "reads back": "yes" if b"".join(pieces) == odd.encode("utf-8", "surrogatepass") else "no"},
    ]  # fmt: skip


@app.cell
def _(merges, text):
    _new = load().text[HELD_OUT]
    _rows = three_ways(text, merges, _new)
    _lengths = np.array([len(byte_pair.encode(_new.encode(), merges[:k])) / len(_new) * 1000 for k in MERGES[1:]])
    _axes = {"xlabel": "joins", "ylabel": "tokens per 1,000 characters", "log": "x", "ylim": (0, 1050)}
    _level = {"characters": 1000.0, "words": _rows[1]["the text has"] / len(_new) * 1000}
    _unknown = _rows[1]["unknown"] / _rows[1]["the text has"]
    _words = kit.text(
        """
        ### Between letters and words

        A new scene, {size:,} characters. **Characters**: a short table, but long texts, and what a letter means depends
        on everything around it. **Words**: short texts, but the {most:,} most frequent words leave {unknown:.0%} of
        this scene unknown, names and rare verbs first. **Byte pairs** come near to words where words are frequent, and
        spell the rest.

        {curve} {table}
        """,
        size=len(_new),
        most=MOST_WORDS,
        unknown=_unknown,
        curve=kit.curves(_lengths, MERGES[1:], marks=_level, label="Length of a new scene", **_axes),
        table=kit.table(_rows, caption=f"A new scene of {len(_new):,} characters. Words drop blanks and capitals."),
    )
    kit.after_guess(_words, silently=True)
    return


@app.cell
def _():
    kit.text(
        """
        ## The whole algorithm {#read}

        This file cut all the texts above. The test holds its joins, one by one, against those of the library
        `tokenizers`.

        {train} {join}
        """,
        train=kit.read(
            "data/preprocess/byte_pair.py",
            {
                "frequencies = Counter(": "Each different word once, with how often it occurs.",
                "count, _, _, pair = heapq.heappop(heap)": "The most frequent pair of all.",
                "for a, b in _join_everywhere(": "Join it in all words that hold it, and count anew only there.",
            },
            part="train",
        ),
        join=kit.read("data/preprocess/byte_pair.py", part="join"),
    )
    return


@app.cell
def _():
    odd = mo.ui.text("naïve 👍🏽 Straße 한국어", label="Type something odd", full_width=True)
    _words = kit.text(
        """
        Accents, other scripts, a thumb with a colour: break the first two ways, and try to break the third. You will
        not: every text is bytes, and every byte is a token.

        {odd}
        """,
        odd=odd,
    )
    kit.text("## Write what nobody expected {#break-it-mend-it}\n\n{more}", more=kit.after_guess(_words))
    return (odd,)


@app.cell
def _(merges, odd, text):
    _odd = odd.value or " "
    _ids = byte_pair.encode(_odd.encode("utf-8", "surrogatepass"), merges)
    _parts = [byte_pair.decode(_ids[:k], merges).decode("utf-8", "replace") for k in range(1, len(_ids))]
    _cut = next((part for part in reversed(_parts) if part.endswith("\N{REPLACEMENT CHARACTER}")), _odd)
    _words = kit.text(
        """
        {table}

        One thing can go wrong. A character may be several tokens; cut between them, and its first part alone spells
        nothing. Some of these tokens may read: **{cut}** (a � is a broken character). A program that shows text as it
        is written waits for the missing byte.
        """,
        table=kit.table(three_ways(text, merges, _odd)),
        cut=escape(_cut),
    )
    kit.after_guess(_words, silently=True)
    return


@app.cell
def _(merges):
    _texts = {
        "To be, or not to be, that is the question": "the joins were learnt from such lines",
        "Sein oder Nichtsein; das ist hier die Frage": "German shares letters with the plays, but few of their pairs",
        "사느냐 죽느냐 그것이 문제로다": "each of these characters is three bytes, and no join knows them",
    }
    _cost = {one: len(tokens_of(one, merges)) / len(one) for one in _texts}
    kit.check(
        kit.exercise("join"),
        kit.choose(
            "With these joins, which line costs most tokens per character?",
            {one: (_cost[one] == max(_cost.values()), f"{_cost[one]:.2f}: {why}.") for one, why in _texts.items()},
            name="cost",
        ),
        kit.answer(
            "A vocabulary of byte pairs has 1,024 tokens. How many of them came from joins?",
            1024 - 256,
            name="joins",
            slips={1024: "The single bytes are tokens, too.", 1024 - 255: "A byte has 256 values: 0 is one of them."},
            because="Each join adds one token, and takes none away.",
            hint="Before the first join there is a token for each value of a byte.",
            solution=f"1,024 − 256 = {1024 - 256}",
            tolerance=0.5,
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        A small network reads the plays in 512 byte pairs. Its loss is per *token*, and a token is now nearly two
        characters: with other tokens only the **bits per character** can be compared.
        """,
        own_file="""
        Any text file: `deepglass train book.txt --tokens byte-pairs --vocab-size 1024`. It may be in any language; more
        text allows more tokens. A published tokeniser is taken with `--tokenizer FOLDER`.
        """,
        sources=[
            ("Gage (1994), A new algorithm for data compression",
             "http://www.pennelynn.com/Documents/CUJ/HTML/94HTML/19940045.HTM"),
            ("Sennrich, Haddow and Birch (2016), Subword units", "https://arxiv.org/abs/1508.07909"),
            ("Radford et al. (2019), Language models are unsupervised multitask learners (bytes)",
             "https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf"),
        ],
        onward="Texts are numbers now. The next net looks from one sequence at another.",
    )  # fmt: skip
    return


if __name__ == "__main__":
    app.run()
